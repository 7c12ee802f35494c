//! Contents, each once for a tenant.
//!
//! A row is there before the bytes are and goes after them: `writing` → `stored` → `deleting` → gone. So whatever
//! a crash leaves in the object store has a row by which it is found and removed.

use domain::{TenantId, Timestamp};
use uuid::Uuid;

use super::{Digest, digest};
use crate::db::{Db, DbError, Result, Sql, Tx, args, statements};

/// A content that is about to be written.
#[derive(Debug, Clone)]
pub struct New<'a> {
    /// Its digest.
    pub sha256: Digest,
    /// `image`, `video`, `audio`, `document`, `sticker`.
    pub kind: &'a str,
    /// Its type.
    pub mime_type: &'a str,
    /// Its size.
    pub bytes: i64,
}

/// What was found out about a picture.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looks {
    /// The type of its thumbnail; none: there is none.
    pub thumbnail: Option<String>,
    /// Pixels.
    pub width: Option<i64>,
    /// Pixels.
    pub height: Option<i64>,
}

/// A content that is kept.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct File {
    /// Its type.
    pub mime_type: String,
    /// Its size.
    pub bytes: i64,
    /// The type of its thumbnail; none: there is none.
    pub thumbnail: Option<String>,
}

/// A content that goes or has to go.
#[derive(Debug, Clone, sqlx::FromRow)]
struct LeavingRow {
    tenant_id: Uuid,
    sha256: Vec<u8>,
}

/// How much of a kind a tenant keeps.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct OfKind {
    /// `image`, `video`, `audio`, `document`, `sticker`.
    pub kind: String,
    /// Bytes.
    pub bytes: i64,
    /// Files.
    pub files: i64,
}

#[derive(sqlx::FromRow)]
struct State {
    state: String,
    bytes: i64,
}

statements! {
    BEGIN = Sql::Both("INSERT INTO media_files (tenant_id, sha256, state, kind, mime_type, bytes, created_at, updated_at) \
        VALUES ($1, $2, 'writing', $3, $4, $5, $6, $6) \
        ON CONFLICT (tenant_id, sha256) DO UPDATE SET updated_at = excluded.updated_at WHERE media_files.state <> 'deleting' \
        RETURNING state, bytes");
    FINISH = Sql::Both("UPDATE media_files SET state = 'stored', thumbnail = $3, width = $4, height = $5, updated_at = $6 \
        WHERE tenant_id = $1 AND sha256 = $2 AND state = 'writing'");
    // Takes the row's lock, so that nobody removes it before the reference is committed.
    TOUCH = Sql::Both("UPDATE media_files SET updated_at = $3 WHERE tenant_id = $1 AND sha256 = $2 AND state = 'stored'");
    GET = Sql::Both("SELECT mime_type, bytes, thumbnail FROM media_files WHERE tenant_id = $1 AND sha256 = $2 AND state = 'stored'");
    LOCK = Sql::Each {
        sqlite: "SELECT state, bytes FROM media_files WHERE tenant_id = $1 AND sha256 = $2",
        postgres: "SELECT state, bytes FROM media_files WHERE tenant_id = $1 AND sha256 = $2 FOR UPDATE",
    };
    LEAVE_UNUSED = Sql::Both("UPDATE media_files SET state = 'deleting', updated_at = $3 WHERE tenant_id = $1 AND sha256 = $2 AND state = 'stored' \
        AND NOT EXISTS (SELECT 1 FROM message_media m WHERE m.tenant_id = $1 AND m.sha256 = $2) \
        AND NOT EXISTS (SELECT 1 FROM media_uploads u WHERE u.tenant_id = $1 AND u.sha256 = $2)");
    LEAVE_UNWRITTEN = Sql::Both("UPDATE media_files SET state = 'deleting', updated_at = $1 WHERE state = 'writing' AND updated_at < $2");
    LEAVE_STRAY = Sql::Both("INSERT INTO media_files (tenant_id, sha256, state, kind, mime_type, bytes, created_at, updated_at) \
        VALUES ($1, $2, 'deleting', 'document', '', 0, $3, $3) ON CONFLICT (tenant_id, sha256) DO NOTHING");
    LEAVING = Sql::Both("SELECT tenant_id, sha256 FROM media_files WHERE state = 'deleting' ORDER BY updated_at LIMIT $1");
    GONE = Sql::Both("DELETE FROM media_files WHERE tenant_id = $1 AND sha256 = $2 AND state = 'deleting'");
    LOST = Sql::Both("UPDATE media_files SET state = 'writing', updated_at = $3 WHERE tenant_id = $1 AND sha256 = $2 AND state = 'stored'");
    BY_KIND = Sql::Both("SELECT kind, CAST(SUM(bytes) AS BIGINT) AS bytes, COUNT(*) AS files FROM media_files \
        WHERE tenant_id = $1 AND state = 'stored' GROUP BY kind ORDER BY kind");
}

/// Whether a content has to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// Its bytes have to be written, then [`finish`] is called.
    Write,
    /// It is there already.
    Stored,
    /// It is being removed at this moment; come again.
    Leaving,
}

/// Announces that a content is going to be written.
///
/// # Errors
/// When the database refuses.
pub async fn begin(db: &Db, tenant: TenantId, file: &New<'_>, now: Timestamp) -> Result<Begun> {
    let args = args![
        tenant,
        file.sha256.to_vec(),
        file.kind,
        file.mime_type,
        file.bytes,
        now
    ];
    let mut tx = db.begin().await?;
    let row: Option<State> = tx.first(BEGIN, args).await?;
    tx.commit().await?;
    Ok(match row {
        None => Begun::Leaving,
        Some(row) if row.state == "stored" => Begun::Stored,
        Some(_) => Begun::Write,
    })
}

/// How a content came to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finished {
    /// It is new: its bytes count from now on.
    New,
    /// It was kept already.
    Known,
    /// It was taken away meanwhile; begin again.
    Lost,
}

/// Declares a content kept. Its row is locked until the transaction ends, in which somebody refers to it.
///
/// # Errors
/// When the database refuses.
pub async fn finish(
    tx: &mut Tx,
    tenant: TenantId,
    sha256: Digest,
    looks: Option<&Looks>,
    now: Timestamp,
) -> Result<Finished> {
    if let Some(looks) = looks {
        let args = args![
            tenant,
            sha256.to_vec(),
            looks.thumbnail.clone(),
            looks.width,
            looks.height,
            now
        ];
        if tx.run(FINISH, args).await? == 1 {
            return Ok(Finished::New);
        }
    }
    let known = tx.run(TOUCH, args![tenant, sha256.to_vec(), now]).await? == 1;
    Ok(if known {
        Finished::Known
    } else {
        Finished::Lost
    })
}

/// A content that is kept.
///
/// # Errors
/// When the database refuses.
pub async fn get(db: &Db, tenant: TenantId, sha256: Digest) -> Result<Option<File>> {
    db.first(GET, args![tenant, sha256.to_vec()]).await
}

/// Gives a content up if nobody refers to it any more. Gives its bytes when it goes.
///
/// # Errors
/// When the database refuses.
pub async fn leave_unused(
    tx: &mut Tx,
    tenant: TenantId,
    sha256: Digest,
    now: Timestamp,
) -> Result<Option<i64>> {
    // The lock first and the question after it: a reference that was committed while we waited is seen.
    let row: Option<State> = tx.first(LOCK, args![tenant, sha256.to_vec()]).await?;
    let Some(row) = row.filter(|row| row.state == "stored") else {
        return Ok(None);
    };
    let left = tx
        .run(LEAVE_UNUSED, args![tenant, sha256.to_vec(), now])
        .await?;
    Ok((left == 1).then_some(row.bytes))
}

/// Gives up what was announced before `before` and never finished.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_leave_unwritten(db: &Db, now: Timestamp, before: Timestamp) -> Result<u64> {
    db.run(LEAVE_UNWRITTEN, args![now, before]).await
}

/// Takes note of bytes that no row knows, so that they are removed. False when a row knows them.
///
/// # Errors
/// When the database refuses.
pub async fn leave_stray(
    db: &Db,
    tenant: TenantId,
    sha256: Digest,
    now: Timestamp,
) -> Result<bool> {
    Ok(db
        .run(LEAVE_STRAY, args![tenant, sha256.to_vec(), now])
        .await?
        == 1)
}

/// Contents whose bytes have to be removed.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_leaving(db: &Db, limit: i64) -> Result<Vec<(TenantId, Digest)>> {
    let rows: Vec<LeavingRow> = db.all(LEAVING, args![limit]).await?;
    rows.into_iter()
        .map(|row| {
            let sha256 = digest(row.sha256).map_err(DbError::Corrupt)?;
            Ok((TenantId(row.tenant_id), sha256))
        })
        .collect()
}

/// Forgets a content whose bytes are removed.
///
/// # Errors
/// When the database refuses.
pub async fn gone(db: &Db, tenant: TenantId, sha256: Digest) -> Result<()> {
    db.run(GONE, args![tenant, sha256.to_vec()]).await.map(drop)
}

/// Takes note that the bytes of a content are missing, so that it is written again when somebody has them.
///
/// # Errors
/// When the database refuses.
pub async fn lost(tx: &mut Tx, tenant: TenantId, sha256: Digest, now: Timestamp) -> Result<bool> {
    Ok(tx.run(LOST, args![tenant, sha256.to_vec(), now]).await? == 1)
}

/// What a tenant keeps, by kind.
///
/// # Errors
/// When the database refuses.
pub async fn by_kind(db: &Db, tenant: TenantId) -> Result<Vec<OfKind>> {
    db.all(BY_KIND, args![tenant]).await
}
