//! A file while it comes in: in a temporary file that vanishes with the process, counted and hashed on the way.

use sha2::{Digest as _, Sha256};
use store::media::Digest;
use tokio::fs::File;
use tokio::io::{AsyncSeekExt as _, AsyncWriteExt as _};

use super::place::Files;

/// The bytes that tell what a file is.
pub(super) const HEAD: usize = 4_096;

/// A file that is coming in. It is gone when this is dropped.
#[derive(Debug)]
pub(super) struct Spool {
    file: File,
    hash: Sha256,
    pub(super) head: Vec<u8>,
    pub(super) bytes: u64,
}

impl Spool {
    /// An empty one, on the disk that the files lie on where that is this machine's.
    pub(super) fn new(files: &Files) -> std::io::Result<Self> {
        let file = match &files.root {
            Some(root) => tempfile::tempfile_in(root)?,
            None => tempfile::tempfile()?,
        };
        Ok(Self {
            file: File::from_std(file),
            hash: Sha256::new(),
            head: Vec::new(),
            bytes: 0,
        })
    }

    pub(super) async fn push(&mut self, piece: &[u8]) -> std::io::Result<()> {
        let wanted = HEAD.saturating_sub(self.head.len()).min(piece.len());
        self.head.extend_from_slice(&piece[..wanted]);
        self.bytes += piece.len() as u64;
        self.hash.update(piece);
        self.file.write_all(piece).await
    }

    /// The digest of what has come.
    pub(super) fn sha256(&self) -> Digest {
        self.hash.clone().finalize().into()
    }

    /// The file from its beginning; readers share the place, so one after the other.
    pub(super) async fn reader(&mut self) -> std::io::Result<File> {
        self.file.flush().await?;
        self.file.rewind().await?;
        self.file.try_clone().await
    }
}
