//! Keeping a file that has come in whole: announced, written, declared kept, in this order, so that nothing is said
//! to be stored that is not, and nothing lies about that no row knows.

use domain::TenantId;
use store::media::files::{self, Begun, Finished, Looks};
use store::media::{Digest, accounts};
use store::{DbError, Tx};

use super::place::StoreError;
use super::spool::Spool;
use super::thumbnail;
use crate::Engine;

/// A content whose bytes are in the store.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) sha256: Digest,
    pub(super) bytes: i64,
    /// What was seen of a new one.
    looks: Option<Looks>,
}

/// Why a file was not kept.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// The tenant may not keep more.
    #[error(
        "would take more than the {} that this business may keep; {} are in use",
        size(*quota),
        size(*used)
    )]
    OverQuota {
        /// Bytes that it may keep.
        quota: u64,
        /// Bytes that it keeps.
        used: u64,
    },
    /// The same content is being removed at this moment.
    #[error("the same file is being removed at this moment; try again")]
    Busy,
    /// The store refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database refuses.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl From<std::io::Error> for NotKept {
    fn from(error: std::io::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Bytes as people read them.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB")];
    let unit = UNITS.into_iter().find(|(least, _)| bytes >= *least);
    match unit {
        Some((unit, word)) => {
            let tenths = bytes.saturating_mul(10) / unit;
            format!("{}.{} {word}", tenths / 10, tenths % 10).replace(".0 ", " ")
        }
        None => format!("{bytes} bytes"),
    }
}

/// How many bytes a tenant may keep; none: any number.
pub fn quota(engine: &Engine, account: &accounts::Account) -> Option<u64> {
    let own = account
        .quota_bytes
        .map(|bytes| u64::try_from(bytes).unwrap_or(0));
    own.or(engine.media.config.quota)
}

/// Refuses what would take the tenant over its quota.
pub(super) fn within(
    engine: &Engine,
    account: &accounts::Account,
    more: u64,
) -> Result<(), NotKept> {
    let used = u64::try_from(account.bytes).unwrap_or(0);
    match quota(engine, account) {
        Some(quota) if used.saturating_add(more) > quota => Err(NotKept::OverQuota { quota, used }),
        _ => Ok(()),
    }
}

/// Writes a file into the store, unless the tenant has the same content already.
pub(super) async fn keep(
    engine: &Engine,
    tenant: TenantId,
    spool: &mut Spool,
    kind: &str,
    mime_type: &str,
) -> Result<Kept, NotKept> {
    let sha256 = spool.sha256();
    let bytes = i64::try_from(spool.bytes).unwrap_or(i64::MAX);
    let known = files::get(&engine.db, tenant, sha256).await?.is_some();
    if !known {
        let account = accounts::get(&engine.db, tenant).await?;
        within(engine, &account, spool.bytes)?;
    }
    let new = files::New {
        sha256,
        kind,
        mime_type,
        bytes,
    };
    let looks = match files::begin(&engine.db, tenant, &new, engine.clock.now()).await? {
        Begun::Leaving => return Err(NotKept::Busy),
        Begun::Stored => None,
        Begun::Write => {
            let file = spool.reader().await?;
            engine
                .media
                .files
                .put(tenant, sha256, file, spool.bytes)
                .await?;
            Some(looks(engine, tenant, sha256, spool, mime_type).await)
        }
    };
    Ok(Kept {
        sha256,
        bytes,
        looks,
    })
}

/// What a picture looks like; a thumbnail that cannot be made is no failure.
async fn looks(
    engine: &Engine,
    tenant: TenantId,
    sha256: Digest,
    spool: &mut Spool,
    mime_type: &str,
) -> Looks {
    if !matches!(mime_type, "image/jpeg" | "image/png" | "image/webp") {
        return Looks::default();
    }
    let Ok(file) = spool.reader().await else {
        return Looks::default();
    };
    let file = file.into_std().await;
    let seen = match engine.media.decoding(move || thumbnail::look(file)).await {
        Ok(seen) => seen,
        Err(why) => {
            tracing::info!(why = %why, "a picture has no thumbnail");
            metrics::counter!("trunkline_media_thumbnails_total", "outcome" => "failed")
                .increment(1);
            return Looks::default();
        }
    };
    let mut looks = seen.looks;
    if let Some(bytes) = seen.bytes {
        let put = engine
            .media
            .files
            .put_thumbnail(tenant, sha256, bytes)
            .await;
        if let Err(error) = put {
            tracing::warn!(error = %error, "a thumbnail could not be written");
            looks.thumbnail = None;
        }
    }
    metrics::counter!("trunkline_media_thumbnails_total", "outcome" => "made").increment(1);
    looks
}

/// Declares a content kept and charges it. Whoever refers to it does so in the same transaction.
pub(super) async fn finish(
    engine: &Engine,
    tx: &mut Tx,
    tenant: TenantId,
    kept: &Kept,
) -> Result<(), NotKept> {
    let now = engine.clock.now();
    match files::finish(tx, tenant, kept.sha256, kept.looks.as_ref(), now).await? {
        Finished::Lost => Err(NotKept::Busy),
        Finished::Known => Ok(()),
        Finished::New => {
            let account = accounts::charge(tx, tenant, kept.bytes, 1).await?;
            metrics::counter!("trunkline_media_stored_bytes_total")
                .increment(kept.bytes.unsigned_abs());
            within(engine, &account, 0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn a_size_is_read_at_a_glance() {
        assert_eq!(size(512), "512 bytes");
        assert_eq!(size(5 << 20), "5 MB");
        assert_eq!(size((3 << 30) / 2), "1.5 GB");
    }
}
