//! Messages of a batch: duplicates fall away, people are found, conversations move, rules react.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use domain::automation::{self, Effect, Received};
use domain::message::{Direction, Lane, Origin};
use domain::{MessageId, Timestamp};
use meta::limits;
use store::media::of_messages;
use store::{Tx, conversations, early_statuses, event_log, messages};

use super::people::{Mention, People, Talk};
use super::{Counts, Routed, Routes};
use crate::outbound::draft::Draft;

pub(super) async fn project(
    tx: &mut Tx,
    routes: &Routes,
    items: &[Routed<'_>],
    counts: &mut Counts,
    events: &mut Vec<event_log::New>,
    now: Timestamp,
) -> store::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let fresh = without_duplicates(tx, items).await?;
    counts.duplicates += (items.len() - fresh.len()) as i64;
    counts.projected += fresh.len() as i64;
    fill_places(tx, items, counts, events, now).await?;
    if fresh.is_empty() {
        return Ok(());
    }
    let mut of_history: HashSet<domain::TenantId> = HashSet::new();
    let mut people = People::load(tx, fresh.iter().map(|item| item.mention())).await?;
    let mut rows = Vec::with_capacity(fresh.len());
    let mut touches = Touches::default();
    let mut replies = Vec::new();
    let mut media = Vec::new();
    for item in &fresh {
        let talk = people.talk(&item.mention(), now);
        let id = MessageId::new(now);
        rows.push(row(item, id, talk, now));
        touches.add(item, id, talk);
        media.extend(medium(item, id, talk, now));
        if item.message.origin == Origin::History {
            // Thousands at once: whoever shows them reads them again, and is told once.
            if of_history.insert(item.tenant) {
                let data = format!(r#"{{"phone_number_id":{:?}}}"#, item.number);
                events.push(event_log::of(item.tenant, "number.history", data, now));
            }
        } else {
            events.push(event_log::of(
                item.tenant,
                event_kind(item.message.direction),
                event_data(id, talk),
                now,
            ));
        }
        if item.message.opens_window {
            let received = Received {
                at: item.message.occurred_at,
                previous_inbound_at: talk.last_inbound_at,
                deserves_answer: item.message.deserves_answer,
            };
            if let Some(rules) = routes.rules.get(&item.tenant) {
                replies.extend(
                    automation::react(rules, received)
                        .into_iter()
                        .map(|effect| (item, talk, effect)),
                );
            }
            people.received(&item.mention(), item.message.occurred_at);
        }
    }
    let drafts: Vec<_> = replies
        .into_iter()
        .filter_map(|(item, talk, effect)| carry_out(item, talk, effect, now))
        .collect();
    for draft in &drafts {
        rows.push(draft.message_row());
        touches.add_draft(draft);
        events.push(event_log::of(
            draft.tenant,
            "message.queued",
            event_data(draft.id, draft.talk),
            now,
        ));
    }
    people.write(tx, now).await?;
    messages::any_tenant_add(tx, &rows).await?;
    conversations::any_tenant_touch(tx, &touches.rows).await?;
    of_messages::any_tenant_expect(tx, &media).await?;
    counts.media |= !media.is_empty();
    let sends: Vec<_> = drafts.iter().map(Draft::outbox_row).collect();
    store::outbox::any_tenant_add(tx, &sends).await?;
    counts.enqueued |= !sends.is_empty();
    apply_early(tx, &fresh, &rows, now).await
}

impl Routed<'_> {
    fn mention(&self) -> Mention<'_> {
        Mention {
            tenant: self.tenant,
            number: self.number,
            person: &self.message.person,
            moved_to: self.message.moved_to.as_ref(),
        }
    }
}

/// The type of a message of a shared history whose medium comes apart from it.
const PLACE: &str = "media_placeholder";

/// What came apart from the history takes the place that was kept for it, and its medium is fetched.
async fn fill_places(
    tx: &mut Tx,
    items: &[Routed<'_>],
    counts: &mut Counts,
    events: &mut Vec<event_log::New>,
    now: Timestamp,
) -> store::Result<()> {
    let late = |item: &&Routed<'_>| {
        item.message.origin == Origin::History && item.message.medium.is_some()
    };
    let wanted: Vec<_> = items
        .iter()
        .filter(late)
        .enumerate()
        .map(|(n, item)| messages::places::Filled {
            n,
            number: item.number,
            wamid: &item.message.wamid,
            kind: &item.message.kind,
            text: item.message.text.as_deref(),
            preview: &item.message.preview,
            content: &item.message.content,
        })
        .collect();
    let filled = messages::places::any_tenant_fill(tx, &wanted).await?;
    let late: Vec<_> = items.iter().filter(late).collect();
    let mut media = Vec::new();
    for place in filled {
        let Some(item) = usize::try_from(place.n).ok().and_then(|n| late.get(n)) else {
            continue;
        };
        let (id, conversation) = (
            MessageId(place.id),
            domain::ConversationId(place.conversation_id),
        );
        let talk = Talk {
            id: conversation,
            contact: domain::ContactId(place.contact_id),
            last_inbound_at: None,
        };
        media.extend(medium(item, id, talk, now));
        events.push(event_log::of(
            item.tenant,
            "message.media",
            event_data(id, talk),
            now,
        ));
    }
    of_messages::any_tenant_expect(tx, &media).await?;
    counts.media |= !media.is_empty();
    Ok(())
}

async fn without_duplicates<'a, 'b>(
    tx: &mut Tx,
    items: &'a [Routed<'b>],
) -> store::Result<Vec<&'a Routed<'b>>> {
    // A message says more than the place that was kept for it.
    let mut seen: HashMap<_, usize> = HashMap::new();
    let mut first: Vec<&Routed<'_>> = Vec::with_capacity(items.len());
    for item in items {
        match seen.entry((item.number, item.message.wamid.as_str())) {
            Entry::Vacant(place) => {
                place.insert(first.len());
                first.push(item);
            }
            Entry::Occupied(place) => {
                let known = &mut first[*place.get()];
                if known.message.kind == PLACE {
                    *known = item;
                }
            }
        }
    }
    let wanted: Vec<_> = first
        .iter()
        .enumerate()
        .map(|(n, item)| messages::Wamid {
            n,
            number: item.number,
            wamid: &item.message.wamid,
        })
        .collect();
    let known: HashSet<_> = messages::any_tenant_known(tx, &wanted)
        .await?
        .into_iter()
        .map(|row| row.n)
        .collect();
    Ok(first
        .into_iter()
        .enumerate()
        .filter(|(n, _)| !known.contains(&(*n as i64)))
        .map(|(_, item)| item)
        .collect())
}

fn row(item: &Routed<'_>, id: MessageId, talk: Talk, now: Timestamp) -> messages::New {
    let message = item.message;
    messages::New {
        id: id.hex(),
        tenant: item.tenant.hex(),
        conversation: talk.id.hex(),
        contact: talk.contact.hex(),
        number: item.number.to_owned(),
        direction: message.direction.as_str(),
        origin: message.origin.as_str(),
        kind: message.kind.clone(),
        wamid: Some(message.wamid.clone()),
        text: message.text.clone(),
        preview: message.preview.clone(),
        content: message.content.clone(),
        reply_to: message.reply_to.clone(),
        status: message.status.as_str(),
        occurred_at: message.occurred_at.0,
        at: now.0,
        author: None,
        batch: None,
        retry_of: None,
        terms: None,
    }
}

/// The medium of a message, to be fetched once this is committed.
fn medium(
    item: &Routed<'_>,
    id: MessageId,
    talk: Talk,
    now: Timestamp,
) -> Option<of_messages::Expected> {
    let (kind, meta_id) = item.message.medium.clone()?;
    // An old message that came late may have media that live only minutes more, or whose age is unknown.
    let ends_at = item.message.occurred_at.plus(limits::INBOUND_MEDIA_LIFE);
    let at_least = now.plus(limits::MEDIA_URL_LIFE);
    Some(of_messages::Expected {
        id: id.hex(),
        tenant: item.tenant.hex(),
        conversation: talk.id.hex(),
        number: item.number.to_owned(),
        kind,
        meta_id,
        ends_at: ends_at.max(at_least).0,
        at: now.0,
    })
}

fn event_kind(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "message.received",
        Direction::Outbound => "message.echoed",
        Direction::Internal => "message.noted",
    }
}

pub(crate) fn event_data(id: MessageId, talk: Talk) -> String {
    format!(r#"{{"message_id":"{id}","conversation_id":"{}"}}"#, talk.id)
}

fn carry_out(item: &Routed<'_>, talk: Talk, effect: Effect, now: Timestamp) -> Option<Draft> {
    match effect {
        Effect::Reply { text } => Draft::reply(
            item.tenant,
            item.number,
            &item.message.person,
            talk,
            &text,
            Lane::Reply,
            Origin::AutoReply,
            now,
        ),
    }
}

/// What the messages of a batch change in each conversation, folded to one row each.
#[derive(Default)]
struct Touches {
    rows: Vec<conversations::Touch>,
    by_conversation: HashMap<domain::ConversationId, usize>,
}

impl Touches {
    fn add(&mut self, item: &Routed<'_>, id: MessageId, talk: Talk) {
        let message = item.message;
        let unread = i64::from(
            message.deserves_answer
                || (message.direction == Direction::Inbound
                    && message.opens_window
                    && message.reply_to.is_none()),
        );
        let at = message.occurred_at.0;
        let touch = self.put(talk, id, &message.preview, message.direction, at);
        touch.unread += unread;
        if message.opens_window {
            touch.inbound_at = touch.inbound_at.max(Some(at));
        }
        if message.referral {
            touch.referral_at = touch.referral_at.max(Some(at));
        }
        if message.origin == Origin::BusinessApp {
            touch.answered(at);
        }
    }

    fn add_draft(&mut self, draft: &Draft) {
        let at = draft.at.0;
        self.put(
            draft.talk,
            draft.id,
            &draft.preview,
            Direction::Outbound,
            at,
        )
        .answered(at);
    }

    fn put(
        &mut self,
        talk: Talk,
        id: MessageId,
        preview: &str,
        direction: Direction,
        at: i64,
    ) -> &mut conversations::Touch {
        let slot = *self.by_conversation.entry(talk.id).or_insert_with(|| {
            self.rows.push(conversations::Touch {
                id: talk.id.hex(),
                unread: 0,
                message: String::new(),
                preview: String::new(),
                direction: direction.as_str(),
                at: i64::MIN,
                inbound_at: None,
                referral_at: None,
                answered_at: None,
            });
            self.rows.len() - 1
        });
        let touch = &mut self.rows[slot];
        if at >= touch.at {
            touch.message = id.hex();
            preview.clone_into(&mut touch.preview);
            touch.direction = direction.as_str();
            touch.at = at;
        }
        touch
    }
}

/// Statuses may have come before an echo or a piece of history: apply what was kept.
async fn apply_early(
    tx: &mut Tx,
    fresh: &[&Routed<'_>],
    rows: &[messages::New],
    now: Timestamp,
) -> store::Result<()> {
    let outgoing: Vec<_> = fresh
        .iter()
        .zip(rows)
        .enumerate()
        .filter(|(_, (item, _))| item.message.direction == Direction::Outbound)
        .map(|(n, (item, _))| messages::Wamid {
            n,
            number: item.number,
            wamid: &item.message.wamid,
        })
        .collect();
    let kept = early_statuses::any_tenant_find(tx, &outgoing).await?;
    if kept.is_empty() {
        return Ok(());
    }
    let kept: HashMap<usize, _> = kept.into_iter().collect();
    let wanted: Vec<_> = outgoing
        .into_iter()
        .filter(|wamid| kept.contains_key(&wamid.n))
        .collect();
    let mut on_file = messages::progress::any_tenant_by_wamid(tx, &wanted).await?;
    for message in &mut on_file {
        if let Some(progress) = kept.get(&message.n) {
            message.progress.merge(progress);
        }
    }
    messages::progress::any_tenant_write(
        tx,
        on_file
            .iter()
            .map(|message| (message.id, None, &message.progress)),
        now,
    )
    .await?;
    early_statuses::any_tenant_forget(tx, &wanted).await
}
