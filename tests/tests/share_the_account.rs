//! The platform's numbers are handed out to tenants and taken back; nobody inherits another's past.

#![expect(clippy::unwrap_used, reason = "a story stops where it cannot go on")]

use serde_json::{Value, json};
use testkit::{Tenant, TestApp, WABA, display, dump, each_database, number, until, webhook};

const CUSTOMER: &str = "34600000001";
/// A moment of 2026, in seconds since 1970.
const AT: i64 = 1_780_000_000;

fn assign_path(tenant: &Tenant) -> String {
    format!("/api/v1/admin/whatsapp/tenants/{}/assign-phone", tenant.id)
}

fn phone_path(tenant: &Tenant) -> String {
    format!("/api/v1/admin/whatsapp/tenants/{}/phone", tenant.id)
}

async fn pool(app: &TestApp) -> Value {
    app.admin()
        .get("/api/v1/admin/whatsapp/phone-numbers")
        .await
        .expect(200)
}

fn of_number<'a>(list: &'a Value, id: &str) -> &'a Value {
    let found = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["phone_number_id"] == id);
    found.unwrap_or_else(|| panic!("{id} is not in {list}"))
}

async fn says(app: &TestApp, number: &str, wamid: &str, text: &str) {
    app.delivered(webhook::post([webhook::text(number, CUSTOMER, wamid, AT, text)]).to_string())
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_assigned_shown_and_taken_back() {
    each_database(async |app| {
        let (admin, shop) = (app.admin(), app.new_tenant("Panadería").await);
        admin
            .get(&phone_path(&shop))
            .await
            .expect_problem(404, "no_number");
        let body = json!({ "phone_number_id": number(1) });
        let assigned = admin.post(&assign_path(&shop), &body).await.expect(200);
        assert_eq!(
            assigned["display_phone_number"],
            display(1),
            "asked of Meta: {assigned}"
        );
        assert_eq!(assigned["tenant_id"], shop.id.as_str());
        assert_eq!(assigned["tenant_name"], "Panadería");
        assert_eq!(
            admin.get(&phone_path(&shop)).await.expect(200)["assigned_at"],
            assigned["assigned_at"]
        );

        let again = admin.post(&assign_path(&shop), &body).await.expect(200);
        assert_eq!(
            again["assigned_at"], assigned["assigned_at"],
            "assigning again changes nothing"
        );

        let tenants = admin.all("/api/v1/admin/whatsapp/tenants").await;
        assert_eq!(tenants[0]["whatsapp_status"], "assigned", "{tenants:?}");
        assert_eq!(
            tenants[0]["phone_number"]["phone_number_id"],
            number(1).as_str()
        );

        app.unassign(&shop).await;
        admin
            .get(&phone_path(&shop))
            .await
            .expect_problem(404, "no_number");
        let path = format!("/api/v1/admin/whatsapp/tenants/{}/unassign-phone", shop.id);
        admin.delete(&path).await.expect_problem(404, "no_number");
        assert_eq!(
            of_number(&pool(app).await, &number(1))["tenant_id"],
            Value::Null
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_names_the_holder() {
    each_database(async |app| {
        let (admin, holder, other) = (app.admin(), app.tenant(1).await, app.tenant(2).await);
        let third = app.new_tenant("Third").await;
        let body = json!({ "phone_number_id": holder.number });
        let problem = admin
            .post(&assign_path(&third), &body)
            .await
            .expect_problem(409, "number_taken");
        let detail = problem["detail"].as_str().unwrap();
        assert!(
            detail.contains(&holder.name),
            "{detail:?} does not name {:?}",
            holder.name
        );
        let second = json!({ "phone_number_id": number(3) });
        admin
            .post(&assign_path(&other), &second)
            .await
            .expect_problem(409, "tenant_has_number");
        let nobody = Tenant {
            id: "ten_0193a5c47d1e7c3f8a2b4c5d6e7f8091".to_owned(),
            ..third.clone()
        };
        admin
            .post(&assign_path(&nobody), &body)
            .await
            .expect_problem(404, "not_found");
        assert_eq!(
            of_number(&pool(app).await, &holder.number)["tenant_id"],
            holder.id.as_str()
        );
        assert_eq!(
            of_number(&pool(app).await, &number(3))["tenant_id"],
            Value::Null
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_administrators_at_once_give_a_number_to_one_tenant() {
    each_database(async |app| {
        let mut tenants = Vec::new();
        for n in 0..6 {
            tenants.push(app.new_tenant(&format!("Rival {n}")).await);
        }
        let body = json!({ "phone_number_id": number(1) });
        let admin = app.admin();
        let answers = futures::future::join_all(
            tenants
                .iter()
                .map(async |tenant| admin.post(&assign_path(tenant), &body).await),
        )
        .await;
        let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        let won = statuses.iter().filter(|status| **status == 200).count();
        let lost = statuses.iter().filter(|status| **status == 409).count();
        assert_eq!((won, lost), (1, 5), "{answers:?}");

        let winner = &tenants[statuses.iter().position(|status| *status == 200).unwrap()];
        app.unassign(winner).await;
        // One tenant, many numbers at once: it gets one.
        let answers = futures::future::join_all((1..=6).map(async |n| {
            admin
                .post(
                    &assign_path(winner),
                    &json!({ "phone_number_id": number(n) }),
                )
                .await
        }))
        .await;
        let won = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(won, 1, "{answers:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn meta_is_asked_for_a_number_that_is_not_in_the_pool() {
    each_database(async |app| {
        let (admin, shop) = (app.admin(), app.new_tenant("Nueva").await);
        let unknown = json!({ "phone_number_id": "999999999999999" });
        admin.post(&assign_path(&shop), &unknown).await.expect_problem(422, "invalid");
        for odd in ["", "12", "12345x", "123456789012345678901"] {
            let body = json!({ "phone_number_id": odd });
            admin.post(&assign_path(&shop), &body).await.expect_problem(422, "invalid");
        }
        admin.get(&phone_path(&shop)).await.expect_problem(404, "no_number");

        let fresh = json!({ "waba_id": WABA, "phone_number_id": "100000000000077", "display_phone_number": "+34 600 777 777", "verified_name": "Nueva", "mps": 1000 });
        app.meta().post("/_sim/numbers", &fresh).await.expect(200);
        let assigned = admin.post(&assign_path(&shop), &json!({ "phone_number_id": "100000000000077" })).await.expect(200);
        assert_eq!(assigned["display_phone_number"], "+34 600 777 777");
        assert_eq!(assigned["verified_name"], "Nueva");
        assert_eq!(assigned["messages_per_second"], 1_000, "{assigned}");

        // With a display number given, nobody needs to be asked.
        app.faults(&json!({ "offline": true })).await;
        let other = app.new_tenant("Sin Meta").await;
        let given = json!({ "phone_number_id": "100000000000088", "display_phone_number": "+34 600 888 888" });
        let assigned = admin.post(&assign_path(&other), &given).await.expect(200);
        assert_eq!(assigned["display_phone_number"], "+34 600 888 888");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_live_and_says_when_it_is_not() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let change = json!({ "phone_number_id": number(1), "quality_rating": "RED", "display_phone_number": "+34 999 999 999" });
        app.meta().post("/_sim/numbers", &change).await.expect(200);
        let list = pool(app).await;
        assert_eq!(list["warnings"], json!([]));
        let row = of_number(&list, &number(1));
        assert_eq!(row["quality_rating"], "RED");
        assert_eq!(row["display_phone_number"], "+34 999 999 999");
        assert_eq!(row["tenant_name"], shop.name.as_str());
        assert_eq!(list["data"].as_array().unwrap().len(), 6);
        app.faults(&json!({ "offline": true })).await;
        let list = pool(app).await;
        assert_eq!(list["warnings"].as_array().unwrap().len(), 1, "{list}");
        assert_eq!(of_number(&list, &number(1))["quality_rating"], "RED", "as last known");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_tenant_of_a_number_inherits_nothing() {
    each_database(async |app| {
        let (old, new) = (app.tenant(1).await, app.new_tenant("Segunda").await);
        app.faults(&json!({ "webhook_offline": true })).await;
        says(app, &old.number, "wamid.OLD", "para la primera").await;
        let sent = old
            .api
            .send(&json!({ "to": CUSTOMER, "template": { "name": "hello_world", "language": "en_US" } }))
            .await;
        let sent_wamid = app.status_of(&old, &sent, "accepted").await["wamid"]
            .as_str()
            .unwrap()
            .to_owned();

        app.unassign(&old).await;
        says(app, &old.number, "wamid.BETWEEN", "para nadie").await;
        let refused = old
            .api
            .post("/api/v1/messages", &json!({ "to": CUSTOMER, "text": "x" }))
            .await;
        refused.expect_problem(409, "no_number");
        let new = app.assign(&new, &old.number).await;
        says(app, &new.number, "wamid.NEW", "para la segunda").await;

        let mine = until("what waited is the new tenant's", async || {
            let all = new.api.all("/api/v1/messages").await;
            if all.len() == 2 {
                Ok(all)
            } else {
                Err(format!("{all:?}"))
            }
        })
        .await;
        let texts: Vec<_> = mine
            .iter()
            .map(|message| message["text"].as_str().unwrap())
            .collect();
        assert!(
            texts.contains(&"para nadie") && texts.contains(&"para la segunda"),
            "{texts:?}"
        );
        assert_eq!(new.api.all("/api/v1/conversations").await.len(), 1);
        assert_eq!(
            new.api.all("/api/v1/contacts").await.len(),
            1,
            "the same person, another contact"
        );

        // A status of the first tenant's message comes late; it is the first tenant's.
        let status = webhook::status(&new.number, &sent_wamid, "read", AT + 9, &json!({}));
        app.delivered(webhook::post([status]).to_string()).await;
        assert_eq!(old.api.message(&sent).await["status"], "read");
        new.api
            .get(&format!("/api/v1/messages/{sent}"))
            .await
            .expect_problem(404, "not_found");
        let theirs = old.api.all("/api/v1/messages").await;
        assert_eq!(
            theirs.len(),
            2,
            "the first tenant keeps its past: {theirs:?}"
        );

        // The same webhook of the past, delivered again, does not become the new tenant's.
        says(app, &new.number, "wamid.OLD", "para la primera").await;
        assert_eq!(new.api.all("/api/v1/messages").await.len(), 2);
        // The old tenant's conversation cannot be answered from a number that it no longer has.
        let conversation = theirs[0]["conversation_id"].clone();
        let refused = old
            .api
            .post(
                "/api/v1/messages",
                &json!({ "to": conversation, "text": "x" }),
            )
            .await;
        refused.expect_problem(409, "no_number");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_parked_is_replayed_by_hand_one_or_all() {
    each_database(async |app| {
        let admin = app.admin();
        for n in 0..5 {
            says(app, &number(3), &format!("wamid.P{n}"), "hola").await;
        }
        let rows = admin
            .all("/api/v1/admin/intake/parked?reason=unassigned_number")
            .await;
        assert_eq!(rows.len(), 5);
        let one = format!(
            "/api/v1/admin/intake/parked/{}/replay",
            rows[0]["id"].as_str().unwrap()
        );
        let done = admin.post(&one, &json!({})).await.expect(200);
        assert_eq!(
            done,
            json!({ "settled": 0, "remaining": 1 }),
            "nobody has the number yet"
        );

        // Assigned behind the product's back, so that nothing replays by itself.
        let shop = app.new_tenant("Callada").await;
        let mut tx = app.engine.db.begin().await.unwrap();
        let id = shop.id.parse().unwrap();
        assert!(
            store::numbers::assign(&mut tx, id, &number(3), app.engine.clock.now())
                .await
                .unwrap()
        );
        tx.commit().await.unwrap();
        assert_eq!(
            admin.post(&one, &json!({})).await.expect(200),
            json!({ "settled": 1, "remaining": 0 })
        );
        admin
            .post(&one, &json!({}))
            .await
            .expect_problem(404, "not_found");
        let all = admin
            .post("/api/v1/admin/intake/parked/replay", &json!({}))
            .await
            .expect(200);
        assert_eq!(all, json!({ "settled": 4, "remaining": 0 }));
        assert_eq!(shop.api.all("/api/v1/messages").await.len(), 5);
        let intake = app.intake().await;
        assert_eq!(
            (&intake["projected"], &intake["parked"]),
            (&json!(5), &json!(0)),
            "{intake}"
        );
        says(app, &number(3), "wamid.P0", "hola").await;
        assert_eq!(
            app.intake().await["duplicates"],
            1,
            "what was replayed is known"
        );
        assert!(dump(&app.engine.db).await["parked"].is_empty());
    })
    .await;
}
