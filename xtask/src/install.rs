//! What tests need and a machine may lack: installed by the system's package manager when we are root on Debian or
//! Ubuntu, and else the exact command is said.

use std::os::unix::fs::MetadataExt;
use std::process::Command;

use anyhow::bail;

use crate::{build, interrupt};

/// Installs Debian packages, or says how.
///
/// # Errors
/// When it cannot be done here; the message is for a person.
pub(crate) fn with_apt(what: &str, packages: &str) -> anyhow::Result<()> {
    if !build::is_installed("apt-get") {
        bail!("{what} is missing; install it with your package manager and run this again");
    }
    let command =
        format!("apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y {packages}");
    if !are_we_root()? {
        bail!("{what} is missing; install it with:  sudo sh -c '{command}'");
    }
    eprintln!("{what} is missing; installing it: {command}");
    if !interrupt::run_group(Command::new("sh").args(["-c", &command]))?.success() {
        bail!("installing {what} failed; the command was:  {command}");
    }
    Ok(())
}

/// The owner of a folder that we make tells who we are.
fn are_we_root() -> anyhow::Result<bool> {
    let probe = tempfile::tempdir()?;
    Ok(std::fs::metadata(probe.path())?.uid() == 0)
}
