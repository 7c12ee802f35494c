//! The sender: one lane of work for each number, filled in rounds.
//!
//! A round claims for all numbers at once what may leave next (see `claim`): a tenth of a second's worth for each, a
//! little more while the database is slow, because what is claimed is in doubt after a crash. The lanes hand it over
//! at their pace and ring when they run low. One process sends at a time, so that a number's pace is kept.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::{MessageId, Timestamp};
use futures::FutureExt as _;
use meta::limits::THROUGHPUT_STANDARD_MPS;
use store::db::Role;
use store::outbox::Entry;
use store::outbox::claim::{self, Waiting};
use store::{number_pace, outbox};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::claim::{Chooser, Room};
use super::dispatch::Outcome;
use super::lane::{self, Around, Lane};
use super::late::Heard;
use super::learned::{Gate, Learned};
use super::pair::Pairs;
use super::stopped::{self, Stopped};
use super::{queue, record, settle};
use crate::Engine;

/// How often the outbox is looked at when no bell rings.
const POLL: Duration = Duration::from_millis(250);
/// How often expiry, uncertain sends and what was learned are looked at.
const CHORES: Duration = Duration::from_secs(1);
/// How often the role is looked at, and what every number has sent is written down.
const CHECK: Duration = Duration::from_secs(5);
/// Rounds do not follow each other faster, so that many bells are one round: most of what one costs does not depend on
/// how many messages it claims. Less than what a lane still has in hand when it rings, half of [`AHEAD`].
const GAP: Duration = Duration::from_millis(25);
/// What is claimed ahead, as time, when the database is quick.
const AHEAD: Duration = Duration::from_millis(100);
/// What is claimed ahead at most.
const FARTHEST: Duration = Duration::from_millis(500);
/// Held messages that are released in one go.
const RELEASED: i64 = 5_000;
/// A message that others wait for and that has not come back for so long is not waited for.
const GIVEN_UP: Duration = Duration::from_secs(5);

/// What lanes and rounds share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    learned: Mutex<Learned>,
    pairs: Mutex<Pairs>,
    waits: Mutex<Waits>,
    stopped: Mutex<Stopped>,
    lanes: Mutex<HashMap<String, Arc<Lane>>>,
}

fn with<T, R>(what: &Mutex<T>, act: impl FnOnce(&mut T) -> R) -> R {
    // What is guarded is consistent between any two statements: a panic of another task spoils nothing.
    act(&mut what.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Shared {
    pub(super) fn learned<R>(&self, act: impl FnOnce(&mut Learned) -> R) -> R {
        with(&self.learned, act)
    }

    pub(super) fn pairs<R>(&self, act: impl FnOnce(&mut Pairs) -> R) -> R {
        with(&self.pairs, act)
    }

    pub(super) fn waits<R>(&self, act: impl FnOnce(&mut Waits) -> R) -> R {
        with(&self.waits, act)
    }

    pub(super) fn stopped<R>(&self, act: impl FnOnce(&mut Stopped) -> R) -> R {
        with(&self.stopped, act)
    }

    fn lane(&self, number: &str) -> Option<Arc<Lane>> {
        with(&self.lanes, |lanes| lanes.get(number).cloned())
    }

    /// A lane has ended.
    pub(super) fn forget(&self, lane: &Arc<Lane>) {
        with(&self.lanes, |lanes| {
            if lanes
                .get(&lane.number)
                .is_some_and(|known| Arc::ptr_eq(known, lane))
            {
                lanes.remove(&lane.number);
            }
        });
    }
}

/// Messages that are tried again later: what comes after them to the same person in the same lane waits.
#[derive(Debug, Default)]
pub(super) struct Waits(HashMap<(String, String, i64), (MessageId, Timestamp)>);

impl Waits {
    pub(super) fn wait(&mut self, entry: &Entry, until: Timestamp) {
        self.0.insert(key(entry), (entry.id, until));
    }

    /// Forgets those that have gone.
    fn tidy(&mut self, now: Timestamp) {
        self.0.retain(|_, (_, until)| now.since(*until) <= GIVEN_UP);
    }

    /// Until when a message waits for an earlier one.
    pub(super) fn before(&mut self, entry: &Entry, now: Timestamp) -> Option<Timestamp> {
        if self.0.is_empty() {
            return None;
        }
        let key = key(entry);
        let (first, until) = *self.0.get(&key)?;
        if first >= entry.id || now.since(until) > GIVEN_UP {
            self.0.remove(&key);
            return None;
        }
        // The first one may be due and not released yet: a moment more, so that it is looked at before this one.
        Some(until.max(now.plus(Duration::from_millis(1))))
    }
}

fn key(entry: &Entry) -> (String, String, i64) {
    (
        entry.phone_number_id.clone(),
        entry.recipient.clone(),
        entry.lane,
    )
}

/// Runs until `stop`. One process sends at a time, so that a number's pace is kept.
pub async fn run(engine: Engine, tasks: TaskTracker, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match Role::try_take(&engine.address, "outbound").await {
            Ok(Some(role)) => {
                // Another name each time: what the last one claimed and did not bring to an end is adopted.
                let process = format!("{:032x}", rand::random::<u128>());
                work(&engine, &process, &tasks, &stop, role).await;
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(error = %error, "cannot ask for the sender's role"),
        }
        stop.run_until_cancelled(sleep(POLL)).await;
    }
}

async fn work(
    engine: &Engine,
    process: &str,
    tasks: &TaskTracker,
    stop: &CancellationToken,
    mut role: Role,
) {
    if !settle::adopt(engine, process).await {
        return;
    }
    let shared = match remembered(engine).await {
        Ok(shared) => Arc::new(shared),
        Err(error) => {
            tracing::error!(error = %error, "cannot read what is known about the numbers");
            return;
        }
    };
    let (outcomes, recorder) = record::start(engine);
    let lost = CancellationToken::new();
    let around = Around {
        engine: engine.clone(),
        shared,
        outcomes,
        ends: [stop.clone(), lost.clone()],
    };
    let mut sender = Sender::new(around, process, tasks);
    // Even a panic ends in order: two senders would double the pace of every number.
    let ended = AssertUnwindSafe(sender.rounds(stop, &mut role)).catch_unwind();
    let panic = ended.await.err();
    lost.cancel();
    // What is in hand goes back, sends under way finish, and all of it is written before the role is given up.
    drop(sender);
    recorder.await.ok();
    drop(role);
    if let Some(panic) = panic {
        std::panic::resume_unwind(panic);
    }
}

/// What was learned before a restart.
async fn remembered(engine: &Engine) -> store::Result<Shared> {
    let now = engine.clock.now();
    let paces = number_pace::any_tenant_all(&engine.db).await?;
    let templates = number_pace::any_tenant_templates(&engine.db).await?;
    let mut waits = Waits::default();
    for entry in claim::any_tenant_behind(&engine.db, now, RELEASED).await? {
        waits.wait(&entry, Timestamp(entry.hold_until.unwrap_or(now.0)));
    }
    Ok(Shared {
        learned: Mutex::new(Learned::known(paces, templates, now)),
        waits: Mutex::new(waits),
        ..Shared::default()
    })
}

struct Sender<'a> {
    around: Around,
    process: &'a str,
    tasks: &'a TaskTracker,
    chooser: Chooser,
    heard: Heard,
    last_round: Instant,
    last_release: Instant,
    /// How long a round takes when the database is slow: it falls back slowly.
    slowest: Duration,
    /// Something was held, so that there is room left.
    again: bool,
}

impl<'a> Sender<'a> {
    fn new(around: Around, process: &'a str, tasks: &'a TaskTracker) -> Self {
        Self {
            around,
            process,
            tasks,
            chooser: Chooser::default(),
            heard: Heard::default(),
            last_round: Instant::now(),
            last_release: Instant::now(),
            slowest: Duration::ZERO,
            again: false,
        }
    }

    /// Until `stop`, or until the role is another process's.
    async fn rounds(&mut self, stop: &CancellationToken, role: &mut Role) {
        let (mut last_chores, mut last_check) = (Instant::now(), Instant::now());
        let mut last_all = Instant::now();
        while !stop.is_cancelled() {
            self.round().await;
            if last_chores.elapsed() >= CHORES {
                last_chores = Instant::now();
                // Of its own, so that a look at the role between two chores does not put it off for ever.
                let all = last_all.elapsed() >= CHECK;
                if all {
                    last_all = last_chores;
                }
                self.chores(all).await;
            }
            let engine = &self.around.engine;
            if last_check.elapsed() >= CHECK {
                last_check = Instant::now();
                if !role.still_held().await {
                    tracing::error!("the sender's role was lost; another process may have it");
                    return;
                }
                // A claim of the dead process may have been committed by the server after we first looked.
                settle::adopt(engine, self.process).await;
            }
            // First, so that all bells of the meantime are one.
            sleep_until(self.last_round + GAP).await;
            if !self.again {
                tokio::select! {
                    () = engine.wake.sender.notified() => {}
                    () = sleep(POLL) => {}
                    () = stop.cancelled() => {}
                }
            }
        }
    }

    async fn round(&mut self) {
        self.last_round = Instant::now();
        self.again = false;
        let engine = self.around.engine.clone();
        if self.last_release.elapsed() >= POLL / 2 {
            self.last_release = Instant::now();
            if let Err(error) = release(&engine).await {
                tracing::error!(error = %error, "cannot release what was held");
            }
        }
        let rooms = match claim::any_tenant_waiting(&engine.db).await {
            Ok(waiting) => self.rooms(waiting),
            Err(error) => {
                tracing::error!(error = %error, "cannot read the outbox");
                return;
            }
        };
        if rooms.is_empty() {
            return;
        }
        let name = format!("{}.{:016x}", self.process, rand::random::<u64>());
        let begun = Instant::now();
        let claimed = self
            .chooser
            .claim(&engine, &self.around.shared, &rooms, &name)
            .await;
        let claimed = match claimed {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::error!(error = %error, "cannot claim messages");
                unclaim(&self.around, &name).await;
                return;
            }
        };
        self.slowest = begun.elapsed().max(self.slowest.mul_f64(0.95));
        self.again = claimed.held > 0;
        for (entry, failure) in claimed.refused {
            self.around
                .outcomes
                .send((entry, Outcome::Failed(failure)))
                .await
                .ok();
        }
        let mut by_number = claimed.by_number;
        for room in &rooms {
            if let Some(entries) = by_number.remove(&room.number) {
                self.hand_over(room, entries).await;
            }
        }
    }

    /// Numbers that have something queued and room for it.
    fn rooms(&mut self, waiting: Vec<Waiting>) -> Vec<Room> {
        let engine = &self.around.engine;
        let now = engine.clock.now();
        let ahead = (AHEAD.mul_f64(0.6) + self.slowest * 2).clamp(AHEAD, FARTHEST);
        let mut by_number: HashMap<String, Vec<Waiting>> = HashMap::new();
        for row in waiting {
            by_number
                .entry(row.phone_number_id.clone())
                .or_default()
                .push(row);
        }
        let shared = &self.around.shared;
        let mut rooms = Vec::new();
        for (number, waiting) in by_number {
            let first = waiting.first();
            let waba = first
                .and_then(|row| row.waba_id.clone())
                .unwrap_or_default();
            let per_second = first
                .and_then(|row| row.messages_per_second)
                .unwrap_or(i64::from(THROUGHPUT_STANDARD_MPS));
            let lane = shared.lane(&number);
            let in_hand = match &lane {
                None => 0,
                Some(lane) => match lane.in_hand() {
                    Some(count) => count,
                    // It ends: a new one begins when its last answer has come.
                    None => continue,
                },
            };
            let (gate, share) = shared.learned(|learned| {
                if let Some(first) = first {
                    learned.stands(&number, first, now);
                }
                (
                    learned.gate(&number, &waba, now),
                    learned.share(&number, &waba, now),
                )
            });
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "throughputs are small positive numbers"
            )]
            let full = ((per_second as f64 * share * ahead.as_secs_f64()).ceil() as usize).max(2);
            let room = match gate {
                Gate::Shut => 0,
                Gate::Probe if lane.as_ref().is_none_or(|lane| lane.is_still()) => {
                    shared.learned(|learned| learned.probing(&number, now));
                    1
                }
                Gate::Probe => 0,
                Gate::Open if in_hand * 4 > full * 3 => 0,
                Gate::Open => full - in_hand,
            };
            let lane = lane.unwrap_or_else(|| Arc::new(Lane::new(&number, &waba)));
            lane.set(per_second, full / 2);
            if room > 0 {
                rooms.push(Room {
                    number,
                    room,
                    probe: gate == Gate::Probe,
                    lane,
                    waiting,
                });
            }
        }
        rooms
    }

    async fn hand_over(&mut self, room: &Room, entries: Vec<Entry>) {
        let lanes = &self.around.shared.lanes;
        let is_new = with(lanes, |lanes| {
            let known = lanes.contains_key(&room.number);
            lanes
                .entry(room.number.clone())
                .or_insert_with(|| room.lane.clone());
            !known
        });
        if let Err(entries) = room.lane.give(entries, room.probe) {
            self.around.give_back(entries, None).await;
            return;
        }
        if is_new {
            self.tasks
                .spawn(lane::run(room.lane.clone(), self.around.clone()));
        }
    }

    /// What is done once in a while.
    async fn chores(&mut self, all: bool) {
        let engine = &self.around.engine;
        loop {
            match queue::expire(engine).await {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(error = %error, "cannot take out what has expired");
                    break;
                }
            }
        }
        if let Err(error) = settle::settle_due(engine).await {
            tracing::error!(error = %error, "cannot settle uncertain sends");
        }
        self.around
            .shared
            .waits(|waits| waits.tidy(engine.clock.now()));
        if let Err(error) = self.heard.listen(engine, &self.around.shared).await {
            tracing::error!(error = %error, "cannot read what failed lately");
        }
        if let Err(error) = stopped::try_again(&self.around).await {
            tracing::error!(error = %error, "cannot try the templates that are held");
        }
        if all && let Err(error) = stopped::late(engine).await {
            tracing::error!(error = %error, "cannot look for what waits for its template in vain");
        }
        if let Err(error) = write_down(&self.around, all).await {
            tracing::error!(error = %error, "cannot write down what is known about the numbers");
        }
    }
}

/// Queues what was held until now.
async fn release(engine: &Engine) -> store::Result<()> {
    let now = engine.clock.now();
    // Reading comes first: it costs no writer.
    let due = claim::any_tenant_next(&engine.db).await?;
    if due.is_none_or(|due| due > now) {
        return Ok(());
    }
    claim::any_tenant_release(&engine.db, now, RELEASED).await?;
    Ok(())
}

/// Writes down what was learned, and queues what waited for a template that is free again.
async fn write_down(around: &Around, all: bool) -> store::Result<()> {
    let now = around.engine.clock.now();
    let changes = around.shared.learned(|learned| learned.unwritten(all, now));
    if changes.is_empty() {
        return Ok(());
    }
    let mut tx = around.engine.db.begin().await?;
    number_pace::any_tenant_write(&mut tx, &changes.numbers).await?;
    for hold in &changes.templates {
        number_pace::any_tenant_hold_template(&mut tx, hold).await?;
    }
    for (number, template) in &changes.freed {
        number_pace::any_tenant_free_template(&mut tx, number, template).await?;
        outbox::stop::any_tenant_unhold_template(&mut tx, number, template).await?;
    }
    tx.commit().await
}

/// A claim whose commit got no answer may stand all the same: it is undone as soon as the database answers.
async fn unclaim(around: &Around, name: &str) {
    while let Err(error) = claim::any_tenant_unclaim(&around.engine.db, name).await {
        tracing::warn!(error = %error, "a claim cannot be undone yet");
        if around.ends.iter().any(CancellationToken::is_cancelled) {
            return;
        }
        sleep(Duration::from_secs(1)).await;
    }
}
