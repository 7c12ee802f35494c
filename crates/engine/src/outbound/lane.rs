//! The lane of one number: what was claimed leaves at its pace, the most urgent first, many under way at once.
//!
//! To one person, one message of a lane is under way at a time: the next one waits for the answer, so that a refusal
//! does not turn their order round. An answer that does not come holds up nobody else.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::Timestamp;
use futures::FutureExt as _;
use secrecy::SecretString;
use store::outbox::Entry;
use store::outbox::look::Hold;
use store::wabas;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;

use super::dispatch::{Advice, Outcome, dispatch};
use super::learned::Gate;
use super::pace::Pace;
use super::record::Outcomes;
use super::sender::Shared;
use super::unanswered::{Begun, Unanswered};
use super::urgency::{ByLane, Urgency, by_lane, lane_of};
use crate::health::tokens;
use crate::{Engine, media};

/// Sends of one number that may be under way at once.
const UNDER_WAY: usize = 256;
/// A lane that has nothing to do for so long ends.
const IDLE: Duration = Duration::from_secs(30);

/// A person and a lane of urgency: in here the order is kept.
type Line = (String, i64);

/// The lane of one number.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) number: String,
    pub(super) waba: String,
    /// The number's throughput.
    per_second: AtomicI64,
    /// The bell is rung when so many or fewer are in hand.
    low_water: AtomicUsize,
    under_way: Semaphore,
    hand: Mutex<Hand>,
    bell: Notify,
}

/// What is claimed and not yet handed over.
#[derive(Debug, Default)]
struct Hand {
    /// In the order of the claim, which gives tenants their turns: by age, whoever queued first would go before all
    /// others that are in hand.
    ready: ByLane<BTreeMap<u64, Entry>>,
    urgency: Urgency,
    /// Messages that were given so far.
    given: u64,
    /// Those that wait for the answer of an earlier one to the same person.
    behind: HashMap<Line, VecDeque<(u64, Entry)>>,
    busy: HashSet<Line>,
    waiting_behind: usize,
    unanswered: Unanswered,
    /// The one in hand tries whether what holds the number is over.
    probe: bool,
    ended: bool,
}

impl Hand {
    fn count(&self) -> usize {
        let ready: usize = self.ready.iter().map(BTreeMap::len).sum();
        ready + self.waiting_behind
    }

    fn is_any_ready(&self) -> bool {
        self.ready.iter().any(|lane| !lane.is_empty())
    }

    fn take(&mut self, entries: Vec<Entry>) {
        for entry in entries {
            self.ready[lane_of(entry.lane)].insert(self.given, entry);
            self.given += 1;
        }
    }

    fn pop(&mut self) -> Option<Entry> {
        loop {
            let has = by_lane(|lane| !self.ready[lane].is_empty());
            let lane = self.urgency.next(has)?;
            let (turn, entry) = self.ready[lane].pop_first()?;
            let line = line(&entry);
            if self.busy.contains(&line) {
                let behind = self.behind.entry(line).or_default();
                behind.push_back((turn, entry));
                self.waiting_behind += 1;
                continue;
            }
            self.busy.insert(line);
            self.urgency.took(lane);
            return Some(entry);
        }
    }

    /// The answer to a message has come: those behind it may go, or (`again`) are given back.
    fn answered(&mut self, line: &Line, again: bool) -> Vec<Entry> {
        self.busy.remove(line);
        let behind = self.behind.remove(line).unwrap_or_default();
        self.waiting_behind -= behind.len();
        if again || self.ended {
            return behind.into_iter().map(|(_, entry)| entry).collect();
        }
        for (turn, entry) in behind {
            self.ready[lane_of(entry.lane)].insert(turn, entry);
        }
        Vec::new()
    }

    fn empty(&mut self) -> Vec<Entry> {
        let ready = std::mem::take(&mut self.ready).into_iter();
        let mut all: Vec<_> = ready.flat_map(BTreeMap::into_values).collect();
        let behind = self.behind.drain().flat_map(|(_, entries)| entries);
        all.extend(behind.map(|(_, entry)| entry));
        self.waiting_behind = 0;
        all
    }
}

fn line(entry: &Entry) -> Line {
    (entry.recipient.clone(), entry.lane)
}

impl Lane {
    pub(super) fn new(number: &str, waba: &str) -> Self {
        Self {
            number: number.to_owned(),
            waba: waba.to_owned(),
            per_second: AtomicI64::new(1),
            low_water: AtomicUsize::new(0),
            under_way: Semaphore::new(UNDER_WAY),
            hand: Mutex::default(),
            bell: Notify::new(),
        }
    }

    fn hand<T>(&self, act: impl FnOnce(&mut Hand) -> T) -> T {
        act(&mut self.hand.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many are claimed and not handed over; none when the lane has ended.
    pub(super) fn in_hand(&self) -> Option<usize> {
        self.hand(|hand| (!hand.ended).then(|| hand.count()))
    }

    /// Whether nothing is claimed or under way.
    pub(super) fn is_still(&self) -> bool {
        self.under_way.available_permits() == UNDER_WAY && self.in_hand() == Some(0)
    }

    /// What the number is allowed now, and when to ask for more.
    pub(super) fn set(&self, per_second: i64, low_water: usize) {
        self.per_second.store(per_second, Ordering::Relaxed);
        self.low_water.store(low_water, Ordering::Relaxed);
    }

    /// Takes claimed messages; gives them back when the lane has ended.
    pub(super) fn give(&self, entries: Vec<Entry>, probe: bool) -> Result<(), Vec<Entry>> {
        self.hand(|hand| {
            if hand.ended {
                return Err(entries);
            }
            hand.probe = probe;
            hand.take(entries);
            Ok(())
        })?;
        self.bell.notify_one();
        Ok(())
    }
}

/// What a lane works with.
#[derive(Clone)]
pub(super) struct Around {
    pub(super) engine: Engine,
    pub(super) shared: Arc<Shared>,
    pub(super) outcomes: Outcomes,
    pub(super) ends: [CancellationToken; 2],
}

impl Around {
    fn must_end(&self) -> bool {
        self.ends.iter().any(CancellationToken::is_cancelled)
    }

    /// What was claimed and certainly not handed over goes back.
    pub(super) async fn give_back(&self, entries: Vec<Entry>, why: Option<&str>) {
        for entry in entries {
            let why = why.map(str::to_owned);
            self.outcomes
                .send((entry, Outcome::Back { why }))
                .await
                .ok();
        }
    }
}

/// Runs a lane until it has had nothing to do for a while, its number is held, or the sender ends.
pub(super) async fn run(lane: Arc<Lane>, around: Around) {
    if AssertUnwindSafe(work(&lane, &around))
        .catch_unwind()
        .await
        .is_err()
    {
        tracing::error!(phone_number_id = %lane.number, "sending from a number ended in a panic and is begun again");
    }
    let left = lane.hand(|hand| {
        hand.ended = true;
        hand.empty()
    });
    around.give_back(left, None).await;
    // Sends that are under way end before another lane of this number begins.
    lane.under_way.acquire_many(UNDER_WAY as u32).await.ok();
    around.shared.forget(&lane);
    around.engine.wake.sender.notify_one();
}

async fn work(lane: &Arc<Lane>, around: &Around) {
    let engine = &around.engine;
    match wabas::any_tenant_token(&engine.db, &engine.sealer, &lane.waba).await {
        Ok(Some(token)) => drain(lane, around, &token).await,
        Ok(None) => {
            tracing::error!(phone_number_id = %lane.number, waba_id = %lane.waba, "no token is stored for this number's WABA; its messages wait");
            no_token(
                lane,
                around,
                "no access token is stored for this number's account; connect it again",
            );
        }
        Err(error) => {
            tracing::error!(phone_number_id = %lane.number, error = %error, "the token of this number's WABA cannot be read; its messages wait");
            no_token(
                lane,
                around,
                "the access token of this number's account cannot be read",
            );
        }
    }
}

fn no_token(lane: &Lane, around: &Around, why: &str) {
    let now = around.engine.clock.now();
    around
        .shared
        .learned(|learned| learned.no_token(&lane.number, why, now));
}

async fn drain(lane: &Arc<Lane>, around: &Around, token: &SecretString) {
    let Around { engine, shared, .. } = around;
    let mut pace = Pace::new(1, 1.0);
    while !around.must_end() {
        let per_second = lane.per_second.load(Ordering::Relaxed);
        if lane.hand(|hand| !hand.is_any_ready() || hand.unanswered.is_full(per_second)) {
            tokio::select! {
                () = lane.bell.notified() => {}
                () = around.ends[0].cancelled() => {}
                () = around.ends[1].cancelled() => {}
                () = tokio::time::sleep(IDLE) => {
                    if lane.is_still() && lane.hand(|hand| { hand.ended = hand.count() == 0; hand.ended }) {
                        return;
                    }
                }
            }
            continue;
        }
        let now = engine.clock.now();
        let (gate, share) = shared.learned(|learned| {
            (
                learned.gate(&lane.number, &lane.waba, now),
                learned.share(&lane.number, &lane.waba, now),
            )
        });
        if gate == Gate::Shut && !lane.hand(|hand| std::mem::take(&mut hand.probe)) {
            let left = lane.hand(Hand::empty);
            around.give_back(left, None).await;
            if shared.learned(|learned| learned.is_held(&lane.number)) {
                return;
            }
            continue;
        }
        pace.set(per_second, engine.outbound.use_of_throughput * share);
        pace.turn().await;
        let Ok(permit) = lane.under_way.acquire().await else {
            return;
        };
        // Only now: what is more urgent may have come while this waited for its turn.
        let Some(entry) = lane.hand(Hand::pop) else {
            continue;
        };
        permit.forget();
        // One that may be uploading its file is silent for longer, and in no doubt meanwhile.
        let counts = !media::names_ours(&entry.body);
        let begun = lane.hand(|hand| counts.then(|| hand.unanswered.begin()));
        if is_low(
            lane.hand(|hand| hand.count()),
            lane.low_water.load(Ordering::Relaxed),
        ) {
            engine.wake.sender.notify_one();
        }
        let send = send(lane.clone(), around.clone(), token.clone(), entry, begun);
        tokio::spawn(send);
    }
}

/// Whether to ring for more: once, and again when little has come. Ringing at each message would ask for a round that
/// finds the lane filled by the one before.
const fn is_low(in_hand: usize, low_water: usize) -> bool {
    in_hand == low_water || in_hand <= low_water / 2
}

async fn send(
    lane: Arc<Lane>,
    around: Around,
    token: SecretString,
    entry: Entry,
    begun: Option<Begun>,
) {
    let sent = AssertUnwindSafe(dispatch(&around.engine, &token, &entry)).catch_unwind();
    // After a panic its place and its person are free again, and what became of the message nobody knows.
    let (outcome, advice) = sent.await.unwrap_or_else(|_| {
        let why = "the program failed while this message was on its way".to_owned();
        (Outcome::Unknown { why }, Advice::None)
    });
    if let Advice::Hold { hold, code, .. } = &advice
        // Of the errors 100 only the one of what is not there (subcode 33) holds a number.
        && (*hold == Hold::Token || tokens::is_doubtful(*code, Some(33)))
    {
        tokens::suspect(&around.engine, &lane.waba);
    }
    let now = around.engine.clock.now();
    around
        .shared
        .learned(|learned| learned.advise(&entry, &lane.waba, &advice, now));
    if let Advice::Pair { until } = advice {
        around
            .shared
            .pairs(|pairs| pairs.used_up(&entry.phone_number_id, &entry.recipient, until));
    }
    let line = line(&entry);
    let (again, at) = match &outcome {
        Outcome::Later { at, .. } => (true, *at),
        Outcome::Back { .. } => (true, None),
        Outcome::Accepted { .. } | Outcome::Failed(_) | Outcome::Unknown { .. } => (false, None),
    };
    if let Some(at) = at {
        around.shared.waits(|waits| waits.wait(&entry, at));
    }
    around.outcomes.send((entry, outcome)).await.ok();
    let behind = lane.hand(|hand| {
        if let Some(begun) = begun {
            hand.unanswered.ended(begun, advice.is_answer());
        }
        hand.answered(&line, again)
    });
    for entry in behind {
        around.outcomes.send((entry, after(at))).await.ok();
    }
    lane.under_way.add_permits(1);
    lane.bell.notify_one();
}

/// What becomes of a message whose predecessor is tried again.
fn after(at: Option<Timestamp>) -> Outcome {
    let why = "an earlier message to this person goes first".to_owned();
    match at {
        Some(_) => Outcome::Later {
            at,
            why,
            tries: 0,
            hold: Hold::Retry,
        },
        None => Outcome::Back { why: Some(why) },
    }
}

#[cfg(test)]
mod tests {
    use domain::{MessageId, TenantId};
    use uuid::Uuid;

    use super::*;

    fn message(id: u128, tenant: u128, person: &str) -> Entry {
        Entry {
            id: MessageId(Uuid::from_u128(id)),
            tenant_id: TenantId(Uuid::from_u128(tenant)),
            phone_number_id: "1".to_owned(),
            recipient: person.to_owned(),
            lane: 1,
            body: String::new(),
            template: None,
            endpoint: None,
            batch: None,
            rests: false,
            send_before: None,
            attempts: 0,
            doubts: 0,
            hold_until: None,
            created_at: Timestamp(0),
            last_inbound_at: None,
        }
    }

    fn next(hand: &mut Hand) -> Option<u128> {
        hand.pop().map(|entry| entry.id.0.as_u128())
    }

    #[test]
    fn who_queued_first_does_not_go_before_all_others_that_are_in_hand() {
        let mut hand = Hand::default();
        let turns = [1, 101, 2, 102, 3, 103];
        let claimed = turns.map(|id| message(id, id / 100, &id.to_string()));
        hand.take(claimed.into());
        assert_eq!(turns.map(|_| next(&mut hand).unwrap_or(0)), turns);
    }

    #[test]
    fn what_waited_for_an_answer_goes_before_what_came_to_the_person_later() {
        let mut hand = Hand::default();
        hand.take(vec![message(1, 1, "Ana"), message(2, 1, "Ana")]);
        assert_eq!(next(&mut hand), Some(1));
        assert_eq!(next(&mut hand), None, "the first is not answered");
        hand.take(vec![message(3, 1, "Ana"), message(4, 1, "Ben")]);
        let given_back = hand.answered(&("Ana".to_owned(), 1), false);
        assert!(given_back.is_empty());
        assert_eq!([next(&mut hand), next(&mut hand)], [Some(2), Some(4)]);
        hand.answered(&("Ana".to_owned(), 1), false);
        assert_eq!(next(&mut hand), Some(3));
    }

    #[test]
    fn mailings_that_are_in_hand_have_their_turn_among_answers_and_keep_their_order() {
        let mut hand = Hand::default();
        let mailings = [1, 2].map(|id| Entry {
            lane: 2,
            ..message(id, 1, &id.to_string())
        });
        hand.take(mailings.into());
        let mut gone = Vec::new();
        for id in 100..150 {
            let answer = Entry {
                lane: 0,
                ..message(id, 1, &id.to_string())
            };
            hand.take(vec![answer]);
            gone.extend(next(&mut hand));
        }
        let places = [1, 2].map(|id| gone.iter().position(|gone| *gone == id));
        assert_eq!(places, [Some(20), Some(41)]);
    }
}
