//! Node and npm as child processes.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};

use crate::{build, interrupt};

/// The oldest Node that the web application is built with.
const OLDEST: u32 = 20;

/// Whether there is a Node that is new enough; the error says what to do.
pub(crate) fn check() -> anyhow::Result<()> {
    let advice = format!(
        "install Node {OLDEST} or newer with npm (https://nodejs.org, or your package manager)"
    );
    if !build::is_installed("node") || !build::is_installed("npm") {
        bail!("the web application needs Node, and `node` or `npm` is not on the PATH; {advice}");
    }
    let output = Command::new("node")
        .arg("--version")
        .output()
        .context("running `node --version`")?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match major(&version) {
        Some(major) if major >= OLDEST => Ok(()),
        _ => bail!("the web application needs a newer Node than {version}; {advice}"),
    }
}

/// `v20.11.1` → 20.
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// npm in a folder; true when it ended well.
pub(crate) fn npm(folder: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    println!("$ npm {}", arguments.join(" "));
    let mut command = Command::new("npm");
    let status = interrupt::run_group(command.args(arguments).current_dir(folder))
        .context("starting npm")?;
    if !status.success() {
        bail!(
            "`npm {}` failed in {}",
            arguments.join(" "),
            folder.display()
        );
    }
    Ok(())
}

/// `npm ci`, unless what is installed is what the lock file says.
pub(crate) fn install_packages(folder: &Path) -> anyhow::Result<()> {
    let lock = fs::read(folder.join("package-lock.json"))
        .with_context(|| format!("{} has no package-lock.json", folder.display()))?;
    // In node_modules, so that it goes when the packages go.
    let stamp = folder.join("node_modules/.installed-for");
    let wanted = digest(&lock);
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    // Build tools are development dependencies; NODE_ENV=production would leave them out.
    npm(folder, &["ci", "--include=dev", "--no-fund", "--no-audit"])?;
    fs::write(&stamp, wanted).with_context(|| format!("writing {}", stamp.display()))
}

/// Tells contents apart; no secret is behind it.
pub(crate) fn digest(content: &impl Hash) -> String {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("v8.0.0"), Some(8));
        assert_eq!(major("what"), None);
    }
}
