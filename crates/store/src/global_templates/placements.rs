//! Where each global template stands in each account: one row for an account, a template and a language, however many
//! tenants share the account. What is `queued` or `creating` is work; one job for an account does it.

use domain::{GlobalTemplateId, Timestamp};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, batch, statements};

/// Which tenants work with which accounts: their own, those of their numbers, and that of the platform's fallback
/// number for those who send from it.
macro_rules! reach {
    () => {
        "SELECT w.tenant_id AS tenant_id, w.waba_id AS waba_id FROM wabas w WHERE w.tenant_id IS NOT NULL AND w.access_token IS NOT NULL \
         UNION SELECT n.tenant_id, n.waba_id FROM phone_numbers n WHERE n.tenant_id IS NOT NULL \
         UNION SELECT f.id, n.waba_id FROM tenants f CROSS JOIN phone_numbers n WHERE n.is_fallback AND f.fallback_allowed \
         AND NOT EXISTS (SELECT 1 FROM phone_numbers o WHERE o.tenant_id = f.id)"
    };
}
pub(super) use reach;

/// Names a placement.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// Of which global template.
    pub global_id: GlobalTemplateId,
    /// In which account.
    pub waba_id: String,
    /// In which language.
    pub language: String,
}

/// A placement that is not settled.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Open {
    /// Of which global template.
    #[sqlx(try_from = "Uuid")]
    pub global_id: GlobalTemplateId,
    /// In which account.
    pub waba_id: String,
    /// In which language.
    pub language: String,
    /// The template's name.
    pub name: String,
    /// The version that is wanted.
    pub version: i64,
    /// The version that Meta has taken.
    pub done_version: Option<i64>,
    /// Meta's id, once there was one.
    pub meta_id: Option<String>,
    /// Whether it goes to review once more although it says what it should.
    pub resubmit: bool,
    /// How often Meta was asked since somebody last wanted it.
    pub attempts: i64,
    /// When something may be done next (µs).
    pub next_at: i64,
    /// When Meta was first asked to make it, where the outcome is not known to be a refusal (µs).
    pub begun_at: Option<i64>,
    /// Whether Meta was asked, and what came of it is not known: the answer was lost, or a crash cut it off.
    pub in_doubt: bool,
}

impl Open {
    /// Its name in the table.
    pub fn key(&self) -> Key {
        Key {
            global_id: self.global_id,
            waba_id: self.waba_id.clone(),
            language: self.language.clone(),
        }
    }
}

/// What Meta says of a template that it has taken.
#[derive(Debug, Clone, Default)]
pub struct Taken {
    /// Meta's id.
    pub meta_id: String,
    /// Meta's word.
    pub status: String,
    /// As Meta judged it.
    pub category: Option<String>,
    /// Meta's word.
    pub rejected_reason: Option<String>,
}

/// Why something was refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trouble {
    /// Meta's code, its more precise one where there is one.
    pub code: Option<i64>,
    /// A short word or title.
    pub title: String,
    /// What happened and what to do.
    pub what: String,
}

statements! {
    // Accounts that are to have something and do not: new accounts, new languages, a new version, access that came back.
    SPREAD = Sql::Both(concat!("WITH reach AS (", reach!(), ") INSERT INTO global_placements (global_id, waba_id, language, version, state, resubmit, attempts, next_at, created_at, updated_at) \
        SELECT DISTINCT g.id, w.waba_id, c.language, g.rolled_out, 'queued', FALSE, 0, CAST($1 AS BIGINT), CAST($1 AS BIGINT), CAST($1 AS BIGINT) \
        FROM reach r JOIN tenants t ON t.id = r.tenant_id JOIN wabas w ON w.waba_id = r.waba_id CROSS JOIN global_templates g \
        JOIN global_template_contents c ON c.global_id = g.id AND c.version = g.rolled_out \
        WHERE t.status = 'active' AND w.access_token IS NOT NULL AND g.deleted_at IS NULL AND ($2 OR g.id = $3) AND (CAST($4 AS TEXT) IS NULL OR w.waba_id = $4) \
        AND (g.everyone OR EXISTS (SELECT 1 FROM global_template_tenants x WHERE x.global_id = g.id AND x.tenant_id = t.id)) \
        ON CONFLICT (global_id, waba_id, language) DO UPDATE SET version = excluded.version, state = 'queued', resubmit = FALSE, attempts = 0, next_at = excluded.next_at, \
        waits_for = NULL, error_code = NULL, error_title = NULL, error_what = NULL, updated_at = excluded.updated_at \
        WHERE global_placements.version <> excluded.version OR global_placements.state = 'skipped' RETURNING waba_id"));
    // What was never begun, and is wanted by other tenants now or by nobody.
    WITHDRAW = Sql::Both("DELETE FROM global_placements WHERE global_id = $1 AND begun_at IS NULL AND done_version IS NULL");
    OPEN = Sql::Both("SELECT p.global_id, p.waba_id, p.language, g.name, p.version, p.done_version, p.meta_id, p.resubmit, p.attempts, p.next_at, p.begun_at, \
        p.state = 'creating' AS in_doubt FROM global_placements p JOIN global_templates g ON g.id = p.global_id WHERE p.waba_id = $1 AND p.state IN ('queued', 'creating') AND g.deleted_at IS NULL \
        ORDER BY p.next_at, p.global_id, p.language");
    BEGIN = Sql::Both("UPDATE global_placements SET state = 'creating', begun_at = COALESCE(begun_at, $4), attempts = attempts + 1, waits_for = NULL, updated_at = $4 \
        WHERE global_id = $1 AND waba_id = $2 AND language = $3");
    DONE = Sql::Both("UPDATE global_placements SET done_version = $4, meta_id = $5, status = $6, category = COALESCE($7, category), rejected_reason = $8, \
        begun_at = COALESCE(begun_at, $9), state = CASE WHEN version = $4 THEN 'done' ELSE 'queued' END, resubmit = FALSE, waits_for = NULL, error_code = NULL, error_title = NULL, error_what = NULL, updated_at = $9 \
        WHERE global_id = $1 AND waba_id = $2 AND language = $3");
    WAIT = Sql::Both("UPDATE global_placements SET state = CASE WHEN state = 'creating' AND $6 THEN 'creating' ELSE 'queued' END, waits_for = $4, next_at = $5, error_code = $7, error_title = $8, error_what = $9, \
        begun_at = CASE WHEN $6 OR done_version IS NOT NULL THEN begun_at END, updated_at = $10 WHERE global_id = $1 AND waba_id = $2 AND language = $3");
    FAIL = Sql::Both("UPDATE global_placements SET state = 'failed', waits_for = NULL, error_code = $4, error_title = $5, error_what = $6, \
        begun_at = CASE WHEN done_version IS NOT NULL THEN begun_at END, updated_at = $7 WHERE global_id = $1 AND waba_id = $2 AND language = $3 AND version = $8");
    WAIT_ALL = Sql::Both("UPDATE global_placements SET waits_for = $2, next_at = CASE WHEN next_at < $3 THEN $3 ELSE next_at END, error_code = $4, error_title = $5, error_what = $6, updated_at = $7 \
        WHERE waba_id = $1 AND state IN ('queued', 'creating')");
    SKIP_ALL = Sql::Both("UPDATE global_placements SET state = 'skipped', error_code = NULL, error_title = $2, error_what = $3, updated_at = $4 \
        WHERE waba_id = $1 AND state IN ('queued', 'creating') RETURNING global_id");
    RETRY = Sql::Each {
        sqlite: "UPDATE global_placements SET state = 'queued', resubmit = (state = 'done'), attempts = 0, next_at = $2, waits_for = NULL, error_code = NULL, error_title = NULL, error_what = NULL, updated_at = $2 \
            WHERE global_id = $1 AND (state IN ('failed', 'skipped') OR state = 'done' AND COALESCE((SELECT CASE WHEN t.deleted_at IS NOT NULL THEN 'DELETED' ELSE t.status END FROM templates t WHERE t.meta_id = global_placements.meta_id AND t.waba_id = global_placements.waba_id LIMIT 1), status) IN ('REJECTED', 'DELETED')) AND ($3 OR (waba_id, language) IN (SELECT value->>0, value->>1 FROM jsonb_each($4))) RETURNING waba_id",
        postgres: "UPDATE global_placements SET state = 'queued', resubmit = (state = 'done'), attempts = 0, next_at = $2, waits_for = NULL, error_code = NULL, error_title = NULL, error_what = NULL, updated_at = $2 \
            WHERE global_id = $1 AND (state IN ('failed', 'skipped') OR state = 'done' AND COALESCE((SELECT CASE WHEN t.deleted_at IS NOT NULL THEN 'DELETED' ELSE t.status END FROM templates t WHERE t.meta_id = global_placements.meta_id AND t.waba_id = global_placements.waba_id LIMIT 1), status) IN ('REJECTED', 'DELETED')) AND ($3 OR (waba_id, language) IN (SELECT value->>0, value->>1 FROM json_array_elements($4::json))) RETURNING waba_id",
    };
    REVIEWED = Sql::Both("UPDATE global_placements SET next_at = $2 WHERE waba_id = $1 AND waits_for = 'review' AND next_at > $2");
    UNSETTLED = Sql::Both("SELECT waba_id, MIN(next_at) AS next_at FROM global_placements WHERE state IN ('queued', 'creating') GROUP BY waba_id");
    TALLY = Sql::Both("SELECT state, COUNT(*) AS count FROM global_placements GROUP BY state");
}

/// Puts into the table what accounts are to have and do not: of one global template or of all, in one account or in
/// all. Gives the accounts that have something to do now.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_spread(
    tx: &mut Tx,
    global: Option<GlobalTemplateId>,
    waba_id: Option<&str>,
    now: Timestamp,
) -> Result<Vec<String>> {
    let args = args![now, global.is_none(), global, waba_id.map(str::to_owned)];
    accounts(tx, SPREAD, args).await
}

/// Forgets what was never begun of a global template.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_withdraw(tx: &mut Tx, global: GlobalTemplateId) -> Result<()> {
    tx.run(WITHDRAW, args![global]).await.map(drop)
}

/// What is to be done again: all that failed, or what of it is named by account and language.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_retry(
    tx: &mut Tx,
    global: GlobalTemplateId,
    which: Option<&[(String, String)]>,
    now: Timestamp,
) -> Result<(usize, Vec<String>)> {
    let mut args = args![global, now, which.is_none()];
    args.push(batch(which.unwrap_or_default())?);
    let rows: Vec<(String,)> = tx.all(RETRY, args).await?;
    let count = rows.len();
    Ok((count, distinct(rows)))
}

async fn accounts(tx: &mut Tx, sql: Sql, args: Vec<crate::db::Value>) -> Result<Vec<String>> {
    Ok(distinct(tx.all(sql, args).await?))
}

fn distinct(rows: Vec<(String,)>) -> Vec<String> {
    let mut wabas: Vec<_> = rows.into_iter().map(|(waba,)| waba).collect();
    wabas.sort_unstable();
    wabas.dedup();
    wabas
}

/// What is still to be done in an account, what is due first.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_open(db: &Db, waba_id: &str) -> Result<Vec<Open>> {
    db.all(OPEN, args![waba_id]).await
}

/// Notes that Meta is about to be asked.
///
/// # Errors
/// When the database refuses.
pub async fn begin(tx: &mut Tx, key: &Key, now: Timestamp) -> Result<()> {
    let args = args![key.global_id, &key.waba_id, &key.language, now];
    tx.run(BEGIN, args).await.map(drop)
}

/// Notes that Meta has a version.
///
/// # Errors
/// When the database refuses.
pub async fn done(
    tx: &mut Tx,
    key: &Key,
    version: i64,
    taken: &Taken,
    now: Timestamp,
) -> Result<()> {
    let args = args![
        key.global_id,
        &key.waba_id,
        &key.language,
        version,
        &taken.meta_id,
        &taken.status,
        taken.category.clone(),
        taken.rejected_reason.clone(),
        now,
    ];
    tx.run(DONE, args).await.map(drop)
}

/// Until when something waits and why.
#[derive(Debug, Clone)]
pub struct Pause {
    /// `creation_limit`, `edit_limit`, `call_limit`, `review`, `rate`, `access`, `trouble`.
    pub why: &'static str,
    /// When it is tried again.
    pub until: Timestamp,
    /// What Meta said, where it said something.
    pub trouble: Option<Trouble>,
}

/// Lets a placement wait. `in_doubt`: Meta may have done it all the same.
///
/// # Errors
/// When the database refuses.
pub async fn wait(
    tx: &mut Tx,
    key: &Key,
    pause: &Pause,
    in_doubt: bool,
    now: Timestamp,
) -> Result<()> {
    let trouble = pause.trouble.as_ref();
    let args = args![
        key.global_id,
        &key.waba_id,
        &key.language,
        pause.why,
        pause.until,
        in_doubt,
        trouble.and_then(|trouble| trouble.code),
        trouble.map(|trouble| trouble.title.clone()),
        trouble.map(|trouble| trouble.what.clone()),
        now,
    ];
    tx.run(WAIT, args).await.map(drop)
}

/// Lets everything wait that is still to be done in an account.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_wait_all(
    tx: &mut Tx,
    waba_id: &str,
    pause: &Pause,
    now: Timestamp,
) -> Result<()> {
    let trouble = pause.trouble.as_ref();
    let args = args![
        waba_id,
        pause.why,
        pause.until,
        trouble.and_then(|trouble| trouble.code),
        trouble.map(|trouble| trouble.title.clone()),
        trouble.map(|trouble| trouble.what.clone()),
        now,
    ];
    tx.run(WAIT_ALL, args).await.map(drop)
}

/// Notes that Meta, or we, refused a version for good. Nothing when another version is wanted by now.
///
/// # Errors
/// When the database refuses.
pub async fn fail(
    tx: &mut Tx,
    key: &Key,
    version: i64,
    trouble: &Trouble,
    now: Timestamp,
) -> Result<()> {
    let args = args![
        key.global_id,
        &key.waba_id,
        &key.language,
        trouble.code,
        &trouble.title,
        &trouble.what,
        now,
        version,
    ];
    tx.run(FAIL, args).await.map(drop)
}

/// Passes over everything that is still to be done in an account that cannot be reached. Gives the global templates.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_skip_all(
    tx: &mut Tx,
    waba_id: &str,
    trouble: &Trouble,
    now: Timestamp,
) -> Result<Vec<GlobalTemplateId>> {
    let args = args![waba_id, &trouble.title, &trouble.what, now];
    let rows: Vec<(Uuid,)> = tx.all(SKIP_ALL, args).await?;
    let mut globals: Vec<_> = rows.into_iter().map(|(id,)| GlobalTemplateId(id)).collect();
    globals.sort_unstable();
    globals.dedup();
    Ok(globals)
}

/// What waits for a review in an account may go on. False when nothing does.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_reviewed(tx: &mut Tx, waba_id: &str, now: Timestamp) -> Result<bool> {
    Ok(tx.run(REVIEWED, args![waba_id, now]).await? > 0)
}

/// How many placements are in a state.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Tally {
    /// `queued`, `creating`, `done`, `failed`, `skipped`.
    pub state: String,
    /// How many.
    pub count: i64,
}

/// How many placements there are, by state.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_tally(db: &Db) -> Result<Vec<Tally>> {
    db.all(TALLY, args![]).await
}

/// Accounts in which something is still to be done, and when at the earliest (µs).
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_unsettled(tx: &mut Tx) -> Result<Vec<(String, i64)>> {
    tx.all(UNSETTLED, args![]).await
}
