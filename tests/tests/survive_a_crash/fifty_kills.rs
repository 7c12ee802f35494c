//! `kill -9` at fifty random moments under load, on each database.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;
use serde_json::json;
use sim::Faults;
use testkit::TestDatabase;

use crate::calm::calm;
use crate::evidence::Evidence;
use crate::stage::{ASK, RETRY_ONCE, Stage, Tenant, Wishes};
use crate::traffic::{Plan, Traffic, newcomers};

const KILLS: u32 = 50;
/// Repeats a run: `TRUNKLINE_CRASH_SEED=…`.
const SEED: &str = "TRUNKLINE_CRASH_SEED";
const WITHIN: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread")]
async fn fifty_kills_lose_and_double_nothing_on_sqlite() {
    fifty_kills(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_kills_lose_and_double_nothing_on_postgresql() {
    if let Some(database) = TestDatabase::postgres().await {
        fifty_kills(database).await;
    }
}

fn seed() -> u64 {
    let given = std::env::var(SEED).ok();
    given.map_or_else(rand::random, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{SEED} is no number: {text}"))
    })
}

async fn fifty_kills(database: TestDatabase) {
    let (kind, seed) = (database.kind(), seed());
    println!("{kind}: {SEED}={seed}");
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let stage = Stage::set(database, 3, Wishes::default()).await;
    let begun = Instant::now();
    let mut program = stage.start().await;
    let policies = [ASK, RETRY_ONCE, ASK];
    let tenants = [
        stage.tenant(0, ASK, None).await,
        stage.tenant(1, RETRY_ONCE, None).await,
        stage.tenant(2, ASK, Some("¡Bienvenido!")).await,
    ];
    stage.sim.set_faults(Faults {
        latency_ms: 15,
        drop_response_rate: 0.01,
        webhook_duplicate_rate: 0.03,
        webhook_shuffle: true,
        webhook_batch_max: 8,
        ..Faults::default()
    });
    let traffic = Traffic::start(
        &stage,
        Plan {
            seed,
            tenants: tenants[..2].to_vec(),
            ports: vec![stage.port],
            deliverers: 4,
            senders: 4,
            pause: Duration::from_millis(60),
        },
    );
    let (no_more, newcomers) = newcomers(
        stage.sim.clone(),
        tenants[2].number.clone(),
        Duration::from_millis(120),
    );
    let mut early = 0;
    for kill in 1..=KILLS {
        // One in five does not even come to its feet; moments are measured from the start of the process.
        let is_early = chance.random_bool(0.2);
        if is_early {
            early += 1;
            let moment = Duration::from_millis(chance.random_range(0..250));
            tokio::time::sleep(moment).await;
        } else {
            stage.ready(&mut program, stage.port).await;
            let moment = Duration::from_millis(chance.random_range(0..1_400));
            tokio::time::sleep(moment).await;
        }
        program.must_run();
        program.kill();
        // Meta and the clients find nobody for a while.
        let pause = Duration::from_millis(chance.random_range(0..100));
        tokio::time::sleep(pause).await;
        program = stage.spawn();
        if kill.is_multiple_of(10) {
            println!("{kind}: {kill} kills after {:.0?}", begun.elapsed());
        }
    }
    stage.ready(&mut program, stage.port).await;
    stage.sim.set_faults(Faults::default());
    no_more.cancel();
    let promises = traffic.stop().await;
    let under_fire = begun.elapsed();
    calm(&stage).await;

    assert!(promises.wrong.is_empty(), "{:?}", promises.wrong);
    let evidence = Evidence::gather(&stage, &tenants).await;
    evidence.nothing_received_is_lost_or_double(&promises);
    let delivered = stage.webhooks().await["delivered"].as_u64().unwrap();
    evidence.the_books_agree_with_the_log(promises.posts_acked + delivered);
    let tally = evidence.every_send_is_explained(&promises);
    evidence.nothing_was_sent_twice_needlessly(&stage, &tally, &policies);
    everybody_was_welcomed_once(&evidence, newcomers.load(Ordering::Relaxed));
    let waiting = tally.uncertain.len();
    a_person_decides(&stage, &tenants, &tally.uncertain).await;
    println!(
        "{kind}: {KILLS} kills ({early} before it was ready), {} inbound acked and stored once, {} POSTs in the log, \
         {} duplicates set aside, {} attempts failed, {} sends accepted, Meta saw {} sends, {} of them second ones, \
         {:?}, {waiting} were uncertain and then decided, {:.0?} under fire, {:.0?} in all",
        promises.acked.len(),
        evidence.log.posts,
        evidence.intake["duplicates"],
        promises.failed_attempts,
        promises.accepted.len(),
        tally.sends,
        tally.twice.len(),
        tally.by_status,
        under_fire,
        begun.elapsed()
    );
    assert!(
        promises.acked.len() > 500,
        "the load was too small to mean anything"
    );
    assert!(
        promises.accepted.len() > 300,
        "the load was too small to mean anything"
    );
    assert!(begun.elapsed() < WITHIN, "it took {:.0?}", begun.elapsed());
    drop(program);
    stage.strike().await;
}

/// Each new contact has exactly one answer of the automation, whatever the crash interrupted.
fn everybody_was_welcomed_once(evidence: &Evidence, newcomers: u64) {
    let answers: Vec<_> = evidence.messages[2]
        .iter()
        .filter(|message| message["origin"] == "auto_reply")
        .collect();
    let conversations: std::collections::HashSet<_> = answers
        .iter()
        .map(|message| message["conversation_id"].to_string())
        .collect();
    assert_eq!(
        answers.len() as u64,
        newcomers,
        "one welcome for each newcomer"
    );
    assert_eq!(conversations.len(), answers.len(), "no newcomer has two");
}

/// What is uncertain waits for somebody: each can be sent again, and then Meta has seen each once.
async fn a_person_decides(stage: &Stage, tenants: &[Tenant], uncertain: &[String]) {
    for id in uncertain {
        let mut settled = 0;
        for tenant in tenants {
            let url = format!("{}/api/v1/messages/{id}/settle", stage.base(stage.port));
            let answer = stage
                .http
                .post(url)
                .bearer_auth(&tenant.api_key)
                .json(&json!({ "decision": "send_again" }))
                .send()
                .await
                .unwrap();
            settled += u32::from(answer.status().is_success());
        }
        assert_eq!(
            settled, 1,
            "{id} can be decided by its tenant, and by no other"
        );
    }
    calm(stage).await;
    let evidence = Evidence::gather(stage, tenants).await;
    for id in uncertain {
        let sends = evidence.sends.get(id).map_or(0, Vec::len);
        assert_eq!(
            sends, 1,
            "{id} was sent {sends} times after somebody had it sent again"
        );
    }
    let open = &evidence.intake["outbox"];
    assert_eq!(*open, json!({}), "nothing is left in the outbox");
}
