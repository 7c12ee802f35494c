//! Each way of connecting, with nothing in its way.

use serde_json::json;
use testkit::{WABA, each_database, each_database_with, number, webhook};

use crate::stage::{calls, connected, ended, partner, sign_up, step, text};

/// A moment of 2026, in seconds since 1970.
const AT: i64 = 1_780_000_000;
const CUSTOMER: &str = "34600000009";

#[tokio::test(flavor = "multi_thread")]
async fn a_tech_providers_customer_connects_and_is_told_that_nobody_pays_yet() {
    each_database(async |app| {
        let shop = app.new_tenant("Cafetería Luna").await;
        let (made, row) = connected(app, &shop, json!({})).await;
        assert_eq!(row["way"], "tech_provider", "{row:#}");
        assert_eq!(row["state"], "connected", "{row:#}");
        assert_eq!(row["billing_mode"], "direct");
        assert_eq!(row["problem"]["cause"], "payment_missing");
        assert_eq!(row["problem"]["who"], "tenant");
        assert_eq!(row["waba_id"], made["waba_id"]);
        assert_eq!(row["token"]["state"], "valid");
        assert_eq!(step(&row, "share_credit")["state"], "skipped");
        let numbers = row["numbers"].as_array().unwrap();
        assert_eq!(numbers.len(), 1, "{row:#}");
        assert_eq!(numbers[0]["phone_number_id"], made["phone_number_id"]);
        assert_eq!(numbers[0]["status"], "CONNECTED");
        assert_eq!(numbers[0]["has_pin"], true);
        let shown = row.to_string();
        assert!(!shown.contains("EAA"), "a token is shown: {shown}");
        // It works: what customers write comes, and what is sent leaves with the account's own token.
        let id = text(&made["phone_number_id"]);
        app.customer_says(&id, CUSTOMER, "¿Abren hoy?");
        let sent = testkit::until("the message is there", async || {
            let rows = shop.api.all("/api/v1/messages").await;
            rows.first().cloned().ok_or_else(|| "nothing".to_owned())
        })
        .await;
        assert_eq!(sent["text"], "¿Abren hoy?", "{sent}");
        let answer = json!({ "to": format!("+{CUSTOMER}"), "text": "Sí" });
        let message = shop.api.send(&answer).await;
        app.status_of(&shop, &message, "delivered").await;
        // Nobody else's files are in this account: Meta is the judge of what it was given without us.
        let file = json!({ "to": format!("+{CUSTOMER}"), "image": { "id": "1234567890" } });
        let message = shop.api.send(&file).await;
        app.status_of(&shop, &message, "failed").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_solution_partner_shares_its_credit_and_looks_that_it_pays() {
    each_database_with(partner, async |app| {
        let shop = app.new_tenant("Cafetería Luna").await;
        let (made, row) = connected(app, &shop, json!({ "currency": "EUR" })).await;
        assert_eq!(row["way"], "solution_partner", "{row:#}");
        assert_eq!(
            (&row["state"], &row["problem"]),
            (&json!("connected"), &json!(null)),
            "{row:#}"
        );
        assert_eq!(row["billing_mode"], "rebilled");
        assert_eq!(step(&row, "share_credit")["state"], "done");
        let shared = calls(app, "POST", "/whatsapp_credit_sharing_and_attach").await;
        assert_eq!(shared, 1);
        // A second account of the same portfolio: attached to what is shared already.
        let wish = json!({ "business_id": made["business_id"] });
        let (_, second) = connected(app, &shop, wish).await;
        assert_eq!(second["state"], "connected", "{second:#}");
        assert_ne!(second["id"], row["id"]);
        assert_eq!(
            calls(app, "POST", "/whatsapp_credit_sharing_and_attach").await,
            1
        );
        assert_eq!(calls(app, "POST", "/whatsapp_credit_attach").await, 1);
        let all = shop.api.all("/api/v1/connections").await;
        assert_eq!(all.len(), 2, "{all:?}");
        // The platform decides who is billed.
        let path = format!("/api/v1/admin/connections/{}", text(&row["id"]));
        let changed = app
            .admin()
            .patch(&path, &json!({ "billing_mode": "direct" }))
            .await;
        assert_eq!(changed.expect(200)["billing_mode"], "direct");
        app.admin()
            .patch(&path, &json!({ "billing_mode": "free" }))
            .await
            .expect_problem(422, "invalid");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebodys_own_token_is_looked_at_in_the_same_way() {
    each_database(async |app| {
        let shop = app.new_tenant("Ferretería").await;
        let made = sign_up(app, json!({})).await;
        // The owner makes a token of their own, as the App Dashboard does.
        let config = sim::SimConfig::default();
        let query = format!(
            "/v25.0/oauth/access_token?client_id={}&client_secret={}&code={}",
            config.app_id,
            testkit::APP_SECRET,
            text(&made["code"])
        );
        let token = app.meta().get(&query).await.expect(200);
        let body = json!({ "access_token": token["access_token"], "waba_id": made["waba_id"] });
        let begun = shop
            .api
            .post("/api/v1/connections/own-credentials", &body)
            .await
            .expect(202);
        assert_eq!(begun["way"], "own_credentials");
        let row = ended(&shop.api, &text(&begun["id"])).await;
        assert_eq!(row["state"], "connected", "{row:#}");
        assert_eq!(step(&row, "exchange_code")["state"], "skipped");
        // One that reaches nothing of the kind.
        let body = json!({ "access_token": "EAAnonsense", "waba_id": "123456789" });
        let other = app.new_tenant("Otra").await;
        let begun = other
            .api
            .post("/api/v1/connections/own-credentials", &body)
            .await
            .expect(202);
        let row = ended(&other.api, &text(&begun["id"])).await;
        assert_eq!(row["run"]["cause"], "token_invalid", "{row:#}");
        assert_eq!(row["state"], "action_needed");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_business_app_nothing_is_registered_and_the_past_is_asked_for_once() {
    each_database(async |app| {
        let shop = app.new_tenant("Peluquería").await;
        let (made, row) = connected(app, &shop, json!({ "outcome": "coexistence" })).await;
        assert_eq!(row["coexistence"], true, "{row:#}");
        assert_eq!(step(&row, "register_number")["state"], "skipped", "{row:#}");
        assert_eq!(step(&row, "sync_phone")["state"], "done", "{row:#}");
        assert_eq!(calls(app, "POST", "/register").await, 0);
        assert_eq!(
            calls(app, "POST", "/smb_app_data").await,
            2,
            "contacts and history"
        );
        let waba = text(&made["waba_id"]);
        let number = row["numbers"][0]["phone_number_id"].as_str().unwrap();
        let kept = store::numbers::any_tenant_get(&app.engine.db, number)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((kept.messages_per_second, kept.waba_id), (20, waba));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_the_platforms_own_account_is_a_connection_too() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let rows = shop.api.all("/api/v1/connections").await;
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!(
            (&rows[0]["way"], &rows[0]["waba_id"]),
            (&json!("shared"), &json!(WABA))
        );
        assert_eq!(rows[0]["numbers"][0]["phone_number_id"], number(1));
        let id = text(&rows[0]["id"]);
        let shown = shop
            .api
            .get(&format!("/api/v1/connections/{id}"))
            .await
            .expect(200);
        assert_eq!(shown, rows[0]);
        shop.api
            .post(&format!("/api/v1/connections/{id}/disconnect"), &json!({}))
            .await
            .expect_problem(409, "shared_number");
        // With an account of its own beside it, both work, and taking the shared one back leaves the other.
        let value = webhook::text(&number(1), CUSTOMER, "wamid.SHARED", AT, "hola");
        app.delivered(webhook::post([value]).to_string()).await;
        let (_, own) = connected(app, &shop, json!({})).await;
        let rows = shop.api.all("/api/v1/connections").await;
        assert_eq!(rows.len(), 2, "{rows:?}");
        app.unassign(&shop).await;
        let rows = shop.api.all("/api/v1/connections").await;
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!(rows[0]["id"], own["id"]);
        assert_eq!(
            shop.api.all("/api/v1/messages").await.len(),
            1,
            "the past stays"
        );
        // The other way round: nobody is given a number of somebody's own account.
        let foreign = app.new_tenant("Otra").await;
        let path = format!("/api/v1/admin/whatsapp/tenants/{}/assign-phone", foreign.id);
        let body = json!({ "phone_number_id": own["numbers"][0]["phone_number_id"] });
        app.admin()
            .post(&path, &body)
            .await
            .expect_problem(409, "number_taken");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_posts_elsewhere_is_seen_and_named() {
    each_database(async |app| {
        let shop = app.new_tenant("Una").await;
        app.sim.set_callback_url("http://127.0.0.1:9/webhooks/meta");
        let (_, row) = connected(app, &shop, json!({})).await;
        assert_eq!(row["state"], "connected", "{row:#}");
        let problem = &row["problem"];
        assert_eq!(
            (&problem["cause"], &problem["who"]),
            (&json!("webhooks_elsewhere"), &json!("platform")),
            "{row:#}"
        );
        let said = text(&step(&row, "verify")["detail"]);
        assert!(said.contains("127.0.0.1:9"), "{said}");
        app.sim
            .set_callback_url(&format!("{}/webhooks/meta", app.url));
        let (_, row) = connected(app, &shop, json!({})).await;
        assert_eq!(row["problem"]["cause"], "payment_missing", "{row:#}");
    })
    .await;
}
