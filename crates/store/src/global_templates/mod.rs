//! Templates that the platform writes once and shares to the accounts of its tenants: what is wanted
//! (`contents`, and for whom), where each of them stands in each account (`placements`), the table that
//! people look at (`rollout`), and what Meta was asked lately (`acts`), because Meta counts it.

pub mod acts;
pub mod contents;
pub mod placements;
pub mod rollout;

use domain::{GlobalTemplateId, TenantId, Timestamp};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, batch, statements};
use crate::page::Page;

/// A global template's row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct GlobalTemplate {
    /// Its id.
    #[sqlx(try_from = "Uuid")]
    pub id: GlobalTemplateId,
    /// By which it is sent.
    pub name: String,
    /// `MARKETING`, `UTILITY`, `AUTHENTICATION`.
    pub category: String,
    /// Whether every tenant gets it; else those that are chosen.
    pub everyone: bool,
    /// The newest version; 0 while there is none.
    pub version: i64,
    /// The version that accounts are to have; none before the first roll-out.
    pub rolled_out: Option<i64>,
    /// The template of Meta's library that it is.
    pub library_name: Option<String>,
    /// When it was made.
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
    /// When it was last changed.
    #[sqlx(try_from = "i64")]
    pub updated_at: Timestamp,
}

statements! {
    INSERT = Sql::Both("INSERT INTO global_templates (id, name, category, everyone, version, rolled_out, library_name, created_at, updated_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)");
    GET = Sql::Both("SELECT id, name, category, everyone, version, rolled_out, library_name, created_at, updated_at FROM global_templates WHERE id = $1 AND deleted_at IS NULL");
    LOCK = Sql::Each {
        sqlite: "SELECT id, name, category, everyone, version, rolled_out, library_name, created_at, updated_at FROM global_templates WHERE id = $1 AND deleted_at IS NULL",
        postgres: "SELECT id, name, category, everyone, version, rolled_out, library_name, created_at, updated_at FROM global_templates WHERE id = $1 AND deleted_at IS NULL FOR UPDATE",
    };
    LIST = Sql::Both("SELECT id, name, category, everyone, version, rolled_out, library_name, created_at, updated_at FROM global_templates \
        WHERE id < $1 AND deleted_at IS NULL ORDER BY id DESC LIMIT $2");
    UPDATE = Sql::Both("UPDATE global_templates SET category = $2, everyone = $3, version = $4, rolled_out = $5, updated_at = $6 WHERE id = $1");
    DELETE = Sql::Both("UPDATE global_templates SET deleted_at = $2 WHERE id = $1 AND deleted_at IS NULL");
    CHOSEN = Sql::Both("SELECT g.global_id, t.id, t.name FROM global_template_tenants g JOIN tenants t ON t.id = g.tenant_id WHERE g.global_id = $1 ORDER BY t.id");
    UNCHOOSE = Sql::Both("DELETE FROM global_template_tenants WHERE global_id = $1");
    CHOOSE = Sql::Each {
        sqlite: "INSERT INTO global_template_tenants (global_id, tenant_id) SELECT $1, t.id FROM jsonb_each($2) b CROSS JOIN tenants t ON t.id = unhex(b.value) WHERE TRUE ON CONFLICT DO NOTHING",
        postgres: "INSERT INTO global_template_tenants (global_id, tenant_id) SELECT $1, t.id FROM json_array_elements_text($2::json) AS b(id) JOIN tenants t ON t.id = CAST(b.id AS uuid) ON CONFLICT DO NOTHING",
    };
}

/// Adds one.
///
/// # Errors
/// A conflict when the name is taken; else when the database refuses.
pub async fn insert(tx: &mut Tx, row: &GlobalTemplate) -> Result<()> {
    let args = args![
        row.id,
        &row.name,
        &row.category,
        row.everyone,
        row.version,
        row.rolled_out,
        row.library_name.clone(),
        row.created_at,
    ];
    tx.run(INSERT, args).await.map(drop)
}

/// One.
///
/// # Errors
/// When the database refuses.
pub async fn get(db: &Db, id: GlobalTemplateId) -> Result<Option<GlobalTemplate>> {
    db.first(GET, args![id]).await
}

/// One, locked against concurrent change until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn lock(tx: &mut Tx, id: GlobalTemplateId) -> Result<Option<GlobalTemplate>> {
    tx.first(LOCK, args![id]).await
}

/// A page of all, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn list(db: &Db, page: Page<GlobalTemplateId>) -> Result<Vec<GlobalTemplate>> {
    db.all(LIST, args![page.below(), page.limit]).await
}

/// Writes a changed one back.
///
/// # Errors
/// When the database refuses.
pub async fn update(tx: &mut Tx, row: &GlobalTemplate, now: Timestamp) -> Result<()> {
    let args = args![
        row.id,
        &row.category,
        row.everyone,
        row.version,
        row.rolled_out,
        now,
    ];
    tx.run(UPDATE, args).await.map(drop)
}

/// Takes one out of the list; its name is free again. What accounts have of it they keep.
///
/// # Errors
/// When the database refuses.
pub async fn delete(tx: &mut Tx, id: GlobalTemplateId, now: Timestamp) -> Result<bool> {
    Ok(tx.run(DELETE, args![id, now]).await? == 1)
}

/// A tenant that is chosen for a global template.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Chosen {
    /// For which.
    #[sqlx(try_from = "Uuid")]
    pub global_id: GlobalTemplateId,
    /// Who.
    #[sqlx(try_from = "Uuid")]
    pub id: TenantId,
    /// Their name.
    pub name: String,
}

/// Who is chosen.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_chosen(db: &Db, id: GlobalTemplateId) -> Result<Vec<Chosen>> {
    db.all(CHOSEN, args![id]).await
}

/// Who is chosen, inside a transaction.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_chosen_in(tx: &mut Tx, id: GlobalTemplateId) -> Result<Vec<Chosen>> {
    tx.all(CHOSEN, args![id]).await
}

/// Chooses these tenants and no others. Gives how many of them there are.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_choose(
    tx: &mut Tx,
    id: GlobalTemplateId,
    tenants: &[TenantId],
) -> Result<u64> {
    tx.run(UNCHOOSE, args![id]).await?;
    let mut args = args![id];
    let hexes: Vec<_> = tenants.iter().map(|tenant| tenant.hex()).collect();
    args.push(batch(&hexes)?);
    tx.run(CHOOSE, args).await
}
