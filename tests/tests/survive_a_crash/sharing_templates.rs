//! Killed between the creation of a global template at Meta and the note of it: the next process finds it there.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::TestDatabase;

use crate::stage::{ASK, Stage, Wishes};

/// A job's lease ends after 12 seconds; then somebody else takes it, and a creation in doubt is waited for half a minute.
const PATIENCE: Duration = Duration::from_secs(90);
const GLOBAL: &str = "/global-templates";

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_after_the_creation_of_a_template_leads_to_one_on_sqlite() {
    killed(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_after_the_creation_of_a_template_leads_to_one_on_postgresql() {
    if let Some(database) = TestDatabase::postgres().await {
        killed(database).await;
    }
}

async fn sim(stage: &Stage, method: reqwest::Method, path: &str, body: Value) -> Value {
    let url = format!("{}{path}", stage.sim_url());
    let request = stage.http.request(method, url).json(&body);
    request.send().await.unwrap().json().await.unwrap()
}

async fn creations(stage: &Stage) -> usize {
    let calls = sim(stage, reqwest::Method::GET, "/_sim/calls", Value::Null).await;
    let calls = calls["data"].as_array().unwrap().iter();
    let made = calls.filter(|call| {
        call["method"] == "POST"
            && call["path"]
                .as_str()
                .unwrap()
                .contains("/message_templates")
    });
    made.count()
}

async fn killed(database: TestDatabase) {
    let stage = Stage::set(database, 1, Wishes::default()).await;
    let mut program = stage.start().await;
    stage.tenant(0, ASK, None).await;
    let admin = async |method: &str, path: &str, body: Value| stage.admin(method, path, body).await;
    let new = json!({ "name": "una_vez", "category": "UTILITY", "everyone": true });
    let made = admin("POST", GLOBAL, new).await;
    let path = format!("{GLOBAL}/{}", made["id"].as_str().unwrap());
    let components = json!([{ "type": "BODY", "text": "Una sola vez." }]);
    let version = json!({ "languages": { "es": { "components": components } } });
    admin("POST", &format!("{path}/versions"), version).await;
    // The template is made, and the answer comes so late that nobody is there to hear it.
    let rule = json!({ "match": { "method": "POST", "path": "/message_templates" }, "times": 1, "answer": { "delay_ms": 4_000 } });
    let faults = json!({ "script": [rule] });
    sim(&stage, reqwest::Method::POST, "/_sim/faults", faults).await;
    admin("POST", &format!("{path}/roll-out"), json!({})).await;
    let rollout = format!("{path}/rollout");
    let end = Instant::now() + PATIENCE;
    loop {
        let page = admin("GET", &rollout, Value::Null).await;
        if page["data"][0]["state"] == "creating" {
            break;
        }
        assert!(Instant::now() < end, "it does not come so far: {page:#}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // The call is on its way by now, or will never be; either way one template is the right number.
    tokio::time::sleep(Duration::from_millis(300)).await;
    program.kill();
    program = stage.start().await;
    let end = Instant::now() + PATIENCE;
    loop {
        let page = admin("GET", &rollout, Value::Null).await;
        let state = page["data"][0]["state"].as_str().unwrap_or_default();
        if matches!(state, "pending" | "approved") {
            break;
        }
        assert!(Instant::now() < end, "it does not go on: {page:#}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(creations(&stage).await, 1);
    drop(program);
}
