//! `ingest`: signed webhooks of 200 tenants, until each is projected. Rounds of the bare server in between.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use serde_json::json;

use crate::limit::{APP_SECRET, Limit};
use crate::load::Pace;
use crate::open_loop::OpenLoop;
use crate::options::Options;
use crate::report::{Case, median, rounded};
use crate::round;
use crate::seed::{self, Stock, Stream};
use crate::server::{Installation, Server, invented_numbers};
use crate::simulator::Account;
use crate::traffic::Traffic;
use crate::webhook::Signer;
use crate::witness::{WATCHED, Witness};

/// Items a second that the first round is stocked for; later rounds learn from the one before.
const EXPECTED_PER_S: f64 = 30_000.0;

/// A round ends early when its stock is used up, so the stock need not be exact.
struct Shape {
    items: u64,
    expected_per_s: f64,
    rates: Vec<f64>,
    acked_rates: Vec<f64>,
    limits: Vec<f64>,
    case: Case,
}

/// A server with tenants, and traffic for them.
pub(crate) struct Ground {
    pub(crate) server: Server,
    pub(crate) traffic: Rc<RefCell<Traffic>>,
    pub(crate) witness: RefCell<Witness>,
}

/// `trunkline-bench ingest`.
pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Case>> {
    let installation = Installation::new(options, Account::silent())?;
    let limit = Limit::start(installation.folder()).await?;
    // The first start migrates; what is measured is a start as it happens every day.
    drop(installation.start().await?);
    let server = installation.start().await?;
    let started_in = server.started_in;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (idle_mb, _) = server.process.memory_mb()?;
    let ground = prepare(server, options).await?;

    let mut cases = if let Some(events) = options.events {
        vec![long_run(&ground, &limit, options, events).await?]
    } else {
        let mut cases = rounds(&ground, &limit, options).await?;
        cases.push(
            OpenLoop::prepare(&ground, options)
                .await?
                .measure(&ground)
                .await?,
        );
        cases
    };
    if let Some(first) = cases.first_mut() {
        let witness = ground.witness.take();
        witness.testify(ground.server.address, first).await?;
        first.note("start_ms", rounded(started_in.as_secs_f64() * 1_000.0));
        first.note("idle_rss_mb", rounded(idle_mb));
    }
    Ok(cases)
}

/// Tenants with a number each, and traffic that knows them.
pub(crate) async fn prepare(server: Server, options: &Options) -> anyhow::Result<Ground> {
    let seed = options.seed.unwrap_or_else(rand::random);
    eprintln!("seed {seed}; {} tenants …", options.tenants);
    let mut tenants = server
        .tenants(invented_numbers(options.tenants, seed))
        .await?;
    let numbers = tenants.iter().map(|tenant| tenant.number.clone()).collect();
    tenants.truncate(WATCHED);
    let mut traffic = Traffic::new(
        seed,
        Signer::new(APP_SECRET)?,
        Account::silent().waba_id,
        numbers,
        unix_seconds(),
    );
    traffic.watch(tenants.len());
    let witness = RefCell::new(Witness::new(tenants));
    Ok(Ground {
        server,
        traffic: Rc::new(RefCell::new(traffic)),
        witness,
    })
}

async fn rounds(ground: &Ground, limit: &Limit, options: &Options) -> anyhow::Result<Vec<Case>> {
    let connections = options
        .connections
        .map_or_else(|| vec![64, 256], |connections| vec![connections]);
    let mut shapes: Vec<Shape> = connections
        .iter()
        .map(|&connections| shape(connections, 1, options))
        .collect();
    shapes.push(shape(connections[0], 10, options));
    let lasts = Duration::from_secs(options.seconds);
    for turn in 1..=options.rounds {
        for shape in &mut shapes {
            let bare = limit
                .round(shape.case.connections, shape.items, lasts)
                .await?;
            shape.limits.push(bare.acked_per_s());
            let cpu_us = measure(ground, shape, lasts).await?;
            eprintln!(
                "round {turn}: {} connections, {} a POST: {:.0}/s projected for {cpu_us:.1} µs of CPU each, the bare server {:.0}/s",
                shape.case.connections,
                shape.items,
                shape.rates.last().copied().unwrap_or(0.0),
                bare.acked_per_s()
            );
        }
    }
    Ok(shapes.into_iter().map(Shape::finished).collect())
}

fn shape(connections: usize, items: u64, options: &Options) -> Shape {
    let name = if items == 1 {
        "one event a POST"
    } else {
        "ten events a POST"
    };
    Shape {
        items,
        expected_per_s: EXPECTED_PER_S,
        rates: Vec::new(),
        acked_rates: Vec::new(),
        limits: Vec::new(),
        case: Case::new(
            "ingest",
            name,
            options.database_name(),
            connections,
            options.seconds as f64,
        ),
    }
}

/// Measures one round and says how much CPU the server took for an item (µs).
async fn measure(ground: &Ground, shape: &mut Shape, lasts: Duration) -> anyhow::Result<f64> {
    let items = (shape.expected_per_s * 1.4 * lasts.as_secs_f64()) as u64;
    seed::sow(&ground.server, &ground.traffic, items).await?;
    let stock = {
        let mut traffic = ground.traffic.borrow_mut();
        Stock::new((0..items / shape.items).map(|_| traffic.next(shape.items)))
    };
    let (cpu, stored) = (shape.case.cpu, shape.case.stored);
    let round = round::run(
        ground,
        &mut shape.case,
        Rc::new(stock),
        Pace::AsFastAsAnswered,
        lasts,
    )
    .await?;
    shape.rates.push(round.projected_per_s);
    shape.acked_rates.push(round.acked_per_s);
    shape.expected_per_s = round.acked_per_s;
    let cpu = shape.case.cpu.saturating_sub(cpu).as_secs_f64();
    Ok(cpu * 1_000_000.0 / (shape.case.stored - stored).max(1) as f64)
}

impl Shape {
    fn finished(mut self) -> Case {
        self.case.rate_per_s = median(&self.rates);
        self.case.limit_per_s = median(&self.limits);
        self.case
            .note("acked_per_s", rounded(median(&self.acked_rates)));
        let ratios: Vec<f64> = self
            .rates
            .iter()
            .zip(&self.limits)
            .map(|(rate, limit)| rounded(rate / limit))
            .collect();
        self.case.note("ratios_of_the_rounds", json!(ratios));
        self.case
    }
}

/// One long closed loop, for what the memory does; the bare server before and after it.
async fn long_run(
    ground: &Ground,
    limit: &Limit,
    options: &Options,
    events: u64,
) -> anyhow::Result<Case> {
    let connections = options.connections.unwrap_or(64);
    let name = format!("{events} events in one run");
    let mut case = Case::new("ingest", &name, options.database_name(), connections, 0.0);
    eprintln!("seeding …");
    seed::sow(&ground.server, &ground.traffic, events).await?;
    let lasts = Duration::from_secs(options.seconds);
    let earlier = limit.round(connections, 1, lasts).await?.acked_per_s();
    let stream = Rc::new(Stream::new(Rc::clone(&ground.traffic), events));
    let round = round::run(
        ground,
        &mut case,
        stream,
        Pace::AsFastAsAnswered,
        Duration::from_secs(3_600),
    )
    .await?;
    let later = limit.round(connections, 1, lasts).await?.acked_per_s();
    case.seconds = round.whole.as_secs_f64();
    case.rate_per_s = round.projected_per_s;
    case.limit_per_s = median(&[earlier, later]);
    Ok(case)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the load generator plays Meta, whose clock is not the product's"
)]
fn unix_seconds() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
