//! The browser tests of `tests/browser` and the screenshots: Node, the system's Chromium, and `trunkline demo`.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, bail};

use crate::step::Prepared;
use crate::{build, install, interrupt, node, web};

const CHROMIUM: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// Everything that the tests need, and the command that runs them.
///
/// # Errors
/// When something is missing and cannot be had; the message says what to do.
pub(crate) fn tests() -> anyhow::Result<Prepared> {
    if !web::folder().join("package.json").is_file() {
        return Ok(Prepared::Skip(
            "there is no web/ in this checkout".to_owned(),
        ));
    }
    let mut command = ready("npm")?;
    command.args(["test", "--silent"]);
    Ok(Prepared::Run(command))
}

/// `cargo xtask screenshots`: pictures of the main screens into `docs/screenshots`.
pub(crate) fn screenshots(arguments: &[String]) -> anyhow::Result<ExitCode> {
    if let Some(unknown) = arguments.first() {
        bail!("`cargo xtask screenshots` takes no {unknown}");
    }
    interrupt::install()?;
    let mut command = ready("node")?;
    command
        .arg("screenshots.js")
        .arg(build::workspace().join("docs/screenshots"));
    let status = interrupt::run_group(&mut command).context("starting node")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// A command in the folder of the tests, with the program and the browser in its environment.
fn ready(program: &str) -> anyhow::Result<Command> {
    node::check()?;
    let chromium = chromium()?;
    web::build()?;
    let trunkline = build::debug("trunkline")?;
    let folder = build::workspace().join("tests/browser");
    node::install_packages(&folder)?;
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env("TRUNKLINE", trunkline)
        .env("CHROMIUM", chromium);
    Ok(command)
}

fn chromium() -> anyhow::Result<PathBuf> {
    if let Some(found) = find() {
        return Ok(found);
    }
    install::with_apt("Chromium", "chromium")?;
    find().context("Chromium was installed, but no `chromium` is on the PATH")
}

fn find() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Some(PathBuf::from(named));
    }
    CHROMIUM.iter().find_map(|name| build::on_path(name))
}
