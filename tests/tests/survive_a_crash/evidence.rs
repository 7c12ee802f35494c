//! What was promised, held against what is stored and against what Meta's side saw.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;
use sim::OutboundRecord;
use store::Db;
use store::webhook_log::WebhookLog;

use crate::stage::{RETRY_ONCE, Stage, Tenant};
use crate::traffic::Promises;

/// A status that came so shortly before a second send could not be known to it any more.
const UNDER_WAY_MS: u64 = 1_000;

/// Everything read back, by message.
pub(crate) struct Evidence {
    /// The tenants' messages as the API shows them.
    pub(crate) messages: Vec<Vec<Value>>,
    /// Accepted sends by our id (`biz_opaque_callback_data`), as the simulator saw them, oldest first.
    pub(crate) sends: HashMap<String, Vec<OutboundRecord>>,
    /// When the first status of a message was acknowledged, by our id, in ms since the epoch.
    first_status_ms: HashMap<String, u64>,
    /// What the intake log holds.
    pub(crate) log: LogCount,
    /// `GET /api/v1/admin/intake`.
    pub(crate) intake: Value,
}

/// What the intake log holds.
#[derive(Debug, Default)]
pub(crate) struct LogCount {
    pub(crate) posts: u64,
    pub(crate) items: u64,
    pub(crate) distinct: u64,
}

impl Evidence {
    /// Reads everything back.
    pub(crate) async fn gather(stage: &Stage, tenants: &[Tenant]) -> Self {
        let mut messages = Vec::new();
        for tenant in tenants {
            messages.push(listed(stage, tenant).await);
        }
        let mut sends: HashMap<String, Vec<OutboundRecord>> = HashMap::new();
        for record in stage.sim.outbound() {
            let id = record
                .biz_opaque_callback_data
                .clone()
                .expect("every send carries our id");
            sends.entry(id).or_default().push(record);
        }
        let (log, first_status_ms) = read_log(stage).await;
        Self {
            messages,
            sends,
            first_status_ms,
            log,
            intake: stage.admin("GET", "/intake", Value::Null).await,
        }
    }

    /// Every acknowledged inbound message is stored, each once, and nothing else is.
    pub(crate) fn nothing_received_is_lost_or_double(&self, promises: &Promises) {
        let mut stored: HashMap<(usize, &str), u64> = HashMap::new();
        for (tenant, message) in self.of_direction("inbound") {
            *stored
                .entry((tenant, message["wamid"].as_str().unwrap()))
                .or_default() += 1;
        }
        let missing: Vec<_> = promises
            .acked
            .iter()
            .filter(|(tenant, wamid)| !stored.contains_key(&(*tenant, wamid.as_str())))
            .collect();
        assert!(
            missing.is_empty(),
            "{} messages were answered with 200 and are not stored: {missing:?}",
            missing.len()
        );
        let double: Vec<_> = stored.iter().filter(|(_, count)| **count > 1).collect();
        assert!(double.is_empty(), "stored more than once: {double:?}");
    }

    /// The books agree with the log: each POST once, each item took effect once.
    pub(crate) fn the_books_agree_with_the_log(&self, least_posts: u64) {
        let book = |name: &str| self.intake[name].as_u64().unwrap();
        assert!(
            self.log.posts >= least_posts,
            "{least_posts} POSTs were answered with 200, the log holds {}",
            self.log.posts
        );
        assert_eq!(book("received"), self.log.posts, "POSTs: {}", self.intake);
        assert_eq!(
            book("parked"),
            0,
            "nothing was to be parked: {}",
            self.intake
        );
        assert_eq!(
            book("stored"),
            self.log.items,
            "items stored: {} against {:?}",
            self.intake,
            self.log
        );
        assert_eq!(
            book("projected") + self.second_sends(),
            self.log.distinct,
            "each item takes effect once: {} against {:?}",
            self.intake,
            self.log
        );
    }

    /// Statuses of a second send may tell nothing new about the message.
    fn second_sends(&self) -> u64 {
        if self.sends.values().all(|sends| sends.len() == 1) {
            return 0;
        }
        self.log.distinct - self.intake["projected"].as_u64().unwrap()
    }

    /// Every message that was taken has one outcome that can be explained, and Meta saw it once, or never when it
    /// is said to be uncertain.
    pub(crate) fn every_send_is_explained(&self, promises: &Promises) -> Tally {
        let known: HashMap<&str, (usize, &Value)> = self
            .of_direction("outbound")
            .map(|(tenant, message)| (message["id"].as_str().unwrap(), (tenant, message)))
            .collect();
        let mut wrong = Vec::new();
        for (tenant, id) in &promises.accepted {
            match known.get(id.as_str()) {
                Some((owner, _)) if owner == tenant => {}
                _ => wrong.push(format!("{id} was accepted and is not stored")),
            }
        }
        let mut tally = Tally::default();
        for (id, (_, message)) in &known {
            let sends = self.sends.get(*id).map_or(&[][..], Vec::as_slice);
            let status = message["status"].as_str().unwrap();
            *tally.by_status.entry(status.to_owned()).or_default() += 1;
            tally.sends += sends.len() as u64;
            match (status, sends) {
                ("uncertain", []) => tally.uncertain.push((*id).to_owned()),
                ("sent" | "delivered" | "read", [send]) if send.status == status => {}
                // After a second send the furthest of both is told.
                ("sent" | "delivered" | "read", [_, _]) => tally.twice.push((*id).to_owned()),
                (status, sends) => wrong.push(format!(
                    "{id} is {status} ({}), and Meta's side has {:?}",
                    message["error"],
                    sends.iter().map(|send| &send.status).collect::<Vec<_>>()
                )),
            }
        }
        for id in self
            .sends
            .keys()
            .filter(|id| !known.contains_key(id.as_str()))
        {
            wrong.push(format!("{id} was sent and is not stored"));
        }
        let distinct: HashSet<_> = promises.accepted.iter().map(|(_, id)| id).collect();
        if distinct.len() != promises.accepted.len() {
            wrong.push("two keys were given one message".to_owned());
        }
        assert!(
            wrong.is_empty(),
            "{} of {} messages:\n{}",
            wrong.len(),
            known.len(),
            wrong[..wrong.len().min(20)].join("\n")
        );
        tally
    }

    /// Only who chose it sends twice, only after the settle time, and never when the status was there by then.
    pub(crate) fn nothing_was_sent_twice_needlessly(
        &self,
        stage: &Stage,
        tally: &Tally,
        policies: &[&str],
    ) {
        let owner: HashMap<&str, usize> = self
            .of_direction("outbound")
            .map(|(tenant, message)| (message["id"].as_str().unwrap(), tenant))
            .collect();
        for id in &tally.twice {
            let [first, second] = &self.sends[id][..] else {
                panic!("{id} was sent more than twice");
            };
            assert_eq!(
                policies[owner[id.as_str()]],
                RETRY_ONCE,
                "{id} was sent twice though its tenant wants to be asked"
            );
            let gap = second.accepted_at - first.accepted_at;
            assert!(
                u128::from(gap) + 50 >= stage.wishes.settle.as_millis(),
                "{id} was sent again after {gap} ms, before its settle time"
            );
            let known_at = self.first_status_ms.get(id).copied();
            assert!(
                known_at.is_none_or(|at| at + UNDER_WAY_MS > second.accepted_at),
                "{id} was sent again at {} though its status was acknowledged at {known_at:?}",
                second.accepted_at
            );
        }
    }

    fn of_direction(&self, direction: &'static str) -> impl Iterator<Item = (usize, &Value)> {
        self.messages
            .iter()
            .enumerate()
            .flat_map(|(tenant, messages)| messages.iter().map(move |message| (tenant, message)))
            .filter(move |(_, message)| message["direction"] == direction)
    }
}

/// What became of what was to be sent.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) by_status: BTreeMap<String, u64>,
    pub(crate) sends: u64,
    /// Messages that wait for a person, all of them unseen by Meta.
    pub(crate) uncertain: Vec<String>,
    /// Messages that were sent twice.
    pub(crate) twice: Vec<String>,
}

/// All messages of a tenant, page by page, as the tenant would read them.
async fn listed(stage: &Stage, tenant: &Tenant) -> Vec<Value> {
    let mut all = Vec::new();
    let mut path = "/api/v1/messages?limit=200".to_owned();
    loop {
        let mut page = stage.call("GET", &path, &tenant.api_key, Value::Null).await;
        let Value::Array(rows) = page["data"].take() else {
            panic!("a list has no data: {page}");
        };
        all.extend(rows);
        match page["next"].as_str() {
            Some(next) => path = format!("/api/v1/messages?limit=200&cursor={next}"),
            None => return all,
        }
    }
}

/// The log as it lies there, read without the server.
async fn read_log(stage: &Stage) -> (LogCount, HashMap<String, u64>) {
    let address = stage.address();
    let db = Db::open(&address).await.unwrap();
    let log = WebhookLog::open(&db, &address, stage.intake())
        .await
        .unwrap();
    let (mut count, mut seen, mut first) = (LogCount::default(), HashSet::new(), HashMap::new());
    let mut position = 0;
    loop {
        let frames = log.read_after(position, 64).await.unwrap();
        let Some(last) = frames.last() else { break };
        position = last.position;
        for post in frames.into_iter().flat_map(|frame| frame.posts) {
            count.posts += 1;
            let at_ms = u64::try_from(post.received_at.micros() / 1_000).unwrap();
            let body: Value = serde_json::from_slice(&post.body).unwrap();
            for (item, ours) in items(&body) {
                count.items += 1;
                seen.insert(item);
                if let Some(id) = ours {
                    let earliest = first.entry(id).or_insert(at_ms);
                    *earliest = at_ms.min(*earliest);
                }
            }
        }
    }
    count.distinct = seen.len() as u64;
    log.close().await;
    db.close().await;
    (count, first)
}

/// The messages and statuses of a body: what they are, and our id where it stands in them.
fn items(body: &Value) -> Vec<(String, Option<String>)> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut items = Vec::new();
    for change in list(&body["entry"])
        .iter()
        .flat_map(|entry| list(&entry["changes"]))
    {
        for message in list(&change["value"]["messages"]) {
            items.push((format!("message {}", message["id"]), None));
        }
        for status in list(&change["value"]["statuses"]) {
            let ours = status["biz_opaque_callback_data"].as_str();
            let item = format!("status {} {}", status["id"], status["status"]);
            items.push((item, ours.map(str::to_owned)));
        }
    }
    items
}
