//! A customer writes, and the right tenant has it.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{
    Answer, Setup, Tenant, TestApp, VERIFY_TOKEN, WABA, each_database, each_database_with, number,
    until, webhook,
};

const CUSTOMER: &str = "34600000001";
/// A moment of 2026, in seconds since 1970.
const AT: i64 = 1_780_000_000;

async fn only_conversation(tenant: &Tenant) -> Value {
    let all = tenant.api.all("/api/v1/conversations").await;
    assert_eq!(all.len(), 1, "one conversation: {all:?}");
    all[0].clone()
}

async fn messages(tenant: &Tenant) -> Vec<Value> {
    tenant.api.all("/api/v1/messages").await
}

async fn arrives(tenant: &Tenant, wamid: &str) -> Value {
    until(&format!("{wamid} has arrived"), async || {
        let found = tenant
            .api
            .all(&format!("/api/v1/messages?wamid={}", encoded(wamid)))
            .await;
        found.first().cloned().ok_or("nothing".to_owned())
    })
    .await
}

/// wamids hold `=`, which is a sign of its own in a query.
fn encoded(text: &str) -> String {
    text.replace('=', "%3D").replace('+', "%2B")
}

async fn parked(app: &TestApp, reason: &str) -> Vec<Value> {
    app.admin()
        .all(&format!("/api/v1/admin/intake/parked?reason={reason}"))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_becomes_a_conversation_with_one_unread_message() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let wamid = app.customer_says(&shop.number, CUSTOMER, "Hola, ¿abren mañana? 👋");
        let message = arrives(&shop, &wamid).await;
        assert_eq!(message["direction"], "inbound");
        assert_eq!(message["type"], "text");
        assert_eq!(message["text"], "Hola, ¿abren mañana? 👋");
        assert_eq!(message["status"], "received");

        let conversation = only_conversation(&shop).await;
        assert_eq!(conversation["id"], message["conversation_id"]);
        assert_eq!(conversation["phone_number_id"], shop.number.as_str());
        assert_eq!(conversation["unread_count"], 1);
        assert_eq!(conversation["window_open"], true);
        let last = &conversation["last_message"];
        assert_eq!(last["preview"], "Hola, ¿abren mañana? 👋");
        assert_eq!(last["direction"], "inbound");
        assert_eq!(conversation["contact"]["name"], "Ana García");
        assert_eq!(conversation["contact"]["phone"], CUSTOMER);

        let contacts = shop.api.all("/api/v1/contacts").await;
        assert_eq!(contacts.len(), 1, "one contact: {contacts:?}");
        assert_eq!(contacts[0]["name"], "Ana García");
        assert_eq!(contacts[0]["wa_id"], CUSTOMER);
        assert!(
            contacts[0]["user_id"].is_string(),
            "the BSUID is kept: {}",
            contacts[0]
        );

        let path = format!(
            "/api/v1/conversations/{}",
            conversation["id"].as_str().unwrap()
        );
        let read = shop.api.post(&format!("{path}/read"), &json!({})).await;
        assert_eq!(read.status, 204, "{read:?}");
        assert_eq!(shop.api.get(&path).await.expect(200)["unread_count"], 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_welcome_goes_out_once_and_its_statuses_come_back() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let welcome = json!({ "welcome": "Hola, enseguida le atendemos." });
        shop.api
            .put("/api/v1/auto-replies", &welcome)
            .await
            .expect(200);
        let first = app.customer_says(&shop.number, CUSTOMER, "Hola");
        arrives(&shop, &first).await;
        let second = app.customer_says(&shop.number, CUSTOMER, "¿Hay alguien?");
        arrives(&shop, &second).await;

        let reply = until("the welcome is delivered", async || {
            let out = shop.api.all("/api/v1/messages?direction=outbound").await;
            match out.first() {
                Some(reply) if reply["delivered_at"].is_string() => Ok(reply.clone()),
                _ => Err(format!("{out:?}")),
            }
        })
        .await;
        assert_eq!(reply["text"], "Hola, enseguida le atendemos.");
        assert_eq!(reply["origin"], "auto_reply");
        assert!(
            reply["sent_at"].is_string(),
            "sent before delivered: {reply}"
        );

        let sent = app.sim.outbound();
        assert_eq!(sent.len(), 1, "the welcome goes out once: {sent:?}");
        assert_eq!(reply["wamid"], sent[0].wamid.as_str());
        assert_eq!(sent[0].to, CUSTOMER);
        assert_eq!(
            sent[0].biz_opaque_callback_data.as_deref(),
            reply["id"].as_str()
        );
        assert_eq!(only_conversation(&shop).await["unread_count"], 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_that_metas_agent_answers_gets_no_welcome() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let welcome = json!({ "welcome": "Hola, enseguida le atendemos." });
        shop.api
            .put("/api/v1/auto-replies", &welcome)
            .await
            .expect(200);
        let value = webhook::text(&shop.number, CUSTOMER, "wamid.A1", AT, "Hola");
        let mut body = webhook::post([value]);
        body["entry"][0]["changes"][0]["field"] = json!("standby");
        app.delivered(body.to_string()).await;
        let all = messages(&shop).await;
        assert_eq!(all.len(), 1, "the message alone: {all:?}");
        assert_eq!(only_conversation(&shop).await["unread_count"], 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_webhook_address_is_verified() {
    each_database(async |app| {
        let ask = |mode: &str, token: &str| {
            let query = [
                ("hub.mode", mode),
                ("hub.challenge", "1158201444"),
                ("hub.verify_token", token),
            ];
            Answer::of(
                app.anybody()
                    .request(Method::GET, "/webhooks/meta")
                    .query(&query),
            )
        };
        let answer = ask("subscribe", VERIFY_TOKEN).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, "1158201444"));
        ask("subscribe", "wrong")
            .await
            .expect_problem(403, "forbidden");
        ask("unsubscribe", VERIFY_TOKEN)
            .await
            .expect_problem(403, "forbidden");
        let bare = app.anybody().get("/webhooks/meta").await;
        assert_eq!(bare.status, 403, "a verification without a query: {bare:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_meta_did_not_sign_is_refused_and_not_stored() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let body = webhook::post([webhook::text(
            &shop.number,
            CUSTOMER,
            "wamid.F1",
            AT,
            "forged",
        )])
        .to_string();
        app.deliver_with(None, body.clone().into_bytes())
            .await
            .expect_problem(401, "unauthorized");
        app.deliver_forged(body.clone())
            .await
            .expect_problem(401, "unauthorized");
        for broken in ["", "sha256=", "sha256=zz", "sha1=00", "sha256=é"] {
            let header = reqwest::header::HeaderValue::from_bytes(broken.as_bytes()).unwrap();
            let request = app
                .anybody()
                .request(Method::POST, "/webhooks/meta")
                .header("X-Hub-Signature-256", header);
            let answer = Answer::of(request.body(body.clone())).await;
            assert_eq!(answer.status, 401, "signature {broken:?}: {answer:?}");
        }
        let genuine = testkit::webhook::post([]).to_string();
        app.delivered(genuine.clone()).await;
        let kept = app.kept().await;
        assert_eq!(kept, [genuine.into_bytes()], "only the signed body is kept");
        assert!(messages(&shop).await.is_empty(), "nothing forged is shown");
        assert_eq!(app.intake().await["received"], 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_megabytes_are_taken_and_not_a_byte_more() {
    each_database(async |app| {
        const LIMIT: usize = 3 * 1024 * 1024;
        let body = |size: usize| {
            let mut body = br#"{"object":"whatsapp_business_account","entry":[],"pad":""#.to_vec();
            body.resize(size - 2, b'x');
            body.extend_from_slice(br#""}"#);
            body
        };
        app.deliver(body(LIMIT)).await.expect(200);
        let refused = app.deliver(body(LIMIT + 1)).await;
        assert_eq!(refused.status, 413, "{}", refused.text);
        app.projected().await;
        assert_eq!(
            app.kept().await,
            [body(LIMIT)],
            "what is too large is not stored"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_json_is_kept_raw_and_parked() {
    each_database(async |app| {
        let bodies: [&[u8]; 4] = [b"hello", b"", b"\xff\xfe\0\x01", b"{\"object\":"];
        for body in bodies {
            app.deliver(body).await.expect(200);
        }
        let intake = app.projected().await;
        assert_eq!(intake["parked"], 4, "{intake}");
        assert_eq!(app.kept().await, bodies, "byte for byte");
        let rows = parked(app, "not_json").await;
        let raw: Vec<_> = rows.iter().rev().map(|row| row["raw"].clone()).collect();
        assert_eq!(raw[0], "hello");
        assert_eq!(raw[3], "{\"object\":");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_for_a_number_nobody_has_waits_until_it_is_assigned() {
    each_database(async |app| {
        // Meta has a number that the platform has not heard of.
        let unheard = "100000000000077";
        let fresh = json!({ "waba_id": WABA, "phone_number_id": unheard, "display_phone_number": "+34 600 777 777" });
        app.meta().post("/_sim/numbers", &fresh).await.expect(200);
        for (number, reason) in [(number(2), "unassigned_number"), (unheard.to_owned(), "unknown_number")] {
            let wamid = app.customer_says(&number, CUSTOMER, "¿Ya están?");
            let row = until("the message is parked", async || {
                parked(app, reason).await.pop().ok_or("nothing is parked".to_owned())
            })
            .await;
            assert_eq!(row["phone_number_id"], number.as_str());
            assert_eq!(row["items"], 1);
            let detail = row["detail"].as_str().unwrap_or_default();
            assert!(detail.contains(&number), "the reason is explained: {row}");

            let shop = app.new_tenant(reason).await;
            assert!(messages(&shop).await.is_empty(), "nobody sees it yet");
            let shop = app.assign(&shop, &number).await;
            let message = arrives(&shop, &wamid).await;
            assert_eq!(message["text"], "¿Ya están?");
            assert_eq!(only_conversation(&shop).await["unread_count"], 1);
            until("nothing is parked any more", async || {
                let intake = app.intake().await;
                if intake["parked"] == 0 { Ok(()) } else { Err(intake.to_string()) }
            })
            .await;
            assert!(parked(app, reason).await.is_empty());
        }
        assert_eq!(app.intake().await["projected"], 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_and_types_of_tomorrow_are_kept() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let new_type = json!({ "id": "wamid.T1", "timestamp": AT.to_string(), "type": "hologram", "hologram": { "depth": 3 } });
        app.delivered(webhook::post([webhook::message(&shop.number, CUSTOMER, new_type)]).to_string())
            .await;
        let message = arrives(&shop, "wamid.T1").await;
        assert_eq!(message["type"], "hologram");
        assert_eq!(message["content"]["hologram"]["depth"], 3, "{message}");
        assert_eq!(only_conversation(&shop).await["unread_count"], 1);

        let change = json!({ "field": "telepathy", "value": { "thought": "hm" } });
        let body = json!({ "object": "whatsapp_business_account", "entry": [{ "id": WABA, "time": AT, "changes": [change] }] });
        app.delivered(body.to_string()).await;
        let rows = parked(app, "unknown_field").await;
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!(rows[0]["field"], "telepathy");
        let raw: Value = serde_json::from_str(rows[0]["raw"].as_str().unwrap()).unwrap();
        assert_eq!(raw, change);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_escaped_as_meta_escapes_it_arrives_intact() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        // An emoji outside the first plane is two escapes, and Meta also escapes slashes.
        let body = webhook::post([webhook::text(
            &shop.number,
            CUSTOMER,
            "wamid.E1",
            AT,
            "¡Olé! TEXT",
        )])
        .to_string()
        .replace('¡', "\\u00a1")
        .replace('é', "\\u00e9")
        .replace("TEXT", "\\ud83d\\ude00 https:\\/\\/example.com");
        assert!(body.is_ascii() || body.contains("Ana"), "as Meta writes it");
        app.delivered(body.clone()).await;
        let message = arrives(&shop, "wamid.E1").await;
        assert_eq!(message["text"], "¡Olé! 😀 https://example.com");
        assert_eq!(app.kept().await, [body.into_bytes()]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_without_a_phone_number_is_one_contact() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        for (n, text) in ["Hola", "¿Siguen ahí?"].into_iter().enumerate() {
            let value = json!({
                "messaging_product": "whatsapp",
                "metadata": { "display_phone_number": "34612000001", "phone_number_id": shop.number },
                "contacts": [{ "profile": { "name": "Sin Número", "username": "sinnumero" }, "user_id": "ES.1700000000000000009" }],
                "messages": [{ "from_user_id": "ES.1700000000000000009", "id": format!("wamid.B{n}"), "timestamp": (AT + n as i64).to_string(),
                    "type": "text", "text": { "body": text } }],
            });
            app.delivered(webhook::post([value]).to_string()).await;
        }
        let contacts = shop.api.all("/api/v1/contacts").await;
        assert_eq!(contacts.len(), 1, "{contacts:?}");
        assert_eq!(contacts[0]["user_id"], "ES.1700000000000000009");
        assert_eq!(contacts[0]["phone"], Value::Null);
        assert_eq!(contacts[0]["username"], "sinnumero");
        assert_eq!(only_conversation(&shop).await["unread_count"], 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_of_one_number_are_one_contact() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let pairs = [
            ("5511987654321", "551187654321"),
            ("5215512345678", "525512345678"),
        ];
        let mut values = Vec::new();
        for (n, (long, short)) in pairs.into_iter().enumerate() {
            values.push(webhook::text(
                &shop.number,
                long,
                &format!("wamid.L{n}"),
                AT,
                "largo",
            ));
            values.push(webhook::text(
                &shop.number,
                short,
                &format!("wamid.S{n}"),
                AT + 1,
                "corto",
            ));
        }
        app.delivered(webhook::post(values).to_string()).await;
        let conversations = shop.api.all("/api/v1/conversations").await;
        assert_eq!(conversations.len(), 2, "{conversations:?}");
        for conversation in &conversations {
            assert_eq!(conversation["unread_count"], 2, "{conversation}");
        }
        assert_eq!(shop.api.all("/api/v1/contacts").await.len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nul_characters_and_half_surrogates_do_no_harm() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let bodies = [
            ("wamid.N0", "a\\u0000b"),
            ("wamid.N1", "half \\ud83d"),
            ("wamid.N2", "\\udc00 other half"),
            ("wamid.N3", "\\\\u0000 is not a NUL"),
            ("wamid.N4", "\\u0000\\ud83d\\u0000"),
        ];
        for (wamid, text) in bodies {
            let body = webhook::post([webhook::text(&shop.number, CUSTOMER, wamid, AT, "TEXT")])
                .to_string()
                .replace("TEXT", text)
                // The same in the name, which ends in another table.
                .replace("Ana García", &format!("Ana {text}"));
            app.delivered(body.clone()).await;
            let message = arrives(&shop, wamid).await;
            assert_eq!(message["type"], "text", "{message}");
            assert_eq!(
                app.kept().await.pop().unwrap(),
                body.into_bytes(),
                "byte for byte"
            );
        }
        let intake = app.intake().await;
        assert_eq!(intake["projected"], 5, "{intake}");
        assert_eq!(intake["parked"], 0, "{intake}");
        let texts: Vec<_> = messages(&shop)
            .await
            .iter()
            .rev()
            .map(|row| row["text"].clone())
            .collect();
        assert_eq!(texts[0], "a\u{fffd}b");
        assert_eq!(texts[3], "\\u0000 is not a NUL");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn past_its_backlog_intake_tells_meta_to_come_again() {
    let setup = || Setup {
        max_backlog: 2,
        workers: false,
        ..Setup::default()
    };
    each_database_with(setup, async |app| {
        let body = |n: usize| {
            webhook::post([webhook::text(
                &number(1),
                CUSTOMER,
                &format!("wamid.Q{n}"),
                AT,
                "x",
            )])
            .to_string()
        };
        app.deliver(body(0)).await.expect(200);
        app.deliver(body(1)).await.expect(200);
        app.deliver(body(2)).await.expect_problem(503, "try_again");
        assert_eq!(app.kept().await.len(), 2, "what was refused is not stored");
        while engine::inbound::projector::step(&app.engine).await.unwrap() {}
        app.deliver(body(2)).await.expect(200);
    })
    .await;
}
