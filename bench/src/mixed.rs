//! `mixed`: webhooks at a fixed rate while one number sends; does one starve the other?

use anyhow::Context;

use crate::ingest;
use crate::open_loop;
use crate::options::Options;
use crate::report::{Case, rounded};
use crate::send::{self, Pair};

/// Messages a second of the number that sends meanwhile.
const MPS: u64 = 80;

/// `trunkline-bench mixed`.
pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Case>> {
    let pair = Pair::start(options).await?;
    let sender = pair.sender(MPS, rand::random()).await?;
    let Pair {
        installation,
        simulator,
        server,
    } = pair;
    let ground = ingest::prepare(server, options).await?;
    let seconds = options.seconds.max(10);
    let messages = MPS * seconds;
    let before = simulator.summary().await?;
    let enqueuing = tokio::task::spawn_local(send::enqueue(
        ground.server.address,
        sender.api_key.clone(),
        messages,
    ));
    let mut case = open_loop::measure(&ground, options, options.connections.unwrap_or(64)).await?;
    let enqueued = enqueuing.await.context("enqueuing ended")??;
    let pair = Pair {
        installation,
        simulator,
        server: ground.server,
    };
    let accepted = send::watch(&pair, &before, messages, MPS).await?;
    case.bench = "mixed";
    case.name = format!("{} and {messages} sends", case.name);
    case.note("sends_per_s", rounded(accepted.steady_per_s));
    case.note(
        "enqueue_p99_ms",
        rounded(enqueued.latency.quantile_ms(0.99)),
    );
    case.note("sends_enqueued", enqueued.acked);
    Ok(vec![case])
}
