//! What sending has taught about a number, kept so that a restart does not learn it again at the recipients' cost.

use domain::Timestamp;
use serde::Serialize;

use crate::db::{Db, Result, Sql, Tx, args, batch, statements};

/// What is known about a number.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow, Serialize)]
pub struct NumberPace {
    /// The number.
    pub phone_number_id: String,
    /// Share of its throughput that is used, in thousandths.
    pub factor_permille: i64,
    /// Until when nothing leaves because Meta said so (µs).
    pub slowed_until: Option<i64>,
    /// The code by which Meta said so.
    pub slowed_code: Option<i64>,
    /// What that means.
    pub slowed_reason: Option<String>,
    /// What it waits for: `number`, `payment`, `token`.
    pub hold: Option<String>,
    /// Meta's code.
    pub hold_code: Option<i64>,
    /// When one message tries whether it is over (µs).
    pub hold_until: Option<i64>,
    /// Since when (µs).
    pub hold_since: Option<i64>,
    /// What happened and what to do.
    pub hold_explanation: Option<String>,
    /// How often that was tried.
    pub probes: i64,
    /// Messages that Meta took within the minute before `counted_at`.
    pub sent_last_minute: i64,
    /// When that was counted (µs).
    pub counted_at: i64,
}

impl NumberPace {
    /// A number about which nothing is known yet.
    pub fn new(phone_number_id: &str) -> Self {
        Self {
            phone_number_id: phone_number_id.to_owned(),
            factor_permille: 1_000,
            slowed_until: None,
            slowed_code: None,
            slowed_reason: None,
            hold: None,
            hold_code: None,
            hold_until: None,
            hold_since: None,
            hold_explanation: None,
            probes: 0,
            sent_last_minute: 0,
            counted_at: 0,
        }
    }
}

/// A template that Meta has paused or switched off.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct TemplateHold {
    /// The number.
    pub phone_number_id: String,
    /// The template, `name/language`.
    pub template: String,
    /// Meta's code.
    pub code: i64,
    /// What happened and what to do.
    pub explanation: String,
    /// Since when (µs).
    pub since: i64,
    /// When one message tries whether it is over (µs).
    pub until: i64,
    /// How often that was tried.
    pub probes: i64,
}

statements! {
    ALL = Sql::Both("SELECT phone_number_id, factor_permille, slowed_until, slowed_code, slowed_reason, hold, hold_code, hold_until, hold_since, \
        hold_explanation, probes, sent_last_minute, counted_at FROM number_pace");
    WRITE = Sql::Each {
        sqlite: "INSERT INTO number_pace (phone_number_id, factor_permille, slowed_until, slowed_code, slowed_reason, hold, hold_code, hold_until, hold_since, \
            hold_explanation, probes, sent_last_minute, counted_at) SELECT value->>'phone_number_id', value->>'factor_permille', value->>'slowed_until', \
            value->>'slowed_code', value->>'slowed_reason', value->>'hold', value->>'hold_code', value->>'hold_until', value->>'hold_since', \
            value->>'hold_explanation', value->>'probes', value->>'sent_last_minute', value->>'counted_at' FROM jsonb_each($1) WHERE TRUE \
            ON CONFLICT (phone_number_id) DO UPDATE SET factor_permille = excluded.factor_permille, slowed_until = excluded.slowed_until, \
            slowed_code = excluded.slowed_code, slowed_reason = excluded.slowed_reason, hold = excluded.hold, hold_code = excluded.hold_code, \
            hold_until = excluded.hold_until, hold_since = excluded.hold_since, hold_explanation = excluded.hold_explanation, probes = excluded.probes, \
            sent_last_minute = excluded.sent_last_minute, counted_at = excluded.counted_at",
        postgres: "INSERT INTO number_pace (phone_number_id, factor_permille, slowed_until, slowed_code, slowed_reason, hold, hold_code, hold_until, hold_since, \
            hold_explanation, probes, sent_last_minute, counted_at) SELECT phone_number_id, factor_permille, slowed_until, slowed_code, slowed_reason, hold, \
            hold_code, hold_until, hold_since, hold_explanation, probes, sent_last_minute, counted_at FROM json_to_recordset($1::json) AS b(phone_number_id text, \
            factor_permille bigint, slowed_until bigint, slowed_code bigint, slowed_reason text, hold text, hold_code bigint, hold_until bigint, \
            hold_since bigint, hold_explanation text, probes bigint, sent_last_minute bigint, counted_at bigint) \
            ON CONFLICT (phone_number_id) DO UPDATE SET factor_permille = excluded.factor_permille, slowed_until = excluded.slowed_until, \
            slowed_code = excluded.slowed_code, slowed_reason = excluded.slowed_reason, hold = excluded.hold, hold_code = excluded.hold_code, \
            hold_until = excluded.hold_until, hold_since = excluded.hold_since, hold_explanation = excluded.hold_explanation, probes = excluded.probes, \
            sent_last_minute = excluded.sent_last_minute, counted_at = excluded.counted_at",
    };
    TEMPLATES = Sql::Both("SELECT phone_number_id, template, code, explanation, since, until, probes FROM template_holds");
    HOLD_TEMPLATE = Sql::Both("INSERT INTO template_holds (phone_number_id, template, code, explanation, since, until, probes) VALUES ($1, $2, $3, $4, $5, $6, $7) \
        ON CONFLICT (phone_number_id, template) DO UPDATE SET code = excluded.code, explanation = excluded.explanation, until = excluded.until, probes = excluded.probes");
    FREE_TEMPLATE = Sql::Both("DELETE FROM template_holds WHERE phone_number_id = $1 AND template = $2");
}

/// What is known about every number that has sent.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_all(db: &Db) -> Result<Vec<NumberPace>> {
    db.all(ALL, args![]).await
}

/// Writes what is known.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_write(tx: &mut Tx, rows: &[NumberPace]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.run(WRITE, vec![batch(rows)?]).await.map(drop)
}

/// Templates that are held.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_templates(db: &Db) -> Result<Vec<TemplateHold>> {
    db.all(TEMPLATES, args![]).await
}

/// Holds a template on a number, or holds it longer.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_hold_template(tx: &mut Tx, hold: &TemplateHold) -> Result<()> {
    let args = args![
        &hold.phone_number_id,
        &hold.template,
        hold.code,
        &hold.explanation,
        Timestamp(hold.since),
        Timestamp(hold.until),
        hold.probes,
    ];
    tx.run(HOLD_TEMPLATE, args).await.map(drop)
}

/// Holds a template no longer. False when it was not held.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_free_template(
    tx: &mut Tx,
    phone_number_id: &str,
    template: &str,
) -> Result<bool> {
    Ok(tx
        .run(FREE_TEMPLATE, args![phone_number_id, template])
        .await?
        == 1)
}
