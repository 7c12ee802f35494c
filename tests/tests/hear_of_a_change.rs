//! People change what they wrote, their number and their mind, and come by ads: the product follows.

use serde_json::{Value, json};
use testkit::{Tenant, TestApp, each_database, until};

const ANA: &str = "34600000001";
const NEW: &str = "34600000009";

async fn messages(tenant: &Tenant) -> Vec<Value> {
    tenant.api.all("/api/v1/messages").await
}

/// The newest message of a type, once it is there.
async fn of_type(tenant: &Tenant, kind: &str) -> Value {
    until(&format!("a message of type {kind}"), async || {
        let all = messages(tenant).await;
        let found = all.iter().find(|message| message["type"] == kind).cloned();
        found.ok_or(format!("{all:?}"))
    })
    .await
}

/// A customer does something on the simulated phone.
async fn acts(app: &TestApp, act: &str, body: &Value) -> Value {
    let path = format!("/_sim/customers/{ANA}/{act}");
    app.meta().post(&path, body).await.expect(200)
}

async fn only(tenant: &Tenant, path: &str) -> Value {
    let all = tenant.api.all(path).await;
    assert_eq!(all.len(), 1, "one of {path}: {all:?}");
    all[0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_changes_their_number_stays_the_same_contact_in_the_same_conversation() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        app.customer_says(&shop.number, ANA, "Hola");
        of_type(&shop, "text").await;
        let before = only(&shop, "/api/v1/conversations").await;
        let old_user_id = only(&shop, "/api/v1/contacts").await["user_id"].clone();
        acts(app, "number", &json!({"new_phone": NEW})).await;
        let system = of_type(&shop, "system").await;
        assert_eq!(system["conversation_id"], before["id"]);

        let contact = only(&shop, "/api/v1/contacts").await;
        assert_eq!(
            contact["wa_id"], NEW,
            "the contact is reached under the new number"
        );
        assert_eq!(contact["phone"], NEW);
        assert_ne!(contact["user_id"], old_user_id);

        let id = shop
            .api
            .send(&json!({"to": before["id"], "type": "text", "text": {"body": "¿Sigues ahí?"}}))
            .await;
        app.status_of(&shop, &id, "delivered").await;
        let sent = app.sim.outbound();
        assert_eq!(
            sent.last().unwrap().to,
            NEW,
            "an answer goes to the new number"
        );

        app.customer_says(&shop.number, NEW, "Sí, con número nuevo");
        until("her answer", async || {
            let found = messages(&shop)
                .await
                .into_iter()
                .find(|message| message["text"] == "Sí, con número nuevo");
            found.ok_or("nothing".to_owned())
        })
        .await;
        let after = only(&shop, "/api/v1/conversations").await;
        assert_eq!(after["id"], before["id"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_from_the_new_number_that_overtakes_the_news_finds_its_way_back() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        app.customer_says(&shop.number, ANA, "Hola");
        of_type(&shop, "text").await;
        let before = only(&shop, "/api/v1/conversations").await;
        // The new number writes first, as a stranger.
        app.customer_says(&shop.number, NEW, "Soy yo");
        until("a second conversation", async || {
            let all = shop.api.all("/api/v1/conversations").await;
            if all.len() == 2 { Ok(()) } else { Err(format!("{all:?}")) }
        })
        .await;
        let bsuid = |contacts: &[Value], phone: &str| {
            contacts.iter().find(|contact| contact["wa_id"] == phone).unwrap()["user_id"].clone()
        };
        let contacts = shop.api.all("/api/v1/contacts").await;
        let system = json!({"type": "user_changed_number", "body": "changed", "wa_id": NEW, "user_id": bsuid(&contacts, NEW),
                            "previous_user_id": bsuid(&contacts, ANA)});
        app.customer_writes(&shop.number, ANA, json!({"type": "system", "system": system}));
        let told = of_type(&shop, "system").await;
        assert_eq!(told["conversation_id"], before["id"]);
        app.customer_says(&shop.number, NEW, "¿Me leéis?");
        let message = until("the next message", async || {
            let found = messages(&shop).await.into_iter().find(|message| message["text"] == "¿Me leéis?");
            found.ok_or("nothing".to_owned())
        })
        .await;
        assert_eq!(message["conversation_id"], before["id"], "the number leads to her old conversation now");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_about_marketing_is_kept_on_the_contact_and_the_newest_wins() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        app.customer_says(&shop.number, ANA, "Hola");
        of_type(&shop, "text").await;
        let contact = only(&shop, "/api/v1/contacts").await;
        assert_eq!(contact["marketing"], Value::Null, "nothing was said yet");
        for choice in ["stop", "resume", "stop"] {
            app.meta().post("/_sim/clock", &json!({"advance_ms": 5_000})).await.expect(200);
            acts(app, "marketing", &json!({"phone_number_id": shop.number, "value": choice})).await;
            until(choice, async || {
                let contact = only(&shop, "/api/v1/contacts").await;
                if contact["marketing"]["choice"] == choice { Ok(()) } else { Err(contact.to_string()) }
            })
            .await;
        }
        let newest = only(&shop, "/api/v1/contacts").await;
        assert!(newest["marketing"]["at"].is_string(), "{newest}");
        // One that comes late and is older changes nothing.
        let late = json!({"messaging_product": "whatsapp", "metadata": {"phone_number_id": shop.number},
            "user_preferences": [{"wa_id": ANA, "category": "marketing_messages", "value": "resume", "timestamp": 1_700_000_000}]});
        app.meta()
            .post("/_sim/account-events", &json!({"waba_id": testkit::WABA, "phone_number_id": shop.number, "field": "user_preferences", "value": late}))
            .await
            .expect(200);
        app.projected().await;
        assert_eq!(only(&shop, "/api/v1/contacts").await["marketing"], newest["marketing"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_and_a_deletion_stand_beside_the_original_and_open_no_window() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        app.meta()
            .post(
                "/_sim/numbers",
                &json!({"phone_number_id": shop.number, "coexistence": true}),
            )
            .await
            .expect(200);
        let wamid = app.customer_says(&shop.number, ANA, "Dos barras");
        let original = of_type(&shop, "text").await;
        acts(app, "edit", &json!({"wamid": wamid, "text": "Tres barras"})).await;
        let edit = of_type(&shop, "edit").await;
        assert_eq!(
            (&edit["reply_to"], &edit["text"]),
            (&json!(wamid), &json!("Tres barras"))
        );
        let before = only(&shop, "/api/v1/conversations").await;
        app.meta()
            .post("/_sim/clock", &json!({"advance_ms": 3_600_000}))
            .await
            .expect(200);
        acts(app, "delete", &json!({"wamid": wamid})).await;
        let revoke = of_type(&shop, "revoke").await;
        assert_eq!(
            (&revoke["reply_to"], &revoke["conversation_id"]),
            (&json!(wamid), &original["conversation_id"])
        );
        let kept = shop.api.message(original["id"].as_str().unwrap()).await;
        assert_eq!(
            kept["content"]["text"]["body"], "Dos barras",
            "what was written first is kept"
        );
        let after = only(&shop, "/api/v1/conversations").await;
        assert_eq!(
            after["window_closes_at"], before["window_closes_at"],
            "a deletion opens no window"
        );
        assert_eq!(after["unread_count"], 1, "nor is it unread: {after}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ad_click_brings_its_referral_and_an_unsupported_message_is_shown() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        acts(
            app,
            "ad-click",
            &json!({"phone_number_id": shop.number, "text": "Vengo del anuncio"}),
        )
        .await;
        let message = of_type(&shop, "text").await;
        assert_eq!(
            message["content"]["referral"]["source_type"], "ad",
            "{message}"
        );
        assert!(message["content"]["referral"]["ctwa_clid"].is_string());
        let wamid = message["wamid"].as_str().unwrap();
        acts(app, "edit", &json!({"wamid": wamid, "text": "x"})).await;
        let unsupported = of_type(&shop, "unsupported").await;
        assert_eq!(
            unsupported["content"]["unsupported"]["type"], "edit",
            "{unsupported}"
        );
    })
    .await;
}
