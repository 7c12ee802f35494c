//! What stands in the queue, number by number: how fast, what is held, and why.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::{TenantId, Timestamp};
use store::number_pace::{self, NumberPace};
use store::outbox::look::{self, Hold};
use store::pauses::{self, Pause};
use store::{budget, numbers, outbox, wabas};

use super::super::budget::{DAY, limit_of};
use crate::Engine;

/// Labels that are listed.
const BATCHES: i64 = 20;

/// The queue of a tenant, or of everybody.
#[derive(Debug, Clone, Default)]
pub struct Overview {
    /// One row for each number (and tenant) that can send or has something queued.
    pub numbers: Vec<NumberQueue>,
    /// The budget of the portfolio; none where Meta sets no limit, and in the platform's view.
    pub budget: Option<Budget>,
    /// The labels last used; none in the platform's view.
    pub batches: Vec<BatchView>,
    /// The tenant's own pause of everything, or the platform's.
    pub paused: Option<PauseView>,
}

/// A number's queue.
#[derive(Debug, Clone)]
pub struct NumberQueue {
    /// Meta's id.
    pub phone_number_id: String,
    /// As people read it.
    pub display_phone_number: String,
    /// Whose messages are counted; none for a number of the pool.
    pub tenant: Option<TenantId>,
    /// The number's throughput in messages a second.
    pub messages_per_second: i64,
    /// How many a second leave at most at this moment; 0 while it rests.
    pub effective_per_second: f64,
    /// Until when it is slower than it may be.
    pub slowed_until: Option<Timestamp>,
    /// Why it is slower.
    pub slowed_reason: Option<String>,
    /// Who has paused it.
    pub paused: Option<PauseView>,
    /// What it waits for.
    pub hold: Option<HoldView>,
    /// What has not left, by lane.
    pub lanes: Lanes,
    /// May leave now.
    pub queued: i64,
    /// Waits for something.
    pub held: i64,
    /// Is being handed over.
    pub sending: i64,
    /// Nobody knows whether it left.
    pub uncertain: i64,
    /// When the oldest that has not left was enqueued.
    pub oldest_at: Option<Timestamp>,
    /// Messages that Meta took in the last minute.
    pub sent_last_minute: i64,
}

/// What a number waits for.
#[derive(Debug, Clone)]
pub struct HoldView {
    /// [`store::outbox::look::Hold::as_str`].
    pub code: String,
    /// When it is tried again.
    pub until: Option<Timestamp>,
    /// What happened and what to do.
    pub explanation: String,
}

/// What has not left, by lane.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lanes {
    /// Answers in open conversations.
    pub reply: i64,
    /// Notifications that somebody waits for.
    pub transactional: i64,
    /// Mailings.
    pub bulk: i64,
}

/// A portfolio's budget of people outside service windows in 24 hours.
#[derive(Debug, Clone)]
pub struct Budget {
    /// How many may be written to.
    pub limit: Option<i64>,
    /// How many were.
    pub used: i64,
    /// When the oldest of them falls out.
    pub resets_at: Option<Timestamp>,
    /// Meta's word for the limit.
    pub tier: String,
}

/// A label, and how far its messages have come.
#[derive(Debug, Clone)]
pub struct BatchView {
    /// The label.
    pub batch: String,
    /// Messages by status word; `held` and `sending` come from the queue.
    pub counts: BTreeMap<String, i64>,
    /// Who has paused it.
    pub paused: Option<PauseView>,
}

/// A pause.
#[derive(Debug, Clone)]
pub struct PauseView {
    /// Since when.
    pub at: Timestamp,
    /// Who, by name.
    pub by: String,
    /// Why, in their words.
    pub reason: Option<String>,
    /// Whether the platform did it: then the tenant cannot lift it.
    pub platform: bool,
}

/// The queue of a tenant; of everybody without one.
///
/// # Errors
/// When the database cannot be read.
pub async fn overview(engine: &Engine, tenant: Option<TenantId>) -> store::Result<Overview> {
    let db = &engine.db;
    let now = engine.clock.now();
    let (standing, known, paused) = match tenant {
        Some(tenant) => (
            look::standing(db, tenant).await?,
            numbers::of_tenant(db, tenant).await?,
            pauses::of_tenant(db, tenant).await?,
        ),
        None => (
            outbox::look::any_tenant_standing(db).await?,
            numbers::any_tenant_list(db).await?,
            pauses::any_tenant_all(db).await?,
        ),
    };
    let paces: BTreeMap<String, NumberPace> = number_pace::any_tenant_all(db)
        .await?
        .into_iter()
        .map(|pace| (pace.phone_number_id.clone(), pace))
        .collect();
    let mut rows: BTreeMap<(String, Option<TenantId>), NumberQueue> = BTreeMap::new();
    for number in &known {
        let owner = number.tenant();
        let mut row = empty(&number.phone_number_id, owner);
        row.display_phone_number
            .clone_from(&number.display_phone_number);
        row.messages_per_second = number.messages_per_second;
        rows.insert((number.phone_number_id.clone(), owner), row);
    }
    for count in &standing {
        let owner = Some(TenantId(count.tenant_id));
        let key = (count.phone_number_id.clone(), owner);
        if !rows.contains_key(&key) {
            // The fallback number, or one that was taken back while this waited.
            let mut row = empty(&count.phone_number_id, owner);
            if let Some(number) = numbers::any_tenant_get(db, &count.phone_number_id).await? {
                row.display_phone_number = number.display_phone_number;
                row.messages_per_second = number.messages_per_second;
            }
            rows.insert(key.clone(), row);
        }
        if let Some(row) = rows.get_mut(&key) {
            add(row, count);
        }
    }
    for ((number, owner), row) in &mut rows {
        row.paused = paused
            .iter()
            .find(|pause| holds_number(pause, number, *owner))
            .map(view);
        pace(
            row,
            paces.get(number),
            engine.outbound.use_of_throughput,
            now,
        );
    }
    let mut overview = Overview {
        numbers: rows.into_values().collect(),
        ..Overview::default()
    };
    if let Some(tenant) = tenant {
        overview.paused = paused
            .iter()
            .find(|pause| matches!(pause.scope.as_str(), "tenant" | "platform_tenant"))
            .map(view);
        overview.batches = batches(engine, tenant, &paused).await?;
        overview.budget = budget_of(engine, known.first(), now).await?;
    }
    Ok(overview)
}

fn empty(number: &str, tenant: Option<TenantId>) -> NumberQueue {
    NumberQueue {
        phone_number_id: number.to_owned(),
        display_phone_number: String::new(),
        tenant,
        messages_per_second: 0,
        effective_per_second: 0.0,
        slowed_until: None,
        slowed_reason: None,
        paused: None,
        hold: None,
        lanes: Lanes::default(),
        queued: 0,
        held: 0,
        sending: 0,
        uncertain: 0,
        oldest_at: None,
        sent_last_minute: 0,
    }
}

fn add(row: &mut NumberQueue, count: &look::Standing) {
    match count.state.as_str() {
        "queued" => row.queued += count.count,
        "held" => row.held += count.count,
        "sending" => row.sending += count.count,
        _ => row.uncertain += count.count,
    }
    if matches!(count.state.as_str(), "queued" | "held") {
        let lane = match count.lane {
            0 => &mut row.lanes.reply,
            1 => &mut row.lanes.transactional,
            _ => &mut row.lanes.bulk,
        };
        *lane += count.count;
        let oldest = Timestamp(count.oldest);
        row.oldest_at = Some(row.oldest_at.map_or(oldest, |at| at.min(oldest)));
    }
}

#[expect(clippy::cast_precision_loss, reason = "throughputs are small numbers")]
fn pace(row: &mut NumberQueue, known: Option<&NumberPace>, share: f64, now: Timestamp) {
    row.effective_per_second = row.messages_per_second as f64 * share;
    let Some(known) = known else { return };
    if known.factor_permille < 1_000 {
        row.effective_per_second *= known.factor_permille as f64 / 1_000.0;
        row.slowed_reason.clone_from(&known.slowed_reason);
    }
    if let Some(until) = known
        .slowed_until
        .map(Timestamp)
        .filter(|until| *until > now)
    {
        row.effective_per_second = 0.0;
        row.slowed_until = Some(until);
        row.slowed_reason.clone_from(&known.slowed_reason);
        if known.hold.is_none() {
            row.hold = Some(HoldView {
                code: Hold::SlowDown.as_str().to_owned(),
                until: Some(until),
                explanation: known.slowed_reason.clone().unwrap_or_default(),
            });
            row.held += row.queued;
            row.queued = 0;
        }
    }
    if let Some(hold) = &known.hold {
        row.effective_per_second = 0.0;
        row.hold = Some(HoldView {
            code: hold.clone(),
            until: known.hold_until.map(Timestamp),
            explanation: known.hold_explanation.clone().unwrap_or_default(),
        });
        if Hold::parse(hold) == Some(Hold::Unreachable) {
            row.slowed_until = known.hold_until.map(Timestamp);
            row.slowed_reason.clone_from(&known.hold_explanation);
        }
        // What is queued waits as well: the number as a whole is held.
        row.held += row.queued;
        row.queued = 0;
    }
    if now.since(Timestamp(known.counted_at)) < Duration::from_secs(60) {
        row.sent_last_minute = known.sent_last_minute;
    }
}

fn holds_number(pause: &Pause, number: &str, tenant: Option<TenantId>) -> bool {
    match pause.scope.as_str() {
        "platform_number" => pause.value.as_deref() == Some(number),
        "number" => {
            pause.value.as_deref() == Some(number) && pause.tenant_id.map(TenantId) == tenant
        }
        _ => false,
    }
}

fn view(pause: &Pause) -> PauseView {
    PauseView {
        at: pause.at,
        by: pause.paused_by.clone(),
        reason: pause.reason.clone(),
        platform: pause.scope.starts_with("platform"),
    }
}

async fn batches(
    engine: &Engine,
    tenant: TenantId,
    paused: &[Pause],
) -> store::Result<Vec<BatchView>> {
    let mut views: Vec<BatchView> = Vec::new();
    for row in look::batches(&engine.db, tenant, BATCHES).await? {
        if views.last().is_none_or(|last| last.batch != row.batch) {
            let pause = paused
                .iter()
                .find(|pause| pause.scope == "batch" && pause.value.as_ref() == Some(&row.batch));
            views.push(BatchView {
                batch: row.batch.clone(),
                counts: BTreeMap::new(),
                paused: pause.map(view),
            });
        }
        if let Some(view) = views.last_mut() {
            *view.counts.entry(row.status).or_default() += row.count;
        }
    }
    Ok(views)
}

async fn budget_of(
    engine: &Engine,
    number: Option<&numbers::PhoneNumber>,
    now: Timestamp,
) -> store::Result<Option<Budget>> {
    let Some((number, tier)) =
        number.and_then(|number| Some((number, number.messaging_limit.clone()?)))
    else {
        return Ok(None);
    };
    let Some(portfolio) = wabas::any_tenant_portfolio(&engine.db, &number.waba_id).await? else {
        return Ok(None);
    };
    let used = budget::any_tenant_used(&engine.db, &portfolio, now.minus(DAY)).await?;
    Ok(Some(Budget {
        limit: limit_of(&tier),
        used: used.as_ref().map_or(0, |used| used.used),
        resets_at: used
            .and_then(|used| used.oldest)
            .map(|oldest| Timestamp(oldest).plus(DAY)),
        tier,
    }))
}
