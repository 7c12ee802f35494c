//! Addresses at which systems report that can only post.

use domain::{EventSourceId, TenantId, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use crate::db::{Db, DbError, Result, Sql, Tx, args, statements};
use crate::seal::{Place, Sealer};

/// A source's row, without its secret.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Source {
    /// Its id.
    #[sqlx(try_from = "Uuid")]
    pub id: EventSourceId,
    /// Whose it is.
    #[sqlx(try_from = "Uuid")]
    pub tenant_id: TenantId,
    /// What people call it.
    pub name: String,
    /// Where type, id and data stand in what it posts (JSON).
    pub settings: String,
    /// When it was made.
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
    /// When it last reported something (µs).
    pub last_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Sealed {
    secret: Vec<u8>,
}

statements! {
    INSERT = Sql::Both("INSERT INTO event_sources (id, tenant_id, name, settings, secret, created_at) VALUES ($1, $2, $3, $4, $5, $6)");
    GET = Sql::Both("SELECT id, tenant_id, name, settings, created_at, last_at FROM event_sources WHERE id = $1");
    SECRET = Sql::Both("SELECT secret FROM event_sources WHERE tenant_id = $1 AND id = $2");
    LIST = Sql::Both("SELECT id, tenant_id, name, settings, created_at, last_at FROM event_sources WHERE tenant_id = $1 ORDER BY id DESC LIMIT 200");
    COUNT = Sql::Both("SELECT COUNT(*) AS count FROM event_sources WHERE tenant_id = $1");
    DELETE = Sql::Both("DELETE FROM event_sources WHERE tenant_id = $1 AND id = $2");
    HEARD = Sql::Both("UPDATE event_sources SET last_at = $3 WHERE tenant_id = $1 AND id = $2 AND (last_at IS NULL OR last_at < $4)");
}

fn place<'a>(tenant: &'a str, id: &'a str) -> Place<'a> {
    Place {
        owner: tenant,
        table: "event_sources",
        column: "secret",
        row: id,
    }
}

fn unusable(error: impl std::fmt::Display) -> DbError {
    DbError::Corrupt(error.to_string())
}

/// Adds a source.
///
/// # Errors
/// When the secret cannot be sealed or the database refuses.
pub async fn insert(
    tx: &mut Tx,
    sealer: &Sealer,
    row: &Source,
    secret: &SecretString,
) -> Result<()> {
    let (tenant, id) = (row.tenant_id.to_string(), row.id.to_string());
    let sealed = sealer
        .seal(place(&tenant, &id), secret.expose_secret())
        .map_err(unusable)?;
    let given = args![
        row.id,
        row.tenant_id,
        &row.name,
        &row.settings,
        sealed,
        row.created_at
    ];
    tx.run(INSERT, given).await.map(drop)
}

/// A source with its secret, whosever it is: for a request that is yet to prove itself.
///
/// # Errors
/// When the secret does not open or the database refuses.
pub async fn any_tenant_get(
    db: &Db,
    sealer: &Sealer,
    id: EventSourceId,
) -> Result<Option<(Source, SecretString)>> {
    let Some(row) = db.first::<Source>(GET, args![id]).await? else {
        return Ok(None);
    };
    let Some(sealed) = db.first::<Sealed>(SECRET, args![row.tenant_id, id]).await? else {
        return Ok(None);
    };
    let (tenant, name) = (row.tenant_id.to_string(), id.to_string());
    let secret = sealer
        .open(place(&tenant, &name), &sealed.secret)
        .map_err(unusable)?;
    Ok(Some((row, secret)))
}

/// The tenant's sources, newest first; there are few.
///
/// # Errors
/// When the database refuses.
pub async fn list(db: &Db, tenant: TenantId) -> Result<Vec<Source>> {
    db.all(LIST, args![tenant]).await
}

/// How many there are.
///
/// # Errors
/// When the database refuses.
pub async fn count(tx: &mut Tx, tenant: TenantId) -> Result<i64> {
    let row: Option<(i64,)> = tx.first(COUNT, args![tenant]).await?;
    Ok(row.map_or(0, |(count,)| count))
}

/// Removes a source. False when there is none.
///
/// # Errors
/// When the database refuses.
pub async fn delete(tx: &mut Tx, tenant: TenantId, id: EventSourceId) -> Result<bool> {
    Ok(tx.run(DELETE, args![tenant, id]).await? == 1)
}

/// It has reported something; written down once a minute at most.
///
/// # Errors
/// When the database refuses.
pub async fn heard(db: &Db, tenant: TenantId, id: EventSourceId, now: Timestamp) -> Result<()> {
    let before = now.minus(std::time::Duration::from_secs(60));
    db.run(HEARD, args![tenant, id, now, before])
        .await
        .map(drop)
}
