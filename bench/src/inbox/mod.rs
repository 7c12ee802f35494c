//! `inbox`: how long people wait for a page of the inbox in a business that has much of it.
//!
//! 1,000,000 messages in 50,000 conversations of one tenant are written straight into the database, then the server
//! is started on it and asked by HTTP, one kind of request after the other.

mod seed;

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use hyper::Method;
use rand::RngExt as _;
use serde_json::json;

use crate::api::Api;
use crate::client::Ready;
use crate::latency::Histogram;
use crate::options::Options;
use crate::report::{Case, rounded};
use crate::server::{Installation, invented_numbers};
use crate::simulator::Account;

use seed::{CONVERSATIONS, LONG, LONG_MESSAGES, MESSAGES, Person};

/// People who look at the same time, when nothing else is said.
const CALLERS: usize = 4;

/// After this time something is wrong with the index.
const LONGEST_BUILD: Duration = Duration::from_secs(1_800);

/// Gives a path to ask for.
type Ask = fn() -> String;

/// What is asked for.
const ASKED: [(&str, Ask); 12] = [
    ("list", || list("status=open")),
    ("list_older_page", || {
        let cursor = seed::cursor_of(rand::rng().random_range(1..CONVERSATIONS));
        list(&format!("status=open&cursor={cursor}"))
    }),
    ("list_mine", || list("view=mine&status=open")),
    ("list_snoozed", || list("status=snoozed")),
    ("list_unassigned_unread", || {
        list("view=unassigned&status=open&unread=true")
    }),
    ("search", || {
        let n = rand::rng().random_range(0..CONVERSATIONS);
        match n % 3 {
            0 => list(&format!("q=600{n:06}")),
            1 => list(&format!("q=garc%C3%ADa%20{n}")),
            _ => list("q=pedido&status=open"),
        }
    }),
    ("search_without_a_hit", || list("q=zzqx")),
    ("search_messages", || {
        let n = rand::rng().random_range(0..MESSAGES);
        messages(&format!("q=pedido%20{n}"))
    }),
    // A word that every message has, whole and being typed.
    ("search_broad", || {
        let words = ["pedido", "dias", "preg", "q", "buenos%20pe"];
        messages(&format!(
            "q={}",
            words[rand::rng().random_range(0..words.len())]
        ))
    }),
    ("search_in_thread", || {
        let id = seed::id(seed::CONVERSATION, LONG);
        messages(&format!("q=pedido&conversation_id=cnv_{id}"))
    }),
    ("thread", || {
        thread(rand::rng().random_range(0..CONVERSATIONS), "")
    }),
    ("thread_older_page", || {
        let message = MESSAGES - rand::rng().random_range(1..LONG_MESSAGES);
        let cursor = format!("&cursor=msg_{}", seed::id(seed::MESSAGE, message));
        thread(LONG, &cursor)
    }),
];

fn list(query: &str) -> String {
    format!("/api/v1/conversations?{query}")
}

fn messages(query: &str) -> String {
    format!("/api/v1/messages?{query}")
}

fn thread(conversation: u64, more: &str) -> String {
    let id = seed::id(seed::CONVERSATION, conversation);
    format!("/api/v1/messages?conversation_id=cnv_{id}&internal=true{more}")
}

/// `trunkline-bench inbox`.
pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Case>> {
    let installation = Installation::new(options, Account::silent())?;
    let mut server = installation.start().await?;
    let numbers = invented_numbers(1, rand::random());
    let number = numbers[0].phone_number_id.clone();
    server.tenants(numbers).await?;
    let tenants = server.admin.get("/api/v1/admin/tenants?limit=1").await?;
    let tenant = tenants["data"][0]["id"]
        .as_str()
        .context("a tenant has no id")?
        .to_owned();
    drop(server);
    eprintln!("{MESSAGES} messages in {CONVERSATIONS} conversations are written …");
    let begun = Instant::now();
    let person = seed::sow(installation.database(), &tenant, &number).await?;
    let sown_in = begun.elapsed();
    server = installation.start().await?;
    eprintln!("the index is built …");
    let begun = Instant::now();
    loop {
        let health = server.admin.get("/api/v1/admin/health").await?;
        if health["search"]["complete"] == true {
            break;
        }
        if begun.elapsed() > LONGEST_BUILD {
            bail!("the full-text index is not complete after {LONGEST_BUILD:?}");
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let indexed_in = begun.elapsed();
    let path = messages("q=pedido&limit=10");
    let request = Ready::new(Method::GET, &path, "")
        .with("cookie", &format!("trunkline_session={}", person.secret))?;
    let (_, found) = Api::new(server.address, None).call(&request).await?;
    if found["data"].as_array().is_none_or(Vec::is_empty) {
        bail!("what every message says is not found: {found}");
    }

    let callers = options.connections.unwrap_or(CALLERS);
    let name = format!("{MESSAGES} messages, {CONVERSATIONS} conversations");
    let seconds = options.seconds as f64;
    let mut case = Case::new("inbox", &name, options.database_name(), callers, seconds);
    let cpu = server.process.cpu()?;
    let mut took = 0.0;
    let counts = (
        "counts",
        (|| list("").replace('?', "/counts")) as fn() -> String,
    );
    for (what, path) in ASKED.into_iter().chain([counts]) {
        eprintln!("{what} …");
        let asking = Asking {
            address: server.address,
            person: person.clone(),
            path,
        };
        let span = Duration::from_secs(options.seconds);
        // What a server that was just started has not read yet is not what people wait for.
        asking.run(callers, span / 5).await?;
        let begun = Instant::now();
        let latency = asking.run(callers, span).await?;
        took += begun.elapsed().as_secs_f64();
        case.sent += latency.1;
        case.acked += latency.1;
        case.note(
            what,
            json!({
                "requests": latency.1,
                "p50_ms": rounded(latency.0.quantile_ms(0.50)),
                "p99_ms": rounded(latency.0.quantile_ms(0.99)),
            }),
        );
        case.latency.add(&latency.0);
    }
    case.cpu = server.process.cpu()?.saturating_sub(cpu);
    case.stored = MESSAGES;
    case.rate_per_s = case.sent as f64 / took;
    (case.rss_mb, case.peak_rss_mb) = server.process.memory_mb()?;
    case.note("indexed_in_seconds", rounded(indexed_in.as_secs_f64()));
    case.note("seeded_in_seconds", rounded(sown_in.as_secs_f64()));
    Ok(vec![case])
}

/// One kind of request, asked by several callers.
struct Asking {
    address: SocketAddr,
    person: Person,
    path: fn() -> String,
}

impl Asking {
    async fn run(&self, callers: usize, span: Duration) -> anyhow::Result<(Histogram, u64)> {
        let api = Rc::new(Api::new(self.address, None));
        let taken = Rc::new(RefCell::new((Histogram::new(), 0)));
        let end = Instant::now() + span;
        let tasks: Vec<_> = (0..callers)
            .map(|_| {
                let (api, taken) = (Rc::clone(&api), Rc::clone(&taken));
                let (person, path) = (self.person.clone(), self.path);
                tokio::task::spawn_local(async move {
                    while Instant::now() < end {
                        let path = path();
                        let request = Ready::new(Method::GET, &path, "")
                            .with("cookie", &format!("trunkline_session={}", person.secret))?;
                        let asked = Instant::now();
                        let (status, answer) = api.call(&request).await?;
                        if status != 200 {
                            bail!("GET {path} was answered with {status}: {answer}");
                        }
                        let mut taken = taken.borrow_mut();
                        taken.0.record(asked.elapsed());
                        taken.1 += 1;
                    }
                    Ok(())
                })
            })
            .collect();
        for task in tasks {
            task.await.context("a caller ended")??;
        }
        Ok(taken.borrow().clone())
    }
}
