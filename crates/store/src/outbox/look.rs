//! What people see of the queue.

use domain::{MessageId, TenantId};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, args, statements};

/// What holds a send back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hold {
    /// Its time has not come.
    Scheduled,
    /// Mailings rest at this hour where the person lives.
    QuietHours,
    /// The tenant paused everything.
    PausedByTenant,
    /// The tenant paused the number.
    PausedNumber,
    /// The tenant paused the label.
    PausedBatch,
    /// The platform paused the tenant or the number.
    PausedByPlatform,
    /// Too many messages to one person in a short time.
    PairRate,
    /// Meta said that we were too fast.
    SlowDown,
    /// The portfolio has written to as many people as it may in 24 hours.
    Budget,
    /// Registration, ban, missing permission.
    Number,
    /// Meta has banned, disconnected or restricted the account or the number.
    Account,
    /// Meta has paused the template or switched it off.
    Template,
    /// Meta has paused the template.
    TemplatePaused,
    /// Meta has switched the template off for good.
    TemplateDisabled,
    /// Meta has not approved the present text of the template.
    TemplateReview,
    /// Meta has made the template a marketing one: somebody decides whether it goes at that price.
    TemplateBecameMarketing,
    /// Meta cannot charge.
    Payment,
    /// The access token is not valid any more.
    Token,
    /// Meta refused it for a passing reason.
    Retry,
    /// Meta cannot be reached.
    Unreachable,
}

impl Hold {
    /// All of them.
    pub const ALL: [Self; 20] = [
        Self::Scheduled,
        Self::QuietHours,
        Self::PausedByTenant,
        Self::PausedNumber,
        Self::PausedBatch,
        Self::PausedByPlatform,
        Self::PairRate,
        Self::SlowDown,
        Self::Budget,
        Self::Number,
        Self::Account,
        Self::Template,
        Self::TemplatePaused,
        Self::TemplateDisabled,
        Self::TemplateReview,
        Self::TemplateBecameMarketing,
        Self::Payment,
        Self::Token,
        Self::Retry,
        Self::Unreachable,
    ];

    /// The word that stands in the database and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::QuietHours => "quiet_hours",
            Self::PausedByTenant => "paused_by_tenant",
            Self::PausedNumber => "paused_number",
            Self::PausedBatch => "paused_batch",
            Self::PausedByPlatform => "paused_by_platform",
            Self::PairRate => "pair_rate",
            Self::SlowDown => "slow_down",
            Self::Budget => "budget",
            Self::Number => "number",
            Self::Account => "account",
            Self::Template => "template",
            Self::TemplatePaused => "template_paused",
            Self::TemplateDisabled => "template_disabled",
            Self::TemplateReview => "template_review",
            Self::TemplateBecameMarketing => "template_became_marketing",
            Self::Payment => "payment",
            Self::Token => "token",
            Self::Retry => "retry",
            Self::Unreachable => "unreachable",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hold| hold.as_str() == text)
    }
}

/// Where an outgoing message stands in the queue.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Place {
    /// `queued`, `held`, `sending`, `uncertain`.
    pub state: String,
    /// From which number.
    pub phone_number_id: String,
    /// Not before (µs).
    pub next_at: i64,
    /// When an uncertain one is settled by policy (µs); none when somebody has to decide.
    pub settle_at: Option<i64>,
    /// How often Meta refused it for a passing reason.
    pub attempts: i64,
    /// What was last in its way.
    pub last_error: Option<String>,
    /// What holds it ([`Hold`]): its own, or its number's.
    pub hold: Option<String>,
    /// Until when (µs); none when somebody has to act.
    pub hold_until: Option<i64>,
    /// What that means, where Meta's own words are known.
    pub hold_explanation: Option<String>,
    /// Not after (µs).
    pub send_before: Option<i64>,
    /// The label by which it can be paused and cancelled.
    pub batch: Option<String>,
}

/// How many rows stand in each state.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Tally {
    /// `queued`, `held`, `sending`, `uncertain`.
    pub state: String,
    /// How many.
    pub count: i64,
    /// When the oldest of them was added (µs).
    pub oldest: i64,
}

/// How many rows of a tenant stand on a number, by lane and state.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Standing {
    /// Whose.
    pub tenant_id: Uuid,
    /// On which number.
    pub phone_number_id: String,
    /// `domain::message::Lane::rank`.
    pub lane: i64,
    /// State.
    pub state: String,
    /// How many.
    pub count: i64,
    /// When the oldest of them was added (µs).
    pub oldest: i64,
}

/// An uncertain send that a person has to decide about, or that waits for its settle time.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct InDoubt {
    /// The message.
    #[sqlx(try_from = "Uuid")]
    pub id: MessageId,
    /// From which number.
    pub phone_number_id: String,
    /// When policy settles it (µs); none when somebody has to decide.
    pub settle_at: Option<i64>,
    /// How often its outcome was unknown.
    pub doubts: i64,
    /// Why it is in doubt.
    pub last_error: Option<String>,
    /// When it was enqueued (µs).
    pub created_at: i64,
    /// Since when its outcome is unknown (µs).
    pub since: Option<i64>,
}

/// A label, and how far its messages have come.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct BatchCount {
    /// The label.
    pub batch: String,
    /// Status word of the message, or `held`, `sending` from the queue.
    pub status: String,
    /// How many.
    pub count: i64,
}

statements! {
    PLACE = Sql::Both("SELECT o.state, o.phone_number_id, o.next_at, o.settle_at, o.attempts, o.last_error, \
        coalesce(o.hold, CASE WHEN o.state = 'queued' THEN coalesce(p.hold, CASE WHEN p.slowed_until IS NOT NULL THEN 'slow_down' END) END) AS hold, \
        coalesce(o.hold_until, CASE WHEN o.state = 'queued' THEN CASE WHEN p.hold IS NULL THEN p.slowed_until ELSE p.hold_until END END) AS hold_until, \
        CASE WHEN o.hold = 'template' THEN h.explanation WHEN o.state = 'queued' THEN CASE WHEN p.hold IS NULL THEN p.slowed_reason ELSE p.hold_explanation END ELSE o.last_error END AS hold_explanation, \
        o.send_before, o.batch FROM outbox o LEFT JOIN number_pace p ON p.phone_number_id = o.phone_number_id \
        LEFT JOIN template_holds h ON h.phone_number_id = o.phone_number_id AND h.template = o.template WHERE o.id = $2 AND o.tenant_id = $1");
    TALLY = Sql::Both("SELECT state, COUNT(*) AS count, MIN(created_at) AS oldest FROM outbox GROUP BY state ORDER BY state");
    STANDING = Sql::Both("SELECT tenant_id, phone_number_id, lane, state, COUNT(*) AS count, MIN(created_at) AS oldest FROM outbox \
        WHERE (tenant_id = $1 OR CAST($1 AS TEXT) IS NULL) GROUP BY tenant_id, phone_number_id, lane, state ORDER BY phone_number_id, tenant_id, lane, state");
    IN_DOUBT = Sql::Both("SELECT id, phone_number_id, settle_at, doubts, last_error, created_at, \
        (SELECT MAX(e.at) FROM message_events e WHERE e.message_id = outbox.id AND e.kind = 'uncertain') AS since FROM outbox \
        WHERE tenant_id = $1 AND state = 'uncertain' AND id < $2 AND ($3 OR settle_at IS NULL) ORDER BY id DESC LIMIT $4");
    BATCHES = Sql::Both("SELECT b.batch, CASE WHEN o.state IN ('held', 'sending') THEN o.state ELSE m.status END AS status, COUNT(*) AS count \
        FROM (SELECT batch, tenant_id, last_at FROM batches WHERE tenant_id = $1 ORDER BY last_at DESC LIMIT $2) b \
        CROSS JOIN messages m LEFT JOIN outbox o ON o.id = m.id WHERE m.tenant_id = $1 AND m.batch = b.batch \
        GROUP BY b.batch, b.last_at, CASE WHEN o.state IN ('held', 'sending') THEN o.state ELSE m.status END ORDER BY b.last_at DESC, b.batch");
}

/// Where a message of the tenant stands in the queue; `None` when it has left it.
///
/// # Errors
/// When the database refuses.
pub async fn place(db: &Db, tenant: TenantId, id: MessageId) -> Result<Option<Place>> {
    db.first(PLACE, args![tenant, id]).await
}

/// How many rows stand in each state.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_tally(db: &Db) -> Result<Vec<Tally>> {
    db.all(TALLY, args![]).await
}

/// What a tenant has in the queue, by number, lane and state.
///
/// # Errors
/// When the database refuses.
pub async fn standing(db: &Db, tenant: TenantId) -> Result<Vec<Standing>> {
    db.all(STANDING, args![tenant]).await
}

/// What everybody has in the queue, by number, tenant, lane and state.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_standing(db: &Db) -> Result<Vec<Standing>> {
    db.all(STANDING, args![None::<TenantId>]).await
}

/// A page of the tenant's uncertain sends, newest first: those that need a person, or (`all`) those that still wait
/// for their settle time as well.
///
/// # Errors
/// When the database refuses.
pub async fn in_doubt(
    db: &Db,
    tenant: TenantId,
    all: bool,
    page: crate::page::Page<MessageId>,
) -> Result<Vec<InDoubt>> {
    db.all(IN_DOUBT, args![tenant, page.below(), all, page.limit])
        .await
}

/// The tenant's `latest` labels and how far their messages have come, the one last used first.
///
/// # Errors
/// When the database refuses.
pub async fn batches(db: &Db, tenant: TenantId, latest: i64) -> Result<Vec<BatchCount>> {
    db.all(BATCHES, args![tenant, latest]).await
}
