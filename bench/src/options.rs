//! What can be chosen on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Load generator of Trunkline.
#[derive(Parser)]
#[command(name = "trunkline-bench")]
pub(crate) struct Command {
    /// What is measured.
    #[command(subcommand)]
    pub(crate) bench: Bench,
    /// How it is measured.
    #[command(flatten)]
    pub(crate) options: Options,
}

/// The benches by name.
#[derive(Subcommand, Clone, Copy)]
pub(crate) enum Bench {
    /// A bare server that checks the signature and answers 200.
    Limit,
    /// Signed webhooks, until they are projected.
    Ingest,
    /// Messages through one number, until the simulator accepted them.
    Send,
    /// Webhooks at a fixed rate while messages are sent.
    Mixed,
    /// Pages of the inbox of a business with a million messages.
    Inbox,
    /// Events of other systems, until their messages are queued.
    Events,
    /// Not built yet.
    Deliver,
    /// The bare server itself; started by `limit`.
    #[command(hide = true)]
    LimitServer,
}

/// Options of all benches.
#[derive(Args, Clone)]
pub(crate) struct Options {
    /// Write the figures to this file.
    #[arg(long, global = true)]
    pub(crate) json: Option<PathBuf>,
    /// `sqlite://path` or `postgres://…`; a fresh SQLite file when left out.
    #[arg(long, global = true)]
    pub(crate) database: Option<String>,
    /// Measured seconds of each round.
    #[arg(long, global = true, default_value_t = 5)]
    pub(crate) seconds: u64,
    /// Connections; the standard cases (64 and 256) when left out.
    #[arg(long, global = true)]
    pub(crate) connections: Option<usize>,
    /// Interleaved rounds of each case; medians are reported.
    #[arg(long, global = true, default_value_t = 3)]
    pub(crate) rounds: usize,
    /// Events of one long run at 64 connections instead of the standard cases, for memory.
    #[arg(long, global = true)]
    pub(crate) events: Option<u64>,
    /// Offered events a second of the open loop.
    #[arg(long, global = true, default_value_t = 4_000)]
    pub(crate) offered: u64,
    /// Tenants, each with a number of its own.
    #[arg(long, global = true, default_value_t = 200)]
    pub(crate) tenants: usize,
    /// Messages that `send` enqueues for the fast number; half a minute's worth when left out.
    #[arg(long, global = true)]
    pub(crate) messages: Option<u64>,
    /// The server's binary; the `trunkline` beside this program when left out.
    #[arg(long, global = true)]
    pub(crate) trunkline: Option<PathBuf>,
    /// Choices are drawn from this number; a random one when left out.
    #[arg(long, global = true)]
    pub(crate) seed: Option<u64>,
}

impl Options {
    /// The kind of database, for the report.
    pub(crate) fn database_name(&self) -> &'static str {
        if self
            .database
            .as_deref()
            .is_some_and(|url| url.starts_with("postgres"))
        {
            "postgres"
        } else {
            "sqlite"
        }
    }
}
