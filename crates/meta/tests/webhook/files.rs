//! Finds the documents that the tests read.

use std::path::{Path, PathBuf};

pub(crate) struct Document {
    pub(crate) path: PathBuf,
    pub(crate) name: String,
    pub(crate) body: Vec<u8>,
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All our webhook fixtures, by name.
pub(crate) fn fixtures() -> Vec<Document> {
    let documents = read(&workspace().join("fixtures/meta/webhook"));
    assert!(
        documents.len() > 100,
        "only {} fixtures were found",
        documents.len()
    );
    documents
}

/// One of our webhook fixtures.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let path = workspace()
        .join("fixtures/meta/webhook")
        .join(format!("{name}.json"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Payloads of other projects, or `None` where they are not at hand.
pub(crate) fn shared_payloads() -> Option<Vec<Document>> {
    let folder = workspace().join("../shared/meta/payloads");
    if !folder.is_dir() {
        println!("skipped: the shared payloads are not at hand");
        return None;
    }
    let mut documents = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            documents.extend(read(&path));
        }
    }
    Some(documents)
}

fn read(folder: &Path) -> Vec<Document> {
    let mut documents = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            documents.push(Document {
                body: std::fs::read(&path).unwrap(),
                name,
                path,
            });
        }
    }
    documents.sort_by(|left, right| left.path.cmp(&right.path));
    documents
}
