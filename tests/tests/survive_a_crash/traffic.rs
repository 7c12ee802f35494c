//! The load: webhooks delivered until they are acknowledged, and sends asked for until they are answered.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;
use serde_json::{Value, json};
use sim::{InboundRequest, Sim};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::stage::{APP_SECRET, Stage, Tenant, WABA};

/// Between two attempts of one caller.
const AGAIN: Duration = Duration::from_millis(40);
/// Contacts that write to a tenant.
const WRITERS: u64 = 300;

/// What the server has promised.
#[derive(Default)]
pub(crate) struct Promises {
    /// Inbound messages whose POST was answered with 200: tenant, wamid.
    pub(crate) acked: Vec<(usize, String)>,
    /// Requests to send that were answered: tenant, message id.
    pub(crate) accepted: Vec<(usize, String)>,
    /// Webhook POSTs that were answered with 200, repetitions included.
    pub(crate) posts_acked: u64,
    /// Attempts that were not answered, or refused.
    pub(crate) failed_attempts: u64,
    /// Answers that no server may give.
    pub(crate) wrong: Vec<String>,
}

/// Who loads, and how much.
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// Tenants that are written to and that send.
    pub(crate) tenants: Vec<Tenant>,
    /// Server ports; callers are spread over them.
    pub(crate) ports: Vec<u16>,
    /// Callers that deliver webhooks.
    pub(crate) deliverers: usize,
    /// Callers that ask for sends.
    pub(crate) senders: usize,
    /// What a caller waits between two things, at most.
    pub(crate) pause: Duration,
}

/// A running load.
pub(crate) struct Traffic {
    pub(crate) promises: Arc<Mutex<Promises>>,
    ends: CancellationToken,
    tasks: JoinSet<()>,
}

#[derive(Clone)]
struct Caller {
    http: reqwest::Client,
    base: String,
    tenants: Vec<Tenant>,
    promises: Arc<Mutex<Promises>>,
    ends: CancellationToken,
    pause: Duration,
    /// Two loads of one story have keys of their own.
    seed: u64,
}

impl Traffic {
    /// Starts the callers.
    pub(crate) fn start(stage: &Stage, plan: Plan) -> Self {
        let (promises, ends) = (
            Arc::new(Mutex::new(Promises::default())),
            CancellationToken::new(),
        );
        let mut tasks = JoinSet::new();
        for n in 0..plan.deliverers + plan.senders {
            let caller = Caller {
                http: stage.http.clone(),
                base: stage.base(plan.ports[n % plan.ports.len()]),
                tenants: plan.tenants.clone(),
                promises: promises.clone(),
                ends: ends.clone(),
                pause: plan.pause,
                seed: plan.seed,
            };
            let chance = ChaCha8Rng::seed_from_u64(plan.seed ^ ((n as u64 + 1) << 32));
            if n < plan.deliverers {
                tasks.spawn(caller.deliver(n as u64, chance));
            } else {
                tasks.spawn(caller.send(n as u64, chance));
            }
        }
        Self {
            promises,
            ends,
            tasks,
        }
    }

    /// Nothing new; what was begun is brought to its end.
    pub(crate) async fn stop(mut self) -> Promises {
        self.ends.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap();
        }
        std::mem::take(&mut *self.promises.lock().unwrap())
    }
}

impl Caller {
    async fn deliver(self, me: u64, mut chance: ChaCha8Rng) {
        let mut count = 0_u64;
        let mut earlier: Option<Vec<u8>> = None;
        while !self.ends.is_cancelled() {
            let tenant = chance.random_range(0..self.tenants.len());
            let wamids: Vec<String> = (0..chance.random_range(1..4))
                .map(|_| {
                    count += 1;
                    format!(
                        "wamid.CRASH{me:02}{count:08}{:016X}",
                        chance.random::<u64>()
                    )
                })
                .collect();
            let writer = chance.random_range(0..WRITERS);
            let body = inbound(&self.tenants[tenant].number, writer, &wamids);
            self.until_acked(&body).await;
            let acked = wamids.into_iter().map(|wamid| (tenant, wamid));
            self.promises.lock().unwrap().acked.extend(acked);
            // Meta delivers some webhooks twice.
            if let Some(body) = earlier.take() {
                self.until_acked(&body).await;
            }
            if chance.random_bool(0.05) {
                earlier = Some(body);
            }
            tokio::time::sleep(self.pause.mul_f64(chance.random())).await;
        }
    }

    /// As Meta does: the same body again until 2xx.
    async fn until_acked(&self, body: &[u8]) {
        loop {
            let answer = self
                .http
                .post(format!("{}/webhooks/meta", self.base))
                .header("content-type", "application/json")
                .header("x-hub-signature-256", sim::sign(APP_SECRET, body))
                .body(body.to_vec())
                .send()
                .await
                .map(|answer| answer.status().as_u16());
            {
                let mut promises = self.promises.lock().unwrap();
                match answer {
                    Ok(200) => {
                        promises.posts_acked += 1;
                        return;
                    }
                    Ok(503) | Err(_) => promises.failed_attempts += 1,
                    Ok(other) => promises
                        .wrong
                        .push(format!("a webhook was answered {other}")),
                }
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn send(self, me: u64, mut chance: ChaCha8Rng) {
        let mut count = 0_u64;
        let mut earlier: Option<(usize, String, Value, String)> = None;
        while !self.ends.is_cancelled() {
            let tenant = chance.random_range(0..self.tenants.len());
            count += 1;
            let key = format!("crash-{}-{me}-{count}", self.seed);
            let body = json!({
                "to": format!("+346{:08}", 10_000_000 + me * 1_000_000 + count),
                "type": "template",
                "template": { "name": "hello_world", "language": "en_US" },
            });
            let id = self.until_answered(tenant, &key, &body).await;
            self.promises
                .lock()
                .unwrap()
                .accepted
                .push((tenant, id.clone()));
            // A client that is not sure asks again, perhaps after a crash: it must be given the same message.
            if let Some((tenant, key, body, first)) = earlier.take() {
                let again = self.until_answered(tenant, &key, &body).await;
                if again != first {
                    let wrong = format!("key {key} stood for {first}, then for {again}");
                    self.promises.lock().unwrap().wrong.push(wrong);
                }
            }
            if chance.random_bool(0.1) {
                earlier = Some((tenant, key, body, id));
            }
            tokio::time::sleep(self.pause.mul_f64(chance.random())).await;
        }
    }

    async fn until_answered(&self, tenant: usize, key: &str, body: &Value) -> String {
        loop {
            let answer = self
                .http
                .post(format!("{}/api/v1/messages", self.base))
                .bearer_auth(&self.tenants[tenant].api_key)
                .header("idempotency-key", key)
                .json(body)
                .send()
                .await;
            let status = answer.as_ref().map_or(0, |answer| answer.status().as_u16());
            let told: Value = match answer {
                Ok(answer) => answer.json().await.unwrap_or_default(),
                Err(_) => Value::Null,
            };
            {
                let mut promises = self.promises.lock().unwrap();
                match (status, told["id"].as_str()) {
                    (200 | 202, Some(id)) => return id.to_owned(),
                    // Nothing was answered, the answer broke off, or the database was out of reach.
                    (0 | 200 | 202 | 503, _) => promises.failed_attempts += 1,
                    _ => promises
                        .wrong
                        .push(format!("a send was answered {status}: {told}")),
                }
            }
            tokio::time::sleep(AGAIN).await;
        }
    }
}

/// Customers with phones at the simulator, who never wrote before, write to a number; gives the load's handle and
/// counts them.
pub(crate) fn newcomers(
    sim: Sim,
    number: String,
    every: Duration,
) -> (CancellationToken, Arc<AtomicU64>) {
    let (ends, count) = (CancellationToken::new(), Arc::new(AtomicU64::new(0)));
    let (until, counted) = (ends.clone(), count.clone());
    tokio::spawn(async move {
        while !until.is_cancelled() {
            let n = counted.fetch_add(1, Ordering::Relaxed);
            sim.inbound(InboundRequest {
                phone_number_id: number.clone(),
                from: format!("346{:08}", 90_000_000 + n),
                message: json!({ "type": "text", "text": { "body": "Hola" } }),
                ..InboundRequest::default()
            })
            .unwrap();
            tokio::time::sleep(every).await;
        }
    });
    (ends, count)
}

/// A body of Meta's: messages of one customer.
pub(crate) fn inbound(number: &str, writer: u64, wamids: &[String]) -> Vec<u8> {
    let phone = format!("346{:08}", 80_000_000 + writer);
    let messages: Vec<Value> = wamids
        .iter()
        .map(|wamid| {
            json!({
                "from": phone, "id": wamid, "timestamp": "1795000000", "type": "text",
                "text": { "body": format!("This is {wamid}") },
            })
        })
        .collect();
    let value = json!({
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "34612000700", "phone_number_id": number },
        "contacts": [{ "profile": { "name": format!("Writer {writer}") }, "wa_id": phone }],
        "messages": messages,
    });
    json!({
        "object": "whatsapp_business_account",
        "entry": [{ "id": WABA, "changes": [{ "field": "messages", "value": value }] }],
    })
    .to_string()
    .into_bytes()
}
