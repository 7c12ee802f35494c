//! Third-party clients: a real SDK of WhatsApp's Cloud API against our simulator. What the simulator takes and
//! says is thereby checked by somebody who never saw our code.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::step::Prepared;
use crate::{build, interrupt};

/// A virtual environment of our own with the pinned SDK, and the command that runs its checks.
///
/// # Errors
/// When the program cannot be built.
pub(crate) fn tests(folder: &Path) -> anyhow::Result<Prepared> {
    let checks = build::workspace().join("tests/clients");
    if !build::is_installed("python3") {
        return Ok(Prepared::Skip("python3 is not installed".to_owned()));
    }
    let environment = folder.join("python");
    let made = Command::new("python3")
        .args(["-m", "venv"])
        .arg(&environment)
        .stdout(Stdio::null())
        .status()
        .context("starting python3")?;
    if !made.success() {
        let why = "python3 has no venv (on Debian: apt-get install python3-venv)";
        return Ok(Prepared::Skip(why.to_owned()));
    }
    let python = environment.join("bin/python");
    let mut install = Command::new(&python);
    install
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ])
        .args(["--retries", "1", "--requirement"])
        .arg(checks.join("requirements.txt"));
    if !interrupt::run_group(&mut install)
        .context("starting pip")?
        .success()
    {
        if interrupt::happened() {
            bail!("interrupted");
        }
        return Ok(Prepared::Skip(
            "the SDK could not be had from PyPI".to_owned(),
        ));
    }
    let trunkline = build::debug("trunkline")?;
    let mut command = Command::new(python);
    command
        .args(["-W", "ignore", "-m", "unittest", "--verbose"])
        .current_dir(checks)
        .env("TRUNKLINE", trunkline)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(Prepared::Run(command))
}
