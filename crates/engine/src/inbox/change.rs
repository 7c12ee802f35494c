//! Giving a conversation to somebody, closing, snoozing and opening it.

use std::time::Duration;

use domain::access::{Role, Scope};
use domain::{ConversationId, Sight, TenantId, Timestamp, UserId};
use serde_json::json;
use store::conversations::work::{self, Colleague, Held};
use store::{conversations, event_log, messages};

use super::line::{self, Author, activity, updated};
use crate::Engine;
use crate::outbound::request::Mistake;

/// Nobody means a conversation to come back later than this.
const LONGEST_SNOOZE: Duration = Duration::from_secs(366 * 24 * 3_600);

/// Whether there is something to do in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// There is.
    Open,
    /// There is not.
    Closed,
    /// Later.
    Snoozed,
}

impl Status {
    /// The word that stands in the database and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Snoozed => "snoozed",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Open, Self::Closed, Self::Snoozed]
            .into_iter()
            .find(|status| status.as_str() == text)
    }
}

/// What is to be changed; what is `None` stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct Change {
    /// Whether there is something to do.
    pub status: Option<Status>,
    /// When a snoozed one comes back.
    pub snoozed_until: Option<Timestamp>,
    /// Who has it; `Some(None)` takes it from whoever does.
    pub assigned_to: Option<Option<UserId>>,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum NotChanged {
    /// There is no such conversation.
    #[error("there is no such conversation")]
    Missing,
    /// The change is wrong.
    #[error("{} {}", .0.field, .0.problem)]
    Invalid(Mistake),
    /// The `Idempotency-Key` was used for something else.
    #[error("this Idempotency-Key was used for something else; use a new key for a new note")]
    KeyReused,
    /// The database refused.
    #[error(transparent)]
    Store(#[from] store::DbError),
}

fn invalid(field: &str, problem: &str) -> NotChanged {
    NotChanged::Invalid(Mistake::new(field, problem))
}

/// Changes a conversation: the row, a line for each thing that was done, and the event, or nothing at all.
/// What is already so is left alone and told to nobody.
///
/// # Errors
/// [`NotChanged`]; then nothing changed.
pub async fn change(
    engine: &Engine,
    tenant: TenantId,
    sight: Sight,
    id: ConversationId,
    change: Change,
    author: Author,
) -> Result<(), NotChanged> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    // The colleague before the conversation: whoever removes a member locks in this order, too.
    let colleague = match change.assigned_to {
        Some(Some(user)) => work::colleague(&mut tx, tenant, user).await?,
        Some(None) | None => None,
    };
    let before = work::lock(&mut tx, tenant, sight, id)
        .await?
        .ok_or(NotChanged::Missing)?;
    let mut after = before.clone();
    let mut lines = Vec::new();
    if let Some(wanted) = change.assigned_to {
        lines.extend(assign(&mut after, wanted, colleague, author, now)?);
    }
    move_to(&mut after, change, now)?;
    lines.extend(moved(&before, &after, author, now));
    if after == before {
        return Ok(());
    }
    work::write(&mut tx, tenant, &after).await?;
    messages::any_tenant_add(&mut tx, &lines).await?;
    let (from, to) = (
        before.assigned_to.map(UserId),
        after.assigned_to.map(UserId),
    );
    let event = if from == to {
        updated(tenant, id, now)
    } else {
        line::moved(tenant, id, from, to, now)
    };
    event_log::append(&mut tx, &[event]).await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    Ok(())
}

fn assign(
    held: &mut Held,
    wanted: Option<UserId>,
    colleague: Option<Colleague>,
    author: Author,
    now: Timestamp,
) -> Result<Option<messages::New>, NotChanged> {
    if held.assigned_to.map(UserId) == wanted {
        return Ok(None);
    }
    let line = match wanted {
        None => activity(held, author, "unassigned", json!({}), now),
        Some(user) => {
            let colleague = colleague.filter(may_answer).ok_or_else(|| {
                invalid(
                    "assigned_to",
                    "must be somebody of this business who may answer (an agent, a manager or an owner)",
                )
            })?;
            let to = json!({ "user_id": user.to_string(), "name": colleague.name });
            activity(held, author, "assigned", json!({ "to": to }), now)
        }
    };
    held.assigned_to = wanted.map(Into::into);
    held.assigned_at = wanted.map(|_| now.0);
    Ok(Some(line))
}

fn may_answer(colleague: &Colleague) -> bool {
    let role = colleague.role.parse::<Role>().ok();
    colleague.status == "active" && role.is_some_and(|role| role.scopes().has(Scope::InboxWrite))
}

/// Status and time of coming back, which go together.
fn move_to(held: &mut Held, change: Change, now: Timestamp) -> Result<(), NotChanged> {
    let snoozed = held.status == Status::Snoozed.as_str();
    match (change.status, change.snoozed_until) {
        (None, None) => {}
        (Some(Status::Snoozed), None) => {
            return Err(invalid(
                "snoozed_until",
                "is missing: when should it come back?",
            ));
        }
        (Some(Status::Snoozed), Some(until)) => sleep(held, until, now)?,
        (None, Some(until)) if snoozed => sleep(held, until, now)?,
        (_, Some(_)) => {
            return Err(invalid(
                "snoozed_until",
                "only stands together with the status snoozed",
            ));
        }
        (Some(status @ (Status::Open | Status::Closed)), None) => {
            status.as_str().clone_into(&mut held.status);
            held.snoozed_until = None;
        }
    }
    Ok(())
}

fn sleep(held: &mut Held, until: Timestamp, now: Timestamp) -> Result<(), NotChanged> {
    if until <= now {
        return Err(invalid("snoozed_until", "must be in the future"));
    }
    if until > now.plus(LONGEST_SNOOZE) {
        return Err(invalid("snoozed_until", "may be a year away at most"));
    }
    Status::Snoozed.as_str().clone_into(&mut held.status);
    held.snoozed_until = Some(until.0);
    Ok(())
}

fn moved(before: &Held, after: &Held, author: Author, now: Timestamp) -> Option<messages::New> {
    if (&before.status, before.snoozed_until) == (&after.status, after.snoozed_until) {
        return None;
    }
    let (word, content) = match (Status::parse(&after.status), after.snoozed_until) {
        (Some(Status::Snoozed), Some(until)) => {
            ("snoozed", json!({ "until": Timestamp(until).rfc3339() }))
        }
        (Some(Status::Closed), _) => ("closed", json!({})),
        _ => ("reopened", json!({})),
    };
    Some(activity(after, author, word, content, now))
}

/// Marks everything in a conversation as seen; colleagues hear of it.
///
/// # Errors
/// When the database refuses.
pub async fn read(
    engine: &Engine,
    tenant: TenantId,
    sight: Sight,
    id: ConversationId,
) -> store::Result<()> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    if !conversations::mark_read(&mut tx, tenant, sight, id).await? {
        return Ok(());
    }
    event_log::append(&mut tx, &[updated(tenant, id, now)]).await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    Ok(())
}
