//! Killed while files come from Meta: each is kept at the end, once, whole, and nothing half written lies about.

use std::time::{Duration, Instant};

use rand::RngExt as _;
use serde_json::{Value, json};
use sim::{Faults, InboundRequest};
use testkit::TestDatabase;

use crate::stage::{ASK, Stage, Tenant, Wishes};

const FILES: usize = 60;
const KILLS: usize = 6;
const KINDS: [&str; 4] = ["image", "audio", "document", "video"];

#[tokio::test(flavor = "multi_thread")]
async fn every_file_is_kept_although_the_program_was_killed_on_sqlite() {
    killed(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_file_is_kept_although_the_program_was_killed_on_postgresql() {
    if let Some(database) = TestDatabase::postgres().await {
        killed(database).await;
    }
}

async fn killed(database: TestDatabase) {
    let stage = Stage::set(database, 1, Wishes::default()).await;
    let mut program = stage.start().await;
    let tenant = stage.tenant(0, ASK, None).await;
    stage.sim.set_faults(Faults {
        latency_ms: 30,
        media_error_rate: 0.1,
        media_cut_rate: 0.1,
        media_corrupt_rate: 0.1,
        ..Faults::default()
    });
    for n in 0..FILES {
        let kind = KINDS[n % KINDS.len()];
        stage
            .sim
            .inbound(InboundRequest {
                phone_number_id: tenant.number.clone(),
                from: format!("3460000{n:04}"),
                profile_name: None,
                message: json!({ "type": kind, kind: {} }),
                omit: Vec::new(),
            })
            .unwrap();
        if n % (FILES / KILLS) == FILES / KILLS - 1 {
            let moment = rand::rng().random_range(20..500);
            tokio::time::sleep(Duration::from_millis(moment)).await;
            program.kill();
            program = stage.start().await;
        }
    }
    stage.sim.set_faults(Faults::default());
    let rows = all_stored(&stage, &tenant).await;
    let mut contents: Vec<&str> = rows
        .iter()
        .filter_map(|row| row["media"]["sha256"].as_str())
        .collect();
    contents.sort_unstable();
    contents.dedup();
    let usage = stage
        .call("GET", "/api/v1/media/usage", &tenant.api_key, Value::Null)
        .await;
    assert_eq!(usage["files"], contents.len(), "{usage}");
    for row in &rows {
        let path = format!("/api/v1/messages/{}/media", row["id"].as_str().unwrap());
        let url = format!("{}{path}", stage.base(stage.port));
        let answer = stage
            .http
            .get(url)
            .bearer_auth(&tenant.api_key)
            .send()
            .await;
        let bytes = answer.unwrap().bytes().await.unwrap();
        assert_eq!(row["media"]["bytes"], bytes.len(), "{row}");
    }
    // The address in the webhook was enough for most of them.
    let asked = stage.sim_calls("/v24.0/").await;
    let fetched = stage.sim_calls("/whatsapp_business/attachments").await;
    assert!(
        asked < fetched,
        "Meta was asked for {asked} addresses, {fetched} files were fetched"
    );
    drop(program);
    stage.strike().await;
}

async fn all_stored(stage: &Stage, tenant: &Tenant) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let path = "/api/v1/messages?direction=inbound&limit=200";
        let page = stage.call("GET", path, &tenant.api_key, Value::Null).await;
        let rows = page["data"].as_array().cloned().unwrap_or_default();
        let state = |row: &Value| row["media"]["state"].as_str().unwrap_or("none").to_owned();
        for row in &rows {
            assert!(
                ["waiting", "retrying", "stored"].contains(&state(row).as_str()),
                "neither kept nor tried again: {row}"
            );
        }
        let left: Vec<_> = rows.iter().filter(|row| state(row) != "stored").collect();
        if left.is_empty() && rows.len() == FILES {
            return rows;
        }
        // What the last killed process had claimed comes back when its lease has ended.
        assert!(
            begun.elapsed() < Duration::from_secs(150),
            "{} of {FILES} came, {} are not kept: {:?}\n{}",
            rows.len(),
            left.len(),
            left.first(),
            stage.log()
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
