//! Two processes on one database: both answer, one works; when it is killed the other one takes over.

use std::time::{Duration, Instant};

use serde_json::Value;
use sim::Faults;
use testkit::TestDatabase;

use crate::addresses::{free_port, webhooks};
use crate::calm::calm;
use crate::evidence::Evidence;
use crate::stage::{ASK, Stage, Wishes};
use crate::traffic::{Plan, Traffic};

/// From the kill until the other process projects and sends.
const TAKES_OVER_WITHIN: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_second_program_doubles_nothing_and_takes_over_on_sqlite() {
    two_programs(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_program_doubles_nothing_and_takes_over_on_postgresql() {
    if let Some(database) = TestDatabase::postgres().await {
        two_programs(database).await;
    }
}

async fn two_programs(database: TestDatabase) {
    let kind = database.kind();
    let mut stage = Stage::set(database, 2, Wishes::default()).await;
    let mut first = stage.start().await;
    let tenants = [
        stage.tenant(0, ASK, None).await,
        stage.tenant(1, ASK, None).await,
    ];
    let other = free_port();
    let mut second = stage.spawn_on(other);
    stage.ready(&mut second, other).await;
    stage.sim.set_faults(Faults {
        latency_ms: 15,
        webhook_batch_max: 8,
        ..Faults::default()
    });
    // Callers go to both.
    let plan = |ports: Vec<u16>, seed| Plan {
        seed,
        tenants: tenants.to_vec(),
        ports,
        deliverers: 4,
        senders: 4,
        pause: Duration::from_millis(40),
    };
    let traffic = Traffic::start(&stage, plan(vec![stage.port, other], 1));
    tokio::time::sleep(Duration::from_secs(4)).await;
    let mut promises = traffic.stop().await;
    calm(&stage).await;
    let evidence = Evidence::gather(&stage, &tenants).await;
    let tally = evidence.every_send_is_explained(&promises);
    assert!(
        tally.twice.is_empty(),
        "two programs sent one message: {tally:?}"
    );
    assert!(
        tally.uncertain.is_empty(),
        "nothing was interrupted: {tally:?}"
    );

    // The one that works is killed under load; whoever balances the load turns to the other.
    let traffic = Traffic::start(&stage, plan(vec![other], 2));
    tokio::time::sleep(Duration::from_secs(1)).await;
    first.kill();
    let killed = Instant::now();
    stage.port = other;
    stage.sim.set_callback_url(&webhooks(other));
    let before = progress(&stage).await;
    loop {
        let now = progress(&stage).await;
        if now.0 > before.0 && now.1 > before.1 {
            break;
        }
        assert!(
            killed.elapsed() < TAKES_OVER_WITHIN,
            "nobody took over: projected and sent were {before:?}, are {now:?}\n{}",
            second.last_words()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let took_over = killed.elapsed();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let more = traffic.stop().await;
    promises.acked.extend(more.acked);
    promises.accepted.extend(more.accepted);
    promises.wrong.extend(more.wrong);
    calm(&stage).await;
    assert!(promises.wrong.is_empty(), "{:?}", promises.wrong);
    let evidence = Evidence::gather(&stage, &tenants).await;
    evidence.nothing_received_is_lost_or_double(&promises);
    evidence.the_books_agree_with_the_log(promises.posts_acked + more.posts_acked);
    let tally = evidence.every_send_is_explained(&promises);
    assert!(tally.twice.is_empty(), "sent twice: {tally:?}");
    println!(
        "{kind}: taken over after {took_over:.0?}; {} inbound, {} sends: {:?}",
        promises.acked.len(),
        promises.accepted.len(),
        tally.by_status
    );
    drop(second);
    stage.strike().await;
}

/// What is projected, and what Meta has been sent.
async fn progress(stage: &Stage) -> (u64, u64) {
    let intake = stage.admin("GET", "/intake", Value::Null).await;
    (
        intake["projected"].as_u64().unwrap(),
        stage.sim.outbound_summary().total,
    )
}
