//! A file on its way to Meta: into a temporary file while it comes, checked, and on from there.

use std::time::Duration;

use domain::TenantId;
use meta::graph::{GraphCallError, Upload};
use tokio::fs::File;
use tokio::io::{AsyncSeekExt as _, AsyncWriteExt as _};

use super::kind::{self, Kind, TAKEN};
use crate::Engine;
use crate::shared_account::{Unreached, access};

/// The bytes that tell what a file is.
const HEAD: usize = 4_096;
/// 100 MB over a slow line.
const TIME_LIMIT: Duration = Duration::from_secs(600);

/// A file that is coming in. It is gone when this is dropped.
#[derive(Debug)]
pub struct Incoming {
    file: File,
    name: String,
    declared: String,
    head: Vec<u8>,
    bytes: u64,
    kind: Option<Kind>,
}

/// What was uploaded.
#[derive(Debug)]
pub struct Uploaded {
    /// Meta's id; works for 30 days.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
}

/// Why a file was not uploaded.
#[derive(Debug, thiserror::Error)]
pub enum NotUploaded {
    /// WhatsApp does not take such files.
    #[error("is nothing that WhatsApp takes: {TAKEN}")]
    WrongKind,
    /// Nothing came.
    #[error("is empty")]
    Empty,
    /// It is too large for what it is.
    #[error("is too large: {} may have {} bytes at most", .0.mime_type, .0.max_bytes)]
    TooLarge(Kind),
    /// There is no room to keep it meanwhile.
    #[error("the file could not be kept while it came in: {0}")]
    Disk(#[from] std::io::Error),
    /// Meta could not be asked, or refused.
    #[error(transparent)]
    Unreached(#[from] Unreached),
}

impl Incoming {
    /// A file of this name, and of this type as its sender says.
    ///
    /// # Errors
    /// When no temporary file can be made.
    pub fn new(name: &str, declared: &str) -> Result<Self, NotUploaded> {
        Ok(Self {
            file: File::from_std(tempfile::tempfile()?),
            name: name.to_owned(),
            declared: declared.to_owned(),
            head: Vec::new(),
            bytes: 0,
            kind: None,
        })
    }

    /// The next piece. What cannot be sent is refused as soon as that is known.
    ///
    /// # Errors
    /// [`NotUploaded`].
    pub async fn push(&mut self, piece: &[u8]) -> Result<(), NotUploaded> {
        let wanted = HEAD.saturating_sub(self.head.len()).min(piece.len());
        self.head.extend_from_slice(&piece[..wanted]);
        self.bytes += piece.len() as u64;
        if self.head.len() >= HEAD {
            self.check()?;
        }
        self.file.write_all(piece).await?;
        Ok(())
    }

    fn check(&mut self) -> Result<Kind, NotUploaded> {
        let kind = match self.kind {
            Some(kind) => kind,
            None => {
                kind::of(&self.head, &self.declared, &self.name).ok_or(NotUploaded::WrongKind)?
            }
        };
        self.kind = Some(kind);
        if self.bytes > kind.max_bytes {
            return Err(NotUploaded::TooLarge(kind));
        }
        Ok(kind)
    }

    /// Uploads the whole file to Meta for the tenant's number.
    ///
    /// # Errors
    /// [`NotUploaded`].
    pub async fn upload(
        mut self,
        engine: &Engine,
        tenant: TenantId,
    ) -> Result<Uploaded, NotUploaded> {
        if self.bytes == 0 {
            return Err(NotUploaded::Empty);
        }
        let kind = self.check()?;
        let access = access::of_tenant(engine, tenant).await?;
        self.file.flush().await?;
        self.file.rewind().await?;
        let upload = Upload {
            name: &self.name,
            mime_type: kind.mime_type,
            body: self.file,
            bytes: self.bytes,
        };
        let id = engine
            .graph
            .upload_media_from(
                &access.token,
                &access.number.phone_number_id,
                upload,
                TIME_LIMIT,
            )
            .await
            .map_err(|error: GraphCallError| Unreached::from(error))?;
        Ok(Uploaded {
            id,
            kind,
            name: self.name,
            bytes: self.bytes,
        })
    }
}
