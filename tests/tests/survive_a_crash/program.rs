//! The program as a process: started, killed, asked to end, and never left behind.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant, SystemTime};

/// A stop has 35 s for sends under way; a few more for the machine.
const ENDS_WITHIN: Duration = Duration::from_secs(45);

/// A running process; dropping it kills it, also when the story fails.
pub(crate) struct Program {
    child: Child,
    log: PathBuf,
}

impl Program {
    /// Starts the command; what it says goes to the end of `log`. A device is given only what is logged: it may be one
    /// that takes nothing, and the invitation of a first start must go somewhere.
    pub(crate) fn start(command: &mut Command, log: &Path) -> Self {
        let output = File::options().create(true).append(true).open(log).unwrap();
        let told = match log.is_file() {
            true => Stdio::from(output.try_clone().unwrap()),
            false => Stdio::null(),
        };
        command.stdin(Stdio::null()).stdout(told).stderr(output);
        let child = command
            .spawn()
            .unwrap_or_else(|error| panic!("the program cannot be started: {error}"));
        Self {
            child,
            log: log.to_owned(),
        }
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// `kill -TERM`, and waits for the end.
    pub(crate) async fn ask_to_end(&mut self) -> ExitStatus {
        let signalled = Command::new("kill")
            .args(["-s", "TERM", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(signalled.success(), "the signal was not delivered");
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(
                begun.elapsed() < ENDS_WITHIN,
                "the program had not ended {} s after SIGTERM\n{}",
                ENDS_WITHIN.as_secs(),
                self.last_words()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Fails when it has ended by itself.
    pub(crate) fn must_run(&mut self) {
        if let Some(status) = self.child.try_wait().unwrap() {
            panic!(
                "the program ended by itself ({status})\n{}",
                self.last_words()
            );
        }
    }

    /// The end of its log.
    pub(crate) fn last_words(&self) -> String {
        // A device has no end.
        if !self.log.is_file() {
            return String::new();
        }
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(25)..].join("\n")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // One that has ended already cannot be killed, and need not be.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The program beside this test, built anew when it is missing or older than the sources.
pub(crate) fn binary() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    // target/debug/deps/survive_a_crash-…
    let folder = own.parent().and_then(Path::parent).unwrap();
    let binary = folder.join("trunkline");
    if is_stale(&binary) {
        build(folder);
    }
    assert!(
        binary.is_file(),
        "{} is missing; build it with `cargo build -p trunkline`",
        binary.display()
    );
    binary
}

fn is_stale(binary: &Path) -> bool {
    let Ok(built) = fs::metadata(binary).and_then(|file| file.modified()) else {
        return true;
    };
    newest(&workspace().join("crates")) > built
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn newest(folder: &Path) -> SystemTime {
    let mut newest = SystemTime::UNIX_EPOCH;
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_dir() {
            // Tests of a crate do not change the program.
            if entry.file_name() != "tests" {
                newest = newest.max(self::newest(&entry.path()));
            }
        } else if let Ok(changed) = entry.metadata().and_then(|file| file.modified()) {
            newest = newest.max(changed);
        }
    }
    newest
}

/// Failing to build is not the end: an older program may be there, and a missing one is named by the caller.
fn build(folder: &Path) {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = Command::new(cargo);
    command
        .args(["build", "--quiet", "--package", "trunkline"])
        .current_dir(workspace());
    if folder.ends_with("release") {
        command.arg("--release");
    }
    println!("building the program, which is missing or older than its sources");
    match command.status() {
        Ok(status) if status.success() => touch(&folder.join("trunkline")),
        Ok(status) => println!("`cargo build -p trunkline` failed ({status})"),
        Err(error) => println!("cargo cannot be started: {error}"),
    }
}

/// A file that cargo finds unchanged keeps its time; the next story should not ask again.
fn touch(binary: &Path) {
    #[expect(
        clippy::disallowed_methods,
        reason = "compared with the times of files, which the machine gave"
    )]
    let now = SystemTime::now();
    if let Ok(file) = File::options().append(true).open(binary) {
        file.set_modified(now).ok();
    }
}
