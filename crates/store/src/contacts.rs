//! Contacts and the identities by which they are found.

use domain::{ContactId, Sight, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, batch, statements};
use crate::page::Page;
use crate::sight;

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
    /// What they chose about marketing: `stop` or `resume`.
    pub marketing_choice: Option<String>,
    /// When (µs).
    pub marketing_chosen_at: Option<i64>,
    /// When they asked not to be written to (µs).
    pub opted_out_at: Option<i64>,
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

/// Whether somebody sees a conversation with the contact.
macro_rules! known {
    ($all:literal, $user:literal, $unassigned:literal) => {
        concat!(
            "(", $all, " OR EXISTS (SELECT 1 FROM conversations seen WHERE seen.tenant_id = $1 AND seen.contact_id = c.id \
             AND (seen.assigned_to = ", $user, " OR (seen.assigned_to IS NULL AND ", $unassigned, "))))"
        )
    };
}

/// What somebody chose about marketing.
#[derive(Debug, Clone, Serialize)]
pub struct Choice<'a> {
    /// Tenant, 32 hex digits.
    pub tenant: String,
    /// Kind of identity.
    pub kind: &'static str,
    /// Its value.
    pub value: &'a str,
    /// `stop` or `resume`.
    pub choice: &'static str,
    /// When (µs).
    pub at: i64,
}

/// What a person has said about being written to.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Consent {
    /// The caller's own number for the identity.
    pub n: i64,
    /// `stop` or `resume`, about marketing.
    pub marketing_choice: Option<String>,
    /// When they asked not to be written to at all (µs).
    pub opted_out_at: Option<i64>,
}

statements! {
    CONSENT = Sql::Each {
        sqlite: "SELECT b.value->>'n' AS n, c.marketing_choice, c.opted_out_at FROM jsonb_each($1) b \
            CROSS JOIN contact_identities i ON i.tenant_id = unhex(b.value->>'tenant') AND i.kind = b.value->>'kind' AND i.value = b.value->>'value' \
            CROSS JOIN contacts c ON c.id = i.contact_id WHERE c.opted_out_at IS NOT NULL OR c.marketing_choice IS NOT NULL",
        postgres: "SELECT b.n, c.marketing_choice, c.opted_out_at FROM json_to_recordset($1::json) AS b(n bigint, tenant uuid, kind text, value text) \
            JOIN contact_identities i ON i.tenant_id = b.tenant AND i.kind = b.kind AND i.value = b.value \
            JOIN contacts c ON c.id = i.contact_id WHERE c.opted_out_at IS NOT NULL OR c.marketing_choice IS NOT NULL",
    };
    OPT_OUT = Sql::Both("UPDATE contacts SET opted_out_at = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2");
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
    MOVE_IDENTITIES = Sql::Each {
        sqlite: "INSERT INTO contact_identities (tenant_id, kind, value, contact_id) \
            SELECT unhex(value->>'tenant'), value->>'kind', value->>'value', unhex(value->>'contact') FROM jsonb_each($1) WHERE true \
            ON CONFLICT (tenant_id, kind, value) DO UPDATE SET contact_id = excluded.contact_id",
        postgres: "INSERT INTO contact_identities (tenant_id, kind, value, contact_id) \
            SELECT DISTINCT ON (tenant, kind, value) tenant, kind, value, contact \
            FROM json_to_recordset($1::json) AS b(tenant uuid, kind text, value text, contact uuid) \
            ON CONFLICT (tenant_id, kind, value) DO UPDATE SET contact_id = excluded.contact_id",
    };
    CHOOSE = Sql::Each {
        sqlite: "WITH b AS MATERIALIZED (SELECT i.contact_id, e.value->>'choice' AS choice, e.value->>'at' AS at FROM jsonb_each($1) e CROSS JOIN contact_identities i \
            ON i.tenant_id = unhex(e.value->>'tenant') AND i.kind = e.value->>'kind' AND i.value = e.value->>'value') \
            UPDATE contacts SET marketing_choice = b.choice, marketing_chosen_at = b.at FROM b \
            WHERE contacts.id = b.contact_id AND (contacts.marketing_chosen_at IS NULL OR contacts.marketing_chosen_at <= b.at)",
        postgres: "UPDATE contacts SET marketing_choice = b.choice, marketing_chosen_at = b.at \
            FROM json_to_recordset($1::json) AS b(tenant uuid, kind text, value text, choice text, at bigint) \
            JOIN contact_identities i ON i.tenant_id = b.tenant AND i.kind = b.kind AND i.value = b.value \
            WHERE contacts.id = i.contact_id AND (contacts.marketing_chosen_at IS NULL OR contacts.marketing_chosen_at <= b.at)",
    };
    GET = Sql::Both(concat!("SELECT id, name, wa_id, phone, bsuid, username, created_at, marketing_choice, marketing_chosen_at, opted_out_at FROM contacts c WHERE id = $2 AND tenant_id = $1 AND ",
        known!("$3", "$4", "$5")));
    LIST = Sql::Both(concat!("SELECT id, name, wa_id, phone, bsuid, username, created_at, marketing_choice, marketing_chosen_at, opted_out_at FROM contacts c \
        WHERE tenant_id = $1 AND id < $2 AND ", known!("$4", "$5", "$6"), " ORDER BY id DESC LIMIT $3"));
    SOME = Sql::Each {
        sqlite: "SELECT id, name, wa_id, phone, bsuid, username, created_at, marketing_choice, marketing_chosen_at, opted_out_at FROM contacts \
            WHERE id IN (SELECT unhex(value) FROM json_each($2)) AND +tenant_id = $1",
        postgres: "SELECT id, name, wa_id, phone, bsuid, username, created_at, marketing_choice, marketing_chosen_at, opted_out_at FROM contacts \
            WHERE id IN (SELECT value::uuid FROM json_array_elements_text($2::json)) AND tenant_id = $1",
    };
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

/// What those of them have said who have said anything.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_consent(db: &Db, wanted: &[Lookup<'_>]) -> Result<Vec<Consent>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    db.all(CONSENT, vec![batch(wanted)?]).await
}

/// Keeps that a person asked not to be written to, or that they may be again. False when there is no such contact.
///
/// # Errors
/// When the database refuses.
pub async fn opt_out(
    tx: &mut Tx,
    tenant: TenantId,
    id: ContactId,
    since: Option<Timestamp>,
    now: Timestamp,
) -> Result<bool> {
    Ok(tx.run(OPT_OUT, args![tenant, id, since, now]).await? == 1)
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

/// Leads identities to other contacts than before.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_move_identities(tx: &mut Tx, rows: &[NewIdentity]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.run(MOVE_IDENTITIES, vec![batch(rows)?]).await.map(drop)
}

/// Those of the tenant's contacts that have one of these ids, in no order: for what is seen already.
///
/// # Errors
/// When the database refuses.
pub async fn some(db: &Db, tenant: TenantId, ids: &[ContactId]) -> Result<Vec<Contact>> {
    let ids: Vec<_> = ids.iter().map(|id| id.hex()).collect();
    let mut args = args![tenant];
    args.push(batch(&ids)?);
    db.all(SOME, args).await
}

/// Keeps what people chose about marketing, unless a later choice is on file; nobody is made up for it.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_choose(tx: &mut Tx, rows: &[Choice<'_>]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.run(CHOOSE, vec![batch(rows)?]).await.map(drop)
}

/// One contact of the tenant, where a conversation with them is seen.
///
/// # Errors
/// When the database refuses.
pub async fn get(
    db: &Db,
    tenant: TenantId,
    sight: Sight,
    id: ContactId,
) -> Result<Option<Contact>> {
    let mut args = args![tenant, id];
    args.extend(sight::args(sight));
    db.first(GET, args).await
}

/// A page of those of the tenant's contacts with whom a conversation is seen, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn list(
    db: &Db,
    tenant: TenantId,
    sight: Sight,
    page: Page<ContactId>,
) -> Result<Vec<Contact>> {
    let mut args = args![tenant, page.below(), page.limit];
    args.extend(sight::args(sight));
    db.all(LIST, args).await
}
