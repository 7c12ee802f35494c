//! What a message brings is fetched as soon as the message is recorded, and tried again until Meta's id ends. The row
//! of the medium is the queue: a lease says who fetches it, tenants take turns, and only an outcome ends it.

use std::collections::HashMap;
use std::time::Duration;

use domain::{MessageId, TenantId, Timestamp};
use store::event_log;
use store::media::of_messages::{self, Due, Hindrance};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::fetch::{Outcome, WAITS_FOR_SOMEBODY, fetch};
use super::keep::{self, Kept, NotKept};
use crate::Engine;

/// How often the queue is looked at when no bell rings.
const POLL: Duration = Duration::from_secs(1);
/// How long a claim stands; it is renewed while the file comes.
const LEASE: Duration = Duration::from_secs(30);
const RENEW: Duration = Duration::from_secs(8);

/// Runs until `stop`.
pub async fn run(engine: Engine, stop: CancellationToken) {
    let mut under_way = UnderWay::default();
    let mut renew = tokio::time::interval(RENEW);
    while !stop.is_cancelled() {
        let free = engine
            .media
            .config
            .fetches
            .saturating_sub(under_way.tasks.len());
        if free > 0 {
            match claim(&engine, free, &under_way.of).await {
                Ok(claimed) => {
                    for due in claimed {
                        under_way.start(&engine, due);
                    }
                }
                Err(error) => tracing::error!(error = %error, "cannot look for files to fetch"),
            }
        }
        tokio::select! {
            () = engine.media.bell.notified(), if free > 0 => {}
            () = tokio::time::sleep(POLL) => {}
            Some(ended) = under_way.tasks.join_next_with_id() => under_way.end(&ended),
            _ = renew.tick() => under_way.renew(&engine).await,
            () = stop.cancelled() => {}
        }
        while let Some(ended) = under_way.tasks.try_join_next_with_id() {
            under_way.end(&ended);
        }
    }
    // What is under way is begun again elsewhere when its lease has ended; nothing of it was declared stored.
    under_way.tasks.abort_all();
}

/// Fetches what is due now, and says how much that was.
///
/// # Errors
/// When the database cannot be reached.
pub async fn step(engine: &Engine) -> store::Result<usize> {
    let mut count = 0;
    loop {
        let claimed = claim(engine, engine.media.config.fetches, &HashMap::new()).await?;
        if claimed.is_empty() {
            return Ok(count);
        }
        count += claimed.len();
        let mut under_way = UnderWay::default();
        for due in claimed {
            under_way.start(engine, due);
        }
        while under_way.tasks.join_next().await.is_some() {}
    }
}

/// Tries a medium again now, because somebody asked for it. False when there is nothing to fetch.
///
/// # Errors
/// When the database cannot be reached.
pub async fn again(
    engine: &Engine,
    tenant: TenantId,
    message: &store::messages::Message,
) -> store::Result<bool> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let again = of_messages::again(&mut tx, tenant, message.id, now).await?;
    if again {
        let event = event(tenant, message.id, message.conversation_id, "waiting", now);
        event_log::append(&mut tx, &[event]).await?;
    }
    tx.commit().await?;
    engine.media.bell.notify_one();
    engine.wake.events.notify_waiters();
    Ok(again)
}

/// The tries that are under way.
#[derive(Default)]
struct UnderWay {
    tasks: JoinSet<()>,
    by_task: HashMap<tokio::task::Id, (MessageId, TenantId)>,
    /// How many of each tenant.
    of: HashMap<TenantId, usize>,
}

impl UnderWay {
    fn start(&mut self, engine: &Engine, due: Due) {
        let (message, tenant) = (due.message_id, due.tenant_id);
        let engine = engine.clone();
        let task = self.tasks.spawn(async move { one(&engine, &due).await });
        self.by_task.insert(task.id(), (message, tenant));
        *self.of.entry(tenant).or_default() += 1;
    }

    fn end(&mut self, ended: &Result<(tokio::task::Id, ()), tokio::task::JoinError>) {
        let id = match ended {
            Ok((id, ())) => *id,
            Err(error) => error.id(),
        };
        if let Some((_, tenant)) = self.by_task.remove(&id)
            && let Some(count) = self.of.get_mut(&tenant)
        {
            *count -= 1;
            if *count == 0 {
                self.of.remove(&tenant);
            }
        }
    }

    async fn renew(&self, engine: &Engine) {
        let claimed: Vec<_> = self.by_task.values().map(|(message, _)| *message).collect();
        if claimed.is_empty() {
            return;
        }
        let until = engine.clock.now().plus(LEASE);
        if let Err(error) = of_messages::any_tenant_renew(&engine.db, &claimed, until).await {
            tracing::warn!(error = %error, "the claims of files under way could not be renewed");
        }
    }
}

/// Claims due media, those of tenants with the fewest under way first.
async fn claim(
    engine: &Engine,
    free: usize,
    of: &HashMap<TenantId, usize>,
) -> store::Result<Vec<Due>> {
    let now = engine.clock.now();
    let each = i64::try_from(engine.media.config.fetches).unwrap_or(1);
    // Some more than there is room for, so that there is a choice.
    let mut due =
        of_messages::any_tenant_due(&engine.db, now, each, each.saturating_mul(4)).await?;
    let mut taken = of.clone();
    let mut order: Vec<_> = due
        .drain(..)
        .map(|due| {
            let turn = taken.entry(due.tenant_id).or_default();
            *turn += 1;
            (*turn, due)
        })
        .collect();
    order.sort_by_key(|(turn, _)| *turn);
    order.truncate(free);
    if order.is_empty() {
        return Ok(Vec::new());
    }
    let wanted: Vec<_> = order.iter().map(|(_, due)| due.message_id).collect();
    let ours = of_messages::any_tenant_claim(&engine.db, &wanted, now, now.plus(LEASE)).await?;
    let claimed = order.into_iter().map(|(_, due)| due);
    Ok(claimed
        .filter(|due| ours.contains(&due.message_id))
        .collect())
}

async fn one(engine: &Engine, due: &Due) {
    let begun = std::time::Instant::now();
    let outcome = fetch(engine, due).await;
    let word = match &outcome {
        Outcome::Stored(_) => "stored",
        Outcome::Later { .. } => "retrying",
        Outcome::Never { state, .. } => state,
        Outcome::OverQuota(_) => "over_quota",
    };
    metrics::counter!("trunkline_media_fetches_total", "outcome" => word).increment(1);
    metrics::histogram!("trunkline_media_fetch_seconds").record(begun.elapsed().as_secs_f64());
    if let Err(error) = write(engine, due, outcome).await {
        tracing::error!(message = %due.message_id, error = %error, "the outcome of a fetch could not be recorded; it is fetched again");
    }
}

/// Records an outcome; the event only where the state is another one.
async fn write(engine: &Engine, due: &Due, outcome: Outcome) -> Result<(), NotKept> {
    let now = engine.clock.now();
    let (state, next_at, detail) = match outcome {
        Outcome::Stored(kept) => match stored(engine, due, &kept).await {
            Err(NotKept::Busy) => {
                let why = "the same file was being removed; it is kept again".to_owned();
                ("retrying", Some(now.plus(Duration::from_secs(5))), why)
            }
            Err(error @ NotKept::OverQuota { .. }) => {
                let at = now.plus(WAITS_FOR_SOMEBODY);
                ("over_quota", Some(at), error.to_string())
            }
            done => return done,
        },
        Outcome::Later { pause, why } => ("retrying", Some(now.plus(pause)), why),
        Outcome::OverQuota(why) => ("over_quota", Some(now.plus(WAITS_FOR_SOMEBODY)), why),
        Outcome::Never { state, why } => (state, None, why),
    };
    // Until its id ends; a last try is made at that moment.
    let ended = next_at.is_some() && now >= due.ends_at;
    let (state, next_at) = if ended {
        ("gone", None)
    } else {
        (state, next_at.map(|at| at.min(due.ends_at)))
    };
    let why = Hindrance {
        state,
        next_at,
        detail: &detail,
    };
    let mut tx = engine.db.begin().await?;
    let written =
        of_messages::not_stored(&mut tx, due.tenant_id, due.message_id, &why, now).await?;
    if written && state != due.state {
        event_log::append(&mut tx, &[event_of(due, state, now)]).await?;
    }
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    Ok(())
}

async fn stored(engine: &Engine, due: &Due, kept: &Kept) -> Result<(), NotKept> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    keep::finish(engine, &mut tx, due.tenant_id, kept).await?;
    let new = of_messages::stored(&mut tx, due.tenant_id, due.message_id, kept.sha256, now).await?;
    if new {
        event_log::append(&mut tx, &[event_of(due, "stored", now)]).await?;
    }
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    Ok(())
}

fn event_of(due: &Due, state: &str, now: Timestamp) -> event_log::New {
    event(
        due.tenant_id,
        due.message_id,
        due.conversation_id,
        state,
        now,
    )
}

/// What streams are told about the medium of a message.
pub(super) fn event(
    tenant: TenantId,
    message: MessageId,
    conversation: domain::ConversationId,
    state: &str,
    now: Timestamp,
) -> event_log::New {
    let data = format!(
        r#"{{"message_id":"{message}","conversation_id":"{conversation}","state":"{state}"}}"#
    );
    event_log::of(tenant, "message.media", data, now)
}
