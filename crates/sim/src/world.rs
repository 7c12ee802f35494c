//! Everything that exists: accounts, numbers, people, templates, media, messages. One lock, held only for moments.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;
use serde_json::Value;

use crate::chance::Chance;
use crate::config::SimConfig;
use crate::ids;
use crate::media::MediaShelf;
use crate::seed::{CustomerSpec, NumberSpec, Seed, TemplateSpec};

/// Messages remembered per chat for the page, and inbound messages remembered in all.
const THREAD: usize = 200;
const INBOUND: usize = 200_000;
const CHATS: usize = 5_000;

pub(crate) struct World {
    pub(crate) callback_url: Option<String>,
    pub(crate) verify_token: String,
    /// Fields the app subscribed to; `None` means all.
    pub(crate) fields: Option<Vec<String>>,
    pub(crate) tokens: HashMap<String, Vec<String>>,
    pub(crate) wabas: BTreeMap<String, Waba>,
    pub(crate) numbers: BTreeMap<String, Number>,
    pub(crate) customers: BTreeMap<String, CustomerSpec>,
    pub(crate) phones_by_bsuid: HashMap<String, String>,
    pub(crate) media: MediaShelf,
    pub(crate) messages: Messages,
    pub(crate) link_cache: HashMap<String, (bool, u64)>,
}

pub(crate) struct Waba {
    pub(crate) name: String,
    pub(crate) subscribed: bool,
    pub(crate) override_url: Option<String>,
    pub(crate) templates: Vec<TemplateSpec>,
    /// Virtual moments of management calls in the last hour, for the usage header.
    pub(crate) calls: u64,
}

pub(crate) struct Number {
    pub(crate) spec: NumberSpec,
    pub(crate) override_url: Option<String>,
    /// Real moments of the messages of the last second, in and out.
    pub(crate) traffic: VecDeque<Instant>,
    /// Per user: the virtual moment at which the quota borrowed so far is paid back.
    pub(crate) pairs: HashMap<Box<str>, u64>,
    /// Per user: when the customer service window closes (virtual milliseconds).
    pub(crate) windows: HashMap<Box<str>, u64>,
    pub(crate) sent_count: u64,
    pub(crate) received_count: u64,
    pub(crate) typing: HashMap<String, u64>,
    /// Users whose messages do not come through.
    pub(crate) blocked: BTreeSet<String>,
    /// The business profile, as `POST` left it.
    pub(crate) profile: serde_json::Map<String, Value>,
}

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
}

pub(crate) struct Inbound {
    pub(crate) phone_number_id: Arc<str>,
    pub(crate) from: Box<str>,
    pub(crate) at_ms: u64,
    pub(crate) kind: Box<str>,
    pub(crate) message: Value,
    pub(crate) read: bool,
}

/// A business number's id and a customer.
type Chat = (Box<str>, Box<str>);

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
    /// `accepted`, `sent`, `delivered`, `read`, `played` or `failed`.
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

impl World {
    pub(crate) fn new(config: &SimConfig, seed: Seed) -> Self {
        let chance = Chance::new(config.seed);
        let mut world = Self {
            callback_url: config.callback_url.clone(),
            verify_token: config.verify_token.clone(),
            fields: None,
            tokens: seed.tokens.into_iter().collect(),
            wabas: BTreeMap::new(),
            numbers: BTreeMap::new(),
            customers: BTreeMap::new(),
            phones_by_bsuid: HashMap::new(),
            media: MediaShelf::new(config.media_bytes_limit),
            messages: Messages::default(),
            link_cache: HashMap::new(),
        };
        for waba in seed.wabas {
            let templates = Vec::new();
            let (name, subscribed) = (waba.name, waba.subscribed);
            world.wabas.insert(
                waba.id,
                Waba {
                    name,
                    subscribed,
                    override_url: None,
                    templates,
                    calls: 0,
                },
            );
        }
        for (waba_id, template) in seed.templates {
            world.add_template(chance, &waba_id, template);
        }
        for number in seed.numbers {
            world.put_number(number);
        }
        for customer in seed.customers {
            world.put_customer(chance, &config.business_id, customer);
        }
        world
    }

    /// Adds a template to an account, or replaces the one of the same name and language; `None` without the account.
    pub(crate) fn add_template(
        &mut self,
        chance: Chance,
        waba_id: &str,
        mut template: TemplateSpec,
    ) -> Option<String> {
        let waba = self.wabas.get_mut(waba_id)?;
        if template.id.is_empty() {
            let subject = format!("{waba_id}/{}/{}", template.name, template.language);
            template.id = ids::numeric(chance, "template", &subject, 0);
        }
        let id = template.id.clone();
        waba.templates
            .retain(|known| known.name != template.name || known.language != template.language);
        waba.templates.push(template);
        Some(id)
    }

    pub(crate) fn put_number(&mut self, spec: NumberSpec) {
        match self.numbers.get_mut(&spec.phone_number_id) {
            Some(number) => number.spec = spec,
            None => {
                let number = Number {
                    override_url: None,
                    traffic: VecDeque::new(),
                    pairs: HashMap::new(),
                    windows: HashMap::new(),
                    sent_count: 0,
                    received_count: 0,
                    typing: HashMap::new(),
                    blocked: BTreeSet::new(),
                    profile: serde_json::Map::new(),
                    spec,
                };
                self.numbers
                    .insert(number.spec.phone_number_id.clone(), number);
            }
        }
    }

    pub(crate) fn put_customer(
        &mut self,
        chance: Chance,
        business_id: &str,
        customer: CustomerSpec,
    ) {
        let user_id = ids::bsuid(chance, business_id, &customer.phone);
        self.phones_by_bsuid.insert(user_id, customer.phone.clone());
        self.customers.insert(customer.phone.clone(), customer);
    }

    /// The account that holds a template.
    pub(crate) fn waba_of_template(&self, template_id: &str) -> Option<&str> {
        let holds = |waba: &&Waba| {
            waba.templates
                .iter()
                .any(|template| template.id == template_id)
        };
        let found = self.wabas.iter().find(|(_, waba)| holds(waba));
        found.map(|(id, _)| id.as_str())
    }

    /// Where updates of this account (and number) go.
    pub(crate) fn callback_for(
        &self,
        waba_id: &str,
        phone_number_id: Option<&str>,
        field: &str,
    ) -> Option<String> {
        let number = phone_number_id.and_then(|id| self.numbers.get(id)?.override_url.clone());
        let waba = || {
            self.wabas
                .get(waba_id)
                .and_then(|waba| waba.override_url.clone())
        };
        let overridden = if field == "messages" {
            number.or_else(waba)
        } else {
            None
        };
        overridden.or_else(|| self.callback_url.clone())
    }

    /// Forgets messages, traffic and windows; accounts, numbers, people, templates and media stay. The counters behind the
    /// ids go on, so that no id comes twice.
    pub(crate) fn forget_messages(&mut self) {
        self.messages = Messages::default();
        self.link_cache.clear();
        for number in self.numbers.values_mut() {
            number.traffic.clear();
            number.pairs.clear();
            number.windows.clear();
            number.typing.clear();
        }
    }
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
