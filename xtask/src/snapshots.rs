//! A snapshot file that no test read is dead weight that looks like a guarantee: it fails the run.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::bail;

/// Fails with the list of `*.snap` files that are not named in insta's file of references.
pub(crate) fn all_are_referenced(workspace: &Path, references: &Path) -> anyhow::Result<()> {
    let named = fs::read_to_string(references).unwrap_or_default();
    let named: HashSet<PathBuf> = named
        .lines()
        .filter_map(|line| fs::canonicalize(line).ok())
        .collect();
    let mut present = Vec::new();
    for folder in ["crates", "tests", "bench"] {
        collect(&workspace.join(folder), &mut present)?;
    }
    let unread: Vec<String> = present
        .iter()
        .filter(|file| fs::canonicalize(file).is_ok_and(|file| !named.contains(&file)))
        .map(|file| {
            file.strip_prefix(workspace)
                .unwrap_or(file)
                .display()
                .to_string()
        })
        .collect();
    if !unread.is_empty() {
        bail!(
            "no test reads these snapshots any more; delete them:\n  {}",
            unread.join("\n  ")
        );
    }
    println!("{} snapshot files, all read by a test", present.len());
    Ok(())
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            collect(&path, found)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "snap")
        {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_that_no_test_reads_is_named() {
        let workspace = tempfile::tempdir().unwrap();
        let snapshots = workspace.path().join("crates/one/snapshots");
        fs::create_dir_all(&snapshots).unwrap();
        fs::write(snapshots.join("read.snap"), "").unwrap();
        fs::write(snapshots.join("dead.snap"), "").unwrap();
        let references = workspace.path().join("references");
        fs::write(
            &references,
            format!("{}\n", snapshots.join("read.snap").display()),
        )
        .unwrap();

        let error = all_are_referenced(workspace.path(), &references)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("dead.snap") && !error.contains("read.snap"),
            "{error}"
        );
    }
}
