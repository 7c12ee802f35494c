//! The sender: one lane of work for each number that has something due.
//!
//! A lane claims a little ahead (a quarter of a second's worth: what is claimed is in doubt after a
//! crash), sends at the number's pace with many sends under way, and ends when nothing is due and nothing
//! is under way. An answer that does not come holds up no other send.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::SecretString;
use store::db::Role;
use store::outbox::{self, Entry, Waiting};
use store::{numbers, wabas};
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::dispatch::{Advice, Outcome, dispatch};
use super::pace::Pace;
use super::record::{self, Outcomes};
use super::settle;
use crate::Engine;

/// How often the outbox is looked at when no bell rings.
const POLL: Duration = Duration::from_millis(250);
/// How often uncertain sends are looked at.
const SETTLE: Duration = Duration::from_secs(1);
/// Sends of one number that may be under way at once.
const UNDER_WAY: usize = 256;

/// Lanes that run, and numbers that rest.
#[derive(Default)]
struct Lanes {
    /// By number, with the bell that tells a lane of more work.
    running: Mutex<HashMap<String, Arc<Notify>>>,
    resting: Mutex<HashMap<String, Instant>>,
}

/// Runs until `stop`. One process sends at a time, so that a number's pace is kept.
pub async fn run(engine: Engine, tasks: TaskTracker, stop: CancellationToken) {
    let process = uuid_text();
    while !stop.is_cancelled() {
        match Role::try_take(&engine.address, "outbound").await {
            Ok(Some(role)) => work(&engine, &process, &tasks, &stop, role).await,
            Ok(None) => {}
            Err(error) => tracing::warn!(error = %error, "cannot ask for the sender's role"),
        }
        stop.run_until_cancelled(tokio::time::sleep(POLL)).await;
    }
}

fn uuid_text() -> String {
    format!("{:032x}", rand::random::<u128>())
}

async fn work(
    engine: &Engine,
    process: &str,
    tasks: &TaskTracker,
    stop: &CancellationToken,
    mut role: Role,
) {
    if !adopt(engine, process).await {
        return;
    }
    let (outcomes, recorder) = record::start(engine);
    let lanes = Arc::new(Lanes::default());
    let lost = CancellationToken::new();
    let (mut last_settle, mut last_check) = (Instant::now(), Instant::now());
    while !stop.is_cancelled() {
        match outbox::any_tenant_waiting(&engine.db, engine.clock.now()).await {
            Ok(waiting) => {
                for number in waiting {
                    let Some(bell) = lanes.enter(&number.phone_number_id) else {
                        continue;
                    };
                    let ends = [stop.clone(), lost.clone()];
                    tasks.spawn(lane(
                        engine.clone(),
                        process.to_owned(),
                        number,
                        (lanes.clone(), bell),
                        outcomes.clone(),
                        ends,
                    ));
                }
            }
            Err(error) => tracing::error!(error = %error, "cannot read the outbox"),
        }
        if last_settle.elapsed() >= SETTLE {
            last_settle = Instant::now();
            if let Err(error) = settle::settle_due(engine).await {
                tracing::error!(error = %error, "cannot settle uncertain sends");
            }
        }
        if last_check.elapsed() >= Duration::from_secs(5) {
            last_check = Instant::now();
            if !role.still_held().await {
                tracing::error!("the sender's role was lost; another process may have it");
                lost.cancel();
                break;
            }
            // A claim of the dead process may have been committed by the server after we first looked.
            adopt(engine, process).await;
        }
        tokio::select! {
            () = engine.wake.sender.notified() => {}
            () = tokio::time::sleep(POLL) => {}
            () = stop.cancelled() => {}
        }
    }
    // Sends under way finish and their outcomes are written before the role is given up.
    drop(outcomes);
    recorder.await.ok();
    drop(role);
}

/// Takes over what a process that is gone had claimed. False when the database cannot be reached.
async fn adopt(engine: &Engine, process: &str) -> bool {
    match settle::adopt_orphans(engine, process).await {
        Ok(0) => {}
        Ok(count) => tracing::warn!(
            count,
            "sends of a process that is gone have an unknown outcome"
        ),
        Err(error) => {
            tracing::error!(error = %error, "cannot look for sends of a process that is gone");
            return false;
        }
    }
    true
}

impl Lanes {
    /// The bell of a new lane; `None` when the number rests, or has a lane, which is told.
    fn enter(&self, number: &str) -> Option<Arc<Notify>> {
        let now = Instant::now();
        if let Ok(mut resting) = self.resting.lock() {
            match resting.get(number) {
                Some(until) if *until > now => return None,
                Some(_) => drop(resting.remove(number)),
                None => {}
            }
        }
        let mut running = self.running.lock().ok()?;
        if let Some(bell) = running.get(number) {
            bell.notify_one();
            return None;
        }
        let bell = Arc::<Notify>::default();
        running.insert(number.to_owned(), bell.clone());
        Some(bell)
    }

    fn leave(&self, number: &str) {
        if let Ok(mut running) = self.running.lock() {
            running.remove(number);
        }
    }

    fn rest(&self, number: &str, time: Duration) {
        if let Ok(mut resting) = self.resting.lock() {
            resting.insert(number.to_owned(), Instant::now() + time);
        }
    }
}

async fn lane(
    engine: Engine,
    process: String,
    number: Waiting,
    (lanes, bell): (Arc<Lanes>, Arc<Notify>),
    outcomes: Outcomes,
    ends: [CancellationToken; 2],
) {
    let id = number.phone_number_id.clone();
    match wabas::any_tenant_token(&engine.db, &engine.sealer, &number.waba_id).await {
        Ok(Some(token)) => {
            let lane = (&*lanes, &*bell);
            drain(&engine, &process, &number, &token, lane, &outcomes, &ends).await;
        }
        Ok(None) => {
            tracing::error!(phone_number_id = %id, waba_id = %number.waba_id, "no token is stored for this number's WABA; its messages wait");
            lanes.rest(&id, Duration::from_secs(30));
        }
        Err(error) => {
            tracing::error!(phone_number_id = %id, error = %error, "the token of this number's WABA cannot be read; its messages wait");
            lanes.rest(&id, Duration::from_secs(30));
        }
    }
    lanes.leave(&id);
    // Something may have been queued between the last look and now.
    engine.wake.sender.notify_one();
}

async fn drain(
    engine: &Engine,
    process: &str,
    number: &Waiting,
    token: &SecretString,
    (lanes, bell): (&Lanes, &Notify),
    outcomes: &Outcomes,
    ends: &[CancellationToken; 2],
) {
    let mut pace = Pace::new(
        number.messages_per_second,
        engine.outbound.use_of_throughput,
    );
    let under_way = Arc::new(Semaphore::new(UNDER_WAY));
    let rest: Arc<Mutex<Option<Duration>>> = Arc::default();
    let mut sends = 0_u64;
    'lane: loop {
        let ahead = usize::try_from(number.messages_per_second / 4)
            .unwrap_or(1)
            .clamp(2, 256);
        let (claimed, mut queue) = mpsc::channel::<Entry>(ahead);
        let halt = CancellationToken::new();
        let claimer = claim(
            engine.clone(),
            process.to_owned(),
            number.phone_number_id.clone(),
            (claimed, outcomes.clone()),
            halt.clone(),
            ends.clone(),
        );
        let claimer = tokio::spawn(claimer);
        while let Some(entry) = queue.recv().await {
            pace.turn().await;
            let advised = rest.lock().ok().and_then(|mut rest| rest.take());
            if let Some(time) = advised {
                if time > Duration::from_secs(5) {
                    // A long rest: what is claimed goes back, the lane ends and comes again later.
                    halt.cancel();
                    lanes.rest(&number.phone_number_id, time);
                    give_back(engine, entry, &mut queue, time, outcomes).await;
                    claimer.await.ok();
                    break 'lane;
                }
                pace.rest(time);
                pace.turn().await;
            }
            sends += 1;
            if sends.is_multiple_of(1_024)
                && let Ok(Some(fresh)) =
                    numbers::any_tenant_get(&engine.db, &number.phone_number_id).await
            {
                pace.set(fresh.messages_per_second, engine.outbound.use_of_throughput);
            }
            let Ok(permit) = under_way.clone().acquire_owned().await else {
                break;
            };
            let (engine, token, outcomes, rest) = (
                engine.clone(),
                token.clone(),
                outcomes.clone(),
                rest.clone(),
            );
            tokio::spawn(async move {
                let (outcome, advice) = dispatch(&engine, &token, &entry).await;
                if let (Advice::Rest(time), Ok(mut rest)) = (advice, rest.lock()) {
                    *rest = Some(rest.unwrap_or_default().max(time));
                }
                outcomes.send((entry, outcome)).await.ok();
                drop(permit);
            });
        }
        claimer.await.ok();
        // Nothing more is due. An answer may be half a minute away, and what is queued meanwhile goes on.
        tokio::select! {
            _ = under_way.acquire_many(UNDER_WAY as u32) => break,
            () = bell.notified() => {}
        }
    }
    // The lane ends when its sends have ended, so that two lanes of one number never overlap.
    under_way.acquire_many(UNDER_WAY as u32).await.ok();
    // A rest that the last sends asked for stands for the next lane.
    if let Some(time) = rest.lock().ok().and_then(|mut rest| rest.take()) {
        lanes.rest(&number.phone_number_id, time);
    }
}

async fn claim(
    engine: Engine,
    process: String,
    number: String,
    (claimed, outcomes): (mpsc::Sender<Entry>, Outcomes),
    halt: CancellationToken,
    ends: [CancellationToken; 2],
) {
    let most = claimed.max_capacity();
    while !halt.is_cancelled() && ends.iter().all(|end| !end.is_cancelled()) {
        // Room first: what is claimed and waits is in doubt after a crash.
        let Ok(room) = claimed.reserve_many(most.div_ceil(2)).await else {
            return;
        };
        let name = format!("{process}.{:016x}", rand::random::<u64>());
        let batch = match claim_once(&engine, &name, &number, room.len()).await {
            Ok(batch) => batch,
            Err(error) => {
                tracing::error!(phone_number_id = %number, error = %error, "cannot claim messages");
                unclaim(&engine, &name, &ends).await;
                return;
            }
        };
        if batch.is_empty() {
            return;
        }
        let (ours, foreign): (Vec<_>, Vec<_>) = batch.into_iter().partition(|entry| entry.allowed);
        for entry in foreign {
            let outcome = Outcome::Failed(settle::taken_back());
            outcomes.send((entry, outcome)).await.ok();
        }
        for (place, entry) in room.zip(ours) {
            place.send(entry);
        }
    }
}

/// A claim whose commit got no answer may stand all the same: it is undone as soon as the database answers.
async fn unclaim(engine: &Engine, name: &str, ends: &[CancellationToken; 2]) {
    while let Err(error) = outbox::any_tenant_unclaim(&engine.db, name).await {
        tracing::warn!(error = %error, "a claim cannot be undone yet");
        if ends.iter().any(CancellationToken::is_cancelled) {
            return;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn claim_once(
    engine: &Engine,
    name: &str,
    number: &str,
    limit: usize,
) -> store::Result<Vec<Entry>> {
    let mut tx = engine.db.begin().await?;
    let limit = i64::try_from(limit).unwrap_or(1);
    let batch = outbox::any_tenant_claim(&mut tx, number, name, engine.clock.now(), limit).await?;
    tx.commit().await?;
    Ok(batch)
}

/// Puts back what was claimed and certainly not sent.
async fn give_back(
    engine: &Engine,
    entry: Entry,
    queue: &mut mpsc::Receiver<Entry>,
    time: Duration,
    outcomes: &Outcomes,
) {
    queue.close();
    let at = engine.clock.now().plus(time);
    let mut next = Some(entry);
    while let Some(entry) = next {
        let why = "this number rests because WhatsApp refused an earlier message".to_owned();
        outcomes
            .send((entry, Outcome::Later { at, why, tries: 0 }))
            .await
            .ok();
        next = queue.recv().await;
    }
}
