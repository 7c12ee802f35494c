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
    Ok(target()?.join("release"))
}

/// Builds a binary with the profile of the tests, which has most of it built already. Returns its path.
pub(crate) fn debug(package: &str) -> anyhow::Result<PathBuf> {
    let status = cargo()
        .args(["build", "--bins", "--package", package])
        .status()
        .context("starting cargo")?;
    if !status.success() {
        bail!("`cargo build` failed for {package}");
    }
    Ok(target()?.join("debug").join(package))
}

/// We are target/debug/xtask; following our own path respects CARGO_TARGET_DIR and build.target-dir.
fn target() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("finding xtask's own path")?;
    let target = own.ancestors().nth(2);
    Ok(target
        .context("xtask is not inside a target folder")?
        .to_owned())
}

/// Becomes the program: same process id, so signals and the exit code are the program's own.
pub(crate) fn become_program(program: &Path, arguments: &[String]) -> anyhow::Result<ExitCode> {
    let error = Command::new(program).args(arguments).exec();
    Err(error).with_context(|| format!("starting {}", program.display()))
}

/// Whether a program of that name is on the PATH.
pub(crate) fn is_installed(program: &str) -> bool {
    on_path(program).is_some()
}

/// The first program of that name on the PATH.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
}
