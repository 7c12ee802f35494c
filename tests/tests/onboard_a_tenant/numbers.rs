//! What is shown of a connection's numbers, and what of them is proven to Meta.

use engine::onboarding;
use serde_json::json;
use testkit::{Setup, each_database, each_database_with};

use crate::stage::{connect, connected, ended, sign_up, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_is_registered_waits_for_nothing_even_where_the_run_stops_later() {
    each_database(async |app| {
        let shop = app.new_tenant("Una").await;
        let made = sign_up(app, json!({})).await;
        let path = format!("{}/message_templates", text(&made["waba_id"]));
        let rule = json!({ "match": { "method": "GET", "path": path }, "times": 1, "answer": { "code": 10 } });
        app.faults(&json!({ "script": [rule] })).await;
        let id = connect(&shop, &made).await;
        let row = ended(&shop.api, &id).await;
        assert_eq!(row["run"]["cause"], "permission_missing", "{row:#}");
        let number = &row["numbers"][0];
        assert_eq!(number["status"], "CONNECTED", "{row:#}");
        assert_eq!(number["standing"], json!(null), "nothing was told of it: {row:#}");
        shop.api.post(&format!("/api/v1/connections/{id}/resume"), &json!({})).await.expect(202);
        let row = ended(&shop.api, &id).await;
        let number = &row["numbers"][0];
        assert_eq!(number["status"], "CONNECTED", "{row:#}");
        assert_ne!(number["standing"], "PENDING", "{row:#}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_demands_its_secret_is_proven_it_with_every_call() {
    each_database(async |app| {
        let demand = json!({ "require_proof": true });
        app.meta().post("/_sim/app", &demand).await.expect(200);
        let shop = app.new_tenant("Una").await;
        let (made, row) = connected(app, &shop, json!({})).await;
        assert_eq!(row["state"], "connected", "{row:#}");
        let number = text(&made["phone_number_id"]);
        // What comes, what goes, what is read, what is listed.
        app.customer_writes(
            &number,
            "34600000009",
            json!({ "type": "image", "image": {} }),
        );
        let came = testkit::until("the picture is there, with its file", async || {
            let rows = shop.api.all("/api/v1/messages").await;
            match rows.first() {
                Some(row) if row["media"]["state"] == "stored" => Ok(row.clone()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
        let shown = format!("/api/v1/messages/{}/read", text(&came["id"]));
        shop.api.post(&shown, &json!({})).await.expect(204);
        let message = shop
            .api
            .send(&json!({ "to": "+34600000009", "text": "Sí" }))
            .await;
        app.status_of(&shop, &message, "delivered").await;
        shop.api.get("/api/v1/templates").await.expect(200);
        let all = app.meta().get("/_sim/calls").await.expect(200);
        let all = all["data"].as_array().unwrap();
        let refused: Vec<_> = all.iter().filter(|call| call["code"] == 100).collect();
        assert!(refused.is_empty(), "without proof: {refused:?}");
        let proven = |path: &str| {
            let fits = |call: &&serde_json::Value| {
                let asked = call["path"].as_str().unwrap();
                asked.contains(path) && asked.contains("appsecret_proof=")
            };
            all.iter().filter(fits).count()
        };
        for path in [
            "/messages",
            "/message_templates",
            "/register",
            "/subscribed_apps",
        ] {
            assert!(proven(path) > 0, "{path} was never proven");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_connects_is_told_whom_to_ask_for_help() {
    let with_help = || Setup {
        support: "help@example.com".to_owned(),
        ..Setup::default()
    };
    each_database_with(with_help, async |app| {
        let shop = app.new_tenant("Una").await;
        let page = shop.api.get("/api/v1/connections/setup").await.expect(200);
        assert_eq!(page["support_contact"], "help@example.com", "{page}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_was_not_chosen_is_registered_later_and_takes_nothing_from_the_other() {
    each_database(async |app| {
        let shop = app.new_tenant("Una").await;
        let (made, row) = connected(app, &shop, json!({})).await;
        let further = "300000000000077";
        let number = json!({
            "phone_number_id": further, "waba_id": made["waba_id"], "display_phone_number": "+34 699 000 077",
            "status": "PENDING", "code_verification_status": "NOT_VERIFIED",
        });
        app.meta().post("/_sim/numbers", &number).await.expect(200);
        let id = text(&row["id"]);
        let resume = format!("/api/v1/connections/{id}/resume");
        let unknown = shop.api.post(&resume, &json!({ "phone_number_id": further })).await;
        unknown.expect_problem(422, "invalid");
        // It is seen when the account is looked at again.
        shop.api.post(&resume, &json!({})).await.expect(202);
        let row = ended(&shop.api, &id).await;
        assert_eq!(row["numbers"].as_array().unwrap().len(), 2, "{row:#}");
        let status = |row: &serde_json::Value| {
            let all = row["numbers"].as_array().unwrap();
            let one = all.iter().find(|one| one["phone_number_id"] == further);
            one.unwrap()["status"].clone()
        };
        assert_eq!(status(&row), "PENDING", "{row:#}");
        assert_eq!(row["state"], "connected", "it was not chosen: {row:#}");
        let register = json!({ "phone_number_id": further });
        shop.api.post(&resume, &register).await.expect(202);
        let row = ended(&shop.api, &id).await;
        assert_eq!(row["run"]["cause"], "number_not_verified", "{row:#}");
        assert_eq!(row["state"], "connected", "the other one works: {row:#}");
        // Whoever looks at the connection again is not held up by it.
        shop.api.post(&resume, &json!({})).await.expect(202);
        let row = ended(&shop.api, &id).await;
        assert_eq!(row["run"]["state"], "done", "{row:#}");
        assert_eq!(status(&row), "PENDING", "{row:#}");
        let verified = json!({ "phone_number_id": further, "code_verification_status": "VERIFIED" });
        app.meta().post("/_sim/numbers", &verified).await.expect(200);
        shop.api.post(&resume, &register).await.expect(202);
        let row = ended(&shop.api, &id).await;
        assert_eq!(row["run"]["state"], "done", "{row:#}");
        assert_eq!(status(&row), "CONNECTED", "{row:#}");
        // One that a phone has is not registered, and stops nothing either.
        let on_phone = json!({ "phone_number_id": further, "status": "DISCONNECTED", "coexistence": true });
        app.meta().post("/_sim/numbers", &on_phone).await.expect(200);
        shop.api.post(&resume, &register).await.expect(202);
        let row = ended(&shop.api, &id).await;
        assert_eq!(row["state"], "connected", "{row:#}");
        assert_eq!(row["problem"]["cause"], "number_not_connected", "{row:#}");
        let both = json!({ "phone_number_id": further, "code": "x" });
        shop.api.post(&resume, &both).await.expect_problem(422, "invalid");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_only_number_is_registered_again_with_the_pin_that_somebody_gave_it_meanwhile() {
    each_database(async |app| {
        let shop = app.new_tenant("Una").await;
        let (made, row) = connected(app, &shop, json!({})).await;
        let (id, number) = (text(&row["id"]), text(&made["phone_number_id"]));
        // Somebody took it off in WhatsApp Manager and gave it a PIN; nothing was told of that.
        let off = json!({ "phone_number_id": number, "status": "DISCONNECTED", "pin": "424242" });
        app.meta().post("/_sim/numbers", &off).await.expect(200);
        let resume = format!("/api/v1/connections/{id}/resume");
        let register = json!({ "phone_number_id": number });
        shop.api.post(&resume, &register).await.expect(202);
        let row = ended(&shop.api, &id).await;
        assert_eq!(row["run"]["cause"], "pin_mismatch", "{row:#}");
        let with_pin = json!({ "pin": "424242" });
        shop.api.post(&resume, &with_pin).await.expect(202);
        let row = ended(&shop.api, &id).await;
        assert_eq!(row["run"]["state"], "done", "{row:#}");
        assert_eq!(row["state"], "connected", "{row:#}");
        assert_eq!(row["numbers"][0]["status"], "CONNECTED", "{row:#}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_that_somebody_changed_elsewhere_is_not_shown_as_if_it_were_in_force() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.new_tenant("Una").await;
        let (made, row) = connected(app, &shop, json!({})).await;
        let (id, number) = (text(&row["id"]), text(&made["phone_number_id"]));
        let has_pin = async || {
            let row = shop
                .api
                .get(&format!("/api/v1/connections/{id}"))
                .await
                .expect(200);
            row["numbers"][0]["has_pin"].clone()
        };
        let told = async |times: usize| {
            testkit::until("Meta has told of it", async || {
                let all = shop
                    .api
                    .all(&format!("/api/v1/connections/{id}/history"))
                    .await;
                let count = all
                    .iter()
                    .filter(|one| one["event"] == "PIN_CHANGED")
                    .count();
                if count == times {
                    Ok(())
                } else {
                    Err(format!("{all:?}"))
                }
            })
            .await;
        };
        // A change of ours is told as well.
        let who = store::audit::Who::system("a story");
        let (tenant, connection) = (shop.id.parse().unwrap(), id.parse().unwrap());
        let wanted = Some("135790".to_owned().into());
        onboarding::change_pin(&app.engine, tenant, connection, &number, wanted, &who)
            .await
            .unwrap();
        told(1).await;
        assert_eq!(has_pin().await, true);
        let later = std::time::Duration::from_secs(1_200);
        app.engine.clock.advance(later);
        app.sim.advance_ms(1_200_000);
        let path = format!("/_sim/numbers/{number}/security");
        app.meta()
            .post(&path, &json!({ "event": "PIN_CHANGED" }))
            .await
            .expect(200);
        told(2).await;
        assert_eq!(has_pin().await, false, "nobody here knows it");
        // The PIN of another number is not taken for its own.
        let further = "900000000000077";
        let other = json!({
            "phone_number_id": further, "waba_id": made["waba_id"], "display_phone_number": "+34 699 000 077",
            "status": "PENDING", "code_verification_status": "VERIFIED", "pin": "424242",
        });
        app.meta().post("/_sim/numbers", &other).await.expect(200);
        let resume = format!("/api/v1/connections/{id}/resume");
        shop.api.post(&resume, &json!({})).await.expect(202);
        ended(&shop.api, &id).await;
        let with_pin = json!({ "phone_number_id": further, "pin": "424242" });
        shop.api.post(&resume, &with_pin).await.expect(202);
        let row = ended(&shop.api, &id).await;
        let of = |number: &str| {
            let all = row["numbers"].as_array().unwrap();
            let one = all.iter().find(|one| one["phone_number_id"] == number).unwrap();
            (text(&one["status"]), one["has_pin"].as_bool().unwrap())
        };
        assert_eq!(of(further), ("CONNECTED".to_owned(), true), "{row:#}");
        assert_eq!(of(&number), ("CONNECTED".to_owned(), false), "{row:#}");
    })
    .await;
}
