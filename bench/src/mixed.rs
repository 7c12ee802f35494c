//! `mixed`: webhooks at a fixed rate while one number sends; does one starve the other?

use anyhow::Context;

use crate::ingest;
use crate::open_loop::OpenLoop;
use crate::options::Options;
use crate::report::{Case, rounded};
use crate::send::{self, Pair};

/// Messages a second of the number that sends meanwhile.
const MPS: u64 = 80;

/// `trunkline-bench mixed`.
pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Case>> {
    let pair = Pair::start(options).await?;
    let sender = pair.sender(MPS, rand::random()).await?;
    // The folder lives as long as the installation.
    let Pair {
        installation: _installation,
        simulator,
        server,
    } = pair;
    let ground = ingest::prepare(server, options).await?;
    let messages = MPS * options.seconds.max(10);
    let open_loop = OpenLoop::prepare(&ground, options).await?;
    let before = simulator.summary().await?;
    let enqueuing = tokio::task::spawn_local(send::enqueue(
        ground.server.address,
        sender.api_key.clone(),
        send::Mailing::of(messages),
    ));
    let (mut case, accepted) = tokio::try_join!(
        open_loop.measure(&ground),
        send::watch(&simulator, &ground.server, &before, messages, MPS),
    )?;
    let enqueued = enqueuing.await.context("enqueuing ended")??;
    case.bench = "mixed";
    case.name = format!("{} and {messages} sends", case.name);
    // The statuses of the sends are counted by the server too: only the witness can tell what was lost or doubled.
    (case.lost, case.duplicated) = (0, 0);
    let witness = ground.witness.take();
    witness.testify(ground.server.address, &mut case).await?;
    case.duplicated += accepted.summary.most_identical.saturating_sub(1);
    case.lost += enqueued
        .acked
        .saturating_sub(accepted.summary.accepted - before.accepted);
    case.note("sends_per_s", rounded(accepted.steady_per_s));
    case.note("sends_refused_130429", accepted.refusals.over_throughput);
    case.note(
        "enqueue_p99_ms",
        rounded(enqueued.latency.quantile_ms(0.99)),
    );
    Ok(vec![case])
}
