//! How many templates Meta was asked to make on an account lately, and by whom.

use domain::{TenantId, Timestamp};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, statements};

statements! {
    // The row of the account is written, so that others who count wait until this one has put its own.
    LOCK = Sql::Both("INSERT INTO template_books (waba_id, version) VALUES ($1, 1) ON CONFLICT (waba_id) DO UPDATE SET version = template_books.version");
    SUBMITTED = Sql::Both("SELECT owner_tenant, submitted_at FROM templates WHERE waba_id = $1 AND submitted_at > $2 ORDER BY submitted_at");
}

/// When something was submitted since then, the oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_lately(db: &Db, waba_id: &str, since: Timestamp) -> Result<Vec<Timestamp>> {
    let rows: Vec<(Option<Uuid>, i64)> = db.all(SUBMITTED, args![waba_id, since]).await?;
    Ok(rows.into_iter().map(|(_, at)| Timestamp(at)).collect())
}

/// What was submitted since then, the oldest first, with the tenant whose it is on a shared account. Whoever asks next
/// waits until this transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_submitted(
    tx: &mut Tx,
    waba_id: &str,
    since: Timestamp,
) -> Result<Vec<(Option<TenantId>, Timestamp)>> {
    tx.run(LOCK, args![waba_id]).await?;
    let rows: Vec<(Option<Uuid>, i64)> = tx.all(SUBMITTED, args![waba_id, since]).await?;
    let read = |(owner, at): (Option<Uuid>, i64)| (owner.map(TenantId), Timestamp(at));
    Ok(rows.into_iter().map(read).collect())
}
