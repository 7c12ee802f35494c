//! Ctrl-c and termination: the running child is asked to end, then we end the ordinary way, so that what we
//! started (PostgreSQL, temporary folders) is always cleared away by its owner's `Drop`.

use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
static RUNNING_GROUP: Mutex<Option<u32>> = Mutex::new(None);

/// Takes over SIGINT, SIGTERM and SIGHUP. To be called once, before the first child.
pub(crate) fn install() -> anyhow::Result<()> {
    ctrlc::set_handler(|| {
        INTERRUPTED.store(true, Ordering::SeqCst);
        if let Ok(group) = RUNNING_GROUP.lock()
            && let Some(id) = *group
        {
            signal("TERM", &format!("-{id}"));
        }
    })
    .context("taking over ctrl-c")
}

/// Whether somebody asked us to stop.
pub(crate) fn happened() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// Puts the command into a process group of its own, so that a signal reaches all that it starts.
pub(crate) fn own_group(command: &mut Command) -> &mut Command {
    command.process_group(0)
}

/// Says which group a signal goes to from now on.
pub(crate) fn watch(group: Option<u32>) {
    if let Ok(mut running) = RUNNING_GROUP.lock() {
        *running = group;
    }
}

/// Runs a command to its end with our own input and output.
pub(crate) fn run_group(command: &mut Command) -> anyhow::Result<ExitStatus> {
    let mut child = own_group(command).stdin(Stdio::null()).spawn()?;
    watch(Some(child.id()));
    let status = child.wait();
    watch(None);
    Ok(status?)
}

/// Sends a signal to one process, or to a group (`-ID`). The shell's builtin is everywhere, `/bin/kill` is not.
pub(crate) fn signal(name: &str, target: &str) {
    let script = format!("kill -s {name} -- {target}");
    let _gone_already_is_fine = Command::new("sh")
        .args(["-c", &script])
        .stderr(Stdio::null())
        .status();
}
