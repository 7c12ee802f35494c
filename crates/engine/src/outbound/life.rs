//! The life line of one message: what Meta posted about it, found again in the intake log.
//!
//! The log is not indexed by message (it is written a thousand times as often as it is read): one starts
//! where the message was written and reads on, and jumps to the times of statuses that were not met on
//! the way. A POST may hold the data of several businesses: what is handed out is the message's own
//! item, never what stood beside it.

use std::time::Duration;

use bytes::Bytes;
use domain::{MessageId, Timestamp};
use memchr::memmem;
use meta::webhook::{self, MessagesValue, Value};
use serde_json::value::RawValue;
use store::messages::Message;
use store::webhook_log::Post;

use crate::Engine;

/// Frames read at once.
const STEP: usize = 32;
/// Bytes looked through from one starting point: about half a minute of the busiest number.
const FAR: usize = 24 * 1024 * 1024;
/// Meta's clock and ours differ, and Meta counts in seconds.
const LEEWAY: Duration = Duration::from_secs(3);

/// What Meta posted about a message.
#[derive(Debug, Clone)]
pub struct Heard {
    /// When it came in.
    pub received_at: Timestamp,
    /// `message` or `status`.
    pub kind: &'static str,
    /// Meta's word of a status.
    pub status: Option<String>,
    /// The item as it came, JSON text.
    pub item: String,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// In the order of arrival.
    pub heard: Vec<Heard>,
    /// Whether every report that stands on the message was met: else the log is trimmed, or too full to be
    /// looked through.
    pub complete: bool,
}

/// Looks for what Meta posted about a message.
///
/// # Errors
/// When the log cannot be read.
pub async fn heard(engine: &Engine, message: &Message) -> store::Result<Found> {
    let now = engine.clock.now();
    let Some(search) = Search::of(message) else {
        return Ok(Found {
            complete: true,
            ..Found::default()
        });
    };
    let mut found = Found::default();
    let mut starts = vec![message.occurred_at.min(message.created_at)];
    // A clock of Meta's that is ahead of ours never points behind what has come in.
    starts.extend(search.reports.iter().map(|(_, at)| (*at).min(now)));
    let mut read_to = 0;
    for (n, start) in starts.into_iter().enumerate() {
        // The first way is gone in any case; the others only for what it did not meet.
        if n > 0 && (search.satisfied(&found) || search.met(&found, n - 1)) {
            continue;
        }
        let from = engine.log.position_before(start.minus(LEEWAY)).await?;
        read_to = search.walk(engine, from.max(read_to), &mut found).await?;
    }
    found.heard.sort_by_key(|heard| heard.received_at);
    found.complete = search.satisfied(&found);
    Ok(found)
}

/// What is looked for.
struct Search {
    id: MessageId,
    number: String,
    wamid: Option<String>,
    inbound: bool,
    /// Texts of which a POST about the message has one.
    needles: Vec<memmem::Finder<'static>>,
    /// Statuses that stand on the message, with Meta's times.
    reports: Vec<(&'static str, Timestamp)>,
}

impl Search {
    fn of(message: &Message) -> Option<Self> {
        let (id, inbound) = (message.id, message.direction == "inbound");
        let mut needles = Vec::new();
        if let Some(wamid) = &message.wamid {
            // Meta may write a slash as `\/`: the longest piece without one is looked for.
            let piece = wamid.split('/').max_by_key(|piece| piece.len())?;
            needles.push(memmem::Finder::new(piece.as_bytes()).into_owned());
        }
        if message.direction == "outbound" {
            needles.push(memmem::Finder::new(id.to_string().as_bytes()).into_owned());
        }
        if needles.is_empty() {
            return None;
        }
        // A failure without a wamid is the answer to the call, not a report.
        let failed = message.failed_at.filter(|_| message.wamid.is_some());
        let reports = [
            ("sent", message.sent_at),
            ("delivered", message.delivered_at),
            ("read", message.read_at),
            ("played", message.played_at),
            ("failed", failed),
        ];
        let reports = reports
            .into_iter()
            .filter_map(|(word, at)| Some((word, Timestamp(at?))))
            .collect();
        Some(Self {
            id,
            number: message.phone_number_id.clone(),
            wamid: message.wamid.clone(),
            inbound,
            needles,
            reports,
        })
    }

    fn met(&self, found: &Found, report: usize) -> bool {
        self.reports.get(report).is_some_and(|(word, _)| {
            found
                .heard
                .iter()
                .any(|heard| heard.status.as_deref() == Some(*word))
        })
    }

    fn satisfied(&self, found: &Found) -> bool {
        let message = !self.inbound || found.heard.iter().any(|heard| heard.kind == "message");
        message && (0..self.reports.len()).all(|report| self.met(found, report))
    }

    /// Reads on from a position until everything is met, or far enough. Gives where it stopped.
    async fn walk(
        &self,
        engine: &Engine,
        mut position: i64,
        found: &mut Found,
    ) -> store::Result<i64> {
        let mut bytes = 0;
        while bytes < FAR && !self.satisfied(found) {
            let frames = engine.log.read_after(position, STEP).await?;
            let Some(last) = frames.last() else { break };
            position = last.position;
            for post in frames.iter().flat_map(|frame| &frame.posts) {
                bytes += post.body.len();
                self.look(post, found);
            }
        }
        Ok(position)
    }

    fn look(&self, post: &Post, found: &mut Found) {
        let body: &Bytes = &post.body;
        if !self
            .needles
            .iter()
            .any(|needle| needle.find(body).is_some())
        {
            return;
        }
        let Ok(envelope) = webhook::parse(body) else {
            return;
        };
        for change in envelope.entries.iter().flat_map(|entry| &entry.changes) {
            if let Value::Messages(value) = &change.value
                && value
                    .metadata
                    .as_ref()
                    .and_then(|metadata| metadata.phone_number_id.as_deref())
                    == Some(&self.number)
            {
                self.pick(value, post.received_at, found);
            }
        }
    }

    fn pick(&self, value: &MessagesValue<'_>, received_at: Timestamp, found: &mut Found) {
        let ours = |id: &str| self.wamid.as_deref() == Some(id);
        let heard = |kind, status, raw: &RawValue| Heard {
            received_at,
            kind,
            status,
            item: raw.get().to_owned(),
        };
        let messages = value.messages.iter().chain(&value.echoes).flatten();
        for item in messages.filter(|item| ours(&item.message.id)) {
            found.heard.push(heard("message", None, item.raw));
        }
        let id = self.id.to_string();
        for item in value.statuses.iter().flatten() {
            let by_id = item.status.biz_opaque_callback_data.as_deref() == Some(id.as_str());
            if ours(&item.status.id) || (by_id && !self.inbound) {
                let word = item.status.status.as_str().to_owned();
                found.heard.push(heard("status", Some(word), item.raw));
            }
        }
    }
}
