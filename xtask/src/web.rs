//! `cargo xtask web`: the web application, built for embedding. Cargo itself never runs npm.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, bail};

use crate::{build, interrupt, node};

const COMPRESS: &str = include_str!("compress.mjs");
/// Made by tools, so not part of what is built from.
const MADE: [&str; 3] = ["node_modules", "build", ".svelte-kit"];

/// Builds what has changed.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<ExitCode> {
    if let Some(unknown) = arguments.first() {
        bail!("`cargo xtask web` takes no {unknown}");
    }
    interrupt::install()?;
    build()?;
    Ok(ExitCode::SUCCESS)
}

/// Builds it where something under `web/` has changed since the last time.
///
/// # Errors
/// When Node is missing or too old, or the build fails.
pub(crate) fn build() -> anyhow::Result<()> {
    let folder = folder();
    if !folder.join("package.json").is_file() {
        println!("there is no web/ in this checkout: the program will say so in its place");
        return Ok(());
    }
    let stamp = folder.join(".svelte-kit/built-from");
    let state = node::digest(&contents(&folder)?);
    let is_built = folder.join("build/index.html").is_file();
    if is_built && fs::read_to_string(&stamp).is_ok_and(|built| built == state) {
        println!("the web application is up to date");
        return Ok(());
    }
    node::check()?;
    node::install_packages(&folder)?;
    node::npm(&folder, &["run", "build"])?;
    compress(&folder.join("build"))?;
    if let Some(parent) = stamp.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(&stamp, state).with_context(|| format!("writing {}", stamp.display()))
}

/// Where the web application lies.
pub(crate) fn folder() -> PathBuf {
    build::workspace().join("web")
}

fn compress(built: &Path) -> anyhow::Result<()> {
    let mut command = Command::new("node");
    command
        .args(["--input-type=module", "--eval", COMPRESS, "--"])
        .arg(built);
    if !interrupt::run_group(&mut command)
        .context("starting node")?
        .success()
    {
        bail!("compressing the web application's files failed");
    }
    Ok(())
}

/// Every file that is built from, with its content, in an order that does not change.
fn contents(folder: &Path) -> anyhow::Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).with_context(|| format!("reading {}", next.display()))? {
            let entry = entry?;
            let path = entry.path();
            if MADE.iter().any(|made| entry.file_name() == *made) {
                continue;
            }
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else {
                let content =
                    fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
                files.push((path, content));
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tools_made_does_not_count_as_a_change() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("src/app.html", "one");
        let before = contents(folder.path()).unwrap();
        write("build/index.html", "x");
        write("node_modules/a/index.js", "x");
        assert_eq!(contents(folder.path()).unwrap(), before);
        write("src/app.html", "two");
        assert_ne!(contents(folder.path()).unwrap(), before);
    }
}
