//! One step of `cargo xtask test`: a command, and how to count what it checked.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::interrupt;
use crate::summary::Count;

/// Reads a runner's own summary out of its output; `None` when there is none (the build failed, say).
pub(crate) type Reader = fn(&str) -> Option<Count>;

/// What getting ready led to.
pub(crate) enum Prepared {
    /// The command that runs the tests.
    Run(Command),
    /// Nothing can be run here, with the reason.
    Skip(String),
}

/// What a step does.
pub(crate) enum Action {
    /// A command that is right or wrong as a whole: one check.
    Check(Command),
    /// A command that runs many tests and sums them up in its output.
    Tests(Command, Reader),
    /// Tests that need things which are looked for, built or installed first; failing at that is a failure.
    Prepare(Box<dyn FnOnce() -> anyhow::Result<Prepared>>, Reader),
    /// A check of our own: `Err` says what is wrong.
    Own(Box<dyn FnOnce() -> anyhow::Result<()>>),
    /// Not run, with the reason.
    Skip(String),
}

/// A named step.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) action: Action,
}

/// How a step ended.
pub(crate) struct Outcome {
    pub(crate) name: &'static str,
    pub(crate) count: Count,
    pub(crate) took: Duration,
    pub(crate) note: String,
}

impl Step {
    /// Runs the step, showing its output as it comes. Never ends the run: a failure is an outcome.
    pub(crate) fn run(self) -> Outcome {
        println!("\n── {} ──", self.name);
        let begun = Instant::now();
        let (count, note) = match self.action {
            Action::Skip(reason) => skipped(&reason),
            Action::Prepare(prepare, read) => match prepare() {
                Ok(Prepared::Run(mut command)) => {
                    let (well, output) = run_shown(&mut command);
                    counted(well, read(&output))
                }
                Ok(Prepared::Skip(reason)) => skipped(&reason),
                Err(error) => {
                    println!("{error:#}");
                    (Count::ONE_FAILED, "could not be run".to_owned())
                }
            },
            Action::Own(check) => match check() {
                Ok(()) => (Count::ONE_PASSED, String::new()),
                Err(error) => {
                    println!("{error:#}");
                    (Count::ONE_FAILED, "failed".to_owned())
                }
            },
            Action::Check(mut command) => match run_shown(&mut command) {
                (true, _) => (Count::ONE_PASSED, String::new()),
                (false, _) => (Count::ONE_FAILED, "failed".to_owned()),
            },
            Action::Tests(mut command, read) => {
                let (well, output) = run_shown(&mut command);
                counted(well, read(&output))
            }
        };
        Outcome {
            name: self.name,
            count,
            took: begun.elapsed(),
            note,
        }
    }
}

fn skipped(reason: &str) -> (Count, String) {
    println!("skipped: {reason}");
    (Count::default(), format!("skipped: {reason}"))
}

/// The exit code and the summary must agree; where they do not, the worse one is believed.
fn counted(well: bool, summary: Option<Count>) -> (Count, String) {
    match (well, summary) {
        (true, Some(count)) if count.failed == 0 => (count, String::new()),
        (_, Some(count)) if count.failed > 0 => (count, "failed".to_owned()),
        (false, Some(mut count)) => {
            count += Count::ONE_FAILED;
            (
                count,
                "the runner failed though its tests passed".to_owned(),
            )
        }
        (false, None) => (Count::ONE_FAILED, "failed before the first test".to_owned()),
        (true, _) => (Count::ONE_FAILED, "printed no summary".to_owned()),
    }
}

/// Runs to the end; true for exit code 0. The output is shown line by line and also returned.
fn run_shown(command: &mut Command) -> (bool, String) {
    println!("$ {}", shown(command));
    let child = interrupt::own_group(command)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => {
            println!("could not be started: {error}");
            return (false, String::new());
        }
    };
    interrupt::watch(Some(child.id()));
    let gathered = Arc::new(Mutex::new(String::new()));
    let readers: Vec<JoinHandle<()>> = [
        child
            .stdout
            .take()
            .map(|stream| show(stream, Arc::clone(&gathered))),
        child
            .stderr
            .take()
            .map(|stream| show(stream, Arc::clone(&gathered))),
    ]
    .into_iter()
    .flatten()
    .collect();
    for reader in readers {
        let _a_reader_that_broke_has_shown_what_it_could = reader.join();
    }
    let well = child.wait().is_ok_and(|status| status.success());
    interrupt::watch(None);
    let output = gathered.lock().map(|text| text.clone()).unwrap_or_default();
    (well, output)
}

fn show(stream: impl Read + Send + 'static, gathered: Arc<Mutex<String>>) -> JoinHandle<()> {
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while stream
            .read_until(b'\n', &mut line)
            .is_ok_and(|length| length > 0)
        {
            let text = String::from_utf8_lossy(&line);
            let _a_closed_terminal_is_no_failure =
                std::io::stdout().lock().write_all(text.as_bytes());
            if let Ok(mut gathered) = gathered.lock() {
                gathered.push_str(&text);
            }
            line.clear();
        }
    })
}

fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let words = program.file_name().into_iter().chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runner_that_fails_with_green_tests_adds_one_failure() {
        let (count, _) = counted(
            false,
            Some(Count {
                passed: 3,
                failed: 0,
            }),
        );
        assert_eq!(
            count,
            Count {
                passed: 3,
                failed: 1
            }
        );
    }

    #[test]
    fn a_success_without_a_summary_is_not_believed() {
        assert_eq!(counted(true, None).0, Count::ONE_FAILED);
    }

    #[test]
    fn a_command_s_exit_code_and_output_are_both_seen() {
        let (well, output) =
            run_shown(Command::new("sh").args(["-c", "echo out; echo err >&2; exit 3"]));
        assert!(!well, "exit code 3 is a failure");
        assert!(
            output.contains("out\n") && output.contains("err\n"),
            "{output}"
        );
    }
}
