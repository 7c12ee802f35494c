//! The moment before the 200: a raw body becomes durable, together with all that came meanwhile.
//!
//! Group commit without linger: while one frame is being synced, the next one fills. The backlog is
//! bounded: when projection falls behind, answers are held back (which slows Meta's deliveries down to
//! our pace), and past the patience Meta is told 503 and delivers again later.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use domain::Timestamp;
use store::webhook_log::Post;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::{Engine, own_thread};

/// A frame holds at most so many posts …
const FRAME_POSTS: usize = 1_024;
/// … or so many bytes, whichever is reached first.
const FRAME_BYTES: usize = 1 << 20;
/// Posts that may wait for the writer; more wait in front of the queue.
const QUEUE: usize = 2_048;

/// Why a body could not be taken. Meta is answered with a non-2xx and delivers again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IntakeError {
    /// Projection is too far behind.
    #[error("too many webhooks wait for processing; deliver this one again later")]
    Behind,
    /// The log could not be written.
    #[error("the webhook could not be stored; deliver it again later")]
    NotDurable,
}

struct Waiting {
    post: Post,
    durable: oneshot::Sender<bool>,
}

/// The way in. Cloning shares it.
#[derive(Clone)]
pub struct Intake {
    queue: mpsc::Sender<Waiting>,
    engine: Engine,
}

impl Intake {
    /// Opens the way in.
    ///
    /// # Errors
    /// When the books or the log cannot be read.
    pub async fn open(engine: &Engine) -> store::Result<Self> {
        let books = store::projector::read(&engine.db).await?;
        engine.log.begin_after(books.position).await?;
        let backlog = engine.log.backlog(books.position).await?;
        engine.wake.finished.send_replace(books.posts);
        let (queue, waiting) = mpsc::channel(QUEUE);
        engine
            .wake
            .appended
            .store(books.posts + backlog.posts, Ordering::Release);
        let writer = engine.clone();
        tokio::spawn(async move {
            let engine = writer.clone();
            own_thread::run(&engine.db, "intake", || write_frames(writer, waiting)).await;
        });
        Ok(Self {
            queue,
            engine: engine.clone(),
        })
    }

    /// Returns when the body is durable.
    ///
    /// # Errors
    /// When it is not; then Meta must be answered with a non-2xx.
    pub async fn accept(&self, body: Bytes, received_at: Timestamp) -> Result<(), IntakeError> {
        if self.backlog() >= self.engine.inbound.max_backlog {
            self.wait_for_room().await?;
        }
        let (durable, done) = oneshot::channel();
        let waiting = Waiting {
            post: Post { received_at, body },
            durable,
        };
        self.queue
            .send(waiting)
            .await
            .map_err(|_| IntakeError::NotDurable)?;
        match done.await {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(IntakeError::NotDurable),
        }
    }

    /// Posts that are durable and not yet projected.
    pub fn backlog(&self) -> i64 {
        self.engine.wake.backlog()
    }

    async fn wait_for_room(&self) -> Result<(), IntakeError> {
        let until = Instant::now() + self.engine.inbound.patience;
        let mut room = self.engine.wake.finished.subscribe();
        while self.backlog() >= self.engine.inbound.max_backlog {
            match tokio::time::timeout_at(until, room.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => {
                    metrics::counter!("trunkline_intake_refused_total").increment(1);
                    return Err(IntakeError::Behind);
                }
            }
        }
        Ok(())
    }
}

async fn write_frames(engine: Engine, mut queue: mpsc::Receiver<Waiting>) {
    let mut spare: Option<Waiting> = None;
    loop {
        let first = match spare.take() {
            Some(waiting) => waiting,
            None => match queue.recv().await {
                Some(waiting) => waiting,
                None => return,
            },
        };
        let mut bytes = first.post.body.len();
        let mut posts = vec![first.post];
        let mut answers = vec![first.durable];
        while posts.len() < FRAME_POSTS && bytes < FRAME_BYTES {
            let Ok(next) = queue.try_recv() else { break };
            if bytes + next.post.body.len() > 2 * FRAME_BYTES {
                spare = Some(next);
                break;
            }
            bytes += next.post.body.len();
            posts.push(next.post);
            answers.push(next.durable);
        }
        let begun = std::time::Instant::now();
        let appending = engine.log.append(&posts).await;
        tracing::debug!(
            posts = posts.len(),
            took_us = begun.elapsed().as_micros(),
            "appended"
        );
        metrics::histogram!("trunkline_intake_append_seconds")
            .record(begun.elapsed().as_secs_f64());
        let durable = match appending {
            Ok(_) => {
                engine.wake.appended.fetch_add(
                    i64::try_from(posts.len()).unwrap_or(i64::MAX),
                    Ordering::AcqRel,
                );
                engine.wake.projector.notify_one();
                metrics::counter!("trunkline_intake_posts_total").increment(posts.len() as u64);
                true
            }
            Err(error) => {
                tracing::error!(error = %error, posts = posts.len(), "webhooks could not be made durable; Meta will deliver them again");
                false
            }
        };
        for answer in answers {
            // A connection that is gone needs no answer; what is stored stays stored.
            answer.send(durable).ok();
        }
    }
}
