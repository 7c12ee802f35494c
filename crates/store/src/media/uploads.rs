//! Files that were uploaded for sending, and Meta's ids of them until they end.

use domain::{MediaId, Sight, TenantId, Timestamp, UserId};

use super::{Digest, digest};
use crate::db::{Db, DbError, Result, Sql, Tx, args, statements};
use crate::sight::{self, seen_in};

/// An upload.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Upload {
    #[sqlx(rename = "sha256")]
    digest: Vec<u8>,
    /// `image`, `video`, `audio`, `document`, `sticker`.
    pub kind: String,
    /// Its type.
    pub mime_type: String,
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: i64,
}

impl Upload {
    /// The content.
    ///
    /// # Errors
    /// When the stored digest is damaged.
    pub fn sha256(&self) -> Result<Digest> {
        digest(self.digest.clone()).map_err(DbError::Corrupt)
    }
}

/// An upload to add.
#[derive(Debug, Clone)]
pub struct New<'a> {
    /// Its id.
    pub id: MediaId,
    /// The content.
    pub sha256: Digest,
    /// `image`, `video`, `audio`, `document`, `sticker`.
    pub kind: &'a str,
    /// Its type.
    pub mime_type: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its size.
    pub bytes: i64,
    /// The person who uploaded it; none for a system with a key.
    pub by: Option<UserId>,
}

/// What is known of an id of Meta's that somebody names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// A file of the tenant, and within sight.
    Own,
    /// A file of the tenant out of sight, or one of another tenant only.
    Hidden,
    /// It was never heard of.
    Unknown,
}

#[derive(sqlx::FromRow)]
struct Known {
    media_id: String,
}

#[derive(sqlx::FromRow)]
struct Content {
    sha256: Vec<u8>,
}

/// Whether a content of the tenant stands in a conversation that is seen (`$3` to `$5`).
macro_rules! carried {
    ($sha256:literal) => {
        concat!(
            "($3 OR EXISTS (SELECT 1 FROM message_media m WHERE m.tenant_id = $1 AND m.sha256 = ",
            $sha256,
            " AND ",
            seen_in!("m.conversation_id", "$3", "$4", "$5"),
            "))"
        )
    };
}

statements! {
    ADD = Sql::Both("INSERT INTO media_uploads (id, tenant_id, sha256, kind, mime_type, name, bytes, uploaded_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
    GET = Sql::Both("SELECT sha256, kind, mime_type, name, bytes FROM media_uploads WHERE id = $2 AND tenant_id = $1");
    OF_MESSAGE = Sql::Both("SELECT m.sha256, f.kind, f.mime_type, '' AS name, f.bytes FROM message_media m \
        JOIN media_files f ON f.tenant_id = m.tenant_id AND f.sha256 = m.sha256 AND f.state = 'stored' WHERE m.message_id = $2 AND m.tenant_id = $1");
    DUE = Sql::Both("SELECT sha256 FROM media_uploads WHERE tenant_id = $1 AND created_at < $2 ORDER BY created_at LIMIT $3");
    REMOVE = Sql::Both("DELETE FROM media_uploads WHERE tenant_id = $1 AND sha256 = $2 AND created_at < $3");
    KEEP_ID = Sql::Both("INSERT INTO media_ids (phone_number_id, tenant_id, sha256, media_id, ends_at) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (phone_number_id, tenant_id, sha256) DO UPDATE SET media_id = excluded.media_id, ends_at = excluded.ends_at");
    ID = Sql::Both("SELECT media_id FROM media_ids WHERE phone_number_id = $1 AND tenant_id = $2 AND sha256 = $3 AND ends_at > $4");
    SENDABLE = Sql::Both(concat!("SELECT sha256, kind, mime_type, name, bytes FROM media_uploads u WHERE id = $2 AND tenant_id = $1 \
        AND (u.uploaded_by = $4 OR ", carried!("u.sha256"), ")"));
    // Files that we gave to Meta, and those that customers sent.
    NAMED = Sql::Both(concat!("SELECT COUNT(*) AS known, COUNT(CASE WHEN own THEN 1 END) AS own FROM ( \
        SELECT (i.tenant_id = $1 AND (EXISTS (SELECT 1 FROM media_uploads u WHERE u.tenant_id = $1 AND u.sha256 = i.sha256 AND u.uploaded_by = $4) \
            OR ", carried!("i.sha256"), ")) AS own FROM media_ids i WHERE i.media_id = $2 \
        UNION ALL SELECT (m.tenant_id = $1 AND ", seen_in!("m.conversation_id", "$3", "$4", "$5"), ") AS own \
        FROM message_media m WHERE m.meta_id = $2) AS known"));
    FORGET_ID = Sql::Both("DELETE FROM media_ids WHERE phone_number_id = $1 AND media_id = $2");
    TRIM_IDS = Sql::Both("DELETE FROM media_ids WHERE ends_at < $1");
}

/// Adds an upload.
///
/// # Errors
/// When the database refuses.
pub async fn add(tx: &mut Tx, tenant: TenantId, upload: &New<'_>, now: Timestamp) -> Result<()> {
    let args = args![
        upload.id,
        tenant,
        upload.sha256.to_vec(),
        upload.kind,
        upload.mime_type,
        upload.name,
        upload.bytes,
        upload.by,
        now
    ];
    tx.run(ADD, args).await.map(drop)
}

/// One upload of the tenant.
///
/// # Errors
/// When the database refuses.
pub async fn get(db: &Db, tenant: TenantId, id: MediaId) -> Result<Option<Upload>> {
    db.first(GET, args![tenant, id]).await
}

/// One upload of the tenant that somebody may send: their own, or one that stands in a conversation that they see.
///
/// # Errors
/// When the database refuses.
pub async fn sendable(
    db: &Db,
    tenant: TenantId,
    sight: Sight,
    id: MediaId,
) -> Result<Option<Upload>> {
    let [all, user, unassigned] = sight::args(sight);
    db.first(SENDABLE, args![tenant, id, all, user, unassigned])
        .await
}

/// The content that a message of the tenant carries, as if it had been uploaded.
///
/// # Errors
/// When the database refuses.
pub async fn of_message(
    db: &Db,
    tenant: TenantId,
    message: domain::MessageId,
) -> Result<Option<Upload>> {
    db.first(OF_MESSAGE, args![tenant, message]).await
}

/// Removes the tenant's uploads from before `before`; gives their contents.
///
/// # Errors
/// When the database refuses.
pub async fn expire(
    tx: &mut Tx,
    tenant: TenantId,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<Digest>> {
    let due: Vec<Content> = tx.all(DUE, args![tenant, before, limit]).await?;
    let mut contents = Vec::with_capacity(due.len());
    for row in due {
        tx.run(REMOVE, args![tenant, row.sha256.clone(), before])
            .await?;
        contents.push(digest(row.sha256).map_err(DbError::Corrupt)?);
    }
    Ok(contents)
}

/// Keeps Meta's id of a content for a number.
///
/// # Errors
/// When the database refuses.
pub async fn keep_meta_id(
    db: &Db,
    tenant: TenantId,
    phone_number_id: &str,
    sha256: Digest,
    media_id: &str,
    ends_at: Timestamp,
) -> Result<()> {
    let args = args![phone_number_id, tenant, sha256.to_vec(), media_id, ends_at];
    db.run(KEEP_ID, args).await.map(drop)
}

/// Meta's id of a content for a number, if one still lives at `until`.
///
/// # Errors
/// When the database refuses.
pub async fn meta_id(
    db: &Db,
    tenant: TenantId,
    phone_number_id: &str,
    sha256: Digest,
    until: Timestamp,
) -> Result<Option<String>> {
    let args = args![phone_number_id, tenant, sha256.to_vec(), until];
    let row: Option<Known> = db.first(ID, args).await?;
    Ok(row.map(|row| row.media_id))
}

/// What is known of an id of Meta's that somebody of the tenant names.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_named(
    db: &Db,
    tenant: TenantId,
    sight: Sight,
    media_id: &str,
) -> Result<Named> {
    let [all, user, unassigned] = sight::args(sight);
    let row: Option<(i64, i64)> = db
        .first(NAMED, args![tenant, media_id, all, user, unassigned])
        .await?;
    Ok(match row {
        Some((_, own)) if own > 0 => Named::Own,
        Some((known, _)) if known > 0 => Named::Hidden,
        _ => Named::Unknown,
    })
}

/// Forgets an id that Meta does not know any more.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_forget_meta_id(
    db: &Db,
    phone_number_id: &str,
    media_id: &str,
) -> Result<()> {
    db.run(FORGET_ID, args![phone_number_id, media_id])
        .await
        .map(drop)
}

/// Forgets the ids that have ended.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_trim_meta_ids(db: &Db, now: Timestamp) -> Result<u64> {
    db.run(TRIM_IDS, args![now]).await
}
