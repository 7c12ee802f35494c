//! Keeps connections busy with requests and counts what became of them.
//!
//! What Meta would do is done here: a 503 is taken as "later" and the same body is posted again; so is a body
//! whose connection broke before the answer. Neither is a loss, both are counted.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::client::Connection;
use crate::latency::Histogram;
use crate::webhook::Request;

const FIRST_PAUSE: Duration = Duration::from_millis(25);
const LONGEST_PAUSE: Duration = Duration::from_millis(400);
/// An item that is not accepted for so long ends the measurement with an error.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where requests come from; `None` ends the run early.
pub(crate) trait Source {
    fn next(&self) -> Option<Rc<Request>>;
}

/// When each request is due.
#[derive(Clone, Copy)]
pub(crate) enum Pace {
    /// As soon as a connection is free (a closed loop).
    AsFastAsAnswered,
    /// So many POSTs a second whatever the answers do (an open loop); latency counts from the due moment.
    PostsPerSecond(f64),
}

/// What became of a run.
pub(crate) struct Tally {
    /// Items whose POST was begun.
    pub(crate) sent: u64,
    /// Items answered with 200.
    pub(crate) acked: u64,
    /// POSTs answered with 200.
    pub(crate) posts: u64,
    /// Answers 503, each followed by the same body again.
    pub(crate) refused: u64,
    /// Connections that broke before the answer, each followed by the same body again.
    pub(crate) broken: u64,
    /// From sending (or from the due moment of an open loop) to the 200.
    pub(crate) latency: Histogram,
    /// Of the acknowledged, the messages whose fate is followed.
    pub(crate) watched: Vec<(usize, String)>,
    pub(crate) begun: Instant,
    /// Until the last answer.
    pub(crate) took: Duration,
}

impl Tally {
    fn new() -> Self {
        Self {
            sent: 0,
            acked: 0,
            posts: 0,
            refused: 0,
            broken: 0,
            latency: Histogram::new(),
            watched: Vec::new(),
            begun: Instant::now(),
            took: Duration::ZERO,
        }
    }

    /// Items acknowledged a second.
    pub(crate) fn acked_per_s(&self) -> f64 {
        self.acked as f64 / self.took.as_secs_f64().max(0.001)
    }
}

struct Run {
    source: Rc<dyn Source>,
    pace: Pace,
    begun: Instant,
    lasts: Duration,
    taken: RefCell<u64>,
    tally: RefCell<Tally>,
}

/// Runs until the time is over or the source is empty, and every begun request is answered.
pub(crate) async fn run(
    address: SocketAddr,
    connections: usize,
    source: Rc<dyn Source>,
    pace: Pace,
    lasts: Duration,
) -> anyhow::Result<Tally> {
    let mut open = Vec::with_capacity(connections);
    for _ in 0..connections {
        open.push(Connection::new(address));
    }
    let tally = RefCell::new(Tally::new());
    let begun = tally.borrow().begun;
    let run = Rc::new(Run {
        source,
        pace,
        begun,
        lasts,
        taken: RefCell::new(0),
        tally,
    });
    let tasks: Vec<_> = open
        .into_iter()
        .map(|connection| {
            let run = Rc::clone(&run);
            tokio::task::spawn_local(async move { run.keep_busy(connection).await })
        })
        .collect();
    for task in tasks {
        task.await.context("a connection's task ended")??;
    }
    let mut tally = Rc::into_inner(run)
        .context("a connection is still busy")?
        .tally
        .into_inner();
    tally.took = tally.begun.elapsed();
    Ok(tally)
}

impl Run {
    async fn keep_busy(&self, connection: Connection) -> anyhow::Result<()> {
        loop {
            let due = match self.pace {
                Pace::AsFastAsAnswered => Instant::now(),
                Pace::PostsPerSecond(rate) => {
                    let turn = self.taken.replace_with(|taken| *taken + 1);
                    self.begun + Duration::from_secs_f64(turn as f64 / rate)
                }
            };
            if due.duration_since(self.begun) >= self.lasts {
                return Ok(());
            }
            let Some(request) = self.source.next() else {
                return Ok(());
            };
            if due > Instant::now() {
                tokio::time::sleep_until(due.into()).await;
            }
            self.tally.borrow_mut().sent += request.items;
            self.post(&connection, &request, due).await?;
        }
    }

    /// Posts until it is accepted.
    async fn post(
        &self,
        connection: &Connection,
        request: &Request,
        due: Instant,
    ) -> anyhow::Result<()> {
        let mut pause = FIRST_PAUSE;
        let first = Instant::now();
        loop {
            match connection.exchange(&request.http).await {
                Ok(answer) if answer.status == 200 => {
                    self.acked(request, due);
                    return Ok(());
                }
                Ok(answer) if answer.status == 503 => self.tally.borrow_mut().refused += 1,
                Ok(answer) => {
                    let body = String::from_utf8_lossy(&answer.body).into_owned();
                    bail!("a webhook was answered with {}: {body}", answer.status);
                }
                Err(_) => self.tally.borrow_mut().broken += 1,
            }
            if first.elapsed() > PATIENCE {
                bail!("a webhook was not accepted for {} s", PATIENCE.as_secs());
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
    fn acked(&self, request: &Request, due: Instant) {
        let mut tally = self.tally.borrow_mut();
        tally.latency.record(due.elapsed());
        tally.acked += request.items;
        tally.posts += 1;
        tally.watched.extend_from_slice(&request.watched);
    }
}
