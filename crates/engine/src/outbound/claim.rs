//! One round of claiming: what may leave next, on every number that has room, in one transaction.
//!
//! A message that may not leave now is held there and then, with the reason, so that it is not looked at again before
//! its time. What is claimed is marked as being sent before anything is handed over; a claim is a moment's worth, so
//! that a crash leaves little in doubt.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use domain::quiet_hours::QuietHours;
use domain::status::Failure;
use domain::window::{self, Intake};
use domain::{TenantId, Timestamp};
use store::outbox::claim::{self, Waiting};
use store::outbox::look::Hold;
use store::outbox::{self, Entry, Later};
use store::pauses::{self, Pause};
use store::{Tx, budget};

use super::budget::{Budgets, limit_of, spent};
use super::fair::Fair;
use super::forbidden::{closed_meanwhile, restricted};
use super::lane::Lane;
use super::sender::Shared;
use super::settle::{outside_window, taken_back};
use super::urgency::{ByLane, LANES, Urgency, by_lane, lane_of};
use crate::Engine;

/// Tenants that are looked at in one round on one number.
const TENANTS: usize = 16;
/// Messages that are failed in one round because their tenant may not send any more.
const REFUSED: i64 = 256;
/// Messages that are looked at in addition in a round after one that held some.
const HELD_AT_ONCE: usize = 64;
/// `domain::message::Lane::rank` of mailings.
const BULK: i64 = 2;

/// A number with room.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) number: String,
    /// How many may be claimed.
    pub(super) room: usize,
    /// It is one message, which tries whether what holds the number is over.
    pub(super) probe: bool,
    pub(super) lane: Arc<Lane>,
    /// Who waits there.
    pub(super) waiting: Vec<Waiting>,
}

/// What a round brought.
#[derive(Debug, Default)]
pub(super) struct Claimed {
    /// To be handed over, by number.
    pub(super) by_number: HashMap<String, Vec<Entry>>,
    /// Will never go.
    pub(super) refused: Vec<(Entry, Failure)>,
    /// How many were held.
    pub(super) held: usize,
}

/// What is remembered from round to round.
#[derive(Debug, Default)]
pub(super) struct Chooser {
    /// Who is looked at, by number.
    turns: HashMap<String, Fair<TenantId>>,
    /// Who is served, by number and lane: whoever waits with mailings saves up no turns for answers.
    served: HashMap<String, ByLane<Fair<TenantId>>>,
    shares: HashMap<String, Fair<TenantId>>,
    /// By number.
    urgency: HashMap<String, Urgency>,
    budgets: Budgets,
    quiet: HashMap<String, Option<QuietHours>>,
    /// Looked at beyond what there is room for, while much is being held.
    extra: usize,
}

/// A message that nothing holds so far.
struct Candidate {
    entry: Entry,
    /// The portfolio whose budget it may cost, with its limit.
    portfolio: Option<(String, i64)>,
}

struct Round<'a> {
    now: Timestamp,
    intake: Intake,
    pauses: Vec<Pause>,
    shared: &'a Shared,
    later: Vec<Later>,
    refused: Vec<(Entry, Failure)>,
}

impl Chooser {
    /// Claims what may leave, under a name. Safe to hand over when this returns.
    pub(super) async fn claim(
        &mut self,
        engine: &Engine,
        shared: &Shared,
        rooms: &[Room],
        name: &str,
    ) -> store::Result<Claimed> {
        let now = engine.clock.now();
        super::stopped::look(engine, shared).await?;
        for waiting in rooms.iter().flat_map(|room| &room.waiting) {
            if let Some((portfolio, _)) = budget_of(waiting) {
                // Read before the transaction: the window may have to be tidied up in the database.
                self.budgets.window(&engine.db, &portfolio, now).await?;
            }
        }
        let claimed = self.claim_in_one(engine, shared, rooms, name, now).await;
        if claimed.is_err() {
            self.budgets.forget();
        }
        claimed
    }

    async fn claim_in_one(
        &mut self,
        engine: &Engine,
        shared: &Shared,
        rooms: &[Room],
        name: &str,
        now: Timestamp,
    ) -> store::Result<Claimed> {
        // Read first: what was durable before the transaction is either counted here or seen there.
        let intake = match engine.wake.backlog() {
            0 => Intake::Projected,
            _ => Intake::Behind,
        };
        let mut tx = engine.db.begin().await?;
        let mut round = Round {
            now,
            intake,
            pauses: pauses::any_tenant_all_in(&mut tx).await?,
            shared,
            later: Vec::new(),
            refused: Vec::new(),
        };
        let mut candidates = Vec::new();
        for room in rooms {
            candidates.extend(self.candidates(&mut tx, &mut round, room).await?);
        }
        let within = self.within_budget(engine, &mut round, candidates).await?;
        let mut spending = Vec::new();
        let mut claimed = Claimed::default();
        for candidate in within {
            let entry = candidate.entry;
            let free =
                shared.pairs(|pairs| pairs.take(&entry.phone_number_id, &entry.recipient, now));
            if let Err(until) = free {
                let why = "too many messages to this person in a short time; WhatsApp lets one through in six seconds";
                round.hold(&entry, Hold::PairRate, Some(until), why);
                continue;
            }
            if let Some((portfolio, _)) = &candidate.portfolio {
                spending.push(spent(portfolio, &entry.recipient, now));
            }
            let number = entry.phone_number_id.clone();
            claimed.by_number.entry(number).or_default().push(entry);
        }
        let ids: Vec<_> = claimed
            .by_number
            .values()
            .flatten()
            .chain(round.refused.iter().map(|(entry, _)| entry))
            .map(|entry| entry.id)
            .collect();
        claim::any_tenant_mark(&mut tx, ids, name).await?;
        outbox::any_tenant_later(&mut tx, &round.later).await?;
        spending.sort_by(|a, b| (&a.portfolio, &a.recipient).cmp(&(&b.portfolio, &b.recipient)));
        spending.dedup_by(|a, b| a.portfolio == b.portfolio && a.recipient == b.recipient);
        budget::any_tenant_spend(&mut tx, &spending).await?;
        tx.commit().await?;
        claimed.held = round.later.len();
        self.extra = if claimed.held > 0 { HELD_AT_ONCE } else { 0 };
        claimed.refused = round.refused;
        Ok(claimed)
    }

    /// Up to a room's worth that nothing of the message itself or its tenant holds: the most urgent lane first, turn
    /// by turn among tenants.
    async fn candidates(
        &mut self,
        tx: &mut Tx,
        round: &mut Round<'_>,
        room: &Room,
    ) -> store::Result<Vec<Candidate>> {
        let (allowed, foreign): (Vec<_>, Vec<_>) =
            room.waiting.iter().partition(|waiting| waiting.allowed);
        for waiting in foreign {
            let due = claim::due(tx, waiting.tenant_id, &room.number, REFUSED).await?;
            round
                .refused
                .extend(due.into_iter().map(|entry| (entry, taken_back())));
        }
        let mut turns = self.turns.remove(&room.number).unwrap_or_default();
        let tenants: Vec<_> = allowed.iter().map(|waiting| waiting.tenant_id).collect();
        turns.begin(&tenants);
        let mut asked = allowed;
        let are_all = asked.len() <= TENANTS;
        if !are_all {
            let mut order = tenants;
            let mut chosen = HashSet::new();
            while chosen.len() < TENANTS {
                let Some(next) = turns.next(order.iter().copied()) else {
                    break;
                };
                order.retain(|tenant| *tenant != next);
                chosen.insert(next);
            }
            asked.retain(|waiting| chosen.contains(&waiting.tenant_id));
        }
        let mut urgency = self.urgency.remove(&room.number).unwrap_or_default();
        let (mut queues, mut looked_for) = (Vec::new(), by_lane(|_| false));
        for waiting in asked {
            let due = self.due(tx, waiting, room, &urgency, &mut looked_for);
            queues.push((waiting, due.await?));
        }
        let mut has = by_lane(|lane| heads(&queues, lane).next().is_some());
        for lane in (0..LANES).filter(|lane| are_all && looked_for[*lane] && !has[*lane]) {
            urgency.empty(lane);
        }
        let mut served = self.served.remove(&room.number).unwrap_or_default();
        for (lane, served) in served.iter_mut().enumerate() {
            served.begin(&heads(&queues, lane).collect::<Vec<_>>());
        }
        let mut chosen = Vec::new();
        while chosen.len() < room.room {
            let Some(lane) = urgency.next(has) else { break };
            let Some(next) = served[lane].next(heads(&queues, lane)) else {
                break;
            };
            let whose = queues
                .iter_mut()
                .find(|(waiting, _)| waiting.tenant_id == next);
            let Some((waiting, due)) = whose else { break };
            let Some(entry) = due[lane].pop_front() else {
                break;
            };
            if let Some(entry) = self.pass(round, waiting, entry) {
                turns.charge(next);
                served[lane].charge(next);
                urgency.took(lane);
                chosen.push(Candidate {
                    portfolio: needs_budget(&entry, waiting, round.now),
                    entry,
                });
            }
            has[lane] = heads(&queues, lane).next().is_some();
        }
        self.turns.insert(room.number.clone(), turns);
        self.served.insert(room.number.clone(), served);
        self.urgency.insert(room.number.clone(), urgency);
        Ok(chosen)
    }

    /// What a tenant has queued on a number; of lanes that are cut off or behind all this, as many as have their turn.
    async fn due(
        &self,
        tx: &mut Tx,
        waiting: &Waiting,
        room: &Room,
        urgency: &Urgency,
        looked_for: &mut ByLane<bool>,
    ) -> store::Result<ByLane<VecDeque<Entry>>> {
        let (tenant, limit) = (waiting.tenant_id, room.room + self.extra);
        let count = |count: usize| i64::try_from(count).unwrap_or(1);
        let due = claim::due(tx, tenant, &room.number, count(limit)).await?;
        let is_cut = due.len() >= limit;
        let mut lanes = by_lane(|_| VecDeque::new());
        for entry in due {
            lanes[lane_of(entry.lane)].push_back(entry);
        }
        let last = lanes.iter().rposition(|lane| !lane.is_empty());
        let cut = last.filter(|_| is_cut).unwrap_or(LANES);
        for (lane, rank) in (cut..LANES).zip(count(cut)..) {
            let turns = urgency.turns_in(lane, room.room);
            if turns > lanes[lane].len() {
                looked_for[lane] = true;
                let late = claim::due_in_lane(tx, tenant, &room.number, rank, count(turns));
                lanes[lane] = late.await?.into();
            }
        }
        Ok(lanes)
    }

    /// Whether anything holds the message; what does is written down.
    fn pass(&mut self, round: &mut Round<'_>, waiting: &Waiting, entry: Entry) -> Option<Entry> {
        let now = round.now;
        if entry.send_before.is_some_and(|end| end <= now.0) {
            // It is taken out as expired within a second.
            return None;
        }
        if let Some((hold, why)) = round.paused(&entry) {
            round.hold(&entry, hold, None, &why);
            return None;
        }
        if (entry.lane == BULK || entry.rests)
            && let Some(text) = &waiting.quiet_hours
        {
            let hours = self
                .quiet
                .entry(text.clone())
                .or_insert_with(|| QuietHours::parse(text));
            if let Some(until) = hours
                .as_ref()
                .and_then(|hours| hours.until(&entry.recipient, now))
            {
                let why = "it is quiet at this hour where this person lives";
                round.hold(&entry, Hold::QuietHours, Some(until), why);
                return None;
            }
        }
        if let Some(until) = round.shared.waits(|waits| waits.before(&entry, now)) {
            round.hold(
                &entry,
                Hold::Retry,
                Some(until),
                "an earlier message to this person goes first",
            );
            return None;
        }
        if let Some(until) = restricted(waiting, &entry, now) {
            let why = crate::health::standing::explanation("RESTRICTED");
            round.hold(&entry, Hold::Account, until, why);
            return None;
        }
        if closed_meanwhile(&entry, now, round.intake) {
            round.refused.push((entry, outside_window()));
            return None;
        }
        if let Some((hold, why)) = round.shared.template_holds(waiting, &entry) {
            round.hold(&entry, hold, None, why);
            return None;
        }
        Some(entry)
    }

    /// Leaves what the portfolios' budgets allow; when one is nearly used up, tenants share what is left turn by turn.
    async fn within_budget(
        &mut self,
        engine: &Engine,
        round: &mut Round<'_>,
        candidates: Vec<Candidate>,
    ) -> store::Result<Vec<Candidate>> {
        if candidates
            .iter()
            .all(|candidate| candidate.portfolio.is_none())
        {
            return Ok(candidates);
        }
        let mut wanted: HashMap<String, (i64, Vec<TenantId>)> = HashMap::new();
        for candidate in &candidates {
            if let Some((portfolio, limit)) = &candidate.portfolio {
                let (_, tenants) = wanted
                    .entry(portfolio.clone())
                    .or_insert((*limit, Vec::new()));
                tenants.push(candidate.entry.tenant_id);
            }
        }
        let mut kept: Vec<bool> = candidates
            .iter()
            .map(|candidate| candidate.portfolio.is_none())
            .collect();
        for (portfolio, (limit, tenants)) in wanted {
            let window = self
                .budgets
                .window(&engine.db, &portfolio, round.now)
                .await?;
            let shares = self.shares.entry(portfolio.clone()).or_default();
            let mut left = limit - window.used(round.now);
            let mut open: Vec<usize> = (0..candidates.len())
                .filter(|n| {
                    candidates[*n]
                        .portfolio
                        .as_ref()
                        .is_some_and(|(name, _)| *name == portfolio)
                })
                .collect();
            shares.begin(&tenants);
            while !open.is_empty() {
                let next = shares.next(open.iter().map(|n| candidates[*n].entry.tenant_id));
                let Some(place) = open
                    .iter()
                    .position(|n| Some(candidates[*n].entry.tenant_id) == next)
                else {
                    break;
                };
                let n = open.remove(place);
                let entry = &candidates[n].entry;
                if !window.holds(&entry.recipient) {
                    if left <= 0 {
                        let why =
                            "this account has written to as many people as it may within 24 hours";
                        let until = window
                            .frees_at()
                            .unwrap_or_else(|| round.now.plus(super::budget::DAY));
                        round.hold(entry, Hold::Budget, Some(until), why);
                        continue;
                    }
                    left -= 1;
                    shares.charge(entry.tenant_id);
                }
                window.spend(&entry.recipient, round.now);
                kept[n] = true;
            }
        }
        let mut kept = kept.into_iter();
        Ok(candidates
            .into_iter()
            .filter(|_| kept.next().unwrap_or_default())
            .collect())
    }
}

impl Round<'_> {
    fn paused(&self, entry: &Entry) -> Option<(Hold, String)> {
        let pause = self.pauses.iter().find(|pause| {
            let own = pause.tenant_id.map(TenantId) == Some(entry.tenant_id);
            match pause.scope.as_str() {
                "tenant" | "platform_tenant" => own,
                "number" => own && pause.value.as_deref() == Some(&entry.phone_number_id),
                "batch" => own && pause.value.is_some() && pause.value == entry.batch,
                _ => pause.value.as_deref() == Some(&entry.phone_number_id),
            }
        })?;
        let hold = match pause.scope.as_str() {
            "tenant" => Hold::PausedByTenant,
            "number" => Hold::PausedNumber,
            "batch" => Hold::PausedBatch,
            _ => Hold::PausedByPlatform,
        };
        let reason = pause.reason.as_deref().unwrap_or("no reason given");
        Some((hold, format!("paused by {}: {reason}", pause.paused_by)))
    }

    fn hold(&mut self, entry: &Entry, hold: Hold, until: Option<Timestamp>, why: &str) {
        self.later.push(Later {
            id: entry.id.hex(),
            state: "held",
            hold: Some(hold.as_str()),
            hold_until: until.map(Timestamp::micros),
            settle_at: None,
            doubts: 0,
            tries: 0,
            last_error: Some(why.to_owned()),
        });
    }
}

/// Those who have something in a lane.
fn heads(
    queues: &[(&Waiting, ByLane<VecDeque<Entry>>)],
    lane: usize,
) -> impl Iterator<Item = TenantId> {
    let heads = queues.iter().filter(move |(_, due)| !due[lane].is_empty());
    heads.map(|(waiting, _)| waiting.tenant_id)
}

fn budget_of(waiting: &Waiting) -> Option<(String, i64)> {
    let limit = limit_of(waiting.messaging_limit.as_deref()?)?;
    Some((waiting.portfolio.clone()?, limit))
}

/// Only templates outside the service window count.
fn needs_budget(entry: &Entry, waiting: &Waiting, now: Timestamp) -> Option<(String, i64)> {
    if entry.template.is_none() || window::is_open(entry.last_inbound_at.map(Timestamp), now) {
        return None;
    }
    budget_of(waiting)
}
