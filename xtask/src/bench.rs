//! `cargo xtask bench NAME`: release builds of the server and of the load generator, then the measurement.

use std::process::{Command, ExitCode};

use anyhow::Context;

use crate::postgres::{Durability, PrivatePostgres};
use crate::{build, interrupt};

/// Hands everything on to `trunkline-bench`; `--database postgres` is replaced by a private, durable PostgreSQL.
pub(crate) fn run(mut arguments: Vec<String>) -> anyhow::Result<ExitCode> {
    // `limit` needs no server, and somebody may bring a server of their own (another version, say).
    let needs_server = !arguments
        .iter()
        .any(|argument| argument == "limit" || argument == "--trunkline");
    let packages: &[&str] = if needs_server {
        &["trunkline", "trunkline-bench"]
    } else {
        &["trunkline-bench"]
    };
    let binaries = build::release(packages)?;
    let program = binaries.join("trunkline-bench");
    let wants_private = arguments
        .iter()
        .position(|argument| argument == "--database")
        .map(|flag| flag + 1)
        .filter(|&value| {
            arguments
                .get(value)
                .is_some_and(|database| database == "postgres")
        });
    let Some(position) = wants_private else {
        return build::become_program(&program, &arguments);
    };

    interrupt::install()?;
    let database = PrivatePostgres::start(Durability::Real)?;
    arguments[position] = database.url().to_owned();
    let status = interrupt::run_group(Command::new(&program).args(&arguments))
        .context("running the load generator")?;
    let code = status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1);
    Ok(ExitCode::from(code))
}
