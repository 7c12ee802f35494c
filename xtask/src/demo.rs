//! `cargo xtask demo`: what a newcomer runs first.

use std::process::ExitCode;

use crate::build;

/// Builds `trunkline` where needed and becomes `trunkline demo`.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<ExitCode> {
    let binaries = build::release(&["trunkline"])?;
    let arguments: Vec<String> = std::iter::once("demo".to_owned())
        .chain(arguments.iter().cloned())
        .collect();
    build::become_program(&binaries.join("trunkline"), &arguments)
}
