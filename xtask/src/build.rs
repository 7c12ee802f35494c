//! Cargo as a child process, and where it puts what it built.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, bail};

/// The workspace's folder: the parent of `xtask/`.
pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."))
}

/// The same cargo that started us, run in the workspace's folder.
pub(crate) fn cargo() -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.current_dir(workspace());
    command
}

/// Builds binaries with the release profile; cargo itself sees what is up to date. Returns their folder.
pub(crate) fn release(packages: &[&str]) -> anyhow::Result<PathBuf> {
    let mut command = cargo();
    command.args(["build", "--release", "--bins"]);
    for package in packages {
        command.args(["--package", package]);
    }
    if !command.status().context("starting cargo")?.success() {
        bail!("`cargo build --release` failed for {}", packages.join(", "));
    }
    // We are target/debug/xtask; following our own path respects CARGO_TARGET_DIR and build.target-dir.
    let own = std::env::current_exe().context("finding xtask's own path")?;
    let target = own
        .ancestors()
        .nth(2)
        .context("xtask is not inside a target folder")?;
    Ok(target.join("release"))
}

/// Becomes the program: same process id, so signals and the exit code are the program's own.
pub(crate) fn become_program(program: &Path, arguments: &[String]) -> anyhow::Result<ExitCode> {
    let error = Command::new(program).args(arguments).exec();
    Err(error).with_context(|| format!("starting {}", program.display()))
}

/// Whether a program of that name is on the PATH.
pub(crate) fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
