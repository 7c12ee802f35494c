//! The project's own commands, for people and for CI alike: `cargo xtask demo | web | test | bench | screenshots | postgres`.
//!
//! Kept to three small dependencies, so that a fresh clone answers quickly. Arguments are read by hand for the
//! same reason; whatever belongs to `trunkline` or to the load generator is handed on untouched.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a developer's command talks to its terminal"
)]

mod bench;
mod browser;
mod build;
mod clients;
mod demo;
mod install;
mod interrupt;
mod node;
mod postgres;
mod snapshots;
mod step;
mod summary;
mod test;
mod web;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask demo [ARGS…]         build what is missing and run `trunkline demo ARGS…`
cargo xtask web                  build the web application into web/build, where something changed
cargo xtask test [--fast]        install what the tests need, run everything, end with `N passed, N failed`
cargo xtask bench NAME [ARGS…]   limit | ingest | send | mixed | inbox | events | deliver
                                 [--json FILE] [--database URL|postgres] [--seconds N] [--connections N]
cargo xtask screenshots          pictures of the main screens from the demo, into docs/screenshots
cargo xtask postgres             a private PostgreSQL until ctrl-c; prints its address";

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let command = if arguments.is_empty() {
        String::new()
    } else {
        arguments.remove(0)
    };
    let outcome = match command.as_str() {
        "demo" => demo::run(&arguments),
        "web" => web::run(&arguments),
        "test" => test::run(&arguments),
        "bench" => bench::run(arguments),
        "screenshots" => browser::screenshots(&arguments),
        "postgres" => postgres::serve_until_interrupted(),
        "" | "help" | "-h" | "--help" => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        other => {
            eprintln!("there is no `cargo xtask {other}`\n\n{USAGE}");
            Ok(ExitCode::from(2))
        }
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
