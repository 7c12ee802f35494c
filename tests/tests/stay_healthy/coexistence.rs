//! A number that is also in the WhatsApp Business app: what its phone sends, whom it knows, what was said before.

use serde_json::{Value, json};
use store::db::Sql;
use testkit::{TestApp, each_database};

use crate::alerts::open;
use crate::stage::{Account, account};

/// A webhook of the phone's number.
async fn posts(app: &TestApp, own: &Account, field: &str, more: Value) {
    let mut value = json!({ "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": own.dialled, "phone_number_id": own.number } });
    for (key, part) in more.as_object().unwrap() {
        value[key] = part.clone();
    }
    let body = json!({ "object": "whatsapp_business_account", "entry": [{ "id": own.waba, "changes": [{ "field": field, "value": value }] }] });
    app.delivered(body.to_string()).await;
}

fn chunk(phase: i64, order: i64, progress: i64, messages: &[Value]) -> Value {
    json!({ "history": [{ "metadata": { "phase": phase, "chunk_order": order, "progress": progress },
        "threads": [{ "id": "34600000042", "messages": messages }] }] })
}

fn said(id: &str, from: &str, at: i64, body: &str) -> Value {
    json!({ "from": from, "id": id, "timestamp": at.to_string(), "type": "text", "text": { "body": body }, "history_context": { "status": "READ" } })
}

async fn count(app: &TestApp, statement: &'static str) -> i64 {
    let row: Option<(i64,)> = app
        .engine
        .db
        .first(Sql::Both(statement), vec![])
        .await
        .unwrap();
    row.unwrap().0
}

async fn history(app: &TestApp, own: &Account) -> (String, String) {
    let all = store::standings::any_tenant_look(&app.engine.db, &own.waba)
        .await
        .unwrap();
    let row = all.into_iter().find(|row| row.aspect == "history").unwrap();
    (row.state, row.detail)
}

#[tokio::test(flavor = "multi_thread")]
async fn chats_of_before_come_in_any_order_once_without_a_storm_and_without_unread() {
    each_database(async |app| {
        let own = account(app, 1).await;
        let ours = "34699000001";
        let start = 1_780_000_000;
        let place = json!({ "from": "34600000042", "id": "wamid.PHOTO", "timestamp": start.to_string(), "type": "media_placeholder", "history_context": { "status": "READ" } });
        let old: Vec<_> = (0..40).map(|n| said(&format!("wamid.OLD{n}"), if n % 2 == 0 { "34600000042" } else { ours }, start - 1000 + n, &format!("antes {n}"))).collect();
        let photo = json!({ "messages": [{ "from": "34600000042", "id": "wamid.PHOTO", "timestamp": start.to_string(), "type": "image",
            "image": { "id": "777", "mime_type": "image/jpeg", "sha256": "x", "caption": "la mesa" } }] });
        // The last phase first, the medium before its place, everything twice.
        for _ in 0..2 {
            posts(app, &own, "history", chunk(2, 1, 100, &old)).await;
            posts(app, &own, "history", chunk(0, 1, 20, &[place.clone(), said("wamid.NEW", ours, start + 5, "hoy")])).await;
            posts(app, &own, "history", photo.clone()).await;
        }
        assert_eq!(count(app, "SELECT COUNT(*) FROM messages").await, 42);
        assert_eq!(count(app, "SELECT COUNT(*) FROM messages WHERE direction = 'outbound'").await, 21);
        assert_eq!(count(app, "SELECT COUNT(*) FROM conversations").await, 1);
        assert_eq!(count(app, "SELECT CAST(SUM(unread_count) AS BIGINT) FROM conversations").await, 0);
        assert_eq!(count(app, "SELECT COUNT(*) FROM messages WHERE wamid = 'wamid.PHOTO' AND type = 'image' AND preview LIKE '%la mesa%'").await, 1);
        assert_eq!(count(app, "SELECT COUNT(*) FROM message_media").await, 1, "its file is fetched");
        assert_eq!(count(app, "SELECT COUNT(*) FROM event_log WHERE kind IN ('message.received', 'message.echoed')").await, 0);
        let events = count(app, "SELECT COUNT(*) FROM event_log WHERE kind = 'number.history'").await;
        assert!((1..=3).contains(&events), "{events}");
        let (state, detail) = history(app, &own).await;
        assert_eq!(state, "DONE", "a chunk that says less and comes later changes nothing: {detail}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_is_refused_is_told() {
    each_database(async |app| {
        let own = account(app, 1).await;
        let refused = json!({ "history": [{ "errors": [{ "code": 2_593_109, "title": "History sharing is turned off", "message": "History sharing is turned off" }] }] });
        posts(app, &own, "history", refused).await;
        assert_eq!(history(app, &own).await.0, "REFUSED");
        testkit::until("somebody is told", async || {
            let open = open(app, &own.shop).await;
            match open.as_slice() {
                [one] if one["kind"] == "history_refused" && one["severity"] == "info" => Ok(()),
                _ => Err(format!("{open:?}")),
            }
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_phone_sends_is_an_answer_and_whom_it_knows_is_a_contact_by_that_name() {
    each_database(async |app| {
        let own = account(app, 1).await;
        let entry = |action: &str, phone: &str, name: Option<&str>| json!({ "type": "contact", "action": action,
            "contact": { "full_name": name, "phone_number": phone }, "metadata": { "timestamp": "1780000000" } });
        let book = json!({ "state_sync": [entry("add", "+34 600 000 042", Some("Marta Ruiz")), entry("add", "34600000043", Some("Luis")), entry("remove", "34600000044", None)] });
        posts(app, &own, "smb_app_state_sync", book.clone()).await;
        posts(app, &own, "smb_app_state_sync", book).await;
        let echo = json!({ "message_echoes": [{ "from": "34699000001", "to": "34600000042", "id": "wamid.ECHO", "timestamp": "1780000100", "type": "text", "text": { "body": "voy" } }] });
        posts(app, &own, "smb_message_echoes", echo).await;
        let named: Vec<(Option<String>, Option<String>)> = app.engine.db
            .all(Sql::Both("SELECT phone, name FROM contacts ORDER BY phone"), vec![]).await.unwrap();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(named, [(text("34600000042"), text("Marta Ruiz")), (text("34600000043"), text("Luis"))]);
        assert_eq!(count(app, "SELECT COUNT(*) FROM conversations").await, 1, "only with whom there was a message");
        assert_eq!(count(app, "SELECT COUNT(*) FROM messages WHERE direction = 'outbound' AND origin = 'business_app' AND status = 'sent'").await, 1);
        // Who is taken out of the phone's book is somebody whom the business has met all the same.
        posts(app, &own, "smb_app_state_sync", json!({ "state_sync": [entry("remove", "34600000042", None)] })).await;
        let named: Option<(Option<String>,)> = app.engine.db
            .first(Sql::Both("SELECT name FROM contacts WHERE phone = '34600000042'"), vec![]).await.unwrap();
        assert_eq!(named, Some((text("Marta Ruiz"),)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_phone_sends_before_its_past_has_come_is_there_once_and_finds_its_name_later() {
    each_database(async |app| {
        let own = account(app, 1).await;
        let ours = "34699000001";
        let start = 1_780_000_000;
        let echo = json!({ "message_echoes": [{ "from": ours, "to": "34600000042", "id": "wamid.EARLY", "timestamp": start.to_string(), "type": "text", "text": { "body": "voy" } }] });
        posts(app, &own, "smb_message_echoes", echo).await;
        let told = || count(app, "SELECT COUNT(*) FROM event_log WHERE kind = 'message.echoed'");
        assert_eq!(told().await, 1);
        // The past names the same message, and those before it.
        let old = [said("wamid.BEFORE", "34600000042", start - 100, "¿vienes?"), said("wamid.EARLY", ours, start, "voy")];
        posts(app, &own, "history", chunk(0, 1, 100, &old)).await;
        let book = json!({ "state_sync": [{ "type": "contact", "action": "add", "contact": { "full_name": "Marta Ruiz", "phone_number": "34600000042" }, "metadata": { "timestamp": "1780000000" } }] });
        posts(app, &own, "smb_app_state_sync", book).await;
        let rows = own.shop.api.all("/api/v1/messages").await;
        let texts: Vec<_> = rows.iter().map(|row| row["text"].as_str().unwrap_or_default()).collect();
        assert_eq!(rows.len(), 2, "{rows:?}");
        assert!(texts.contains(&"voy") && texts.contains(&"¿vienes?"), "{texts:?}");
        assert_eq!(told().await, 1, "nothing is told a second time");
        assert_eq!(count(app, "SELECT CAST(SUM(unread_count) AS BIGINT) FROM conversations").await, 0);
        let talks = own.shop.api.all("/api/v1/conversations").await;
        assert_eq!(talks.len(), 1, "{talks:?}");
        assert!(talks[0].to_string().contains("Marta Ruiz"), "{talks:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_share_the_history_is_connected_and_keeps_what_comes_from_then_on() {
    each_database(async |app| {
        let shop = app.new_tenant("Peluquería").await;
        let wish = json!({ "outcome": "coexistence", "partner_added": "never", "code_life_ms": 86_400_000 });
        let made = app.meta().post("/_sim/embedded-signup", &wish).await.expect(200);
        let number = made["phone_number_id"].as_str().unwrap().to_owned();
        let phone = json!({ "contacts": 3, "threads": 2, "messages": 2, "share_history": false });
        app.meta().post(&format!("/_sim/numbers/{number}/phone"), &phone).await.expect(200);
        let body = json!({ "code": made["code"], "waba_id": made["waba_id"], "phone_number_id": number, "event": made["message"]["event"] });
        shop.api.post("/api/v1/connections/embedded-signup", &body).await.expect(202);
        testkit::until("somebody is told that the past does not come", async || {
            let open = open(app, &shop).await;
            match open.iter().any(|alert| alert["kind"] == "history_refused") {
                true => Ok(()),
                false => Err(format!("{open:?}")),
            }
        })
        .await;
        let rows = shop.api.all("/api/v1/connections").await;
        assert_eq!(rows[0]["state"], "connected", "{rows:?}");
        testkit::until("contacts come all the same", async || {
            let found = count(app, "SELECT COUNT(*) FROM contacts").await;
            if found == 3 { Ok(()) } else { Err(found.to_string()) }
        })
        .await;
        let writes = json!({ "to": "34600000077", "message": { "type": "text", "text": { "body": "hola" } } });
        app.meta().post(&format!("/_sim/numbers/{number}/business-writes"), &writes).await.expect(200);
        testkit::until("what is written on the phone comes", async || {
            let rows = shop.api.all("/api/v1/messages").await;
            match rows.as_slice() {
                [one] if one["text"] == "hola" => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
    })
    .await;
}
