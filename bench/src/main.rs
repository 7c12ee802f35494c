//! The load generator: a process of its own that measures `trunkline serve`, which is another one.
//!
//! Every figure that claims a rate comes with the `limit` of the same run: what a bare server on the same machine,
//! at the same minute, does with the same bytes when all that it does is check the signature and answer 200.
//! Rounds of both are interleaved and medians are reported, because shared machines drift by tens of percent.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement is read on the terminal"
)]

mod api;
mod batch;
mod client;
mod events;
mod inbox;
mod ingest;
mod latency;
mod limit;
mod load;
mod mixed;
mod open_loop;
mod options;
mod process;
mod report;
mod round;
mod seed;
mod send;
mod server;
mod simulator;
mod traffic;
mod webhook;
mod witness;

use std::process::ExitCode;

use clap::Parser;

use crate::options::{Bench, Command};

// The server uses the same allocator; the limit must not look slower than it is.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let command = Command::parse();
    match run(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    if matches!(command.bench, Bench::LimitServer) {
        return limit::serve();
    }
    // One thread: the load generator must leave the second core to the server that it measures.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let cases = tokio::task::LocalSet::new().block_on(&runtime, async {
        match command.bench {
            Bench::Limit => limit::run(&command.options).await,
            Bench::Ingest => ingest::run(&command.options).await,
            Bench::Send => send::run(&command.options).await,
            Bench::Mixed => mixed::run(&command.options).await,
            Bench::Inbox => inbox::run(&command.options).await,
            Bench::Events => events::run(&command.options).await,
            Bench::Deliver => anyhow::bail!(
                "the bench `deliver` is not built yet: there is no webhook delivery to measure"
            ),
            Bench::LimitServer => Ok(Vec::new()),
        }
    })?;
    report::print(&cases);
    if let Some(file) = &command.options.json {
        report::write_json(&cases, file)?;
    }
    Ok(())
}
