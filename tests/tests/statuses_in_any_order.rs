//! Statuses may come in any order, more than once, before the send is answered or long before the
//! message is known at all; a message always ends in the same state.

use std::time::Duration;

use futures::StreamExt as _;
use serde_json::{Value, json};
use testkit::{
    Setup, Tenant, TestApp, dump, each_database, each_database_with, number, until, webhook,
};

/// A moment of 2026, in seconds since 1970.
const AT: i64 = 1_780_000_000;
const NUMBERS: usize = 4;
/// A number sends no more while nothing answers.
const UNANSWERED: usize = 16;
const WORDS: [&str; 4] = ["sent", "delivered", "read", "failed"];

/// Every order of the four.
fn orders() -> Vec<[usize; 4]> {
    let mut all = Vec::new();
    for a in 0..4 {
        for b in 0..4 {
            for c in 0..4 {
                let order = [a, b, c, 6_usize.wrapping_sub(a + b + c)];
                let mut sorted = order;
                sorted.sort_unstable();
                if sorted == [0, 1, 2, 3] {
                    all.push(order);
                }
            }
        }
    }
    assert_eq!(all.len(), 24);
    all
}

/// One of the four statuses, always with the same time and the same details.
fn status(number: &str, wamid: &str, step: usize, callback: Option<&str>) -> String {
    let pricing = json!({ "billable": false, "pricing_model": "PMP", "type": "free_customer_service", "category": "service" });
    let mut more = match WORDS[step] {
        "sent" | "delivered" => json!({ "pricing": pricing }),
        "failed" => {
            json!({ "errors": [{ "code": 131026, "title": "Message undeliverable", "error_data": { "details": "No phone." } }] })
        }
        _ => json!({}),
    };
    if let Some(data) = callback {
        more["biz_opaque_callback_data"] = json!(data);
    }
    let value = webhook::status(number, wamid, WORDS[step], AT + step as i64, &more);
    webhook::post([value]).to_string()
}

struct Case {
    shop: Tenant,
    order: [usize; 4],
    /// How many of the four come before the answer to the send.
    before: usize,
    with_callback: bool,
    id: String,
    wamid: String,
}

/// What is compared: everything but ids and the customer.
fn outcome(message: &Value) -> Value {
    let members = [
        "status",
        "error",
        "pricing",
        "sent_at",
        "delivered_at",
        "read_at",
        "failed_at",
        "played_at",
    ];
    members
        .iter()
        .map(|member| ((*member).to_owned(), message[*member].clone()))
        .collect()
}

async fn deliver_all(app: &TestApp, bodies: Vec<String>) {
    futures::stream::iter(bodies)
        .for_each_concurrent(8, |body| async move {
            app.deliver(body).await.expect(200);
        })
        .await;
    app.projected().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_order_before_and_after_the_answer_ends_in_the_same_state() {
    // The answers wait at the gate for as long as the story likes.
    let patient = || Setup {
        graph_timeout: Duration::from_secs(60),
        ..Setup::default()
    };
    each_database_with(patient, async |app| {
        // Meta's own statuses stay away; those of the story come by hand.
        app.faults(&json!({ "webhook_offline": true })).await;
        let mut kinds = Vec::new();
        for order in orders() {
            for before in 0..=4 {
                kinds.extend([true, false].map(|with_callback| (order, before, with_callback)));
            }
        }
        let post = |case: &Case, step: usize| {
            let callback = case.with_callback.then_some(case.id.as_str());
            status(&case.shop.number, &case.wamid, step, callback)
        };
        let mut cases: Vec<Case> = Vec::new();
        for wave in kinds.chunks(NUMBERS * UNANSWERED) {
            app.gate.close();
            let first = cases.len();
            for (order, before, with_callback) in wave {
                let n = cases.len();
                let shop = app.tenant(n % NUMBERS + 1).await;
                let to = format!("+34600{n:06}");
                let id = shop.api.send(&json!({ "to": to, "template": { "name": "hello_world", "language": "en_US" } })).await;
                cases.push(Case {
                    shop,
                    order: *order,
                    before: *before,
                    with_callback: *with_callback,
                    id,
                    wamid: String::new(),
                });
            }
            until("Meta has taken all of them", async || {
                let sent = app.sim.outbound().len();
                if sent == cases.len() {
                    Ok(())
                } else {
                    Err(format!("{sent} of {}", cases.len()))
                }
            })
            .await;
            for sent in app.sim.outbound() {
                let case = cases
                    .iter_mut()
                    .find(|case| Some(&case.id) == sent.biz_opaque_callback_data.as_ref());
                case.unwrap().wamid = sent.wamid;
            }
            // One place in the order after the other, so that each message has its own order.
            for place in 0..4 {
                let due = cases[first..].iter().filter(|case| place < case.before);
                deliver_all(app, due.map(|case| post(case, case.order[place])).collect()).await;
            }
            app.gate.open();
            until("every answer is recorded", async || {
                let waiting = app.intake().await["outbox"].clone();
                if waiting == json!({}) {
                    Ok(())
                } else {
                    Err(waiting.to_string())
                }
            })
            .await;
        }
        for place in 0..4 {
            let due = cases.iter().filter(|case| place >= case.before);
            deliver_all(app, due.map(|case| post(case, case.order[place])).collect()).await;
        }

        let mut wanted = None;
        for case in &cases {
            let message = case.shop.api.message(&case.id).await;
            let got = outcome(&message);
            let wanted = wanted.get_or_insert_with(|| got.clone());
            let words: Vec<_> = case.order.iter().map(|step| WORDS[*step]).collect();
            assert_eq!(
                got, *wanted,
                "{words:?}, {} before the answer, callback data: {}",
                case.before, case.with_callback
            );
            assert_eq!(message["wamid"], case.wamid.as_str(), "{message}");
        }
        let wanted = wanted.unwrap();
        assert_eq!(wanted["status"], "read");
        assert_eq!(
            wanted["error"]["code"], 131_026,
            "the failure stays visible: {wanted}"
        );
        assert_eq!(wanted["pricing"]["category"], "service");

        let tables = dump(&app.engine.db).await;
        assert!(
            tables["early_statuses"].is_empty(),
            "what was kept has been applied: {:?}",
            tables["early_statuses"]
        );
        let again = cases
            .iter()
            .flat_map(|case| (0..4).map(|step| post(case, step)));
        deliver_all(app, again.collect()).await;
        assert_eq!(
            dump(&app.engine.db).await,
            tables,
            "duplicates change nothing"
        );
        let summary = app.sim.outbound_summary();
        assert_eq!(
            (summary.total, summary.max_identical_sends),
            (cases.len() as u64, 1),
            "each was sent once"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_before_its_message_waits_for_the_echo() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        for step in [2, 0] {
            app.delivered(status(&shop.number, "wamid.ECHO1", step, None)).await;
        }
        assert_eq!(shop.api.all("/api/v1/messages").await, [] as [Value; 0]);
        assert_eq!(dump(&app.engine.db).await["early_statuses"].len(), 1, "it is kept");

        let echo = json!({
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "34612000001", "phone_number_id": shop.number },
            "message_echoes": [{ "from": "34612000001", "to": "34600000001", "id": "wamid.ECHO1", "timestamp": AT.to_string(),
                "type": "text", "text": { "body": "desde el móvil" } }],
        });
        let change = json!({ "field": "smb_message_echoes", "value": echo });
        let body = json!({ "object": "whatsapp_business_account", "entry": [{ "id": testkit::WABA, "changes": [change] }] });
        app.delivered(body.to_string()).await;
        let messages = shop.api.all("/api/v1/messages").await;
        assert_eq!(messages.len(), 1, "{messages:?}");
        assert_eq!(messages[0]["status"], "read");
        assert_eq!(messages[0]["origin"], "business_app");
        assert!(messages[0]["sent_at"].is_string(), "{}", messages[0]);
        assert!(dump(&app.engine.db).await["early_statuses"].is_empty());
        app.delivered(status(&shop.number, "wamid.ECHO1", 1, None)).await;
        let message = shop.api.message(messages[0]["id"].as_str().unwrap()).await;
        assert!(message["delivered_at"].is_string(), "{message}");
        assert_eq!(message["status"], "read");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn meta_at_its_worst_ends_where_meta_says() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let customers: Vec<String> = (0..20).map(|n| format!("3460000{n:04}")).collect();
        for customer in &customers {
            app.customer_says(&shop.number, customer, "Hola");
        }
        app.faults(&json!({
            "status_before_answer": true, "webhook_duplicate_rate": 0.5, "webhook_stale_rate": 0.2,
            "webhook_shuffle": true, "webhook_batch_max": 7, "only_path": "messages",
        }))
        .await;
        let mut ids = Vec::new();
        for customer in &customers {
            ids.push(
                shop.api
                    .send(&json!({ "to": customer, "template": { "name": "hello_world", "language": "en_US" } }))
                    .await,
            );
        }
        let sent = until(
            "all are read on the phones, and Meta has told us",
            async || {
                let sent = app.sim.outbound();
                let read = sent.iter().filter(|sent| sent.status == "read").count();
                let pending = app.sim.pending_webhooks();
                if read == ids.len() && pending == 0 {
                    Ok(sent)
                } else {
                    Err(format!("{read} read, {pending} webhooks pending"))
                }
            },
        )
        .await;
        app.projected().await;
        assert_eq!(app.sim.outbound_summary().max_identical_sends, 1);
        for id in &ids {
            let message = app.status_of(&shop, id, "read").await;
            let at_meta = sent
                .iter()
                .find(|sent| sent.biz_opaque_callback_data.as_ref() == Some(id));
            assert_eq!(message["wamid"], at_meta.unwrap().wamid.as_str());
            for moment in ["sent_at", "delivered_at", "read_at"] {
                assert!(
                    message[moment].is_string(),
                    "{moment} is missing: {message}"
                );
            }
        }
        let intake = app.intake().await;
        assert_eq!(intake["parked"], 0, "{intake}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_of_another_number_moves_nothing() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        app.faults(&json!({ "webhook_offline": true })).await;
        let id = shop
            .api
            .send(&json!({ "to": "+34600000001", "template": { "name": "hello_world", "language": "en_US" } }))
            .await;
        let message = app.status_of(&shop, &id, "accepted").await;
        let wamid = message["wamid"].as_str().unwrap();
        app.delivered(status(&other.number, wamid, 2, None)).await;
        app.delivered(status(&other.number, "wamid.OTHER", 2, Some(&id)))
            .await;
        assert_eq!(
            shop.api.message(&id).await["status"],
            "accepted",
            "another number's status"
        );
        app.delivered(status(&number(1), wamid, 2, None)).await;
        assert_eq!(shop.api.message(&id).await["status"], "read");
    })
    .await;
}
