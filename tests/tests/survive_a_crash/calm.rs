//! When everything that was begun has ended.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::stage::Stage;

/// Long enough for a slow machine; what is not calm by then never will be.
const CALM_WITHIN: Duration = Duration::from_secs(90);

/// Waits until nothing moves any more: nothing to send, to settle, to deliver, or to project.
pub(crate) async fn calm(stage: &Stage) {
    // What is uncertain has its settle time first: statuses that are far away must not be there before.
    still(
        stage,
        stage.wishes.settle + Duration::from_secs(2),
        |intake, _| intake["outbox"].clone(),
    )
    .await;
    // Statuses that would come within the next minutes come now.
    stage.sim.advance_ms(120_000);
    still(stage, Duration::from_millis(700), |intake, webhooks| {
        let waits = ["pending", "coming_statuses"].map(|name| webhooks[name].as_u64());
        let at_rest = intake["backlog"] == 0 && waits == [Some(0), Some(0)];
        at_rest
            .then(|| json!([intake, webhooks["delivered"]]))
            .into()
    })
    .await;
}

/// Waits until a picture has not changed for a while. `null` is no picture, and so is an outbox with something to send.
async fn still(stage: &Stage, how_long: Duration, picture: impl Fn(&Value, &Value) -> Value) {
    let begun = Instant::now();
    let mut since = (Instant::now(), Value::Null);
    loop {
        let intake = stage.admin("GET", "/intake", Value::Null).await;
        let webhooks = stage.webhooks().await;
        let outbox = &intake["outbox"];
        let moves = !outbox["queued"].is_null()
            || !outbox["held"].is_null()
            || !outbox["sending"].is_null();
        let now = if moves {
            Value::Null
        } else {
            picture(&intake, &webhooks)
        };
        if now.is_null() || now != since.1 {
            since = (Instant::now(), now);
        } else if since.0.elapsed() >= how_long {
            return;
        }
        assert!(
            begun.elapsed() < CALM_WITHIN,
            "not calm after {} s: {intake} {webhooks}\n{}",
            CALM_WITHIN.as_secs(),
            tail(&stage.log())
        );
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(25)..].join("\n")
}
