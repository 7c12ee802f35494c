//! WhatsApp Business Accounts and the sealed tokens that reach them.

use domain::{TenantId, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use crate::db::{Db, DbError, Result, Sql, args, statements};
use crate::seal::{Place, Sealer};

/// A WABA's row. The token stays sealed.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Waba {
    /// Meta's id.
    pub waba_id: String,
    /// The tenant that owns it; none for the platform's shared ones.
    pub tenant_id: Option<Uuid>,
    /// Its name.
    pub name: String,
}

#[derive(sqlx::FromRow)]
struct Sealed {
    access_token: Option<Vec<u8>>,
}

statements! {
    UPSERT = Sql::Both("INSERT INTO wabas (waba_id, tenant_id, name, access_token, created_at) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (waba_id) DO UPDATE SET name = excluded.name, access_token = COALESCE(excluded.access_token, wabas.access_token)");
    LIST = Sql::Both("SELECT waba_id, tenant_id, name FROM wabas ORDER BY waba_id");
    TOKEN = Sql::Both("SELECT access_token FROM wabas WHERE waba_id = $1");
}

/// Adds a WABA, or changes its name and (where one is given) its token.
///
/// # Errors
/// When the token cannot be sealed or the database refuses.
pub async fn upsert(
    db: &Db,
    sealer: &Sealer,
    waba_id: &str,
    owner: Option<TenantId>,
    name: &str,
    token: Option<&SecretString>,
    now: Timestamp,
) -> Result<()> {
    let sealed = token
        .map(|token| sealer.seal(place(waba_id), token.expose_secret()))
        .transpose()
        .map_err(|error| DbError::Corrupt(error.to_string()))?;
    db.run(UPSERT, args![waba_id, owner, name, sealed, now])
        .await
        .map(drop)
}

/// Every WABA.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_list(db: &Db) -> Result<Vec<Waba>> {
    db.all(LIST, args![]).await
}

/// The token that reaches a WABA, opened.
///
/// # Errors
/// When it does not open or the database refuses.
pub async fn any_tenant_token(
    db: &Db,
    sealer: &Sealer,
    waba_id: &str,
) -> Result<Option<SecretString>> {
    let row: Option<Sealed> = db.first(TOKEN, args![waba_id]).await?;
    row.and_then(|row| row.access_token)
        .map(|sealed| {
            sealer
                .open(place(waba_id), &sealed)
                .map_err(|error| DbError::Corrupt(error.to_string()))
        })
        .transpose()
}

/// A token belongs to the WABA, whoever is assigned its numbers.
fn place(waba_id: &str) -> Place<'_> {
    Place {
        owner: "platform",
        table: "wabas",
        column: "access_token",
        row: waba_id,
    }
}
