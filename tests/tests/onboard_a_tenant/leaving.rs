//! Ending a connection, coming back, and PINs.

use serde_json::json;
use testkit::{each_database, each_database_with, until};

use crate::stage::{calls, connected, ended, partner, sign_up, step, text, told};

const CUSTOMER: &str = "34600000008";

#[tokio::test(flavor = "multi_thread")]
async fn after_the_end_nothing_is_sent_and_whoever_comes_back_finds_the_past() {
    each_database_with(partner, async |app| {
        let shop = app.new_tenant("Cafetería Luna").await;
        let (made, row) = connected(app, &shop, json!({})).await;
        let (id, number) = (text(&row["id"]), text(&made["phone_number_id"]));
        app.customer_says(&number, CUSTOMER, "hola");
        until("the message is there", async || {
            let rows = shop.api.all("/api/v1/messages").await;
            if rows.len() == 1 {
                Ok(())
            } else {
                Err(format!("{rows:?}"))
            }
        })
        .await;
        let hour = std::time::Duration::from_secs(3_600);
        let in_an_hour = app.engine.clock.now().plus(hour).rfc3339();
        let later =
            json!({ "to": format!("+{CUSTOMER}"), "text": "mañana", "send_at": in_an_hour });
        let queued = shop.api.send(&later).await;
        let path = format!("/api/v1/connections/{id}/disconnect");
        let gone = shop.api.post(&path, &json!({})).await.expect(200);
        assert_eq!(gone["state"], "disconnected", "{gone:#}");
        app.status_of(&shop, &queued, "failed").await;
        shop.api
            .post(
                "/api/v1/messages",
                &json!({ "to": format!("+{CUSTOMER}"), "text": "x" }),
            )
            .await
            .expect_problem(409, "no_number");
        let waba = text(&made["waba_id"]);
        until("the token is destroyed", async || {
            let token =
                store::wabas::any_tenant_token(&app.engine.db, &app.engine.sealer, &waba).await;
            match token.unwrap() {
                None => Ok(()),
                Some(_) => Err("it is there".to_owned()),
            }
        })
        .await;
        assert_eq!(
            calls(app, "DELETE", &format!("{waba}/subscribed_apps")).await,
            1
        );
        let all = app.meta().get("/_sim/calls").await.expect(200);
        let deleted = all["data"].as_array().unwrap().iter();
        let deleted = deleted.filter(|call| call["method"] == "DELETE").count();
        assert_eq!(deleted, 2, "the subscription and the allocation");
        // Again: nothing happens twice.
        shop.api.post(&path, &json!({})).await.expect(200);

        let again = sign_up(app, json!({ "waba_id": waba, "phone_number_id": number })).await;
        let back = shop
            .api
            .post("/api/v1/connections/embedded-signup", &told(&again))
            .await
            .expect(202);
        assert_eq!(back["id"], id.as_str(), "the same connection");
        assert_eq!(back["run"]["kind"], "reconnect");
        let back = ended(&shop.api, &id).await;
        assert_eq!(back["state"], "connected", "{back:#}");
        assert_eq!(back["disconnected_at"], json!(null));
        let message = shop
            .api
            .send(&json!({ "to": format!("+{CUSTOMER}"), "text": "de vuelta" }))
            .await;
        app.status_of(&shop, &message, "delivered").await;
        assert_eq!(
            shop.api.all("/api/v1/conversations").await.len(),
            1,
            "the same conversation"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_with_a_pin_of_its_own_stops_the_run_and_the_typed_pin_goes_on() {
    each_database(async |app| {
        let shop = app.new_tenant("Una").await;
        let made = sign_up(app, json!({})).await;
        let number = text(&made["phone_number_id"]);
        let body = json!({ "phone_number_id": number, "pin": "246810" });
        app.meta().post("/_sim/numbers", &body).await.expect(200);
        let id = crate::stage::connect(&shop, &made).await;
        let row = ended(&shop.api, &id).await;
        assert_eq!(row["run"]["cause"], "pin_mismatch", "{row:#}");
        assert_eq!(row["numbers"][0]["has_pin"], false);
        let resume = format!("/api/v1/connections/{id}/resume");
        shop.api
            .post(&resume, &json!({ "pin": "12" }))
            .await
            .expect_problem(422, "invalid");
        shop.api
            .post(&resume, &json!({ "pin": "246810" }))
            .await
            .expect(202);
        let row = ended(&shop.api, &id).await;
        assert_eq!(row["state"], "connected", "{row:#}");
        assert_eq!(row["run"]["kind"], "resume");
        assert_eq!(step(&row, "exchange_code")["state"], "done");
        assert_eq!(row["numbers"][0]["has_pin"], true);
        // A key is nobody to show a PIN to.
        let pin = format!("/api/v1/connections/{id}/numbers/{number}/pin");
        shop.api
            .post(&format!("{pin}/reveal"), &json!({}))
            .await
            .expect_problem(403, "forbidden");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_sees_and_changes_a_pin_and_both_are_written_down() {
    each_database(async |app| {
        let shop = app.new_tenant("Una").await;
        let (made, row) = connected(app, &shop, json!({})).await;
        let number = text(&made["phone_number_id"]);
        let pin = format!(
            "/api/v1/connections/{}/numbers/{number}/pin",
            text(&row["id"])
        );
        let reveal = format!("{pin}/reveal");
        let (owner, agent) = (
            app.person(&shop, "Eva", "owner").await.api,
            app.person(&shop, "Luis", "manager").await.api,
        );
        let first = owner.post(&reveal, &json!({})).await.expect(200);
        let first = text(&first["pin"]);
        assert!(
            first.len() == 6 && first.bytes().all(|byte| byte.is_ascii_digit()),
            "{first}"
        );
        agent
            .post(&reveal, &json!({}))
            .await
            .expect_problem(403, "forbidden");
        agent
            .post(&pin, &json!({ "pin": "135790" }))
            .await
            .expect_problem(403, "forbidden");
        owner
            .post(&pin, &json!({ "pin": "12" }))
            .await
            .expect_problem(422, "invalid");
        owner
            .post(&pin, &json!({ "pin": "135790" }))
            .await
            .expect(204);
        let shown = owner.post(&reveal, &json!({})).await.expect(200);
        assert_eq!(shown["pin"], "135790");
        // Meta has it, too: what it refuses is not kept.
        let all = app.meta().get("/_sim/calls").await.expect(200);
        let told = all["data"].as_array().unwrap().iter().any(|call| {
            call["method"] == "POST" && call["request"].as_str().unwrap().contains("135790")
        });
        assert!(told, "{all}");
        let rule =
            json!({ "match": { "method": "POST", "path": number }, "answer": { "code": 10 } });
        app.faults(&json!({ "script": [rule] })).await;
        owner
            .post(&pin, &json!({ "pin": "246801" }))
            .await
            .expect_problem(502, "whatsapp_refused");
        let shown = owner.post(&reveal, &json!({})).await.expect(200);
        assert_eq!(shown["pin"], "135790");
        app.faults(&json!({ "script": [] })).await;
        owner.post(&pin, &json!({})).await.expect(204);
        let made_up = text(&owner.post(&reveal, &json!({})).await.expect(200)["pin"]);
        assert!(made_up.len() == 6 && made_up != "135790", "{made_up}");
        let log = app.admin().all("/api/v1/admin/audit").await;
        let count = |action: &str| log.iter().filter(|row| row["action"] == action).count();
        assert_eq!(
            (count("number.reveal_pin"), count("number.change_pin")),
            (4, 2)
        );
        assert!(
            log.iter().all(|row| !row.to_string().contains("135790")),
            "a PIN is in the log"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credit_comes_back_when_the_business_goes_on_with_a_token_of_its_own() {
    each_database_with(partner, async |app| {
        let shop = app.new_tenant("Una").await;
        let (made, row) = connected(app, &shop, json!({})).await;
        assert_eq!(
            (&row["way"], &row["billing_mode"]),
            (&json!("solution_partner"), &json!("rebilled")),
            "{row:#}"
        );
        let again = sign_up(
            app,
            json!({ "waba_id": made["waba_id"], "phone_number_id": made["phone_number_id"] }),
        )
        .await;
        let config = sim::SimConfig::default();
        let (id, secret, code) = (config.app_id, testkit::APP_SECRET, text(&again["code"]));
        let query =
            format!("/v25.0/oauth/access_token?client_id={id}&client_secret={secret}&code={code}");
        let token = app.meta().get(&query).await.expect(200);
        let body = json!({ "access_token": token["access_token"], "waba_id": made["waba_id"] });
        let begun = shop
            .api
            .post("/api/v1/connections/own-credentials", &body)
            .await
            .expect(202);
        assert_eq!(begun["id"], row["id"], "the same connection");
        let row = ended(&shop.api, &text(&begun["id"])).await;
        assert_eq!(
            (&row["state"], &row["way"]),
            (&json!("connected"), &json!("own_credentials")),
            "{row:#}"
        );
        assert_eq!(row["billing_mode"], "direct", "{row:#}");
        let said = text(&step(&row, "share_credit")["detail"]);
        assert!(said.contains("taken back"), "{said}");
        assert_eq!(
            row["problem"]["cause"], "payment_missing",
            "nobody pays now: {row:#}"
        );
        let all = app.meta().get("/_sim/calls").await.expect(200);
        let deleted = all["data"].as_array().unwrap().iter();
        assert_eq!(
            deleted.filter(|call| call["method"] == "DELETE").count(),
            1,
            "the allocation"
        );
    })
    .await;
}
