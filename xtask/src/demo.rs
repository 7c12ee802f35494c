//! `cargo xtask demo`: what a newcomer runs first.

use std::process::ExitCode;

use crate::{build, interrupt, node, web};

/// Builds the web application and `trunkline` where needed and becomes `trunkline demo`.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<ExitCode> {
    match node::check() {
        Ok(()) => {
            interrupt::install()?;
            web::build()?;
            if interrupt::happened() {
                return Ok(ExitCode::FAILURE);
            }
        }
        // The API and the simulator are worth a demo by themselves.
        Err(error) => eprintln!("{error:#}\nGoing on without the web application.\n"),
    }
    let binaries = build::release(&["trunkline"])?;
    let arguments: Vec<String> = std::iter::once("demo".to_owned())
        .chain(arguments.iter().cloned())
        .collect();
    build::become_program(&binaries.join("trunkline"), &arguments)
}
