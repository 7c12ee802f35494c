//! Killed between an event and its message: whatever was taken in is sent, and none is sent twice.

use serde_json::{Value, json};
use testkit::TestDatabase;

use crate::calm::calm;
use crate::no_answer::wait;
use crate::stage::{ASK, Stage, Tenant, Wishes};

const EVENTS: usize = 120;

#[tokio::test(flavor = "multi_thread")]
async fn an_event_leads_to_one_message_however_often_the_program_dies_on_sqlite() {
    killed(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_leads_to_one_message_however_often_the_program_dies_on_postgresql() {
    if let Some(database) = TestDatabase::postgres().await {
        killed(database).await;
    }
}

fn event(n: usize) -> Value {
    json!({ "type": "purchase_order.created", "id": format!("po-{n}"), "data": {
        "supplier": { "name": "Harinas", "phone": format!("+346{:08}", 73_000_000 + n) },
        "order": { "number": format!("OC-{n}"), "total": n },
    } })
}

async fn killed(database: TestDatabase) {
    let stage = Stage::set(database, 1, Wishes::default()).await;
    let mut program = stage.start().await;
    let tenant = stage.tenant(0, ASK, None).await;
    let rule = json!({
        "name": "Orders", "event_type": "purchase_order.created", "recipient": { "path": "data.supplier.phone" },
        "template": { "name": "po_notification", "language": { "is": "es" } },
        "parameters": { "body": [{ "path": "data.supplier.name" }, { "path": "data.order.number" }, { "path": "data.order.total" }] },
    });
    stage
        .call("POST", "/api/v1/notification-rules", &tenant.api_key, rule)
        .await;
    // Nothing leaves, so that what is killed is what stands between the event and the outbox.
    stage
        .call(
            "POST",
            "/api/v1/queue/pause",
            &tenant.api_key,
            json!({ "reason": "story" }),
        )
        .await;
    for piece in 0..4 {
        let events: Vec<Value> = (0..EVENTS / 4)
            .map(|n| event(piece * EVENTS / 4 + n))
            .collect();
        let taken = stage
            .call("POST", "/api/v1/events", &tenant.api_key, json!(events))
            .await;
        assert_eq!(taken["data"].as_array().map(Vec::len), Some(EVENTS / 4));
        program.kill();
        program = stage.start().await;
        // The caller never learned whether it was taken, and reports it again.
        stage
            .call("POST", "/api/v1/events", &tenant.api_key, json!(events))
            .await;
    }
    stage
        .call("POST", "/api/v1/queue/resume", &tenant.api_key, json!({}))
        .await;
    wait("every event has become a message", || {
        stage.sim.outbound().len() >= EVENTS
    })
    .await;
    calm(&stage).await;
    once(&stage, &tenant).await;
    drop(program);
    stage.strike().await;
}

async fn once(stage: &Stage, tenant: &Tenant) {
    let sent = stage.sim.outbound();
    let mut numbers: Vec<String> = sent
        .iter()
        .map(|sent| sent.body["template"]["components"][0]["parameters"][1]["text"].to_string())
        .collect();
    numbers.sort();
    numbers.dedup();
    assert_eq!(
        (sent.len(), numbers.len()),
        (EVENTS, EVENTS),
        "each event is sent, and once"
    );
    let list = stage
        .call(
            "GET",
            "/api/v1/events?limit=200",
            &tenant.api_key,
            Value::Null,
        )
        .await;
    let all = list["data"].as_array().unwrap();
    assert_eq!(all.len(), EVENTS);
    assert!(all.iter().all(|event| event["state"] == "sent"), "{list}");
}
