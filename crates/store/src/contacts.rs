//! Contacts and the identities by which they are found.

use domain::{ContactId, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, batch, statements};
use crate::page::Page;

/// A contact's row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Contact {
    /// Its id.
    #[sqlx(try_from = "Uuid")]
    pub id: ContactId,
    /// The name in the WhatsApp profile.
    pub name: Option<String>,
    /// As Meta writes it.
    pub wa_id: Option<String>,
    /// Digits with country code.
    pub phone: Option<String>,
    /// Business-scoped user id.
    pub bsuid: Option<String>,
    /// WhatsApp username.
    pub username: Option<String>,
    /// When first seen.
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
}

/// A look-up: whom does an identity lead to?
#[derive(Debug, Clone, Serialize)]
pub struct Lookup<'a> {
    /// The caller's own number for the identity, given back in the answer.
    pub n: usize,
    /// The tenant, 32 hex digits.
    pub tenant: String,
    /// Kind of identity.
    pub kind: &'static str,
    /// Its value.
    pub value: &'a str,
}

/// An answer to a [`Lookup`].
#[derive(Debug, Clone, Deserialize)]
pub struct Found {
    /// The caller's number for the identity.
    pub n: usize,
    /// Whom it leads to.
    pub contact_id: Uuid,
}

/// A look-up: what is on file about a contact, and is there a conversation with that number?
#[derive(Debug, Clone, Serialize)]
pub struct OnFileWanted<'a> {
    /// The tenant, 32 hex digits.
    pub tenant: String,
    /// The contact, 32 hex digits.
    pub contact: String,
    /// The tenant's number.
    pub number: &'a str,
}

/// An answer to [`OnFileWanted`].
#[derive(Debug, Clone, Deserialize)]
pub struct OnFile {
    /// The caller's number: the place in what was asked.
    pub n: usize,
    /// The name on file.
    pub name: Option<String>,
    /// On file.
    pub wa_id: Option<String>,
    /// On file.
    pub bsuid: Option<String>,
    /// On file.
    pub username: Option<String>,
    /// The conversation with that number, if there is one.
    pub conversation_id: Option<Uuid>,
    /// When it last received a message (µs).
    pub last_inbound_at: Option<i64>,
}

/// A contact to add or to change; `None` leaves what is on file.
#[derive(Debug, Clone, Serialize)]
pub struct Write {
    /// Id, 32 hex digits.
    pub id: String,
    /// Tenant, 32 hex digits.
    pub tenant: String,
    /// Profile name.
    pub name: Option<String>,
    /// As Meta writes it.
    pub wa_id: Option<String>,
    /// Digits.
    pub phone: Option<String>,
    /// Business-scoped user id.
    pub bsuid: Option<String>,
    /// Username.
    pub username: Option<String>,
    /// Now (µs).
    pub at: i64,
}

/// An identity that leads to a contact.
#[derive(Debug, Clone, Serialize)]
pub struct NewIdentity {
    /// Tenant, 32 hex digits.
    pub tenant: String,
    /// Kind of identity.
    pub kind: &'static str,
    /// Its value.
    pub value: String,
    /// Contact, 32 hex digits.
    pub contact: String,
}

statements! {
    FIND = Sql::Each {
        sqlite: "SELECT json_group_array(json_array(b.value->>'n', hex(i.contact_id))) FROM jsonb_each($1) b \
            CROSS JOIN contact_identities i ON i.tenant_id = unhex(b.value->>'tenant') AND i.kind = b.value->>'kind' AND i.value = b.value->>'value'",
        postgres: "SELECT json_agg(json_build_array(b.n, i.contact_id))::text \
            FROM json_to_recordset($1::json) AS b(n bigint, tenant uuid, kind text, value text) \
            JOIN contact_identities i ON i.tenant_id = b.tenant AND i.kind = b.kind AND i.value = b.value",
    };
    ON_FILE = Sql::Each {
        sqlite: "SELECT json_group_array(json_array(b.key, c.name, c.wa_id, c.bsuid, c.username, nullif(hex(v.id), ''), v.last_inbound_at)) \
            FROM jsonb_each($1) b CROSS JOIN contacts c ON c.id = unhex(b.value->>'contact') AND c.tenant_id = unhex(b.value->>'tenant') \
            LEFT JOIN conversations v ON v.tenant_id = unhex(b.value->>'tenant') AND v.contact_id = c.id AND v.phone_number_id = b.value->>'number'",
        postgres: "SELECT json_agg(json_build_array(b.n - 1, c.name, c.wa_id, c.bsuid, c.username, v.id, v.last_inbound_at))::text \
            FROM ROWS FROM (json_to_recordset($1::json) AS (tenant uuid, contact uuid, number text)) WITH ORDINALITY AS b(tenant, contact, number, n) \
            JOIN contacts c ON c.id = b.contact AND c.tenant_id = b.tenant \
            LEFT JOIN conversations v ON v.tenant_id = b.tenant AND v.contact_id = c.id AND v.phone_number_id = b.number",
    };
    UPSERT = Sql::Each {
        sqlite: "INSERT INTO contacts (id, tenant_id, name, wa_id, phone, bsuid, username, created_at, updated_at) \
            SELECT unhex(value->>'id'), unhex(value->>'tenant'), value->>'name', value->>'wa_id', value->>'phone', value->>'bsuid', value->>'username', \
            value->>'at', value->>'at' FROM jsonb_each($1) WHERE true \
            ON CONFLICT (id) DO UPDATE SET name = COALESCE(excluded.name, contacts.name), wa_id = COALESCE(excluded.wa_id, contacts.wa_id), \
            phone = COALESCE(excluded.phone, contacts.phone), bsuid = COALESCE(excluded.bsuid, contacts.bsuid), \
            username = COALESCE(excluded.username, contacts.username), updated_at = excluded.updated_at",
        postgres: "INSERT INTO contacts (id, tenant_id, name, wa_id, phone, bsuid, username, created_at, updated_at) \
            SELECT id, tenant, name, wa_id, phone, bsuid, username, at, at \
            FROM json_to_recordset($1::json) AS b(id uuid, tenant uuid, name text, wa_id text, phone text, bsuid text, username text, at bigint) \
            ON CONFLICT (id) DO UPDATE SET name = COALESCE(excluded.name, contacts.name), wa_id = COALESCE(excluded.wa_id, contacts.wa_id), \
            phone = COALESCE(excluded.phone, contacts.phone), bsuid = COALESCE(excluded.bsuid, contacts.bsuid), \
            username = COALESCE(excluded.username, contacts.username), updated_at = excluded.updated_at",
    };
    ADD_IDENTITIES = Sql::Each {
        sqlite: "INSERT INTO contact_identities (tenant_id, kind, value, contact_id) \
            SELECT unhex(value->>'tenant'), value->>'kind', value->>'value', unhex(value->>'contact') FROM jsonb_each($1) WHERE true \
            ON CONFLICT (tenant_id, kind, value) DO NOTHING",
        postgres: "INSERT INTO contact_identities (tenant_id, kind, value, contact_id) \
            SELECT tenant, kind, value, contact FROM json_to_recordset($1::json) AS b(tenant uuid, kind text, value text, contact uuid) \
            ON CONFLICT (tenant_id, kind, value) DO NOTHING",
    };
    GET = Sql::Both("SELECT id, name, wa_id, phone, bsuid, username, created_at FROM contacts WHERE id = $2 AND tenant_id = $1");
    LIST = Sql::Both("SELECT id, name, wa_id, phone, bsuid, username, created_at FROM contacts \
        WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
}

/// Finds whom the identities belong to; those that nobody has are missing from the answer.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_find(tx: &mut Tx, wanted: &[Lookup<'_>]) -> Result<Vec<Found>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    tx.gathered(FIND, vec![batch(wanted)?]).await
}

/// What is on file about these contacts.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_on_file(tx: &mut Tx, wanted: &[OnFileWanted<'_>]) -> Result<Vec<OnFile>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    tx.gathered(ON_FILE, vec![batch(wanted)?]).await
}

/// Adds and changes contacts.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_upsert(tx: &mut Tx, rows: &[Write]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.run(UPSERT, vec![batch(rows)?]).await.map(drop)
}

/// Adds identities that nobody had when they were looked up.
///
/// # Errors
/// [`crate::DbError::Raced`] when somebody has one by now; roll back and begin again.
pub async fn any_tenant_add_identities(tx: &mut Tx, rows: &[NewIdentity]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let added = tx.run(ADD_IDENTITIES, vec![batch(rows)?]).await?;
    if added == rows.len() as u64 {
        Ok(())
    } else {
        Err(crate::DbError::Raced)
    }
}

/// One contact of the tenant.
///
/// # Errors
/// When the database refuses.
pub async fn get(db: &Db, tenant: TenantId, id: ContactId) -> Result<Option<Contact>> {
    db.first(GET, args![tenant, id]).await
}

/// A page of the tenant's contacts, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn list(db: &Db, tenant: TenantId, page: Page<ContactId>) -> Result<Vec<Contact>> {
    db.all(LIST, args![tenant, page.below(), page.limit]).await
}
