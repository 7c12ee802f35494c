//! Nothing that is posted to a control makes the simulator fall over: it answers 2xx or 4xx, and goes on.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};

use crate::stage::{ANA, NUMBER, Stage, WABA, text_to};

/// An account that signed up, and its number in coexistence.
const SIGNED_UP: &str = "300000000000001";
const BY_APP: &str = "400000000000001";

/// Every control that takes a body; `{…}` is filled in.
const CONTROLS: [&str; 38] = [
    "inbound",
    "faults",
    "clock",
    "reset",
    "numbers",
    "numbers/{number}/upgrade",
    "customers",
    "customers/{phone}/ad-click",
    "customers/{phone}/marketing",
    "customers/{phone}/edit",
    "customers/{phone}/delete",
    "customers/{phone}/number",
    "wabas",
    "portfolio",
    "tokens",
    "app",
    "templates",
    "templates/{template}/pacing",
    "templates/{template}/release",
    "templates/{template}/pause",
    "templates/{template}/decide",
    "uploads",
    "account-events",
    "embedded-signup",
    "popup",
    "outage",
    "wabas/{waba}/account-update",
    "wabas/{waba}/review",
    "wabas/{waba}/tokens",
    "wabas/{waba}/alert",
    "numbers/{number}/security",
    "numbers/{number}/name",
    "numbers/{number}/quality",
    "numbers/{app}/phone",
    "numbers/{app}/business-writes",
    "numbers/{app}/business-contact",
    "callback",
    "deliver",
];

/// Keys that controls know, so that generated bodies get past the first check.
const KEYS: [&str; 87] = [
    "phone_number_id",
    "from",
    "message",
    "omit",
    "type",
    "text",
    "body",
    "image",
    "data",
    "mime_type",
    "reaction",
    "context",
    "id",
    "script",
    "match",
    "answer",
    "code",
    "mode",
    "subcode",
    "http",
    "times",
    "rate",
    "connection",
    "delay_ms",
    "path",
    "to",
    "template",
    "latency_ms",
    "error_rate",
    "hang_ms",
    "webhook_delay_ms",
    "webhook_batch_max",
    "speed",
    "advance_ms",
    "phone",
    "profile_name",
    "online",
    "chat_open",
    "marketing_stopped",
    "waba_id",
    "payment",
    "limit",
    "verified",
    "raise",
    "refusal",
    "token",
    "state",
    "wabas",
    "require_proof",
    "name",
    "language",
    "category",
    "components",
    "first",
    "after_minutes",
    "outcome",
    "wamid",
    "new_phone",
    "value",
    "mps",
    "outcome",
    "business_id",
    "display_phone_number",
    "code_life_ms",
    "token_days",
    "permissions",
    "partner_added",
    "review",
    "event",
    "restrictions",
    "days",
    "ban_state",
    "reason",
    "decision",
    "hours",
    "quality",
    "pacing",
    "at_once",
    "break_after_bytes",
    "rating",
    "expires_at",
    "contacts",
    "threads",
    "messages",
    "share_history",
    "phone_number",
    "remove",
];

static WORDS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    [
        json!(NUMBER),
        json!("{wamid}"),
        json!(WABA),
        json!(ANA),
        json!("34600000002"),
        json!("text"),
        json!("image"),
        json!("system"),
        json!("sync"),
        json!("status"),
        json!("html"),
        json!("truncated"),
        json!("TIER_250"),
        json!("TIER_UNLIMITED"),
        json!("missing"),
        json!("stop"),
        json!("pause"),
        json!("release"),
        json!("EAAtoken9"),
        json!("expired"),
        json!("hello_world"),
        json!("POST"),
        json!(""),
        json!("\u{0}"),
        json!("🥖"),
        json!("%%%"),
        json!(-1),
        json!(0),
        json!(1),
        json!(131_026),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1e308),
        json!(0.5),
        json!(null),
        json!(true),
        json!(false),
    ]
    .to_vec()
});

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        6 => prop::sample::select(WORDS.clone()),
        1 => any::<u64>().prop_map(|number| json!(number)),
        1 => any::<f64>().prop_map(|number| json!(number)),
        1 => ".{0,12}".prop_map(|text| json!(text)),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        let key = prop_oneof![9 => prop::sample::select(KEYS.to_vec()).prop_map(str::to_owned), 1 => "[a-z_]{1,8}"];
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            3 => prop::collection::vec((key, inner), 0..6).prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Bodies near to right ones: a good one with some keys changed.
fn nearly(control: &str) -> Value {
    match control {
        "inbound" => {
            json!({"phone_number_id": NUMBER, "from": ANA, "message": {"type": "text", "text": {"body": "x"}}})
        }
        "faults" => json!({"script": [{"match": {"to": ANA}, "answer": {"code": 131_026}}]}),
        "numbers" => json!({"phone_number_id": NUMBER, "mps": 10}),
        "customers" => json!({"phone": ANA, "online": true}),
        "customers/{phone}/marketing" => json!({"phone_number_id": NUMBER, "value": "stop"}),
        "customers/{phone}/ad-click" => json!({"phone_number_id": NUMBER}),
        "customers/{phone}/edit" => json!({"wamid": "{wamid}", "text": "x"}),
        "customers/{phone}/delete" => json!({"wamid": "{wamid}"}),
        "customers/{phone}/number" => json!({"new_phone": "34600000002"}),
        "app" => json!({"require_proof": false}),
        "wabas" => json!({"waba_id": WABA, "payment": "missing"}),
        "tokens" => json!({"token": "EAAtoken9", "wabas": [WABA]}),
        "templates" => json!({"waba_id": WABA, "name": "a", "components": []}),
        "embedded-signup" => json!({"outcome": "finish", "waba_id": SIGNED_UP}),
        // What is slow or down on purpose is not what is tested.
        "outage" => json!({"kind": null}),
        "wabas/{waba}/account-update" => json!({"event": "ACCOUNT_VIOLATION"}),
        "numbers/{number}/security" => json!({"event": "PIN_RESET_REQUEST"}),
        "numbers/{number}/quality" => json!({"rating": "GREEN"}),
        "numbers/{app}/business-writes" => {
            json!({"to": ANA, "message": {"type": "text", "text": {"body": "x"}}})
        }
        "numbers/{app}/business-contact" => json!({"phone_number": ANA}),
        "account-events" => json!({"waba_id": WABA, "field": "flows", "value": {}}),
        _ => json!({}),
    }
}

fn bodies() -> impl Strategy<Value = (String, Value)> {
    let changes = prop::collection::vec((prop::sample::select(KEYS.to_vec()), anything()), 0..3);
    let control = prop::sample::select(CONTROLS.to_vec());
    (control, anything(), changes, any::<bool>()).prop_map(|(control, wild, changes, near)| {
        let mut body = if near { nearly(control) } else { wild };
        if let Some(map) = body.as_object_mut().filter(|_| near) {
            map.extend(
                changes
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value)),
            );
        }
        (control.to_owned(), body)
    })
}

async fn write(stage: &Stage) -> Option<String> {
    let message = json!({"type": "text", "text": {"body": "x"}});
    let body = json!({"phone_number_id": NUMBER, "from": ANA, "message": message});
    let sent = stage
        .client
        .post(format!("{}/_sim/inbound", stage.url))
        .json(&body);
    let answer: Value = sent.send().await.ok()?.json().await.ok()?;
    answer["wamid"].as_str().map(str::to_owned)
}

#[test]
fn no_control_input_makes_the_simulator_panic() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let stage = runtime.block_on(async {
        let mut config = crate::stage::config();
        config.webhook_timeout = std::time::Duration::from_millis(200);
        Stage::with(config, crate::stage::seed()).await
    });
    runtime.block_on(async {
        let wish =
            json!({"outcome": "coexistence", "waba_id": SIGNED_UP, "phone_number_id": BY_APP});
        crate::signing_up::signed_up(&stage, wish).await;
    });
    let template = runtime.block_on(async {
        stage.look("state").await["templates"][0]["id"]
            .as_str()
            .expect("an id")
            .to_owned()
    });
    let taken = std::sync::Mutex::new(std::collections::BTreeSet::new());
    let mut runner = TestRunner::new(Config {
        cases: 1_500,
        failure_persistence: None,
        ..Config::default()
    });
    let outcome = runner.run(&bodies(), |(control, body)| {
        // What is slow on purpose is not what is tested.
        // A message to edit or delete may have been forgotten by a reset, or be too old by the clock.
        let about = control.ends_with("edit") || control.ends_with("delete");
        let written = about.then(|| runtime.block_on(write(&stage))).flatten();
        let text = body
            .to_string()
            .replace("{wamid}", &written.unwrap_or_default());
        prop_assume!(
            control != "deliver"
                && !text.contains("delay_ms")
                && !text.contains("latency_ms")
                && !text.contains("hang_ms")
        );
        let path = control
            .replace("{number}", NUMBER)
            .replace("{phone}", ANA)
            .replace("{waba}", SIGNED_UP)
            .replace("{app}", BY_APP)
            .replace("{template}", &template);
        let answer = runtime.block_on(async {
            let sent = stage
                .client
                .post(format!("{}/_sim/{path}", stage.url))
                .header("content-type", "application/json")
                .body(text);
            sent.send().await.map(|answer| answer.status().as_u16())
        });
        // A handler that panics drops its connection.
        let status = answer.map_err(|error| TestCaseError::fail(format!("{path}: {error}")))?;
        prop_assert!((200..500).contains(&status), "{path}: HTTP {status}");
        if status < 300 {
            let mut taken = taken.lock().expect("no holder of this lock panicked");
            taken.insert(control);
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    let taken = taken.into_inner().expect("no holder of this lock panicked");
    let refused: Vec<_> = CONTROLS
        .iter()
        .filter(|control| !taken.contains(**control))
        .collect();
    // Somewhere a good body must come through, else the test only knocks at doors.
    assert_eq!(refused, [&"deliver"], "these took nothing");
    // A task that panicked takes time and webhooks with it, so both are asked at the end.
    runtime.block_on(async {
        stage.control("reset", json!({})).await;
        stage.control("numbers", json!({"phone_number_id": NUMBER, "waba_id": WABA, "status": "CONNECTED", "mps": 80, "coexistence": false, "display_phone_number": "+34 612 345 678"})).await;
        stage.control("tokens", json!({"token": crate::stage::TOKEN, "state": "valid", "wabas": [WABA], "messaging": true, "management": true})).await;
        stage.control("app", json!({"require_proof": false})).await;
        stage.control("portfolio", json!({"limit": null})).await;
        stage.control("customers", json!({"phone": ANA, "on_whatsapp": true, "online": true, "chat_open": false, "reads": true, "blocks_business": false})).await;
        stage.control("callback", json!({"url": stage.receiver_url})).await;
        stage.control("clock", json!({"speed": 100.0})).await;
        stage.ana_writes("Hola").await;
        let wamid = stage.accepted(text_to(ANA, "still there")).await;
        stage.receiver.until("a status", |received| crate::stage::Receiver::statuses(received).iter().any(|(id, _)| *id == wamid)).await;
    });
}

#[tokio::test]
async fn what_is_not_json_is_refused() {
    let stage = Stage::new().await;
    for control in CONTROLS
        .iter()
        .filter(|control| !matches!(**control, "deliver" | "reset"))
    {
        let path = control
            .replace("{number}", NUMBER)
            .replace("{phone}", ANA)
            .replace("{waba}", SIGNED_UP)
            .replace("{app}", BY_APP)
            .replace("{template}", "1");
        for body in ["{", "[]", "7", "\"x\"", "\u{feff}{}"] {
            let sent = stage
                .client
                .post(format!("{}/_sim/{path}", stage.url))
                .body(body);
            let status = sent.send().await.expect("an answer").status().as_u16();
            assert_eq!(status, 400, "{path} took {body}");
        }
    }
}
