//! Sending again what did not arrive.
//!
//! A retry is a new message with the old one's content: it goes through every check of a new one (window,
//! number, limits), so what would fail again for a reason that is known here is refused with that reason.
//! Its idempotency key is made of the old message's id: who asks twice, or after a crash in between,
//! sends once.

use std::collections::{HashMap, HashSet};

use domain::{MessageId, Sight, TenantId, Timestamp, UserId};
use futures::future::join_all;
use serde_json::{Map, Value, json};
use store::audit::{self, Act, Target, Who};
use store::messages::{self, Message};
use store::{dead_letters, event_log, idempotency, message_events};

use super::terms::Kept;
use super::{Enqueuer, NotEnqueued, Refused, Request};
use crate::Engine;

/// Retries checked at the same time; the recorder writes them in batches.
const AT_ONCE: usize = 64;

/// Why a message is not sent again.
#[derive(Debug, thiserror::Error)]
pub enum NotRetried {
    /// There is nothing to send again.
    #[error(
        "only an outgoing message that failed, expired or was cancelled can be sent again; this one is {0}"
    )]
    Status(String),
    /// It was sent again before.
    #[error("it was sent again already, as {0}")]
    Already(MessageId),
    /// What was sent cannot be read any more.
    #[error("its content cannot be read; write it anew")]
    Unreadable,
    /// It would not be taken as a new message.
    #[error(transparent)]
    NotEnqueued(#[from] NotEnqueued),
}

/// What became of the messages that were to be sent again.
#[derive(Debug, Default)]
pub struct Retries {
    /// The old message and the new one.
    pub done: Vec<(MessageId, MessageId)>,
    /// Those of the new ones that leave from another number: the old one's is not the tenant's any more.
    pub moved: Vec<MessageId>,
    /// What was not sent again, and why.
    pub refused: Vec<(MessageId, NotRetried)>,
}

/// Who sends again.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// For the audit log and the life line.
    pub who: &'a Who,
    /// The person, where it is one.
    pub author: Option<UserId>,
    /// Into which conversations they may write.
    pub sight: Sight,
    /// Whether it was asked for as one act over many messages, which is written down.
    pub many: bool,
}

/// Sends messages of a tenant again.
///
/// # Errors
/// When the database refuses. What had been enqueued by then leaves all the same; asking again finds it.
pub async fn retry(
    engine: &Engine,
    enqueuer: &Enqueuer,
    tenant: TenantId,
    old: &[Message],
    by: By<'_>,
) -> store::Result<Retries> {
    let mut outcomes = Vec::with_capacity(old.len());
    let ids: Vec<_> = old.iter().map(|message| message.id).collect();
    let terms = messages::retries::terms(&engine.db, tenant, &ids).await?;
    let terms: HashMap<MessageId, Option<String>> =
        terms.into_iter().map(|row| (row.id, row.terms)).collect();
    for some in old.chunks(AT_ONCE) {
        let sends = some.iter().map(|message| {
            let terms = terms.get(&message.id).and_then(Option::as_deref);
            enqueue(engine, enqueuer, tenant, message, Kept::read(terms), by)
        });
        outcomes.extend(some.iter().zip(join_all(sends).await));
    }
    let mut retries = Retries::default();
    let mut pairs = Vec::new();
    for (message, outcome) in outcomes {
        match outcome {
            Ok((new, moved)) => {
                pairs.push((message.id, new));
                if moved {
                    retries.moved.push(new);
                }
            }
            Err(why) => retries.refused.push((message.id, why)),
        }
    }
    if pairs.is_empty() {
        return Ok(retries);
    }
    let conversations: HashMap<_, _> = old
        .iter()
        .map(|message| (message.id, message.conversation_id))
        .collect();
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let linked: HashSet<_> = messages::retries::link(&mut tx, tenant, &pairs)
        .await?
        .into_iter()
        .collect();
    for (old, new) in pairs {
        if linked.contains(&old) {
            retries.done.push((old, new));
        } else {
            // Somebody else asked at the same moment: it is theirs.
            retries.refused.push((old, NotRetried::Already(new)));
        }
    }
    let done: HashSet<_> = retries.done.iter().map(|(_, new)| *new).collect();
    retries.moved.retain(|new| done.contains(new));
    if done.is_empty() {
        return Ok(retries);
    }
    let (mut steps, mut events) = (Vec::new(), Vec::new());
    for (old, new) in &retries.done {
        let Some(conversation) = conversations.get(old) else {
            continue;
        };
        steps.push(message_events::New {
            id: old.hex(),
            tenant: tenant.hex(),
            at: now.0,
            kind: "retried",
            code: None,
            detail: None,
            data: Some(json!({ "message_id": new.to_string(), "by": by.who.name }).to_string()),
        });
        let data = format!(
            r#"{{"message_id":"{old}","conversation_id":"{conversation}","retried_as":"{new}"}}"#
        );
        events.push(event_log::of(tenant, "message.retried", data, now));
    }
    let ids: Vec<_> = retries.done.iter().map(|(old, _)| *old).collect();
    dead_letters::close(&mut tx, tenant, by.sight, &ids).await?;
    message_events::any_tenant_add(&mut tx, &steps).await?;
    if by.many {
        let act = Act {
            tenant: Some(tenant),
            action: "message.retry",
            target: Target {
                kind: "messages",
                id: None,
                name: None,
            },
            before: None,
            after: Some(json!({ "retried": retries.done.len(), "refused": retries.refused.len() })),
        };
        audit::append(&mut tx, by.who, act, now).await?;
    }
    event_log::append(&mut tx, &events).await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    Ok(retries)
}

/// Gives the new message, and whether it leaves from another number than the old one.
async fn enqueue(
    engine: &Engine,
    enqueuer: &Enqueuer,
    tenant: TenantId,
    old: &Message,
    terms: Kept,
    by: By<'_>,
) -> Result<(MessageId, bool), NotRetried> {
    if old.direction != "outbound"
        || !matches!(old.status.as_str(), "failed" | "expired" | "cancelled")
    {
        return Err(NotRetried::Status(old.status.clone()));
    }
    if let Some(new) = old.retried_as {
        return Err(NotRetried::Already(new.into()));
    }
    let body = request_of(old, &terms, engine.clock.now()).ok_or(NotRetried::Unreadable)?;
    let key = format!("retry:{}", old.id);
    let request = Request {
        body,
        idempotency_key: Some(key.clone()),
        author: by.author,
        sight: by.sight,
        origin: None,
        files: Sight::All,
        rests: terms.rests,
    };
    let mut moved = false;
    let mut outcome = enqueuer.send(tenant, request.clone()).await;
    if let Err(NotEnqueued::Refused(Refused::ForeignNumber(_))) = outcome {
        // The number was taken back: it leaves as a new message to this person would.
        let mut request = request;
        request.body.remove("from");
        // What it quoted stands in the thread with the other number.
        request.body.remove("reply_to");
        moved = true;
        outcome = enqueuer.send(tenant, request).await;
    }
    match outcome {
        Ok(enqueued) => Ok((enqueued.message, moved)),
        // It was sent again before, when it was to leave in another way (its time has passed, its number was taken).
        Err(NotEnqueued::KeyReused) => {
            let known = idempotency::find(&engine.db, tenant, &key).await;
            match known.map_err(Refused::from).map_err(NotEnqueued::from)? {
                Some(known) => Ok((known.message_id, moved)),
                None => Err(NotEnqueued::KeyReused.into()),
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// The request that would make the same message.
fn request_of(old: &Message, terms: &Kept, now: Timestamp) -> Option<Map<String, Value>> {
    let sent: Map<String, Value> = serde_json::from_str(&old.content).ok()?;
    let kind = sent.get("type")?.as_str()?.to_owned();
    let mut body = Map::new();
    body.insert("to".into(), json!(old.conversation_id.to_string()));
    body.insert("from".into(), json!(old.phone_number_id));
    body.insert(kind.clone(), sent.get(&kind)?.clone());
    body.insert("type".into(), json!(kind));
    if let Some(quoted) = sent
        .get("context")
        .and_then(|context| context.get("message_id"))
    {
        body.insert("reply_to".into(), quoted.clone());
    }
    if let Some(lane) = terms.lane {
        body.insert("lane".into(), json!(super::terms::word(lane)));
    }
    if let Some(batch) = &old.batch {
        body.insert("batch".into(), json!(batch));
    }
    if let Some(hash) = sent.get("recipient_identity_key_hash") {
        body.insert("recipient_identity_key_hash".into(), hash.clone());
    }
    if terms.marketing {
        let chosen = ["product_policy", "message_activity_sharing"].into_iter();
        let chosen = chosen.filter_map(|name| Some((name.to_owned(), sent.get(name)?.clone())));
        body.insert("marketing".into(), Value::Object(chosen.collect()));
    }
    // A time that has passed says nothing about the new message.
    if let Some(before) = terms.send_before.map(Timestamp).filter(|at| *at > now) {
        body.insert("send_before".into(), json!(before.rfc3339()));
    }
    Some(body)
}
