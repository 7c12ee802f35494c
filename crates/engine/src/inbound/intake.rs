//! The moment before the 200: a raw body becomes durable, together with all that came meanwhile.
//!
//! Group commit: while one frame is being synced, the next one fills; each post is written into it by the request that
//! brought it, so that nothing of the request is held until the sync is done. Without linger, as long as projection
//! follows: many small frames cost what projection lacks. The backlog is bounded: when projection falls behind,
//! answers are held back (which slows Meta's deliveries down to our pace), and past the patience Meta is told 503 and
//! delivers again later.

use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::Timestamp;
use store::webhook_log::NewFrame;
use tokio::sync::{Notify, SetOnce};
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{Engine, own_thread, workers};

/// A frame holds at most so many posts …
const FRAME_POSTS: usize = 1_024;
/// … or takes no more when it has so many bytes, whichever is reached first.
const FRAME_BYTES: usize = 1 << 20;
/// When the backlog is this part of the most that it may be …
const BEHIND: i64 = 4;
/// … each frame fills for this long: a sync and its commit cost as much for five posts as for a hundred.
const LINGER: Duration = Duration::from_millis(1);

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

/// Whether a frame has become durable, once that is known.
type Durable = Arc<SetOnce<bool>>;

/// The frame that fills, and who waits for what.
#[derive(Default)]
struct Desk {
    filling: Mutex<Filling>,
    /// The frame has got its first post.
    begun: Notify,
    /// The frame was taken away to be written: there is room in the next one.
    taken: Notify,
}

#[derive(Default)]
struct Filling {
    frame: NewFrame,
    durable: Durable,
    /// Nobody writes any more.
    is_closed: bool,
}

/// The way in. Cloning shares it.
#[derive(Clone)]
pub struct Intake {
    desk: Arc<Desk>,
    engine: Engine,
    /// The writer ends with the last way in.
    _writes: Arc<DropGuard>,
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
        engine
            .wake
            .appended
            .store(books.posts + backlog.posts, Ordering::Release);
        let (desk, end) = (Arc::<Desk>::default(), CancellationToken::new());
        let writes = end.clone().drop_guard();
        // It stands before its thread does: where that cannot be made nobody waits either.
        let (writing, writer) = (engine.clone(), Writer(Arc::clone(&desk)));
        tokio::spawn(async move {
            let db = writing.db.clone();
            own_thread::run(&db, "intake", || async move {
                let work = || write_frames(&writing, &writer, &end);
                workers::keep_running("intake", &end, work).await;
            })
            .await;
        });
        Ok(Self {
            desk,
            engine: engine.clone(),
            _writes: Arc::new(writes),
        })
    }

    /// Returns when the body is durable.
    ///
    /// # Errors
    /// When it is not; then Meta must be answered with a non-2xx.
    pub async fn accept(
        &self,
        body: impl AsRef<[u8]>,
        received_at: Timestamp,
    ) -> Result<(), IntakeError> {
        if self.backlog() >= self.engine.inbound.max_backlog {
            self.wait_for_room().await?;
        }
        let durable = self.desk.put(received_at, body.as_ref()).await;
        // It stands in the frame: the buffer it came in can take the connection's next request.
        drop(body);
        match durable {
            Some(durable) if *durable.wait().await => Ok(()),
            _ => Err(IntakeError::NotDurable),
        }
    }

    /// Whether posts are still written; if not, only a new start of the program helps.
    pub fn is_open(&self) -> bool {
        !self.desk.filling().is_closed
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

impl Desk {
    fn filling(&self) -> MutexGuard<'_, Filling> {
        // What is done under the lock leaves no frame half written.
        self.filling.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a post into the frame that fills, when there is room; none when nobody writes frames any more.
    async fn put(&self, received_at: Timestamp, body: &[u8]) -> Option<Durable> {
        loop {
            let mut taken = pin!(self.taken.notified());
            // Listening before looking: the frame may be taken away in between.
            taken.as_mut().enable();
            {
                let mut filling = self.filling();
                if filling.is_closed {
                    return None;
                }
                if filling.has_room() {
                    filling.frame.push(received_at, body);
                    if filling.frame.posts() == 1 {
                        self.begun.notify_one();
                    }
                    return Some(Arc::clone(&filling.durable));
                }
            }
            taken.await;
        }
    }

    /// Takes the frame away, when there is anything in it.
    fn take(&self) -> Option<Filling> {
        let mut filling = self.filling();
        if filling.frame.posts() == 0 {
            return None;
        }
        let full = std::mem::take(&mut *filling);
        drop(filling);
        self.taken.notify_waiters();
        Some(full)
    }
}

impl Filling {
    fn has_room(&self) -> bool {
        self.frame.posts() < FRAME_POSTS && self.frame.size() < FRAME_BYTES
    }
}

/// However writing ends, nobody waits for it in vain.
struct Writer(Arc<Desk>);

impl Drop for Writer {
    fn drop(&mut self) {
        let mut filling = self.0.filling();
        filling.is_closed = true;
        // Decided already only when there was nobody to tell.
        filling.durable.set(false).ok();
        drop(filling);
        self.0.taken.notify_waiters();
    }
}

async fn write_frames(engine: &Engine, writer: &Writer, end: &CancellationToken) {
    loop {
        while let Some(full) = writer.0.take() {
            write(engine, full).await;
            if engine.wake.backlog() > engine.inbound.max_backlog / BEHIND {
                tokio::time::sleep(LINGER).await;
            }
        }
        tokio::select! {
            () = writer.0.begun.notified() => {}
            () = end.cancelled() => return,
        }
    }
}

async fn write(engine: &Engine, full: Filling) {
    // Should this end early, its waiters are told so.
    let answer = Answer(full.durable);
    let posts = full.frame.posts();
    let begun = std::time::Instant::now();
    let appending = engine.log.append(full.frame).await;
    tracing::debug!(posts, took_us = begun.elapsed().as_micros(), "appended");
    metrics::histogram!("trunkline_intake_append_seconds").record(begun.elapsed().as_secs_f64());
    match appending {
        Ok(_) => {
            engine
                .wake
                .appended
                .fetch_add(i64::try_from(posts).unwrap_or(i64::MAX), Ordering::AcqRel);
            engine.wake.projector.notify_one();
            metrics::counter!("trunkline_intake_posts_total").increment(posts as u64);
            // The first answer counts.
            answer.0.set(true).ok();
        }
        Err(error) => {
            tracing::error!(error = %error, posts, "webhooks could not be made durable; Meta will deliver them again");
        }
    }
}

/// No, unless it was said before that the frame is durable.
struct Answer(Durable);

impl Drop for Answer {
    fn drop(&mut self) {
        self.0.set(false).ok();
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::task::Poll;

    use super::*;

    async fn put(desk: &Desk, body: &[u8]) -> Durable {
        desk.put(Timestamp(1), body)
            .await
            .expect("the desk is open")
    }

    #[tokio::test]
    async fn those_who_stand_in_one_frame_hear_together_that_it_is_durable() {
        let desk = Desk::default();
        let (first, second) = (put(&desk, b"a").await, put(&desk, b"b").await);
        let full = desk.take().unwrap();
        let third = put(&desk, b"c").await;
        assert_eq!(full.frame.posts(), 2);
        full.durable.set(true).unwrap();
        assert!(*first.wait().await && *second.wait().await);
        assert!(third.get().is_none(), "the next frame is not written yet");
    }

    #[tokio::test]
    async fn what_has_no_room_waits_until_the_frame_was_taken_and_loses_nothing() {
        let desk = Desk::default();
        let large = vec![b'x'; 3 * FRAME_BYTES];
        put(&desk, &large).await;
        let mut waiting = pin!(desk.put(Timestamp(2), &large));
        let is_pending =
            poll_fn(|context| Poll::Ready(waiting.as_mut().poll(context).is_pending()));
        assert!(is_pending.await, "a frame of 3 MB takes no other");
        assert_eq!(desk.take().unwrap().frame.posts(), 1);
        assert!(waiting.await.is_some());
        assert_eq!(desk.take().unwrap().frame.posts(), 1);
        assert!(desk.take().is_none());
    }

    #[tokio::test]
    async fn a_frame_takes_no_more_than_its_number_of_posts() {
        let desk = Desk::default();
        for _ in 0..FRAME_POSTS {
            put(&desk, b"x").await;
        }
        let mut waiting = pin!(desk.put(Timestamp(2), b"x"));
        let is_pending =
            poll_fn(|context| Poll::Ready(waiting.as_mut().poll(context).is_pending()));
        assert!(is_pending.await);
        assert_eq!(desk.take().unwrap().frame.posts(), FRAME_POSTS);
        assert!(waiting.await.is_some());
    }

    #[tokio::test]
    async fn nobody_waits_in_vain_when_writing_ends() {
        let desk = Arc::new(Desk::default());
        let being_written = put(&desk, b"a").await;
        let full = desk.take().unwrap();
        let still_filling = put(&desk, b"b").await;
        drop(Answer(full.durable));
        drop(Writer(Arc::clone(&desk)));
        assert!(!*being_written.wait().await && !*still_filling.wait().await);
        assert!(desk.put(Timestamp(3), b"c").await.is_none());
    }
}
