//! What holds messages back, counted.

use domain::TenantId;
use uuid::Uuid;

use crate::db::{Db, Result, Sql, args, statements};

/// How many messages of a tenant a number holds for one reason.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Held {
    /// Whose.
    pub tenant_id: Uuid,
    /// On which number.
    pub phone_number_id: String,
    /// [`super::look::Hold::as_str`].
    pub hold: String,
    /// How many.
    pub count: i64,
    /// When the first of them may go on (µs); none when somebody has to act.
    pub first_until: Option<i64>,
}

statements! {
    BY_REASON = Sql::Both("SELECT tenant_id, phone_number_id, hold, COUNT(*) AS count, MIN(hold_until) AS first_until FROM outbox \
        WHERE state = 'held' AND hold IS NOT NULL AND (tenant_id = $1 OR CAST($1 AS TEXT) IS NULL) \
        GROUP BY tenant_id, phone_number_id, hold ORDER BY count DESC, hold");
}

/// What holds the tenant's messages back.
///
/// # Errors
/// When the database refuses.
pub async fn of_tenant(db: &Db, tenant: TenantId) -> Result<Vec<Held>> {
    db.all(BY_REASON, args![tenant]).await
}

/// What holds everybody's messages back.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant(db: &Db) -> Result<Vec<Held>> {
    db.all(BY_REASON, args![None::<TenantId>]).await
}
