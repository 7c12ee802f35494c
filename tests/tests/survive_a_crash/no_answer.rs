//! Killed in the worst moment of a send: Meta has taken the message, the answer is not there yet. And its twin, which
//! looks the same from here: Meta never heard of it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sim::Faults;
use testkit::TestDatabase;

use crate::calm::calm;
use crate::evidence::{Evidence, Tally};
use crate::stage::{ASK, RETRY_ONCE, Stage, Tenant, Wishes};
use crate::traffic::Promises;

/// Messages of each tenant.
const MESSAGES: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn what_meta_took_before_the_crash_is_settled_by_its_status_on_sqlite() {
    taken(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_meta_took_before_the_crash_is_settled_by_its_status_on_postgresql() {
    if let Some(database) = TestDatabase::postgres().await {
        taken(database).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_meta_never_heard_of_goes_by_the_tenants_policy_on_sqlite() {
    never_heard(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_meta_never_heard_of_goes_by_the_tenants_policy_on_postgresql() {
    if let Some(database) = TestDatabase::postgres().await {
        never_heard(database).await;
    }
}

async fn taken(database: TestDatabase) {
    let (stage, tenants) = stage(database).await;
    let mut program = stage.start().await;
    // A send is answered only when its first status was delivered (or after 2 s), and no status can leave: so every
    // message is taken, and no answer is given.
    stage.sim.set_faults(Faults {
        status_before_answer: true,
        webhook_offline: true,
        ..Faults::default()
    });
    let promises = ask(&stage, &tenants).await;
    wait("Meta has taken every message", || {
        stage.sim.outbound().len() == promises.accepted.len()
    })
    .await;
    program.kill();
    let _program = stage.start().await;
    // The program is up again and does not know; nothing may be sent a second time meanwhile.
    outbox(&stage, "uncertain", promises.accepted.len()).await;
    stage.sim.set_faults(Faults::default());
    calm(&stage).await;
    let tally = judge(&stage, &tenants, &promises).await;
    assert!(
        tally.uncertain.is_empty(),
        "the status settles them: {tally:?}"
    );
    assert!(tally.twice.is_empty(), "none is sent twice: {tally:?}");
    assert_eq!(tally.sends, promises.accepted.len() as u64, "{tally:?}");
    stage.strike().await;
}

async fn never_heard(database: TestDatabase) {
    let (stage, tenants) = stage(database).await;
    let mut program = stage.start().await;
    // The simulator forgets a call whose caller hangs up before it was carried out.
    stage.sim.set_faults(Faults {
        timeout_rate: 1.0,
        hang_ms: 60_000,
        ..Faults::default()
    });
    let promises = ask(&stage, &tenants).await;
    sending(&stage, promises.accepted.len()).await;
    program.kill();
    stage.sim.set_faults(Faults::default());
    assert!(stage.sim.outbound().is_empty(), "Meta has heard of none");
    let _program = stage.start().await;
    calm(&stage).await;
    let tally = judge(&stage, &tenants, &promises).await;
    assert_eq!(
        tally.uncertain.len(),
        MESSAGES,
        "one tenant wants to be asked: {tally:?}"
    );
    assert!(tally.twice.is_empty(), "none is sent twice: {tally:?}");
    assert_eq!(
        tally.sends, MESSAGES as u64,
        "the other one has them sent again, once: {tally:?}"
    );
    stage.strike().await;
}

async fn stage(database: TestDatabase) -> (Stage, [Tenant; 2]) {
    let stage = Stage::set(database, 2, Wishes::default()).await;
    let mut program = stage.start().await;
    let tenants = [
        stage.tenant(0, ASK, None).await,
        stage.tenant(1, RETRY_ONCE, None).await,
    ];
    program.kill();
    (stage, tenants)
}

async fn ask(stage: &Stage, tenants: &[Tenant; 2]) -> Promises {
    let mut promises = Promises::default();
    for n in 0..MESSAGES {
        for (owner, tenant) in tenants.iter().enumerate() {
            let body = json!({
                "to": format!("+346{:08}", 70_000_000 + n),
                "type": "template",
                "template": { "name": "hello_world", "language": "en_US" },
            });
            let made = stage
                .call("POST", "/api/v1/messages", &tenant.api_key, body)
                .await;
            promises
                .accepted
                .push((owner, made["id"].as_str().unwrap().to_owned()));
        }
    }
    promises
}

/// Waits until so many messages are on their way.
pub(crate) async fn sending(stage: &Stage, messages: usize) {
    outbox(stage, "sending", messages).await;
}

/// Waits until so many messages have a state in the outbox, and none has another one. After a crash what was being
/// sent becomes uncertain a moment after the program is ready: whoever waits for a second send waits for that first.
pub(crate) async fn outbox(stage: &Stage, state: &str, messages: usize) {
    let begun = Instant::now();
    loop {
        let intake = stage.admin("GET", "/intake", Value::Null).await;
        if intake["outbox"] == json!({ state: messages }) {
            return;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(15),
            "not all {messages} were {state}: {intake}"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub(crate) async fn wait(what: &str, until: impl Fn() -> bool) {
    let begun = Instant::now();
    while !until() {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "waited in vain until {what}"
        );
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn judge(stage: &Stage, tenants: &[Tenant], promises: &Promises) -> Tally {
    let evidence = Evidence::gather(stage, tenants).await;
    evidence.the_books_agree_with_the_log(0);
    evidence.every_send_is_explained(promises)
}

/// Without a crash: the answer to one message does not come, and the next ones go all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_send_without_an_answer_holds_up_no_other() {
    let (stage, tenants) = stage(TestDatabase::sqlite()).await;
    let _program = stage.start().await;
    stage.sim.set_faults(Faults {
        timeout_rate: 1.0,
        hang_ms: 60_000,
        ..Faults::default()
    });
    let asked = ask(&stage, &tenants).await.accepted.len();
    sending(&stage, asked).await;
    stage.sim.set_faults(Faults::default());
    let begun = Instant::now();
    let body = json!({
        "to": "+34671234567",
        "type": "template",
        "template": { "name": "hello_world", "language": "en_US" },
    });
    let next = stage
        .call("POST", "/api/v1/messages", &tenants[0].api_key, body)
        .await;
    wait("the next message is sent", || {
        let sent = stage.sim.outbound();
        sent.iter()
            .any(|send| next["id"] == send.biz_opaque_callback_data.as_deref().unwrap_or_default())
    })
    .await;
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "it waited {:.1?} for answers that do not come",
        begun.elapsed()
    );
    stage.strike().await;
}
