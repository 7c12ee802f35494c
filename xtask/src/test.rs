//! `cargo xtask test`: the one command that says whether the project is well.
//!
//! Every step runs, also after a failing one, so that one run reports everything. To add a step, add it to
//! [`steps`]; a step that `--fast` leaves out asks `options.fast` there.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::bail;

use crate::build::{self, cargo, is_installed};
use crate::postgres::{Durability, PrivatePostgres};
use crate::step::{Action, Outcome, Prepared, Reader, Step};
use crate::summary::{self, Count};
use crate::{browser, clients, interrupt, node, snapshots, web};

struct Options {
    /// Leaves out browser and third-party clients.
    fast: bool,
}

/// What the steps are given: made once, cleared away at the end.
struct Ground {
    postgres: Option<PrivatePostgres>,
    folder: tempfile::TempDir,
}

impl Ground {
    /// Cargo with what the tests look for in their environment.
    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = cargo();
        command.args(arguments);
        command
            .env("INSTA_UPDATE", "no")
            .env("INSTA_SNAPSHOT_REFERENCES_FILE", self.references());
        command.env("CARGO_TERM_COLOR", "never");
        match &self.postgres {
            Some(server) => command.env("TRUNKLINE_TEST_POSTGRES", server.url()),
            None => command.env_remove("TRUNKLINE_TEST_POSTGRES"),
        };
        command
    }

    fn references(&self) -> std::path::PathBuf {
        self.folder.path().join("snapshots-read")
    }
}

/// Runs everything; the last line printed is exactly `N passed, N failed`.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<ExitCode> {
    let options = Options {
        fast: arguments.iter().any(|argument| argument == "--fast"),
    };
    if let Some(unknown) = arguments.iter().find(|argument| *argument != "--fast") {
        bail!("`cargo xtask test` knows only --fast, not {unknown}");
    }
    interrupt::install()?;
    let mut outcomes = Vec::new();
    let mut ground = Ground {
        postgres: None,
        folder: tempfile::tempdir()?,
    };
    outcomes.push(start_postgres(&mut ground));
    for step in steps(&options, &ground) {
        if interrupt::happened() {
            break;
        }
        outcomes.push(step.run());
    }
    drop(ground);
    Ok(report(&outcomes))
}

/// The list. Quick verdicts first; a later step may use what an earlier one has built.
fn steps(options: &Options, ground: &Ground) -> Vec<Step> {
    vec![
        Step {
            name: "format",
            action: Action::Check(ground.cargo(&["fmt", "--all", "--check"])),
        },
        // Before the program, which holds it.
        Step {
            name: "web application",
            action: Action::Own(Box::new(web::build)),
        },
        in_web("web application: types", "check", |output| {
            output.contains("0 errors").then_some(Count::ONE_PASSED)
        }),
        in_web("web application: tests", "test", summary::of_vitest),
        Step {
            name: "lints",
            action: Action::Check(ground.cargo(&[
                "clippy",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ])),
        },
        optional("spelling", "typos", ground, &[]),
        optional(
            "licences and advisories",
            "cargo-deny",
            ground,
            &["deny", "check"],
        ),
        optional("unused dependencies", "cargo-machete", ground, &["machete"]),
        // Stories start it, and would each build it.
        Step {
            name: "program",
            action: Action::Check(ground.cargo(&["build", "--bins", "--package", "trunkline"])),
        },
        tests(ground),
        Step {
            name: "examples in the docs",
            action: Action::Tests(
                ground.cargo(&["test", "--workspace", "--doc", "--no-fail-fast"]),
                summary::of_libtest,
            ),
        },
        unread_snapshots(ground),
        unless_fast("third-party clients", options, summary::of_unittest, {
            let folder = ground.folder.path().to_owned();
            move || clients::tests(&folder)
        }),
        unless_fast("browser", options, summary::of_node, browser::tests),
    ]
}

/// A script of the web application's own; it was installed by the step that built it.
fn in_web(name: &'static str, script: &'static str, read: Reader) -> Step {
    let prepare = move || {
        let folder = web::folder();
        if !folder.join("package.json").is_file() {
            return Ok(Prepared::Skip(
                "there is no web/ in this checkout".to_owned(),
            ));
        }
        node::check()?;
        node::install_packages(&folder)?;
        let mut command = Command::new("npm");
        command
            .args(["run", "--silent", script])
            .env("NO_COLOR", "1")
            .current_dir(folder);
        Ok(Prepared::Run(command))
    };
    Step {
        name,
        action: Action::Prepare(Box::new(prepare), read),
    }
}

fn start_postgres(ground: &mut Ground) -> Outcome {
    let begun = std::time::Instant::now();
    println!("── PostgreSQL ──");
    let (count, note) = match PrivatePostgres::start(Durability::None) {
        Ok(server) => {
            ground.postgres = Some(server);
            println!("a private server is running");
            (Count::ONE_PASSED, String::new())
        }
        Err(error) => {
            println!("{error:#}");
            (
                Count::ONE_FAILED,
                "failed: nothing was run on PostgreSQL".to_owned(),
            )
        }
    };
    Outcome {
        name: "PostgreSQL",
        count,
        took: begun.elapsed(),
        note,
    }
}

/// All unit, conformance and end-to-end tests. A machine with only Rust has no nextest.
fn tests(ground: &Ground) -> Step {
    let action = if is_installed("cargo-nextest") {
        let arguments = [
            "nextest",
            "run",
            "--workspace",
            "--no-fail-fast",
            "--no-tests=pass",
            "--status-level=fail",
        ];
        Action::Tests(ground.cargo(&arguments), summary::of_nextest)
    } else {
        let arguments = [
            "test",
            "--workspace",
            "--lib",
            "--bins",
            "--tests",
            "--no-fail-fast",
        ];
        Action::Tests(ground.cargo(&arguments), summary::of_libtest)
    };
    Step {
        name: "tests",
        action,
    }
}

/// A guard that is run where it is installed, and said to be skipped elsewhere.
fn optional(name: &'static str, program: &str, ground: &Ground, arguments: &[&str]) -> Step {
    let action = if !is_installed(program) {
        Action::Skip(format!("{program} is not installed"))
    } else if arguments.is_empty() {
        let mut command = Command::new(program);
        command.current_dir(build::workspace());
        Action::Check(command)
    } else {
        Action::Check(ground.cargo(arguments))
    };
    Step { name, action }
}

fn unread_snapshots(ground: &Ground) -> Step {
    let references = ground.references();
    let check = move || snapshots::all_are_referenced(Path::new(build::workspace()), &references);
    Step {
        name: "snapshots",
        action: Action::Own(Box::new(check)),
    }
}

/// A slow step that `--fast` leaves out.
fn unless_fast(
    name: &'static str,
    options: &Options,
    read: Reader,
    prepare: impl FnOnce() -> anyhow::Result<Prepared> + 'static,
) -> Step {
    let action = if options.fast {
        Action::Skip("--fast".to_owned())
    } else {
        Action::Prepare(Box::new(prepare), read)
    };
    Step { name, action }
}

fn report(outcomes: &[Outcome]) -> ExitCode {
    let mut total = Count::default();
    println!(
        "\n{:<26}{:>8}{:>8}{:>9}",
        "step", "passed", "failed", "seconds"
    );
    for outcome in outcomes {
        let Count { passed, failed } = outcome.count;
        println!(
            "{:<26}{passed:>8}{failed:>8}{:>9}  {}",
            outcome.name,
            seconds(outcome.took),
            outcome.note
        );
        total += outcome.count;
    }
    if interrupt::happened() {
        println!("interrupted: not everything was run");
        total += Count::ONE_FAILED;
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn seconds(took: Duration) -> String {
    format!("{:.1}", took.as_secs_f64())
}
