//! The media of a message for somebody who wants to see them: out of the store, or from Meta while they are not in it.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use domain::TenantId;
use meta::graph::{GraphCallError, MediaStream};
use meta::limits;
use serde_json::Value;
use store::media::{Digest, accounts, files, of_messages};
use store::messages::Message;

use super::given::{plain_type, said};
use super::place::{Pieces, StoreError};
use crate::Engine;
use crate::shared_account::{Unreached, access};

/// 100 MB over a slow line.
const TIME_LIMIT: Duration = Duration::from_secs(600);

/// Media that were found.
#[derive(Debug)]
pub enum Found {
    /// In the store.
    Stored(Stored),
    /// At Meta, read while they come.
    Meta(Opened),
}

/// Media in the store.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The content.
    pub sha256: Digest,
    /// Its type.
    pub mime_type: String,
    /// Its size.
    pub bytes: u64,
    /// Its name, where it has one.
    pub name: Option<String>,
    /// `image`, `video`, `audio`, `document`, `sticker`.
    pub kind: &'static str,
    /// The type of its thumbnail, where it has one.
    pub thumbnail: Option<String>,
}

/// Media that are being read from Meta.
#[derive(Debug)]
pub struct Opened {
    /// The bytes.
    pub stream: MediaStream,
    /// Their type, as Meta says.
    pub mime_type: String,
    /// Their name, where they have one.
    pub name: Option<String>,
    /// `image`, `video`, `audio`, `document`, `sticker`.
    pub kind: &'static str,
}

/// Why there is nothing to read.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// The message carries none.
    #[error("this message carries no media")]
    None,
    /// They were sent by a link.
    #[error("this was sent by a link and is not kept by WhatsApp; it is at {0}")]
    Link(String),
    /// Meta does not have them any more.
    #[error(
        "WhatsApp does not have this file any more: it keeps received files for 7 days and sent ones for 30"
    )]
    Gone,
    /// The tenant's time of keeping is over.
    #[error("this file was removed because this business keeps files for a limited time only")]
    Deleted,
    /// It has no thumbnail.
    #[error("this file has no thumbnail")]
    NoThumbnail,
    /// The store refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Meta could not be asked, or refused.
    #[error(transparent)]
    Unreached(#[from] Unreached),
}

impl From<GraphCallError> for NotOpened {
    fn from(error: GraphCallError) -> Self {
        match &error {
            GraphCallError::Refused(refused)
                if refused.http_status == 404
                    || (refused.code, refused.subcode) == (100, Some(33)) =>
            {
                Self::Gone
            }
            GraphCallError::NotMeta { http_status: 404 } => Self::Gone,
            _ => Self::Unreached(error.into()),
        }
    }
}

impl From<store::DbError> for NotOpened {
    fn from(error: store::DbError) -> Self {
        Self::Unreached(error.into())
    }
}

/// Finds the media of a message of the tenant.
///
/// # Errors
/// [`NotOpened`].
pub async fn find(
    engine: &Engine,
    tenant: TenantId,
    message: &Message,
) -> Result<Found, NotOpened> {
    let content: Value = serde_json::from_str(&message.content).unwrap_or_default();
    let said = said(&message.kind, &content).ok_or(NotOpened::None)?;
    let Some(id) = said.id else {
        return Err(said.link.map_or(NotOpened::None, NotOpened::Link));
    };
    let seen = of_messages::seen(&engine.db, tenant, &[message.id]).await?;
    if let Some(seen) = seen.into_iter().next() {
        match (seen.state.as_str(), seen.sha256()?) {
            ("stored", Some(sha256)) => {
                let file = files::get(&engine.db, tenant, sha256).await?;
                if let Some(file) = file {
                    return Ok(Found::Stored(Stored {
                        sha256,
                        mime_type: file.mime_type,
                        bytes: u64::try_from(file.bytes).unwrap_or(0),
                        name: said.name,
                        kind: said.kind,
                        thumbnail: file.thumbnail,
                    }));
                }
            }
            ("deleted", _) => return Err(NotOpened::Deleted),
            ("gone", _) => return Err(NotOpened::Gone),
            // Not here yet, or too much for here: Meta has it for its time.
            _ => {}
        }
    }
    if id.starts_with("med_") {
        // One of ours whose file is gone; Meta never had it under this id.
        return Err(NotOpened::Deleted);
    }
    let access = access::of_number(engine, &message.phone_number_id).await?;
    let number = Some(message.phone_number_id.as_str());
    let answer = engine.graph.media_url(&access.token, &id, number).await;
    let place = access.heeded(engine, answer)?;
    let url = place.url.ok_or(NotOpened::Gone)?;
    let stream = engine
        .graph
        .open_media(&access.token, &url, limits::DOCUMENT_MAX_BYTES, TIME_LIMIT)
        .await?;
    let mime_type = place.mime_type.or_else(|| stream.content_type.clone());
    Ok(Found::Meta(Opened {
        mime_type: plain_type(&mime_type.unwrap_or_default()),
        stream,
        name: said.name,
        kind: said.kind,
    }))
}

/// The bytes of a stored content between two places. What is missing in the store is fetched from Meta again, where
/// Meta still has it.
///
/// # Errors
/// [`NotOpened`].
pub async fn read(
    engine: &Engine,
    tenant: TenantId,
    stored: &Stored,
    range: Range<u64>,
) -> Result<Pieces, NotOpened> {
    match engine.media.files.read(tenant, stored.sha256, range).await {
        Err(StoreError::Missing) => {
            missing(engine, tenant, stored).await?;
            Err(StoreError::Missing.into())
        }
        found => Ok(found?),
    }
}

/// The thumbnail of a message's media, and its type.
///
/// # Errors
/// [`NotOpened`].
pub async fn find_thumbnail(
    engine: &Engine,
    tenant: TenantId,
    message: &Message,
) -> Result<(Stored, String, Bytes), NotOpened> {
    let seen = of_messages::seen(&engine.db, tenant, &[message.id]).await?;
    if seen.is_empty() {
        return Err(NotOpened::NoThumbnail);
    }
    let Found::Stored(stored) = find(engine, tenant, message).await? else {
        return Err(NotOpened::NoThumbnail);
    };
    let Some(kind) = stored.thumbnail.clone() else {
        return Err(NotOpened::NoThumbnail);
    };
    match engine.media.files.thumbnail(tenant, stored.sha256).await {
        Ok(bytes) => Ok((stored, kind, bytes)),
        Err(StoreError::Missing) => Err(NotOpened::NoThumbnail),
        Err(error) => Err(error.into()),
    }
}

/// Somebody took the file out of the store behind our back.
async fn missing(engine: &Engine, tenant: TenantId, stored: &Stored) -> store::Result<()> {
    tracing::error!(tenant = %tenant, sha256 = %hex::encode(stored.sha256), "a stored file is missing in the file store; it is fetched again where that is possible");
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    if files::lost(&mut tx, tenant, stored.sha256, now).await? {
        let bytes = i64::try_from(stored.bytes).unwrap_or(0);
        accounts::charge(&mut tx, tenant, -bytes, -1).await?;
        of_messages::broken(&mut tx, tenant, stored.sha256, now).await?;
    }
    tx.commit().await?;
    engine.media.bell.notify_one();
    Ok(())
}
