//! SIGTERM under load: what is under way ends, what is promised is kept, and nothing becomes uncertain.

use std::time::Duration;

use rand::RngExt as _;
use sim::Faults;
use testkit::TestDatabase;

use crate::calm::calm;
use crate::evidence::Evidence;
use crate::stage::{ASK, RETRY_ONCE, Stage, Wishes};
use crate::traffic::{Plan, Traffic};

const STOPS: u32 = 6;

#[tokio::test(flavor = "multi_thread")]
async fn who_is_asked_to_end_leaves_nothing_uncertain_on_sqlite() {
    asked_to_end(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_asked_to_end_leaves_nothing_uncertain_on_postgresql() {
    if let Some(database) = TestDatabase::postgres().await {
        asked_to_end(database).await;
    }
}

async fn asked_to_end(database: TestDatabase) {
    let stage = Stage::set(database, 2, Wishes::default()).await;
    let mut program = stage.start().await;
    let tenants = [
        stage.tenant(0, ASK, None).await,
        stage.tenant(1, RETRY_ONCE, None).await,
    ];
    // Slow enough that many sends are under way at any moment.
    stage.sim.set_faults(Faults {
        latency_ms: 200,
        webhook_batch_max: 8,
        ..Faults::default()
    });
    let traffic = Traffic::start(
        &stage,
        Plan {
            seed: rand::random(),
            tenants: tenants.to_vec(),
            ports: vec![stage.port],
            deliverers: 4,
            senders: 8,
            pause: Duration::from_millis(20),
        },
    );
    for _ in 0..STOPS {
        let moment = rand::rng().random_range(200..1_200);
        tokio::time::sleep(Duration::from_millis(moment)).await;
        let status = program.ask_to_end().await;
        assert!(
            status.success(),
            "it ended with {status}\n{}",
            program.last_words()
        );
        program = stage.start().await;
    }
    let promises = traffic.stop().await;
    stage.sim.set_faults(Faults::default());
    calm(&stage).await;

    assert!(promises.wrong.is_empty(), "{:?}", promises.wrong);
    let evidence = Evidence::gather(&stage, &tenants).await;
    evidence.nothing_received_is_lost_or_double(&promises);
    evidence.the_books_agree_with_the_log(promises.posts_acked);
    let tally = evidence.every_send_is_explained(&promises);
    assert!(
        tally.uncertain.is_empty(),
        "nothing was left uncertain: {tally:?}"
    );
    assert!(tally.twice.is_empty(), "nothing was sent twice: {tally:?}");
    let log = stage.log();
    for sign in [
        "unknown outcome",
        "before everything under way had ended",
        " ERROR ",
    ] {
        let line = log.lines().find(|line| line.contains(sign));
        assert_eq!(line, None, "the log tells of it");
    }
    println!(
        "{STOPS} stops, {} inbound, {} sends: {:?}",
        promises.acked.len(),
        promises.accepted.len(),
        tally.by_status
    );
    drop(program);
    stage.strike().await;
}
