//! What this machine allows: axum, the signature checked over the raw body, 200. Nothing is parsed or stored.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::serve::ListenerExt;
use hmac::Hmac;
use sha2::Sha256;

use crate::load::{self, Pace, Source, Tally};
use crate::options::Options;
use crate::process::Process;
use crate::report::{Case, median};
use crate::traffic::{Number, Traffic};
use crate::webhook::{self, Request, Signer};

/// Key of the signature in every bench; the servers are private and gone afterwards.
pub(crate) const APP_SECRET: &str = "0123456789abcdef0123456789abcdef";
const BODIES: usize = 2_000;
const READY_FILE: &str = "TRUNKLINE_BENCH_READY_FILE";

/// The child process `trunkline-bench limit-server`.
pub(crate) fn serve() -> anyhow::Result<()> {
    let ready_file =
        std::env::var(READY_FILE).context("limit-server is started by the bench itself")?;
    let key = Arc::new(webhook::key(APP_SECRET)?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        std::fs::write(ready_file, serde_json::json!({ "url": url }).to_string())?;
        let routes = Router::new()
            .route("/webhooks/meta", post(check))
            .with_state(key);
        let listener = listener.tap_io(|stream| {
            let _only_slower_without = stream.set_nodelay(true);
        });
        Ok(axum::serve(listener, routes).await?)
    })
}

async fn check(
    State(key): State<Arc<Hmac<Sha256>>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    match headers.get("x-hub-signature-256") {
        Some(signature) if webhook::fits(&key, signature.as_bytes(), &body) => StatusCode::OK,
        _ => StatusCode::UNAUTHORIZED,
    }
}

/// The same bodies round and round: nothing remembers them.
struct Cycle {
    requests: Vec<Rc<Request>>,
    next: std::cell::Cell<usize>,
}

impl Source for Cycle {
    fn next(&self) -> Option<Rc<Request>> {
        let index = self.next.get();
        self.next.set((index + 1) % self.requests.len());
        self.requests.get(index).map(Rc::clone)
    }
}

/// A running bare server and bodies for it.
pub(crate) struct Limit {
    process: Process,
    address: SocketAddr,
    single: Rc<dyn Source>,
    tens: Rc<dyn Source>,
}

impl Limit {
    /// Starts the server; `folder` takes its log and ready file.
    pub(crate) async fn start(folder: &Path) -> anyhow::Result<Self> {
        let ready_file = folder.join("limit-ready.json");
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("limit-server").env(READY_FILE, &ready_file);
        let mut process = Process::start(&mut command, &folder.join("limit.log"))?;
        let ready = process.ready(&ready_file).await?;
        let address = crate::api::address_of(ready["url"].as_str().unwrap_or_default())?;
        Ok(Self {
            process,
            address,
            single: bodies(1)?,
            tens: bodies(10)?,
        })
    }

    /// Where the bare server listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// One round with bodies of so many items (1 or 10).
    pub(crate) async fn round(
        &self,
        connections: usize,
        items: u64,
        lasts: Duration,
    ) -> anyhow::Result<Tally> {
        let source = if items == 1 { &self.single } else { &self.tens };
        load::run(
            self.address,
            connections,
            Rc::clone(source),
            Pace::AsFastAsAnswered,
            lasts,
        )
        .await
    }
}

fn bodies(items: u64) -> anyhow::Result<Rc<dyn Source>> {
    let numbers = (0..200_u64).map(|index| Number {
        phone_number_id: format!("1065{index:011}"),
        display_phone_number: format!("34911{index:06}"),
    });
    let signer = Signer::new(APP_SECRET)?;
    let mut traffic = Traffic::new(
        1,
        signer,
        "104996122399160".to_owned(),
        numbers.collect(),
        1_795_000_000,
    );
    let requests = (0..BODIES).map(|_| Rc::new(traffic.next(items))).collect();
    Ok(Rc::new(Cycle {
        requests,
        next: std::cell::Cell::new(0),
    }))
}

/// `trunkline-bench limit`.
pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Case>> {
    let folder = tempfile::tempdir()?;
    let limit = Limit::start(folder.path()).await?;
    let connections = options
        .connections
        .map_or_else(|| vec![64, 256], |connections| vec![connections]);
    let shapes: Vec<(usize, u64)> = connections
        .iter()
        .map(|&connections| (connections, 1))
        .chain([(64, 10)])
        .collect();
    let mut cases: Vec<(Case, Vec<f64>)> = shapes
        .iter()
        .map(|&(connections, items)| {
            let name = if items == 1 {
                "one event a POST"
            } else {
                "ten events a POST"
            };
            (
                Case::new("limit", name, "none", connections, options.seconds as f64),
                Vec::new(),
            )
        })
        .collect();
    for _ in 0..options.rounds {
        for ((case, rates), &(connections, items)) in cases.iter_mut().zip(&shapes) {
            let cpu = limit.process.cpu()?;
            let tally = limit
                .round(connections, items, Duration::from_secs(options.seconds))
                .await?;
            rates.push(tally.acked_per_s());
            case.take_load(&tally);
            case.cpu += limit.process.cpu()?.saturating_sub(cpu);
        }
    }
    let (rss_mb, peak) = limit.process.memory_mb()?;
    Ok(cases
        .into_iter()
        .map(|(mut case, rates)| {
            case.rate_per_s = median(&rates);
            case.limit_per_s = case.rate_per_s;
            (case.rss_mb, case.peak_rss_mb) = (rss_mb, peak);
            case
        })
        .collect())
}
