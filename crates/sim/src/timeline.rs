//! What will happen later: one heap for everything, ordered by virtual time.
//!
//! A task per pending status would be simpler, but a load test keeps tens of thousands of them waiting, and a jump of
//! the clock must reach them all.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::templates::Moment;
use crate::webhook::{Delivery, Update};

/// Something that happens by itself.
pub(crate) enum Event {
    /// A message reaches its next status.
    Status { wamid: Arc<str>, step: Step },
    /// An update is told now: the subscription is looked up when it is due.
    Emit(Box<Update>),
    /// An update joins the queue of webhooks (after a delay asked for by a test).
    Enqueue(Box<Update>),
    /// A delivery is tried again.
    Redeliver(Box<Delivery>),
    /// A customer acts on what it received.
    Answer { wamid: Arc<str> },
    /// Meta judges a paced template.
    Judge { template_id: Arc<str>, round: u64 },
    /// The messaging limit of a business rises.
    RaiseLimit { business_id: Arc<str> },
    /// A number's higher throughput is there.
    Upgraded { phone_number_id: Arc<str> },
    /// The review of an account ends.
    Review {
        waba_id: Arc<str>,
        decision: Box<str>,
    },
    /// The display name of a number is judged.
    Name { phone_number_id: Arc<str> },
    /// Something planned happens to a template.
    Template {
        id: Arc<str>,
        moment: Moment,
        /// Tells this plan from an earlier one.
        due_ms: u64,
    },
    /// A customer writes by itself.
    Initiative { phone: Arc<str>, round: u64 },
}

/// One step in the life of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Sent,
    Delivered,
    /// Whether this status carries the price (`read` does when no `delivered` came before).
    Read {
        priced: bool,
    },
    Played,
    Failed(i64),
}

impl Step {
    /// Meta's word for it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read { .. } => "read",
            Self::Played => "played",
            Self::Failed(_) => "failed",
        }
    }
}

struct Scheduled {
    due_ms: u64,
    sequence: u64,
    event: Event,
}

impl PartialEq for Scheduled {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Scheduled {}
impl PartialOrd for Scheduled {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Scheduled {
    fn cmp(&self, other: &Self) -> Ordering {
        // Reversed: the heap gives the greatest first, we want the earliest.
        (other.due_ms, other.sequence).cmp(&(self.due_ms, self.sequence))
    }
}

#[derive(Default)]
struct Heap {
    entries: BinaryHeap<Scheduled>,
    sequence: u64,
}

/// The heap and the bell that tells its driver of an earlier event.
#[derive(Default)]
pub(crate) struct Timeline {
    heap: Mutex<Heap>,
    pub(crate) changed: Notify,
}

impl Timeline {
    fn heap(&self) -> MutexGuard<'_, Heap> {
        self.heap.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn schedule(&self, due_ms: u64, event: Event) {
        let mut heap = self.heap();
        let earliest = heap
            .entries
            .peek()
            .is_none_or(|first| due_ms < first.due_ms);
        heap.sequence += 1;
        let sequence = heap.sequence;
        heap.entries.push(Scheduled {
            due_ms,
            sequence,
            event,
        });
        drop(heap);
        if earliest {
            self.changed.notify_one();
        }
    }

    /// Takes up to `limit` events that are due.
    pub(crate) fn take_due(&self, now_ms: u64, limit: usize) -> Vec<Event> {
        let mut heap = self.heap();
        let mut due = Vec::new();
        while due.len() < limit
            && heap
                .entries
                .peek()
                .is_some_and(|first| first.due_ms <= now_ms)
            && let Some(first) = heap.entries.pop()
        {
            due.push(first.event);
        }
        due
    }

    pub(crate) fn next_due(&self) -> Option<u64> {
        self.heap().entries.peek().map(|first| first.due_ms)
    }

    pub(crate) fn clear(&self) {
        self.heap().entries.clear();
        self.changed.notify_one();
    }

    /// Statuses that messages have not reached yet.
    pub(crate) fn coming_statuses(&self) -> usize {
        let is_status = |entry: &&Scheduled| matches!(entry.event, Event::Status { .. });
        self.heap().entries.iter().filter(is_status).count()
    }

    /// Webhooks that wait for their time: delayed ones and retries.
    pub(crate) fn waiting_webhooks(&self) -> usize {
        let waits = |entry: &&Scheduled| {
            matches!(
                entry.event,
                Event::Emit(_) | Event::Enqueue(_) | Event::Redeliver(_)
            )
        };
        self.heap().entries.iter().filter(waits).count()
    }
}
