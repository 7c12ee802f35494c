//! Whom a portfolio has written to outside service windows in the last 24 hours: what Meta's messaging limit counts.

use domain::Timestamp;
use serde::Serialize;

use crate::db::{Db, Result, Sql, Tx, args, batch, statements};

/// A person who was written to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Spent {
    /// The portfolio, or the WABA while no portfolio is known.
    pub portfolio: String,
    /// To whom.
    pub recipient: String,
    /// When last (µs).
    pub at: i64,
}

/// How much of a portfolio's budget is used.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Used {
    /// People written to since the given moment.
    pub used: i64,
    /// When the first of them was written to (µs): then the budget begins to grow again, 24 hours later.
    pub oldest: Option<i64>,
}

statements! {
    SPEND = Sql::Each {
        sqlite: "INSERT INTO budget_users (portfolio, recipient, at) SELECT value->>'portfolio', value->>'recipient', value->>'at' FROM jsonb_each($1) WHERE TRUE \
            ON CONFLICT (portfolio, recipient) DO UPDATE SET at = excluded.at",
        postgres: "INSERT INTO budget_users (portfolio, recipient, at) SELECT DISTINCT ON (portfolio, recipient) portfolio, recipient, at \
            FROM json_to_recordset($1::json) AS b(portfolio text, recipient text, at bigint) ORDER BY portfolio, recipient, at DESC \
            ON CONFLICT (portfolio, recipient) DO UPDATE SET at = excluded.at",
    };
    SINCE = Sql::Both("SELECT portfolio, recipient, at FROM budget_users WHERE portfolio = $1 AND at > $2 ORDER BY at");
    USED = Sql::Both("SELECT COUNT(*) AS used, MIN(at) AS oldest FROM budget_users WHERE portfolio = $1 AND at > $2");
    FORGET = Sql::Both("DELETE FROM budget_users WHERE portfolio = $1 AND at <= $2");
}

/// Counts people who are about to be written to. Who was counted before counts from now.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_spend(tx: &mut Tx, people: &[Spent]) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    tx.run(SPEND, vec![batch(people)?]).await.map(drop)
}

/// Whom a portfolio has written to since a moment, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_since(db: &Db, portfolio: &str, since: Timestamp) -> Result<Vec<Spent>> {
    db.all(SINCE, args![portfolio, since]).await
}

/// How much of a portfolio's budget is used.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_used(db: &Db, portfolio: &str, since: Timestamp) -> Result<Option<Used>> {
    db.first(USED, args![portfolio, since]).await
}

/// Forgets those who do not count any more.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_forget(db: &Db, portfolio: &str, until: Timestamp) -> Result<u64> {
    db.run(FORGET, args![portfolio, until]).await
}
