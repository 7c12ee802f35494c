//! The queue as the API shows it.

use std::collections::BTreeMap;

use domain::{TenantId, Timestamp};
use engine::outbound::queue::{self, BatchView as Batch, NumberQueue, Overview};
use serde::Serialize;
use store::outbox::holds::Held;
use store::outbox::look::Hold;
use store::pauses::Pause;
use utoipa::ToSchema;

use crate::api::messages::{HoldView, meaning};

/// What a tenant has in the queue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QueueOverview {
    /// By number.
    numbers: Vec<NumberQueueView>,
    /// People who may be written to outside service windows in 24 hours; null where WhatsApp sets no limit.
    budget: Option<BudgetView>,
    /// The labels last used.
    batches: Vec<BatchQueueView>,
    /// Whether everything is paused, and by whom.
    paused: Option<PauseView>,
}

/// The queue of a number.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NumberQueueView {
    /// Meta's id.
    phone_number_id: String,
    /// As people read it.
    display_phone_number: String,
    /// Its throughput in messages a second.
    messages_per_second: i64,
    /// How fast it goes at this moment.
    pace: PaceView,
    /// Whether it is paused, and by whom.
    paused: Option<PauseView>,
    /// What it waits for as a whole.
    hold: Option<HoldView>,
    /// What has not left, by lane.
    lanes: LanesView,
    /// Why messages are held, most first; what the number waits for as a whole stands in `hold`.
    holds: Vec<HeldView>,
    /// May leave now.
    queued: i64,
    /// Waits for something.
    held: i64,
    /// Is being handed over.
    sending: i64,
    /// Nobody knows whether it left.
    uncertain: i64,
    /// When the oldest that has not left was enqueued.
    oldest_at: Option<String>,
    /// Messages that WhatsApp took in the last minute.
    sent_last_minute: i64,
}

/// A reason, and how many messages it holds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HeldView {
    /// As in a message's `hold`.
    code: String,
    /// How many.
    count: i64,
    /// When the first of them may go on; null when somebody has to act.
    until: Option<String>,
    /// What that means, in a sentence.
    explanation: String,
}

/// How fast a number goes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PaceView {
    /// Messages a second at most, now; 0 while it rests.
    effective_per_second: f64,
    /// Until when it rests.
    slowed_until: Option<String>,
    /// Why it is slower than it may be.
    reason: Option<String>,
}

/// A pause.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PauseView {
    /// Since when.
    at: String,
    /// Who, by name.
    by: String,
    /// Why, in their words.
    reason: Option<String>,
    /// Whether the platform did it: then only the platform can lift it.
    by_platform: bool,
}

/// What has not left, by lane.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LanesView {
    /// Answers in open conversations: they go first.
    reply: i64,
    /// Notifications that somebody waits for.
    transactional: i64,
    /// Mailings.
    bulk: i64,
}

/// How many people may be written to outside service windows in 24 hours.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BudgetView {
    /// How many may be; null when there is no limit.
    limit: Option<i64>,
    /// How many were.
    used: i64,
    /// When the oldest of them falls out.
    resets_at: Option<String>,
    /// Meta's word for the limit.
    #[schema(example = "TIER_2K")]
    tier: String,
}

/// A label and how far its messages have come.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BatchQueueView {
    /// The label.
    batch: String,
    /// All of its messages.
    total: i64,
    /// Messages by status word.
    #[schema(example = json!({ "queued": 120, "sent": 30, "delivered": 850 }))]
    counts: BTreeMap<String, i64>,
    /// Whether it is paused, and by whom.
    paused: Option<PauseView>,
}

fn moment(at: Option<Timestamp>) -> Option<String> {
    at.map(Timestamp::rfc3339)
}

impl QueueOverview {
    pub(crate) fn of(overview: Overview, held: &[Held]) -> Self {
        let numbers = overview.numbers.into_iter();
        Self {
            numbers: numbers.map(|row| NumberQueueView::of(row, held)).collect(),
            budget: overview.budget.map(|budget| BudgetView {
                limit: budget.limit,
                used: budget.used,
                resets_at: moment(budget.resets_at),
                tier: budget.tier,
            }),
            batches: overview.batches.into_iter().map(Into::into).collect(),
            paused: overview.paused.map(Into::into),
        }
    }
}

impl NumberQueueView {
    pub(crate) fn of(row: NumberQueue, held: &[Held]) -> Self {
        let holds = held.iter().filter(|held| {
            held.phone_number_id == row.phone_number_id
                && row.tenant == Some(TenantId(held.tenant_id))
        });
        Self {
            holds: holds.map(HeldView::of).collect(),
            phone_number_id: row.phone_number_id,
            display_phone_number: row.display_phone_number,
            messages_per_second: row.messages_per_second,
            pace: PaceView {
                effective_per_second: row.effective_per_second,
                slowed_until: moment(row.slowed_until),
                reason: row.slowed_reason,
            },
            paused: row.paused.map(Into::into),
            hold: row.hold.and_then(|hold| {
                let until = hold.until.map(Timestamp::micros);
                HoldView::of(Some(&hold.code), until, Some(hold.explanation))
            }),
            lanes: LanesView {
                reply: row.lanes.reply,
                transactional: row.lanes.transactional,
                bulk: row.lanes.bulk,
            },
            queued: row.queued,
            held: row.held,
            sending: row.sending,
            uncertain: row.uncertain,
            oldest_at: moment(row.oldest_at),
            sent_last_minute: row.sent_last_minute,
        }
    }
}

impl HeldView {
    fn of(held: &Held) -> Self {
        let hold = Hold::parse(&held.hold);
        Self {
            code: held.hold.clone(),
            count: held.count,
            until: held.first_until.map(|at| Timestamp(at).rfc3339()),
            explanation: hold.map_or_else(String::new, |hold| meaning(hold).to_owned()),
        }
    }
}

impl From<Batch> for BatchQueueView {
    fn from(row: Batch) -> Self {
        Self {
            total: row.counts.values().sum(),
            batch: row.batch,
            counts: row.counts,
            paused: row.paused.map(Into::into),
        }
    }
}

impl PauseView {
    /// A pause's row.
    pub(crate) fn of(pause: &Pause) -> Self {
        Self {
            at: pause.at.rfc3339(),
            by: pause.paused_by.clone(),
            reason: pause.reason.clone(),
            by_platform: pause.scope.starts_with("platform"),
        }
    }
}

impl From<queue::PauseView> for PauseView {
    fn from(pause: queue::PauseView) -> Self {
        Self {
            at: pause.at.rfc3339(),
            by: pause.by,
            reason: pause.reason,
            by_platform: pause.platform,
        }
    }
}
