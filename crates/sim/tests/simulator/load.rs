//! How fast it is; ask for it with `cargo test --release -p trunkline-sim -- --ignored --nocapture load`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use sim::SimConfig;

use crate::stage::{NUMBER, Stage, TOKEN, config, seed, template_to};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement, not a check: it wants the machine for itself"]
async fn load_sends_per_second() {
    let calm = SimConfig {
        speed: 1.0,
        ..config()
    };
    let stage = Arc::new(Stage::with(calm, seed()).await);
    let spec = json!({"phone_number_id": NUMBER, "mps": 1_000_000});
    stage.control("numbers", spec).await;
    let counter = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let span = Duration::from_secs(5);
    let clients: Vec<_> = (0..64)
        .map(|_| {
            let (stage, counter) = (Arc::clone(&stage), Arc::clone(&counter));
            tokio::spawn(async move {
                let url = format!("{}/v24.0/{NUMBER}/messages", stage.url);
                while started.elapsed() < span {
                    let number = counter.fetch_add(1, Ordering::Relaxed);
                    let to = format!("346{:08}", number % 100_000_000);
                    let body = template_to(&to, "po_notification", "es", &["Ana", "OC-1", "1 €"]);
                    let request = stage.client.post(&url).bearer_auth(TOKEN).json(&body);
                    let answer = request.send().await.expect("an answer");
                    assert!(answer.status().is_success(), "{}", answer.status());
                    answer.bytes().await.expect("a body");
                }
            })
        })
        .collect();
    for client in clients {
        client.await.expect("a client that does not panic");
    }
    let sent = counter.load(Ordering::Relaxed);
    let rate = sent as f64 / started.elapsed().as_secs_f64();
    println!("{sent} sends, {rate:.0} per second, with client and receiver in the same process");
    println!("webhooks so far: {}", stage.look("webhooks").await);
    let before = Instant::now();
    while stage.sim.pending_webhooks() > 0 && before.elapsed() < Duration::from_secs(30) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!("webhooks at the end: {}", stage.look("webhooks").await);
    assert_eq!(stage.sim.outbound_summary().max_identical_sends, 1);
}
