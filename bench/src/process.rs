//! Child processes: started, watched from the outside through `/proc`, and ended by their own id.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// Linux counts CPU time in hundredths of a second (`USER_HZ`, the same on every architecture we run on).
const TICK: Duration = Duration::from_millis(10);
const ENDS_WITHIN: Duration = Duration::from_secs(20);

/// A running child; dropping it ends it.
pub(crate) struct Process {
    child: Child,
    log: PathBuf,
    what: String,
}

impl Process {
    /// Starts a program whose output goes to `log`.
    pub(crate) fn start(command: &mut Command, log: &Path) -> anyhow::Result<Self> {
        let what = command.get_program().to_string_lossy().into_owned();
        let output = File::options().create(true).append(true).open(log)?;
        command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);
        let child = command
            .spawn()
            .with_context(|| format!("starting {what}"))?;
        Ok(Self {
            child,
            log: log.to_owned(),
            what,
        })
    }

    /// Waits for the file that is written, whole, when the program answers.
    pub(crate) async fn ready(&mut self, file: &Path) -> anyhow::Result<serde_json::Value> {
        let begun = Instant::now();
        loop {
            if let Ok(text) = fs::read_to_string(file)
                && let Ok(value) = serde_json::from_str(&text)
            {
                return Ok(value);
            }
            if let Some(status) = self.child.try_wait()? {
                bail!(
                    "{} ended before it was ready ({status}):\n{}",
                    self.what,
                    self.last_words()
                );
            }
            if begun.elapsed() > Duration::from_secs(60) {
                bail!(
                    "{} was not ready within a minute:\n{}",
                    self.what,
                    self.last_words()
                );
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// User and system time since the start.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        cpu_of(&self.child.id().to_string())
    }

    /// Resident memory now and at its highest, in MB (10⁶ bytes).
    pub(crate) fn memory_mb(&self) -> anyhow::Result<(f64, f64)> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let read = |name: &str| -> Option<f64> {
            let line = text.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse::<f64>().ok()
        };
        let mb = |kib: Option<f64>| kib.unwrap_or(0.0) * 1_024.0 / 1_000_000.0;
        Ok((mb(read("VmRSS:")), mb(read("VmHWM:"))))
    }

    /// The end of the program's log.
    pub(crate) fn last_words(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        let script = format!("kill -s TERM {}", self.child.id());
        let _gone_already_is_fine = Command::new("sh")
            .args(["-c", &script])
            .stderr(Stdio::null())
            .status();
        let begun = Instant::now();
        while begun.elapsed() < ENDS_WITHIN {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ended_meanwhile_is_fine = self.child.kill();
        let _ended_meanwhile_is_fine = self.child.wait();
    }
}

/// User and system time of this process since its start.
pub(crate) fn own_cpu() -> anyhow::Result<Duration> {
    cpu_of("self")
}

fn cpu_of(process: &str) -> anyhow::Result<Duration> {
    let text = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name in parentheses may hold spaces; utime and stime are the 14th and 15th field.
    let fields: Vec<&str> = text
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let ticks: u32 = [11, 12]
        .iter()
        .filter_map(|&index| fields.get(index)?.parse::<u32>().ok())
        .sum();
    Ok(TICK * ticks)
}
