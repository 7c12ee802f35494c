//! `send`, second half: a mailing over ten numbers with answers behind it, what a message costs beside a bare POST,
//! and sends through dropped answers and kills.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::json;

use crate::api::Api;
use crate::client::{Connection, Ready};
use crate::latency::Histogram;
use crate::limit::Limit;
use crate::options::Options;
use crate::process::own_cpu;
use crate::report::{Case, rounded};
use crate::send::{Mailing, Pair, enqueue, watch};
use crate::server::{Server, Tenant};

/// Numbers of the mailing.
const NUMBERS: u64 = 10;
/// Messages a second of each.
const MPS: u64 = 80;
/// Between two answers behind the mailing.
const ANSWER_EVERY: Duration = Duration::from_millis(250);
/// Bare POSTs that are measured.
const BARE: u64 = 20_000;
/// Kills of the chaos run.
const KILLS: usize = 20;

/// A mailing of 50,000 over ten numbers; an answer every quarter of a second queues behind it.
pub(crate) async fn mailing(options: &Options) -> anyhow::Result<Case> {
    let pair = Pair::start(options).await?;
    let messages = options.messages.unwrap_or(50_000);
    let mut tenants = Vec::new();
    for n in 0..NUMBERS {
        tenants.push(
            pair.sender(MPS, u64::from(rand::random::<u32>()) * NUMBERS + n)
                .await?,
        );
    }
    let name = format!("{messages} over {NUMBERS} numbers of {MPS}/s");
    let mut case = Case::new("send", &name, options.database_name(), 1, 0.0);
    eprintln!("{name} …");
    let before = pair.simulator.summary().await?;
    let cpu = pair.server.process.cpu()?;
    let answers = Rc::new(RefCell::new(Histogram::new()));
    let answering = tokio::task::spawn_local(answer(
        Api::new(pair.server.address, Some(tenants[0].api_key.clone())),
        Rc::clone(&answers),
    ));
    let enqueuing: Vec<_> = tenants
        .iter()
        .map(|tenant| {
            let mailing = Mailing {
                messages: messages / NUMBERS,
                lane: Some("bulk"),
                callers: 2,
            };
            let (address, key) = (pair.server.address, tenant.api_key.clone());
            tokio::task::spawn_local(enqueue(address, key, mailing))
        })
        .collect();
    let messages = messages / NUMBERS * NUMBERS;
    let accepted = watch(
        &pair.simulator,
        &pair.server,
        &before,
        messages,
        MPS * NUMBERS,
    )
    .await?;
    answering.abort();
    for enqueued in enqueuing {
        case.acked += enqueued.await.context("enqueuing ended")??.acked;
    }
    let answers = answers.borrow().clone();
    case.cpu = pair.server.process.cpu()?.saturating_sub(cpu);
    case.seconds = accepted.seconds;
    case.sent = messages;
    case.stored = accepted.summary.accepted - before.accepted;
    case.rate_per_s = accepted.steady_per_s;
    case.lost = case.acked.saturating_sub(case.stored);
    case.duplicated = accepted.summary.most_identical.saturating_sub(1);
    (case.rss_mb, case.peak_rss_mb) = pair.server.process.memory_mb()?;
    let allowed = (MPS * NUMBERS) as f64;
    case.note(
        "share_of_the_allowed_rate",
        rounded(accepted.steady_per_s / allowed),
    );
    let errors = accepted.refusals.over_throughput + accepted.refusals.over_pair_rate;
    case.note("rate_errors", errors);
    case.note(
        "rate_errors_percent",
        rounded(100.0 * errors as f64 / messages as f64),
    );
    case.note("calls_not_looked_at", accepted.refusals.unseen_calls);
    case.note("answer_p50_ms", rounded(answers.quantile_ms(0.50)));
    case.note("answer_p99_ms", rounded(answers.quantile_ms(0.99)));
    case.latency = answers;
    Ok(case)
}

/// Sends an answer now and then, and notes how long it takes until Meta has it.
async fn answer(api: Api, latency: Rc<RefCell<Histogram>>) -> anyhow::Result<()> {
    for n in 0_u64.. {
        tokio::time::sleep(ANSWER_EVERY).await;
        let body = json!({
            "to": format!("347{:08}", 10_000_000 + n),
            "type": "template",
            "lane": "reply",
            "template": { "name": "hello_world", "language": { "code": "en_US" } },
        });
        let asked = Instant::now();
        let made = api.post("/api/v1/messages", &body).await?;
        let id = made["id"].as_str().context("a message has an id")?;
        let path = format!("/api/v1/messages/{id}");
        while api.get(&path).await?["wamid"].is_null() {
            if asked.elapsed() > Duration::from_secs(30) {
                bail!("an answer did not leave within 30 s");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        latency.borrow_mut().record(asked.elapsed());
    }
    Ok(())
}

/// CPU time of a message, from the queue until its outcome is written, beside that of a bare keep-alive POST of the
/// same body by this process. No statuses come meanwhile: they are the cost of receiving.
pub(crate) async fn cost(options: &Options) -> anyhow::Result<Case> {
    let pair = Pair::start(options).await?;
    let tenant = pair.sender(1_000, rand::random()).await?;
    pair.simulator
        .faults(&json!({ "webhook_offline": true }))
        .await?;
    let messages = options.messages.unwrap_or(20_000);
    let name = format!("cost of {messages} messages");
    let mut case = Case::new("send", &name, options.database_name(), 1, 0.0);
    eprintln!("{name} …");
    let before = pair.simulator.summary().await?;
    let mailing = Mailing {
        messages,
        lane: None,
        callers: 64,
    };
    let address = pair.server.address;
    let api = Api::new(address, Some(tenant.api_key.clone()));
    api.post("/api/v1/queue/pause", &json!({})).await?;
    enqueue(address, tenant.api_key.clone(), mailing).await?;
    idle(&pair.server).await?;
    let begun = Instant::now();
    api.post("/api/v1/queue/resume", &json!({})).await?;
    // From here on the server does nothing but send.
    let gone = pair.simulator.summary().await?.accepted - before.accepted;
    let cpu = pair.server.process.cpu()?;
    let accepted = watch(&pair.simulator, &pair.server, &before, messages, 1_000).await?;
    let spent = pair.server.process.cpu()?.saturating_sub(cpu);
    let each = spent.as_secs_f64() * 1e6 / messages.saturating_sub(gone).max(1) as f64;
    let bare = bare_post(pair.installation.folder()).await?;
    let at_pace = rounded(each / bare.at_pace);
    case.sent = messages;
    case.acked = messages;
    case.stored = accepted.summary.accepted - before.accepted;
    case.cpu = spent;
    case.seconds = begun.elapsed().as_secs_f64();
    case.rate_per_s = accepted.steady_per_s;
    case.duplicated = accepted.summary.most_identical.saturating_sub(1);
    case.note("cpu_us_per_message", rounded(each));
    case.note("cpu_us_per_bare_post", rounded(bare.at_pace));
    case.note(
        "cpu_us_per_bare_post_at_full_speed",
        rounded(bare.at_full_speed),
    );
    case.note("cpu_to_bare_post", at_pace);
    Ok(case)
}

/// Waits until the server has finished what follows from what it was asked: its index, its pages.
async fn idle(server: &Server) -> anyhow::Result<()> {
    let step = Duration::from_millis(500);
    for _ in 0..240 {
        let before = server.process.cpu()?;
        tokio::time::sleep(step).await;
        if server.process.cpu()?.saturating_sub(before) < step / 20 {
            return Ok(());
        }
    }
    bail!("the server did not come to rest within two minutes")
}

/// CPU microseconds of this process for one bare keep-alive POST.
struct Bare {
    /// At the pace of the number that is measured: each POST is woken for by itself, as each message is.
    at_pace: f64,
    /// One after the other over 16 connections, many at each wake-up.
    at_full_speed: f64,
}

/// What a keep-alive POST of a message's body costs, to a server that does nothing.
async fn bare_post(folder: &std::path::Path) -> anyhow::Result<Bare> {
    let limit = Limit::start(folder).await?;
    let body = json!({
        "messaging_product": "whatsapp", "recipient_type": "individual", "to": "+34650000000", "type": "template",
        "template": { "name": "hello_world", "language": { "code": "en_US" } },
        "biz_opaque_callback_data": "msg_0193a5c47d1e7c3f8a2b4c5d6e7f8091",
    });
    let ready = Ready::new(hyper::Method::POST, "/webhooks/meta", body.to_string())
        .with("content-type", "application/json")?
        .with("authorization", "Bearer bench-system-user-token")?;
    let connections: Vec<_> = (0..16)
        .map(|_| Rc::new(Connection::new(limit.address())))
        .collect();
    for connection in &connections {
        connection.exchange(&ready).await?;
    }
    Ok(Bare {
        at_full_speed: posts(&connections, &ready, BARE, None).await?,
        at_pace: posts(
            &connections,
            &ready,
            BARE / 4,
            Some(Duration::from_millis(1)),
        )
        .await?,
    })
}

/// CPU microseconds of each of so many POSTs, one in each step of time where there is one.
async fn posts(
    connections: &[Rc<Connection>],
    ready: &Ready,
    count: u64,
    step: Option<Duration>,
) -> anyhow::Result<f64> {
    let (cpu, begun) = (own_cpu()?, tokio::time::Instant::now());
    let callers = connections.len() as u64;
    let callers: Vec<_> = (0..callers)
        .zip(connections)
        .map(|(first, connection)| {
            let (connection, ready) = (Rc::clone(connection), ready.clone());
            tokio::task::spawn_local(async move {
                for turn in (first..count).step_by(callers as usize) {
                    if let Some(step) = step {
                        tokio::time::sleep_until(begun + step.mul_f64(turn as f64)).await;
                    }
                    connection.exchange(&ready).await?;
                }
                anyhow::Ok(())
            })
        })
        .collect();
    for caller in callers {
        caller.await.context("a caller ended")??;
    }
    Ok(own_cpu()?.saturating_sub(cpu).as_secs_f64() * 1e6 / count as f64)
}

/// Five answers in a hundred are dropped and the server is killed twenty times: nothing is sent twice, nothing is
/// lost, and what nobody can know is said.
pub(crate) async fn chaos(options: &Options) -> anyhow::Result<Case> {
    let Pair {
        mut installation,
        simulator,
        server,
    } = Pair::start(options).await?;
    installation.settle_after(Duration::from_secs(20));
    let number = crate::server::invented_numbers(1, rand::random()).remove(0);
    simulator.put_number(&number, MPS).await?;
    let tenant: Tenant = server
        .tenants(vec![number])
        .await?
        .pop()
        .context("no tenant was made")?;
    let messages = options.messages.unwrap_or(4_000).min(4_000);
    let name = format!("{messages} through {KILLS} kills");
    let mut case = Case::new("send", &name, options.database_name(), 1, 0.0);
    eprintln!("{name} …");
    let before = simulator.summary().await?;
    let mailing = Mailing {
        messages,
        lane: None,
        callers: 16,
    };
    let address = server.address;
    case.acked = enqueue(address, tenant.api_key.clone(), mailing)
        .await?
        .acked;
    simulator
        .faults(&json!({ "drop_response_rate": 0.05, "only_path": "messages" }))
        .await?;
    let begun = Instant::now();
    let mut server = Some(server);
    for _ in 0..KILLS {
        let lives = Duration::from_millis(200 + u64::from(rand::random::<u32>() % 2_000));
        tokio::time::sleep(lives).await;
        if let Some(mut victim) = server.take() {
            victim.process.kill()?;
        }
        server = Some(installation.start().await?);
    }
    simulator
        .faults(&json!({ "drop_response_rate": 0.0 }))
        .await?;
    let server = server.context("the server was started")?;
    let patience = Duration::from_secs(120 + messages / MPS);
    let uncertain = loop {
        let outbox = server.admin.get("/api/v1/admin/intake").await?["outbox"].clone();
        let count = |state: &str| outbox[state].as_u64().unwrap_or_default();
        if count("queued") + count("held") + count("sending") == 0
            && begun.elapsed() > Duration::from_secs(30)
        {
            break count("uncertain");
        }
        if begun.elapsed() > patience {
            bail!(
                "after {:.0?} the outbox still holds {outbox}",
                begun.elapsed()
            );
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    let summary = simulator.summary().await?;
    case.sent = messages;
    case.stored = summary.accepted - before.accepted;
    case.seconds = begun.elapsed().as_secs_f64();
    case.duplicated = summary.most_identical.saturating_sub(1);
    case.lost = case.acked.saturating_sub(case.stored + uncertain);
    case.note("left_to_a_person", uncertain);
    case.note("kills", KILLS);
    Ok(case)
}
