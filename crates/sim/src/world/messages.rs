//! The messages of both directions, and what tests ask about them.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

/// Messages remembered per chat for the page, and inbound messages remembered in all.
const THREAD: usize = 200;
const INBOUND: usize = 200_000;
const CHATS: usize = 5_000;

/// A message that the simulator accepted, kept compact.
pub(crate) struct Outbound {
    pub(crate) wamid: Arc<str>,
    pub(crate) phone_number_id: Arc<str>,
    /// Digits, or the BSUID when that was addressed and nobody is known by it.
    pub(crate) to: Box<str>,
    pub(crate) kind: &'static str,
    pub(crate) body: Box<[u8]>,
    pub(crate) callback_data: Option<Box<str>>,
    pub(crate) fingerprint: u64,
    pub(crate) accepted_ms: u64,
    pub(crate) price: Price,
    pub(crate) status: &'static str,
    pub(crate) by_user_id: bool,
}

/// What a message costs: the words of `pricing`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Price {
    pub(crate) category: &'static str,
    pub(crate) free: bool,
    /// When the free entry point closes, inside which it was sent.
    pub(crate) entry_until_ms: Option<u64>,
}

pub(crate) struct Inbound {
    pub(crate) phone_number_id: Arc<str>,
    pub(crate) from: Box<str>,
    pub(crate) at_ms: u64,
    pub(crate) kind: Box<str>,
    pub(crate) message: Value,
    pub(crate) read: bool,
    /// The customer changed its words; `message` holds the new ones.
    pub(crate) edited: bool,
    /// The customer deleted it for everyone.
    pub(crate) deleted: bool,
}

/// A business number's id and a customer.
type Chat = (Box<str>, Box<str>);

/// The messages of both directions, found by id and by chat.
#[derive(Default)]
pub(crate) struct Messages {
    outbound: VecDeque<Outbound>,
    first: u64,
    by_wamid: HashMap<Arc<str>, u64>,
    identical: HashMap<u64, u32>,
    most_identical: u32,
    by_kind: BTreeMap<&'static str, u64>,
    inbound: HashMap<Arc<str>, Inbound>,
    inbound_order: VecDeque<Arc<str>>,
    inbound_total: u64,
    threads: BTreeMap<Chat, VecDeque<Arc<str>>>,
}

/// A message that was accepted, as tests see it.
#[derive(Debug, Clone, Serialize)]
pub struct OutboundRecord {
    /// The message id that was answered.
    pub wamid: String,
    /// The sender.
    pub phone_number_id: String,
    /// The user's phone in digits, or the BSUID addressed.
    pub to: String,
    /// Meta's message type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The whole request.
    pub body: Value,
    /// The caller's own reference, if it gave one.
    pub biz_opaque_callback_data: Option<String>,
    /// How many accepted sends had the same number, user, content and callback data; 1 means no duplicate.
    pub identical_sends: u32,
    /// Virtual milliseconds since the epoch.
    pub accepted_at: u64,
    /// `accepted`, `held`, `sent`, `delivered`, `read`, `played` or `failed`.
    pub status: String,
}

/// Counts over everything accepted since the last reset.
#[derive(Debug, Clone, Serialize)]
pub struct OutboundSummary {
    /// Sends accepted.
    pub total: u64,
    /// Different messages among them.
    pub distinct: u64,
    /// Accepted sends that repeated an earlier one.
    pub repeated: u64,
    /// The most often that one message was accepted.
    pub max_identical_sends: u32,
    /// Sends per type.
    pub by_type: BTreeMap<String, u64>,
    /// Messages that customers sent.
    pub inbound: u64,
}

impl Messages {
    pub(crate) fn push_outbound(&mut self, outbound: Outbound, limit: usize, known_customer: bool) {
        let sequence = self.first + self.outbound.len() as u64;
        let identical = self.identical.entry(outbound.fingerprint).or_insert(0);
        *identical += 1;
        self.most_identical = self.most_identical.max(*identical);
        *self.by_kind.entry(outbound.kind).or_insert(0) += 1;
        self.by_wamid.insert(Arc::clone(&outbound.wamid), sequence);
        if known_customer {
            self.remember(&outbound.phone_number_id, &outbound.to, &outbound.wamid);
        }
        self.outbound.push_back(outbound);
        while self.outbound.len() > limit.max(1) {
            if let Some(oldest) = self.outbound.pop_front() {
                self.by_wamid.remove(&oldest.wamid);
                self.first += 1;
            }
        }
    }

    pub(crate) fn push_inbound(&mut self, wamid: &Arc<str>, inbound: Inbound) {
        self.inbound_total += 1;
        self.remember(&inbound.phone_number_id, &inbound.from, wamid);
        self.inbound.insert(Arc::clone(wamid), inbound);
        self.inbound_order.push_back(Arc::clone(wamid));
        if self.inbound_order.len() > INBOUND
            && let Some(oldest) = self.inbound_order.pop_front()
        {
            self.inbound.remove(&oldest);
        }
    }

    fn remember(&mut self, phone_number_id: &str, customer: &str, wamid: &Arc<str>) {
        let key = (Box::from(phone_number_id), Box::from(customer));
        if self.threads.len() >= CHATS && !self.threads.contains_key(&key) {
            return;
        }
        let thread = self.threads.entry(key).or_default();
        thread.push_back(Arc::clone(wamid));
        if thread.len() > THREAD {
            thread.pop_front();
        }
    }

    pub(crate) fn outbound(&self, wamid: &str) -> Option<&Outbound> {
        let sequence = self.by_wamid.get(wamid)?;
        self.outbound
            .get(usize::try_from(sequence - self.first).ok()?)
    }

    pub(crate) fn outbound_mut(&mut self, wamid: &str) -> Option<&mut Outbound> {
        let sequence = self.by_wamid.get(wamid)?;
        self.outbound
            .get_mut(usize::try_from(sequence - self.first).ok()?)
    }

    pub(crate) fn inbound(&self, wamid: &str) -> Option<&Inbound> {
        self.inbound.get(wamid)
    }

    pub(crate) fn inbound_mut(&mut self, wamid: &str) -> Option<&mut Inbound> {
        self.inbound.get_mut(wamid)
    }

    pub(crate) fn all_outbound(&self) -> impl DoubleEndedIterator<Item = &Outbound> {
        self.outbound.iter()
    }

    pub(crate) fn thread(&self, phone_number_id: &str, customer: &str) -> Vec<Arc<str>> {
        let key = (Box::from(phone_number_id), Box::from(customer));
        self.threads
            .get(&key)
            .map(|thread| thread.iter().cloned().collect())
            .unwrap_or_default()
    }

    /// A chat goes on under the customer's new number.
    pub(crate) fn moved(&mut self, phone_number_id: &str, from: &str, to: &str) {
        let thread = self
            .threads
            .remove(&(Box::from(phone_number_id), Box::from(from)));
        if let Some(thread) = thread {
            let key = (Box::from(phone_number_id), Box::from(to));
            self.threads.entry(key).or_default().extend(thread);
        }
    }

    pub(crate) fn threads(&self) -> impl Iterator<Item = (&str, &str, &VecDeque<Arc<str>>)> {
        self.threads
            .iter()
            .map(|((number, customer), thread)| (&**number, &**customer, thread))
    }

    pub(crate) fn record(&self, outbound: &Outbound) -> OutboundRecord {
        OutboundRecord {
            wamid: outbound.wamid.to_string(),
            phone_number_id: outbound.phone_number_id.to_string(),
            to: outbound.to.to_string(),
            kind: outbound.kind.to_owned(),
            body: serde_json::from_slice(&outbound.body).unwrap_or_default(),
            biz_opaque_callback_data: outbound.callback_data.as_deref().map(str::to_owned),
            identical_sends: self
                .identical
                .get(&outbound.fingerprint)
                .copied()
                .unwrap_or(1),
            accepted_at: outbound.accepted_ms,
            status: outbound.status.to_owned(),
        }
    }

    pub(crate) fn summary(&self) -> OutboundSummary {
        let total = self.first + self.outbound.len() as u64;
        let distinct = self.identical.len() as u64;
        OutboundSummary {
            total,
            distinct,
            repeated: total - distinct,
            max_identical_sends: self.most_identical,
            by_type: self
                .by_kind
                .iter()
                .map(|(kind, count)| ((*kind).to_owned(), *count))
                .collect(),
            inbound: self.inbound_total,
        }
    }
}
