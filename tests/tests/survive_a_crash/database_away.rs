//! The database goes away in the middle of sending: another program locks the file for twenty seconds, or the server
//! ends every connection. What Meta took is not sent again, and nothing is lost.

use std::time::{Duration, Instant};

use serde_json::json;
use store::db::{Db, Sql};
use testkit::TestDatabase;

use crate::calm::calm;
use crate::evidence::Evidence;
use crate::no_answer::wait;
use crate::stage::{ASK, Stage, Tenant, Wishes};
use crate::traffic::Promises;

const MESSAGES: usize = 300;

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_another_program_locks_for_twenty_seconds_doubles_and_loses_nothing() {
    let (stage, tenant, promises) = sending(TestDatabase::sqlite()).await;
    let db = Db::open(&stage.0.database().address()).await.unwrap();
    let lock = db.begin().await.unwrap();
    tokio::time::sleep(Duration::from_secs(20)).await;
    lock.rollback().await.unwrap();
    judge(stage, tenant, promises).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ends_every_connection_doubles_and_loses_nothing() {
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    let (stage, tenant, promises) = sending(database).await;
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(5) {
        if let Ok(db) = Db::open(&stage.0.database().address()).await {
            let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
            let all: Result<Vec<(bool,)>, _> = db.all(Sql::Both(all), Vec::new()).await;
            drop(all);
            db.close().await;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    judge(stage, tenant, promises).await;
}

/// A program in the middle of sending.
async fn sending(database: TestDatabase) -> ((Stage, crate::program::Program), Tenant, Promises) {
    let stage = Stage::set(database, 1, Wishes::default()).await;
    let program = stage.start().await;
    let tenant = stage.tenant(0, ASK, None).await;
    let mut promises = Promises::default();
    for n in 0..MESSAGES {
        let body = json!({
            "to": format!("+346{:08}", 73_000_000 + n),
            "type": "template",
            "template": { "name": "hello_world", "language": "en_US" },
        });
        let made = stage
            .call("POST", "/api/v1/messages", &tenant.api_key, body)
            .await;
        let id = made["id"].as_str().unwrap().to_owned();
        promises.accepted.push((0, id));
    }
    wait("it is in the middle of it", || {
        stage.sim.outbound_summary().total > 10
    })
    .await;
    ((stage, program), tenant, promises)
}

async fn judge(
    (stage, _program): (Stage, crate::program::Program),
    tenant: Tenant,
    promises: Promises,
) {
    calm(&stage).await;
    let evidence = Evidence::gather(&stage, &[tenant]).await;
    let tally = evidence.every_send_is_explained(&promises);
    assert!(tally.twice.is_empty(), "none is sent twice: {tally:?}");
    assert_eq!(
        tally.sends as usize + tally.uncertain.len(),
        MESSAGES,
        "none is lost: {tally:?}"
    );
    stage.strike().await;
}
