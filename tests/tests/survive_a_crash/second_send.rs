//! Killed while a message is sent for the second time, because nobody knew whether it went at the first: there is no
//! third.

use serde_json::json;
use sim::Faults;
use testkit::TestDatabase;

use crate::calm::calm;
use crate::evidence::Evidence;
use crate::no_answer::{outbox, sending, wait};
use crate::stage::{RETRY_ONCE, Stage, Tenant, Wishes};
use crate::traffic::Promises;

const MESSAGES: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn a_second_send_that_meta_never_heard_of_is_left_to_a_person_on_sqlite() {
    never_heard(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_send_that_meta_never_heard_of_is_left_to_a_person_on_postgresql() {
    if let Some(database) = TestDatabase::postgres().await {
        never_heard(database).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_send_that_meta_took_is_settled_by_its_status_on_sqlite() {
    taken(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_send_that_meta_took_is_settled_by_its_status_on_postgresql() {
    if let Some(database) = TestDatabase::postgres().await {
        taken(database).await;
    }
}

/// Killed during the first send, started again; gives what was asked for.
async fn doubtful(database: TestDatabase) -> (Stage, [Tenant; 1], Promises) {
    let stage = Stage::set(database, 1, Wishes::default()).await;
    let mut program = stage.start().await;
    let tenants = [stage.tenant(0, RETRY_ONCE, None).await];
    stage.sim.set_faults(hanging());
    let mut promises = Promises::default();
    for n in 0..MESSAGES {
        let body = json!({
            "to": format!("+346{:08}", 72_000_000 + n),
            "type": "template",
            "template": { "name": "hello_world", "language": "en_US" },
        });
        let made = stage
            .call("POST", "/api/v1/messages", &tenants[0].api_key, body)
            .await;
        let id = made["id"].as_str().unwrap().to_owned();
        promises.accepted.push((0, id));
    }
    sending(&stage, MESSAGES).await;
    program.kill();
    (stage, tenants, promises)
}

/// The simulator forgets a call whose caller hangs up before it was carried out.
fn hanging() -> Faults {
    Faults {
        timeout_rate: 1.0,
        hang_ms: 60_000,
        ..Faults::default()
    }
}

async fn never_heard(database: TestDatabase) {
    let (stage, tenants, promises) = doubtful(database).await;
    let mut program = stage.start().await;
    outbox(&stage, "uncertain", MESSAGES).await;
    // The settle time passes, and they are sent once more.
    sending(&stage, MESSAGES).await;
    program.kill();
    stage.sim.set_faults(Faults::default());
    let _program = stage.start().await;
    calm(&stage).await;
    let evidence = Evidence::gather(&stage, &tenants).await;
    let tally = evidence.every_send_is_explained(&promises);
    assert_eq!(tally.sends, 0, "there is no third try: {tally:?}");
    assert_eq!(
        tally.uncertain.len(),
        MESSAGES,
        "a person decides: {tally:?}"
    );
    stage.strike().await;
}

async fn taken(database: TestDatabase) {
    let (stage, tenants, promises) = doubtful(database).await;
    // The second send is taken, and no answer is given.
    stage.sim.set_faults(Faults {
        status_before_answer: true,
        webhook_offline: true,
        ..Faults::default()
    });
    let mut program = stage.start().await;
    wait("Meta has taken every second send", || {
        stage.sim.outbound().len() == MESSAGES
    })
    .await;
    program.kill();
    let _program = stage.start().await;
    stage.sim.set_faults(Faults::default());
    calm(&stage).await;
    let evidence = Evidence::gather(&stage, &tenants).await;
    let tally = evidence.every_send_is_explained(&promises);
    assert_eq!(tally.sends, MESSAGES as u64, "{tally:?}");
    assert!(tally.twice.is_empty(), "none is sent twice: {tally:?}");
    assert!(tally.uncertain.is_empty(), "{tally:?}");
    stage.strike().await;
}
