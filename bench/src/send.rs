//! `send`: messages through one number as fast as Meta allows it, counted where Meta would count: at the simulator.

use std::cell::RefCell;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::json;

use crate::api::Api;
use crate::batch;
use crate::options::Options;
use crate::report::{Case, rounded};
use crate::server::{Installation, Server, Tenant, invented_numbers};
use crate::simulator::{Account, Refusals, Simulator, Summary};

/// Callers that enqueue at the same time.
const CALLERS: usize = 16;

/// Server and simulator that know each other.
pub(crate) struct Pair {
    pub(crate) installation: Installation,
    pub(crate) simulator: Simulator,
    pub(crate) server: Server,
}

impl Pair {
    pub(crate) async fn start(options: &Options) -> anyhow::Result<Self> {
        // Each must be told the other's address: the server's port is chosen first.
        let address: SocketAddr = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut installation = Installation::new(options, Account::silent())?;
        installation.listen_on(address);
        let seed = options.seed.unwrap_or(1);
        let simulator =
            Simulator::start(installation.program(), installation.folder(), address, seed).await?;
        installation.work_for(simulator.account.clone());
        let server = installation.start().await?;
        Ok(Self {
            installation,
            simulator,
            server,
        })
    }

    /// A tenant whose number has this throughput at Meta.
    pub(crate) async fn sender(&self, mps: u64, salt: u64) -> anyhow::Result<Tenant> {
        let number = invented_numbers(1, salt).remove(0);
        self.simulator.put_number(&number, mps).await?;
        let mut tenants = self.server.tenants(vec![number]).await?;
        tenants.pop().context("no tenant was made")
    }
}

/// `trunkline-bench send`.
pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for mps in [1_000, 80] {
        let pair = Pair::start(options).await?;
        let messages = match options.messages {
            Some(messages) if mps == 1_000 => messages,
            _ => mps * options.seconds.max(10) * 2,
        };
        cases.push(measure(&pair, options, mps, messages).await?);
    }
    cases.push(batch::cost(options).await?);
    cases.push(batch::mailing(options).await?);
    cases.push(batch::chaos(options).await?);
    Ok(cases)
}

async fn measure(pair: &Pair, options: &Options, mps: u64, messages: u64) -> anyhow::Result<Case> {
    let tenant = pair.sender(mps, rand::random()).await?;
    let name = format!("{messages} through a number of {mps}/s");
    let mut case = Case::new("send", &name, options.database_name(), CALLERS, 0.0);
    eprintln!("{name} …");
    let before = pair.simulator.summary().await?;
    let cpu = pair.server.process.cpu()?;
    let begun = Instant::now();
    let enqueuing = tokio::task::spawn_local(enqueue(
        pair.server.address,
        tenant.api_key.clone(),
        Mailing::of(messages),
    ));
    let accepted = watch(&pair.simulator, &pair.server, &before, messages, mps).await?;
    let enqueued = enqueuing.await.context("enqueuing ended")??;
    case.cpu = pair.server.process.cpu()?.saturating_sub(cpu);
    case.seconds = accepted.seconds;
    case.sent = messages;
    case.acked = enqueued.acked;
    case.stored = accepted.summary.accepted - before.accepted;
    case.rate_per_s = accepted.steady_per_s;
    case.lost = enqueued.acked.saturating_sub(case.stored);
    case.duplicated = case
        .stored
        .saturating_sub(messages)
        .max(accepted.summary.most_identical.saturating_sub(1));
    (case.rss_mb, case.peak_rss_mb) = pair.server.process.memory_mb()?;
    case.latency = enqueued.latency;
    case.note(
        "share_of_the_allowed_rate",
        rounded(accepted.steady_per_s / mps as f64),
    );
    case.note("refused_130429", accepted.refusals.over_throughput);
    case.note("calls_not_looked_at", accepted.refusals.unseen_calls);
    case.note("most_identical_sends", accepted.summary.most_identical);
    case.note(
        "enqueued_per_s",
        rounded(messages as f64 / enqueued.took.as_secs_f64()),
    );
    case.note("whole_seconds", rounded(begun.elapsed().as_secs_f64()));
    Ok(case)
}

/// What was seen at the simulator.
pub(crate) struct Accepted {
    pub(crate) summary: Summary,
    pub(crate) refusals: Refusals,
    /// Between the first tenth and the last tenth, where neither start nor end disturbs.
    pub(crate) steady_per_s: f64,
    pub(crate) seconds: f64,
}

/// Looks at the simulator until all have arrived.
pub(crate) async fn watch(
    simulator: &Simulator,
    server: &Server,
    before: &Summary,
    messages: u64,
    mps: u64,
) -> anyhow::Result<Accepted> {
    let begun = Instant::now();
    let patience = Duration::from_secs(60 + 3 * messages / mps);
    let mut points: Vec<(f64, u64)> = Vec::new();
    let mut refusals = Refusals::default();
    loop {
        simulator.read_refusals(&mut refusals).await?;
        let summary = simulator.summary().await?;
        let arrived = summary.accepted - before.accepted;
        points.push((begun.elapsed().as_secs_f64(), arrived));
        if arrived >= messages {
            // A second more, so that one that is sent twice is seen twice.
            tokio::time::sleep(Duration::from_secs(1)).await;
            let summary = simulator.summary().await?;
            simulator.read_refusals(&mut refusals).await?;
            let seconds = points.last().map_or(0.0, |point| point.0);
            return Ok(Accepted {
                summary,
                refusals,
                steady_per_s: steady(&points, messages),
                seconds,
            });
        }
        if begun.elapsed() > patience {
            bail!(
                "only {arrived} of {messages} messages arrived\n{}",
                server.process.last_words()
            );
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn steady(points: &[(f64, u64)], messages: u64) -> f64 {
    let from = points.iter().find(|point| point.1 >= messages / 10);
    let to = points.iter().find(|point| point.1 >= messages * 9 / 10);
    match (from, to) {
        (Some(from), Some(to)) if to.0 > from.0 => (to.1 - from.1) as f64 / (to.0 - from.0),
        _ => 0.0,
    }
}

/// How the API took the messages.
pub(crate) struct Enqueued {
    pub(crate) acked: u64,
    pub(crate) latency: crate::latency::Histogram,
    took: Duration,
}

/// What is enqueued.
#[derive(Clone, Copy)]
pub(crate) struct Mailing {
    pub(crate) messages: u64,
    /// The lane, where it is not the usual one.
    pub(crate) lane: Option<&'static str>,
    /// Callers at the same time.
    pub(crate) callers: usize,
}

impl Mailing {
    pub(crate) fn of(messages: u64) -> Self {
        Self {
            messages,
            lane: None,
            callers: CALLERS,
        }
    }
}

/// Enqueues templates to as many different people, each with an idempotency key of its own.
pub(crate) async fn enqueue(
    address: SocketAddr,
    api_key: String,
    mailing: Mailing,
) -> anyhow::Result<Enqueued> {
    let messages = mailing.messages;
    let api = Rc::new(Api::new(address, Some(api_key)));
    let next = Rc::new(RefCell::new(0_u64));
    let latency = Rc::new(RefCell::new(crate::latency::Histogram::new()));
    let run: u32 = rand::random();
    let begun = Instant::now();
    let callers: Vec<_> = (0..mailing.callers)
        .map(|_| {
            let (api, next, latency) = (Rc::clone(&api), Rc::clone(&next), Rc::clone(&latency));
            tokio::task::spawn_local(async move {
                loop {
                    let index = next.replace_with(|index| *index + 1);
                    if index >= messages {
                        return anyhow::Ok(());
                    }
                    let mut body = json!({
                        "to": format!("346{:08}", 50_000_000 + index),
                        "type": "template",
                        "template": { "name": "hello_world", "language": { "code": "en_US" } },
                    });
                    if let Some(lane) = mailing.lane {
                        body["lane"] = json!(lane);
                    }
                    let key = format!("bench-{run}-{index}");
                    let request = api.request(
                        hyper::Method::POST,
                        "/api/v1/messages",
                        Some(&body.to_string()),
                        Some(&key),
                    )?;
                    let asked = Instant::now();
                    let (status, answer) = api.call(&request).await?;
                    if !(200..300).contains(&status) {
                        bail!("enqueuing a message was answered with {status}: {answer}");
                    }
                    latency.borrow_mut().record(asked.elapsed());
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.context("a caller ended")??;
    }
    let latency = latency.borrow().clone();
    Ok(Enqueued {
        acked: messages,
        latency,
        took: begun.elapsed(),
    })
}
