//! What Meta would send: messages of customers, and the statuses of messages that the business sent.
//!
//! Ids are random, because sequential ones flatter a unique index. A status mostly concerns a message that exists:
//! `sent`, `delivered` and `read` of one wamid follow each other, a thousand or so items apart.

use std::collections::VecDeque;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::webhook::{Request, Signer};

/// Of a hundred items, how many are statuses.
const STATUSES_OF_100: u32 = 75;
/// Of a hundred statuses, how many concern a message that the server does not know (sent by somebody else, or not
/// recorded yet).
const UNKNOWN_OF_100: u32 = 2;
/// Messages between the `sent` of one and the `delivered` of an earlier one.
const APART: usize = 400;
const CUSTOMERS_OF_EACH: u64 = 20;
const NAMES: [&str; 8] = [
    "Mar\\u00eda L\\u00f3pez",
    "Jo\\u00e3o Silva",
    "Anna Schmidt",
    "Priya Sharma",
    "Ahmed Hassan",
    "Chloe Martin",
    "Diego Fern\\u00e1ndez",
    "Yuki Tanaka",
];
const WORDS: [&str; 12] = [
    "hola",
    "quiero",
    "pedir",
    "dos",
    "barras",
    "de",
    "pan",
    "para",
    "ma\\u00f1ana",
    "temprano",
    "gracias",
    "por favor",
];

/// A business number that receives.
#[derive(Clone)]
pub(crate) struct Number {
    pub(crate) phone_number_id: String,
    /// Digits only.
    pub(crate) display_phone_number: String,
}

/// A message of the business that statuses will concern.
struct Sent {
    wamid: String,
    number: usize,
    customer: u64,
}

/// Draws webhook items; every id is new, also across runs with different seeds.
pub(crate) struct Traffic {
    chance: ChaCha8Rng,
    signer: Signer,
    waba_id: String,
    numbers: Vec<Number>,
    timestamp: u64,
    /// Seeded, no status yet.
    fresh: VecDeque<Sent>,
    /// `sent` was told.
    told: VecDeque<Sent>,
    /// `delivered` was told.
    delivered: VecDeque<Sent>,
    turn: u8,
    /// Messages to the first so many numbers are followed.
    follow: usize,
    followed: Vec<(usize, String)>,
}

impl Traffic {
    /// `timestamp`: Unix seconds that the items bear.
    pub(crate) fn new(
        seed: u64,
        signer: Signer,
        waba_id: String,
        numbers: Vec<Number>,
        timestamp: u64,
    ) -> Self {
        Self {
            chance: ChaCha8Rng::seed_from_u64(seed),
            signer,
            waba_id,
            numbers,
            timestamp,
            fresh: VecDeque::new(),
            told: VecDeque::new(),
            delivered: VecDeque::new(),
            turn: 0,
            follow: 0,
            followed: Vec::new(),
        }
    }

    /// From now on requests tell which messages they hold for the first so many numbers.
    pub(crate) fn watch(&mut self, numbers: usize) {
        self.follow = numbers;
    }

    /// How many statuses of existing messages can still be told.
    pub(crate) fn statuses_left(&self) -> usize {
        3 * self.fresh.len() + 2 * self.told.len().saturating_sub(APART)
    }

    /// Of so many items, how many messages of the business are needed beyond those that are left.
    pub(crate) fn seeds_needed_for(&self, items: u64) -> u64 {
        let statuses = items * u64::from(STATUSES_OF_100) / 100 + 3_000;
        statuses
            .saturating_sub(self.statuses_left() as u64)
            .div_ceil(3)
    }

    /// A POST of coexistence echoes: messages that the business wrote on its phone, which is the front door for
    /// outgoing messages with ids of our own choice.
    pub(crate) fn seeds(&mut self, items: u64) -> Request {
        let changes: Vec<String> = (0..items).map(|_| self.echo()).collect();
        self.post(&changes)
    }

    /// A POST of realistic items.
    pub(crate) fn next(&mut self, items: u64) -> Request {
        let changes: Vec<String> = (0..items)
            .map(|_| {
                if self.chance.random_range(0..100) < STATUSES_OF_100 {
                    self.status()
                } else {
                    self.message()
                }
            })
            .collect();
        self.post(&changes)
    }

    fn post(&mut self, changes: &[String]) -> Request {
        let body = format!(
            r#"{{"object":"whatsapp_business_account","entry":[{{"id":"{}","changes":[{}]}}]}}"#,
            self.waba_id,
            changes.join(",")
        );
        let mut request = self.signer.request(&body, changes.len() as u64);
        request.watched = std::mem::take(&mut self.followed);
        request
    }

    fn echo(&mut self) -> String {
        let sent = Sent {
            wamid: self.wamid(),
            number: self.number(),
            customer: self.customer(),
        };
        let text = self.text(60);
        let from = &self.numbers[sent.number].display_phone_number;
        let change = format!(
            r#"{{"value":{{"messaging_product":"whatsapp",{},"message_echoes":[{{"from":"{from}","to":"{}","id":"{}","timestamp":"{}","type":"text","text":{{"body":"{text}"}}}}]}},"field":"smb_message_echoes"}}"#,
            self.metadata(sent.number),
            phone(sent.number, sent.customer),
            sent.wamid,
            self.timestamp,
        );
        self.fresh.push_back(sent);
        change
    }

    fn message(&mut self) -> String {
        let (wamid, number, customer) = (self.wamid(), self.number(), self.customer());
        if number < self.follow {
            self.followed.push((number, wamid.clone()));
        }
        let length = self.chance.random_range(60..180);
        let text = self.text(length);
        let (wa_id, user_id) = (phone(number, customer), user_id(number, customer));
        format!(
            r#"{{"value":{{"messaging_product":"whatsapp",{},"contacts":[{{"profile":{{"name":"{}"}},"wa_id":"{wa_id}","user_id":"{user_id}"}}],"messages":[{{"from":"{wa_id}","from_user_id":"{user_id}","id":"{wamid}","timestamp":"{}","text":{{"body":"{text}"}},"type":"text"}}]}},"field":"messages"}}"#,
            self.metadata(number),
            name(number, customer),
            self.timestamp,
        )
    }

    fn status(&mut self) -> String {
        let unknown = self.chance.random_range(0..100) < UNKNOWN_OF_100;
        let known = if unknown { None } else { self.advance() };
        let (status, wamid, number, customer) = match known {
            Some(known) => known,
            None => ("sent", self.wamid(), self.number(), self.customer()),
        };
        let (wa_id, user_id) = (phone(number, customer), user_id(number, customer));
        let pricing = if status == "read" {
            String::new()
        } else {
            r#","pricing":{"billable":true,"pricing_model":"PMP","category":"utility","type":"regular"}"#.to_owned()
        };
        format!(
            r#"{{"value":{{"messaging_product":"whatsapp",{},"contacts":[{{"profile":{{"name":"{}"}},"wa_id":"{wa_id}","user_id":"{user_id}"}}],"statuses":[{{"id":"{wamid}","status":"{status}","timestamp":"{}","recipient_id":"{wa_id}","recipient_user_id":"{user_id}","conversation":{{"id":"{}","origin":{{"type":"utility"}}}}{pricing}}}]}},"field":"messages"}}"#,
            self.metadata(number),
            name(number, customer),
            self.timestamp,
            hex::encode(self.chance.random::<[u8; 16]>()),
        )
    }

    /// The next status of a message that exists, each stage `APART` messages behind the one before it.
    fn advance(&mut self) -> Option<(&'static str, String, usize, u64)> {
        self.turn = (self.turn + 1) % 3;
        if self.turn == 1 && self.told.len() > APART {
            let sent = self.told.pop_front()?;
            let told = ("delivered", sent.wamid.clone(), sent.number, sent.customer);
            self.delivered.push_back(sent);
            return Some(told);
        }
        if self.turn == 2 && self.delivered.len() > APART {
            let sent = self.delivered.pop_front()?;
            return Some(("read", sent.wamid, sent.number, sent.customer));
        }
        let sent = self.fresh.pop_front()?;
        let told = ("sent", sent.wamid.clone(), sent.number, sent.customer);
        self.told.push_back(sent);
        Some(told)
    }

    fn metadata(&self, number: usize) -> String {
        let Number {
            phone_number_id,
            display_phone_number,
        } = &self.numbers[number];
        format!(
            r#""metadata":{{"display_phone_number":"{display_phone_number}","phone_number_id":"{phone_number_id}"}}"#
        )
    }

    fn number(&mut self) -> usize {
        self.chance.random_range(0..self.numbers.len())
    }

    fn customer(&mut self) -> u64 {
        self.chance.random_range(0..CUSTOMERS_OF_EACH)
    }

    fn wamid(&mut self) -> String {
        format!(
            "wamid.{}",
            STANDARD_NO_PAD.encode(self.chance.random::<[u8; 42]>())
        )
    }

    fn text(&mut self, at_least: usize) -> String {
        let mut text = String::with_capacity(at_least + 12);
        while text.len() < at_least {
            text.push_str(WORDS[self.chance.random_range(0..WORDS.len())]);
            text.push(' ');
        }
        text
    }
}

/// A customer's number; valid Spanish mobile numbers.
fn phone(number: usize, customer: u64) -> String {
    format!(
        "346{:08}",
        10_000_000 + number as u64 * CUSTOMERS_OF_EACH + customer
    )
}

fn user_id(number: usize, customer: u64) -> String {
    format!(
        "ES.{:019}",
        1_349_105_881_223_000_000 + number as u64 * CUSTOMERS_OF_EACH + customer
    )
}

fn name(number: usize, customer: u64) -> &'static str {
    NAMES[(number + customer as usize) % NAMES.len()]
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    fn traffic() -> Traffic {
        let numbers = (0..5)
            .map(|index| Number {
                phone_number_id: format!("1065{index:011}"),
                display_phone_number: format!("349100000{index:02}"),
            })
            .collect();
        Traffic::new(
            1,
            Signer::new("secret").unwrap(),
            "104996122399160".to_owned(),
            numbers,
            1_795_000_000,
        )
    }

    fn body(request: &Request) -> serde_json::Value {
        serde_json::from_slice(&request.http.body).unwrap()
    }

    #[test]
    fn a_body_of_one_item_is_as_long_as_meta_s() {
        let mut traffic = traffic();
        let mut total = 0;
        for _ in 0..1_000 {
            total += body(&traffic.next(1)).to_string().len();
        }
        assert!(
            (550..=800).contains(&(total / 1_000)),
            "{} bytes on average",
            total / 1_000
        );
    }

    #[test]
    fn the_statuses_of_a_message_come_in_order_and_each_once() {
        let mut traffic = traffic();
        while traffic.seeds_needed_for(20_000) > 0 {
            traffic.seeds(50);
        }
        let mut stages: HashMap<String, Vec<String>> = HashMap::new();
        let (mut messages, mut ids) = (0, HashSet::new());
        for _ in 0..20_000 {
            let body = body(&traffic.next(1));
            let value = &body["entry"][0]["changes"][0]["value"];
            if let Some(status) = value["statuses"].get(0) {
                let wamid = status["id"].as_str().unwrap().to_owned();
                stages
                    .entry(wamid)
                    .or_default()
                    .push(status["status"].as_str().unwrap().to_owned());
            } else {
                messages += 1;
                assert!(
                    ids.insert(value["messages"][0]["id"].as_str().unwrap().to_owned()),
                    "an id came twice"
                );
            }
        }
        assert!(
            (4_500..5_500).contains(&messages),
            "{messages} of 20,000 are messages"
        );
        let alone = stages.values().filter(|stages| stages.len() == 1).count();
        assert!(alone < 1_500, "{alone} messages have one status only");
        for stages in stages.values() {
            assert_eq!(
                stages[..],
                ["sent", "delivered", "read"][..stages.len()],
                "out of order"
            );
        }
    }
}
