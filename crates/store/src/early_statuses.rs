//! Statuses that came before the message they belong to: kept, and applied when it is recorded.

use domain::Timestamp;
use domain::status::Progress;
use serde::Serialize;

use crate::db::{DbError, Result, Sql, Tx, args, batch, statements};
use crate::messages::Wamid;

#[derive(sqlx::FromRow)]
struct Row {
    n: i64,
    progress: String,
}

#[derive(Serialize)]
struct Kept<'a> {
    number: &'a str,
    wamid: &'a str,
    progress: String,
    at: i64,
}

statements! {
    FIND = Sql::Each {
        sqlite: "SELECT b.value->>'n' AS n, e.progress FROM jsonb_each($1) b \
            CROSS JOIN early_statuses e ON e.phone_number_id = b.value->>'number' AND e.wamid = b.value->>'wamid'",
        postgres: "SELECT b.n, e.progress FROM json_to_recordset($1::json) AS b(n bigint, number text, wamid text) \
            JOIN early_statuses e ON e.phone_number_id = b.number AND e.wamid = b.wamid",
    };
    KEEP = Sql::Each {
        sqlite: "INSERT INTO early_statuses (phone_number_id, wamid, progress, created_at) \
            SELECT value->>'number', value->>'wamid', value->>'progress', value->>'at' FROM jsonb_each($1) WHERE true \
            ON CONFLICT (phone_number_id, wamid) DO UPDATE SET progress = excluded.progress",
        postgres: "INSERT INTO early_statuses (phone_number_id, wamid, progress, created_at) \
            SELECT number, wamid, progress, at FROM json_to_recordset($1::json) AS b(number text, wamid text, progress text, at bigint) \
            ON CONFLICT (phone_number_id, wamid) DO UPDATE SET progress = excluded.progress",
    };
    FORGET = Sql::Each {
        sqlite: "DELETE FROM early_statuses WHERE (phone_number_id, wamid) IN (SELECT value->>'number', value->>'wamid' FROM jsonb_each($1))",
        postgres: "DELETE FROM early_statuses e USING json_to_recordset($1::json) AS b(number text, wamid text) \
            WHERE e.phone_number_id = b.number AND e.wamid = b.wamid",
    };
    TRIM = Sql::Both("DELETE FROM early_statuses WHERE created_at < $1");
}

/// What is kept for these wamids, by the caller's numbers.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_find(tx: &mut Tx, wanted: &[Wamid<'_>]) -> Result<Vec<(usize, Progress)>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = tx.all(FIND, vec![batch(wanted)?]).await?;
    rows.into_iter()
        .map(|row| {
            let progress = serde_json::from_str(&row.progress)
                .map_err(|error| DbError::Corrupt(format!("early status: {error}")))?;
            Ok((usize::try_from(row.n).unwrap_or(usize::MAX), progress))
        })
        .collect()
}

/// Keeps merged progress for a wamid, in place of what was kept before.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_keep(
    tx: &mut Tx,
    rows: &[(&str, &str, &Progress)],
    now: Timestamp,
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let rows = rows
        .iter()
        .map(|&(number, wamid, progress)| {
            let progress = serde_json::to_string(progress)
                .map_err(|error| DbError::Corrupt(error.to_string()))?;
            Ok(Kept {
                number,
                wamid,
                progress,
                at: now.0,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    tx.run(KEEP, vec![batch(&rows)?]).await.map(drop)
}

/// Forgets what was applied.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_forget(tx: &mut Tx, rows: &[Wamid<'_>]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.run(FORGET, vec![batch(rows)?]).await.map(drop)
}

/// Removes what nobody has claimed since `before`.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_trim(db: &crate::Db, before: Timestamp) -> Result<u64> {
    db.run(TRIM, args![before]).await
}
