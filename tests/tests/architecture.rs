//! Keeps the picture of crates/README.md true: who may depend on whom, who may name sqlx and axum, and that the
//! two databases get the same migrations. Dependencies are read from `cargo metadata`, not from the text.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// Every crate of ours, and what it may depend on outside its tests. A crate that is missing here fails the test.
const ARROWS: &[(&str, &[&str])] = &[
    ("trunkline-domain", &[]),
    ("trunkline-meta", &["trunkline-domain"]),
    ("trunkline-store", &["trunkline-domain"]),
    (
        "trunkline-engine",
        &["trunkline-domain", "trunkline-meta", "trunkline-store"],
    ),
    // `meta` for the webhook's signature alone
    (
        "trunkline-http",
        &[
            "trunkline-domain",
            "trunkline-meta",
            "trunkline-store",
            "trunkline-engine",
        ],
    ),
    ("trunkline-sim", &["trunkline-domain", "trunkline-meta"]),
    ("trunkline", ANY),
    ("trunkline-testkit", ANY),
    ("trunkline-bench", ANY),
    ("stories", ANY),
    // quick to build, so nothing of ours
    ("xtask", &[]),
];
const ANY: &[&str] = &["*"];

/// Outside dependencies that say which layer a crate belongs to, and who may name them. `testkit` and `stories`
/// are tests themselves.
const FENCED: &[(&str, &[&str])] = &[
    ("sqlx", &["trunkline-store"]),
    (
        "axum",
        &[
            "trunkline-http",
            "trunkline-sim",
            "trunkline-bench",
            "trunkline",
            "trunkline-testkit",
            "stories",
        ],
    ),
];

const LONGEST_FILE: usize = 500;
const LONG_FILE: usize = 300;

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ lies in the workspace")
}

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(workspace().join("Cargo.toml"))
        .no_deps()
        .other_options(vec!["--offline".to_owned()])
        .exec()
        .expect("cargo metadata answers")
}

fn depends_on(package: &Package, kinds: &[DependencyKind]) -> BTreeSet<String> {
    package
        .dependencies
        .iter()
        .filter(|dependency| kinds.contains(&dependency.kind))
        .map(|found| found.name.clone())
        .collect()
}

/// Normal and build dependencies: what ends up in the product.
const PRODUCT: &[DependencyKind] = &[DependencyKind::Normal, DependencyKind::Build];

#[test]
fn every_crate_depends_only_along_the_arrows() {
    let metadata = metadata();
    let ours: BTreeSet<String> = metadata
        .packages
        .iter()
        .map(|package| package.name.to_string())
        .collect();
    let arrows: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut wrong = Vec::new();
    for package in &metadata.packages {
        let Some(allowed) = arrows.get(package.name.as_str()) else {
            wrong.push(format!(
                "{} is not drawn; add it to ARROWS here and to crates/README.md",
                package.name
            ));
            continue;
        };
        for target in depends_on(package, PRODUCT).intersection(&ours) {
            if *allowed != ANY && !allowed.contains(&target.as_str()) {
                wrong.push(format!("{} must not depend on {target}", package.name));
            }
        }
    }
    for (name, _) in ARROWS {
        if !ours.contains(*name) {
            wrong.push(format!("{name} is drawn but does not exist"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_database_driver_and_the_web_framework_stay_behind_their_fences() {
    let mut wrong = Vec::new();
    for package in &metadata().packages {
        let depends = depends_on(package, PRODUCT);
        for (fenced, allowed) in FENCED {
            if depends.contains(*fenced) && !allowed.contains(&package.name.as_str()) {
                wrong.push(format!(
                    "{} must not depend on {fenced}; only {} may",
                    package.name,
                    allowed.join(", ")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_picture_names_every_crate() {
    let picture =
        fs::read_to_string(workspace().join("crates/README.md")).expect("crates/README.md exists");
    for folder in folders(&workspace().join("crates")) {
        let name = folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        assert!(
            picture.contains(&format!("| `{name}` |")),
            "crates/README.md has no line for `{name}`"
        );
    }
}

#[test]
fn both_databases_have_the_same_migrations() {
    let migrations = workspace().join("crates/store/migrations");
    if !migrations.exists() {
        println!("skipped: no migrations yet");
        return;
    }
    let sqlite = file_names(&migrations.join("sqlite"));
    let postgres = file_names(&migrations.join("postgres"));
    let lonely: Vec<&String> = sqlite.symmetric_difference(&postgres).collect();
    assert!(
        lonely.is_empty(),
        "these migrations lack their twin in the other folder: {lonely:?}"
    );
    assert!(
        !sqlite.is_empty(),
        "crates/store/migrations holds no migration"
    );
}

#[test]
fn no_source_file_outgrows_its_reader() {
    let mut lengths = Vec::new();
    for top in ["crates", "bench", "xtask"] {
        for file in rust_files(&workspace().join(top)) {
            let text = fs::read_to_string(&file).expect("a source file is readable");
            let name = file
                .strip_prefix(workspace())
                .unwrap_or(&file)
                .display()
                .to_string();
            lengths.push((lines_without_tests(&text), name));
        }
    }
    lengths.sort();
    for (lines, name) in lengths
        .iter()
        .rev()
        .take_while(|(lines, _)| *lines > LONG_FILE)
    {
        println!("{name}: {lines} lines (over {LONG_FILE}: could it be two files?)");
    }
    let too_long: Vec<String> = lengths
        .iter()
        .filter(|(lines, _)| *lines > LONGEST_FILE)
        .map(|(lines, name)| format!("{name}: {lines}"))
        .collect();
    assert!(
        too_long.is_empty(),
        "over {LONGEST_FILE} lines, not counting tests:\n{}",
        too_long.join("\n")
    );
}

/// A file's tests at its end do not count.
fn lines_without_tests(text: &str) -> usize {
    text.lines()
        .take_while(|line| *line != "#[cfg(test)]")
        .count()
}

/// Sources that are not tests: `tests/` folders and `tests.rs` files are left out.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)
        .expect("a source folder is readable")
        .flatten()
    {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() && !matches!(name.as_str(), "tests" | "target") {
            found.extend(rust_files(&path));
        } else if name.ends_with(".rs") && name != "tests.rs" {
            found.push(path);
        }
    }
    found
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder is readable");
    entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect()
}

fn file_names(folder: &Path) -> BTreeSet<String> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}
