//! A listener of `GET /api/v1/stream`, as a browser's `EventSource` would be.

use reqwest::Method;
use serde_json::Value;
use tokio::time::timeout;

use crate::client::Client;
use crate::until::LIMIT;

/// An open stream of server-sent events.
#[derive(Debug)]
pub struct EventStream {
    answer: reqwest::Response,
    read: String,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamEvent {
    /// What `Last-Event-ID` resumes after; 0 of what is told without being kept.
    pub id: i64,
    /// Such as `message.received`.
    pub kind: String,
    /// Its data.
    pub data: Value,
}

impl Client {
    /// Opens the stream, from now on or after an event.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn listen(&self, last_event_id: Option<i64>) -> EventStream {
        self.listen_at("/api/v1/stream", last_event_id).await
    }

    /// Opens another stream than the tenant's own.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn listen_at(&self, path: &str, last_event_id: Option<i64>) -> EventStream {
        let mut request = self.request(Method::GET, path);
        if let Some(id) = last_event_id {
            request = request.header("Last-Event-ID", id);
        }
        let answer = request.send().await.expect("the stream opens");
        assert_eq!(answer.status().as_u16(), 200, "the stream: {answer:?}");
        EventStream {
            answer,
            read: String::new(),
        }
    }
}

impl EventStream {
    /// The next event.
    ///
    /// # Panics
    /// When none comes within the limit, or the stream ends.
    pub async fn next(&mut self) -> StreamEvent {
        timeout(LIMIT, self.wait())
            .await
            .unwrap_or_else(|_| panic!("no event came within {} s", LIMIT.as_secs()))
            .expect("the stream ended")
    }

    /// The next event, or `None` when the server ends the stream.
    async fn wait(&mut self) -> Option<StreamEvent> {
        loop {
            while let Some(end) = self.read.find("\n\n") {
                let block: String = self.read.drain(..end + 2).collect();
                if let Some(event) = parse(&block) {
                    return Some(event);
                }
            }
            let chunk = self.answer.chunk().await.ok()??;
            self.read.push_str(&String::from_utf8_lossy(&chunk));
        }
    }

    /// The next event of a kind; what comes before it is passed over.
    ///
    /// # Panics
    /// When none comes within the limit, or the stream ends.
    pub async fn next_of(&mut self, kind: &str) -> StreamEvent {
        loop {
            let event = self.next().await;
            if event.kind == kind {
                return event;
            }
        }
    }

    /// Whether the server ends the stream within the limit, whatever comes before.
    pub async fn ends(&mut self) -> bool {
        let end = async { while self.wait().await.is_some() {} };
        timeout(LIMIT, end).await.is_ok()
    }
}

/// A block of lines; comments that keep the connection alive are none.
fn parse(block: &str) -> Option<StreamEvent> {
    let member = |name: &str| {
        block
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    };
    Some(StreamEvent {
        id: match member("id") {
            Some(id) => id.parse().ok()?,
            None => 0,
        },
        kind: member("event")?.to_owned(),
        data: serde_json::from_str(member("data")?).ok()?,
    })
}
