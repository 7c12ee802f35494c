//! Killed, or asked to end, in the middle of a step of connecting: the next process goes on, and Meta was asked once.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::TestDatabase;

use crate::stage::{ASK, Stage, Wishes};

/// A job's lease ends after 12 seconds; then somebody else takes it.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_of_a_registration_leads_to_one_on_sqlite() {
    ended_in_a_step(TestDatabase::sqlite(), How::Killed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_of_a_registration_leads_to_one_on_postgresql() {
    if let Some(database) = TestDatabase::postgres().await {
        ended_in_a_step(database, How::Killed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orderly_stop_in_the_middle_of_a_registration_hears_its_answer_on_sqlite() {
    ended_in_a_step(TestDatabase::sqlite(), How::Asked).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orderly_stop_in_the_middle_of_a_registration_hears_its_answer_on_postgresql() {
    if let Some(database) = TestDatabase::postgres().await {
        ended_in_a_step(database, How::Asked).await;
    }
}

/// How the first process ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Killed,
    Asked,
}

async fn sim(stage: &Stage, method: reqwest::Method, path: &str, body: Value) -> Value {
    let url = format!("{}{path}", stage.sim_url());
    let request = stage.http.request(method, url).json(&body);
    request.send().await.unwrap().json().await.unwrap()
}

async fn row(stage: &Stage, key: &str, id: &str) -> Value {
    let path = format!("/api/v1/connections/{id}");
    stage.call("GET", &path, key, Value::Null).await
}

fn step<'a>(row: &'a Value, name: &str) -> &'a Value {
    let steps = row["run"]["steps"].as_array().unwrap();
    steps.iter().find(|step| step["step"] == name).unwrap()
}

async fn ended_in_a_step(database: TestDatabase, how: How) {
    let stage = Stage::set(database, 1, Wishes::default()).await;
    let mut program = stage.start().await;
    let tenant = stage.tenant(0, ASK, None).await;
    let wish = json!({ "outcome": "finish", "partner_added": "never", "code_life_ms": 3_600_000 });
    let made = sim(&stage, reqwest::Method::POST, "/_sim/embedded-signup", wish).await;
    // The number is registered, and the answer comes so late that nobody is there to hear it.
    let rule = json!({ "match": { "method": "POST", "path": "/register" }, "times": 1, "answer": { "delay_ms": 4_000 } });
    sim(
        &stage,
        reqwest::Method::POST,
        "/_sim/faults",
        json!({ "script": [rule] }),
    )
    .await;
    let body = json!({ "code": made["code"], "waba_id": made["waba_id"], "phone_number_id": made["phone_number_id"] });
    let begun = stage
        .call(
            "POST",
            "/api/v1/connections/embedded-signup",
            &tenant.api_key,
            body,
        )
        .await;
    let id = begun["id"].as_str().unwrap().to_owned();
    let end = Instant::now() + PATIENCE;
    loop {
        let row = row(&stage, &tenant.api_key, &id).await;
        if step(&row, "register_number")["state"] == "running" {
            break;
        }
        assert!(Instant::now() < end, "it does not come so far: {row:#}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // The call is on its way by now, or will never be; either way one registration is the right number.
    tokio::time::sleep(Duration::from_millis(300)).await;
    match how {
        How::Killed => program.kill(),
        How::Asked => {
            let status = program.ask_to_end().await;
            assert!(status.success(), "{status}\n{}", program.last_words());
        }
    }
    program = stage.start().await;
    let end = Instant::now() + PATIENCE;
    let row = loop {
        let row = row(&stage, &tenant.api_key, &id).await;
        if row["run"]["state"] == "done" {
            break row;
        }
        assert!(Instant::now() < end, "it does not go on: {row:#}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert_eq!(row["state"], "connected", "{row:#}");
    // Who is asked to end waits for the answer; who is killed leaves the step to the next one.
    let attempts = if how == How::Killed { 2 } else { 1 };
    assert_eq!(
        step(&row, "register_number")["attempts"],
        attempts,
        "{row:#}"
    );
    let calls = sim(&stage, reqwest::Method::GET, "/_sim/calls", Value::Null).await;
    let registered = calls["data"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|call| call["path"].as_str().unwrap().contains("/register"))
        .count();
    assert_eq!(registered, 1, "{calls:#}");
    drop(program);
}
