//! Reads the intake log and projects it, batch by batch. One process does it at a time; the position
//! is committed with the effects and moved only from where it was read, so even two could do no harm.

use std::collections::VecDeque;
use std::panic::catch_unwind;
use std::time::Duration;

use bytes::Bytes;
use domain::Timestamp;
use store::db::Role;
use store::projector;
use store::webhook_log::{Frame, Portion, Post};
use tokio_util::sync::CancellationToken;

use super::normalise::{Normalised, normalise};
use super::project::{Counts, Read, project};
use crate::Engine;
use crate::workers::careful;

/// A batch takes whole frames until it holds so many posts …
const BATCH_POSTS: usize = 4_096;
/// … or so many bytes.
const BATCH_BYTES: usize = 4 << 20;
/// Frames read at once. A batch of small ones is read in several goes.
const FRAMES: usize = 48;
/// A batch of this many posts is a full one.
const FULL: i64 = 1_024;
/// From so many posts in a batch on there is load, and …
const BUSY: i64 = 24;
/// … the next batch is left to grow for this long: a batch of 250 costs half as much a post as one of 30.
const LINGER: Duration = Duration::from_millis(20);
/// How often a post that conflicts with somebody else's writing is tried again before it is parked.
const PATIENT_ROUNDS: u64 = 8;
/// How often the log is looked at when no bell rings.
const POLL: Duration = Duration::from_millis(500);

/// Runs until `stop`.
pub async fn run(engine: Engine, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match Role::try_take(&engine.address, "inbound").await {
            Ok(Some(role)) => work(&engine, &stop, role).await,
            Ok(None) => follow(&engine).await,
            Err(error) => tracing::warn!(error = %error, "cannot ask for the projector's role"),
        }
        pause(&stop, POLL).await;
    }
}

async fn work(engine: &Engine, stop: &CancellationToken, mut role: Role) {
    let mut quiet_rounds = 0_u32;
    while !stop.is_cancelled() {
        match step(engine).await {
            Ok(true) => {}
            Ok(false) => {
                quiet_rounds += 1;
                if quiet_rounds.is_multiple_of(10) && !role.still_held().await {
                    return;
                }
                tokio::select! {
                    () = engine.wake.projector.notified() => {}
                    () = pause(stop, POLL) => {}
                }
            }
            Err(error) => {
                tracing::error!(error = %error, "projection failed; the batch is kept and tried again");
                metrics::counter!("trunkline_projection_errors_total").increment(1);
                pause(stop, Duration::from_secs(1)).await;
                if !role.still_held().await {
                    return;
                }
            }
        }
    }
}

/// Follows the books of a projector that is another process, so that intake here knows the backlog.
/// Runs until `stop`, for a process that takes webhooks and projects none.
pub async fn follow_until(engine: Engine, stop: CancellationToken) {
    while !stop.is_cancelled() {
        follow(&engine).await;
        pause(&stop, POLL).await;
    }
}

/// While another process projects, the books and the log say how far it is behind.
async fn follow(engine: &Engine) {
    let Ok(books) = projector::read(&engine.db).await else {
        return;
    };
    if let Ok(backlog) = engine.log.backlog(books.position).await {
        let appended = books.posts + backlog.posts;
        engine
            .wake
            .appended
            .store(appended, std::sync::atomic::Ordering::Release);
        engine.wake.finished.send_replace(books.posts);
    }
}

async fn pause(stop: &CancellationToken, time: Duration) {
    stop.run_until_cancelled(tokio::time::sleep(time)).await;
}

/// Projects what the log holds now, batch by batch. False when it held nothing.
///
/// While the database works on one batch, the next one is already read and normalised.
///
/// # Errors
/// When the database cannot be reached; then nothing of the batch took effect.
pub async fn step(engine: &Engine) -> store::Result<bool> {
    let books = projector::read(&engine.db).await?;
    let (mut from, mut finished) = (books.position, books.posts);
    let mut ahead = read_ahead(engine, from).await?;
    let mut found = false;
    while let Some(mut batch) = ahead.pop_front() {
        found = true;
        let waiting = engine.wake.backlog() - i64::try_from(batch.posts.len()).unwrap_or(0);
        // The next full batch is read meanwhile; a small one had better grow, except behind one that takes long.
        let is_worth_it = waiting >= FULL || batch.bytes >= BATCH_BYTES && waiting > 0;
        let next = (ahead.is_empty() && is_worth_it)
            .then(|| tokio::spawn(prefetch(engine.clone(), batch.position)));
        let (position, posts) = (
            batch.position,
            i64::try_from(batch.posts.len()).unwrap_or(i64::MAX),
        );
        let mut outcome = careful(apply(engine, from, position, &batch.posts)).await;
        if outcome.as_ref().is_err_and(store::DbError::is_passing) {
            // Somebody made the same contact or conversation meanwhile: now it is found.
            outcome = careful(apply(engine, from, position, &batch.posts)).await;
        }
        let moved = match outcome {
            Ok(moved) => moved,
            Err(error) if error.is_refusal() || error.is_conflict() => {
                tracing::error!(error = %error, posts, "a batch cannot be projected; trying its posts one by one");
                apply_one_by_one(engine, from, position, std::mem::take(&mut batch.posts)).await?
            }
            Err(error) => return Err(error),
        };
        if !moved {
            // Another process was here first; read again where it stands now.
            return Ok(true);
        }
        from = position;
        finished += posts;
        engine.wake.finished.send_replace(finished);
        engine.wake.events.notify_waiters();
        if posts >= BUSY {
            // Where it was made: thousands of small pieces, of which nobody waits for the end.
            tokio::task::spawn_blocking(move || drop(batch));
        }
        if let Some(next) = next {
            ahead = next.await.unwrap_or_else(|_| Ok(VecDeque::new()))?;
        } else if ahead.is_empty() {
            if posts >= BUSY && engine.wake.backlog() < FULL {
                tokio::time::sleep(LINGER).await;
            }
            ahead = read_ahead(engine, from).await?;
        }
    }
    Ok(found)
}

/// Whole frames, read and normalised.
struct Batch {
    position: i64,
    posts: Vec<Read>,
    bytes: usize,
}

async fn prefetch(engine: Engine, after: i64) -> store::Result<VecDeque<Batch>> {
    read_ahead(&engine, after).await
}

async fn read_ahead(engine: &Engine, after: i64) -> store::Result<VecDeque<Batch>> {
    let frames = read_frames(engine, after).await?;
    if frames.is_empty() {
        return Ok(VecDeque::new());
    }
    // Parsing is work for a core, and the batch before is waiting for answers of the database on this one.
    tokio::task::spawn_blocking(|| into_batches(frames))
        .await
        .map_err(|error| store::DbError::Corrupt(format!("reading webhooks ended early: {error}")))
}

/// As many as make a full batch, or all that there are.
async fn read_frames(engine: &Engine, mut after: i64) -> store::Result<Vec<Frame>> {
    let (mut frames, mut posts, mut bytes) = (Vec::new(), 0, 0);
    loop {
        let portion = Portion {
            frames: FRAMES,
            bytes: BATCH_BYTES - bytes,
        };
        let (more, is_all) = engine.log.take_after(after, portion).await?;
        for frame in &more {
            after = frame.position;
            posts += frame.posts.len();
            bytes += frame.size();
        }
        frames.extend(more);
        if is_all || posts >= BATCH_POSTS || bytes >= BATCH_BYTES {
            return Ok(frames);
        }
    }
}

fn into_batches(frames: Vec<Frame>) -> VecDeque<Batch> {
    let mut frames = frames.into_iter().peekable();
    let mut batches = VecDeque::new();
    while frames.peek().is_some() {
        batches.push_back(take_batch(&mut frames));
    }
    batches
}

fn take_batch(frames: &mut std::iter::Peekable<impl Iterator<Item = Frame>>) -> Batch {
    let (mut position, mut batch, mut bytes) = (0, Vec::new(), 0);
    while let Some(frame) = frames.next_if(|frame| {
        batch.is_empty() || batch.len() + frame.posts.len() <= BATCH_POSTS && bytes < BATCH_BYTES
    }) {
        position = frame.position;
        bytes += frame.size();
        batch.extend(frame.posts.into_iter().map(read));
    }
    Batch {
        position,
        posts: batch,
        bytes,
    }
}

fn read(post: Post) -> Read {
    read_by(normalise, post)
}

/// One that the program itself fails on is parked: it would stand before all others for ever.
fn read_by(normalise: fn(&Bytes, Timestamp) -> Normalised, post: Post) -> Read {
    let says = catch_unwind(|| normalise(&post.body, post.received_at)).unwrap_or_else(|_| {
        tracing::error!(
            "a webhook cannot be read because of a mistake in the program; it is parked"
        );
        let why = "the program failed while it read this webhook; please report it".to_owned();
        Normalised {
            unreadable: Some(("projection_failed", why, 1)),
            ..Normalised::default()
        }
    });
    Read {
        received_at: post.received_at,
        body: post.body,
        says,
    }
}

async fn apply(engine: &Engine, from: i64, position: i64, batch: &[Read]) -> store::Result<bool> {
    let now = engine.clock.now();
    let begun = std::time::Instant::now();
    let posts = i64::try_from(batch.len()).unwrap_or(i64::MAX);
    // The log holds it all: should a power cut undo this, position and effects go together and it is done again.
    let mut tx = engine.db.begin_redoable().await?;
    if !projector::advance(&mut tx, from, position, posts).await? {
        tx.rollback().await?;
        return Ok(false);
    }
    let counts = project(&mut tx, batch, now).await?;
    projector::recount(&mut tx, counts.projected, counts.parked, counts.duplicates).await?;
    let written = begun.elapsed();
    tx.commit().await?;
    let took = begun.elapsed();
    tracing::debug!(
        posts,
        written_us = written.as_micros(),
        took_us = took.as_micros(),
        "projected"
    );
    metrics::histogram!("trunkline_projection_seconds").record(took.as_secs_f64());
    tell(engine, counts);
    Ok(true)
}

/// The careful way after a batch was refused: each post in a transaction of its own, and one that still
/// cannot be projected is parked whole. Nothing is lost and nothing stands still.
async fn apply_one_by_one(
    engine: &Engine,
    from: i64,
    position: i64,
    batch: Vec<Read>,
) -> store::Result<bool> {
    let posts = i64::try_from(batch.len()).unwrap_or(i64::MAX);
    for mut post in batch {
        let mut outcome = careful(alone(engine, std::slice::from_ref(&post))).await;
        for round in 1..=PATIENT_ROUNDS {
            if !outcome.as_ref().is_err_and(store::DbError::is_passing) {
                break;
            }
            // Sends that are being recorded made the same contact or conversation first; once they have
            // committed it is found.
            tokio::time::sleep(Duration::from_millis(10 * round)).await;
            outcome = careful(alone(engine, std::slice::from_ref(&post))).await;
        }
        match outcome {
            Ok(()) => {}
            Err(error) if error.is_refusal() || error.is_conflict() => {
                let items = post
                    .says
                    .changes
                    .iter()
                    .map(|change| change.items.len())
                    .sum::<usize>()
                    .max(1);
                post.says = Normalised {
                    unreadable: Some((
                        "projection_failed",
                        error.to_string(),
                        i64::try_from(items).unwrap_or(1),
                    )),
                    ..Normalised::default()
                };
                careful(alone(engine, std::slice::from_ref(&post))).await?;
            }
            Err(error) => return Err(error),
        }
    }
    let mut tx = engine.db.begin().await?;
    let moved = projector::advance(&mut tx, from, position, posts).await?;
    tx.commit().await?;
    Ok(moved)
}

async fn alone(engine: &Engine, post: &[Read]) -> store::Result<()> {
    let mut tx = engine.db.begin().await?;
    // The projector's row first, as a batch does it.
    projector::recount(&mut tx, 0, 0, 0).await?;
    let counts = project(&mut tx, post, engine.clock.now()).await?;
    projector::recount(&mut tx, counts.projected, counts.parked, counts.duplicates).await?;
    tx.commit().await?;
    tell(engine, counts);
    Ok(())
}

pub(super) fn tell(engine: &Engine, counts: Counts) {
    metrics::counter!("trunkline_items_projected_total").increment(counts.projected.unsigned_abs());
    metrics::counter!("trunkline_items_duplicate_total")
        .increment(counts.duplicates.unsigned_abs());
    if counts.enqueued {
        engine.wake.sender.notify_one();
    }
    if counts.media {
        engine.media.bell.notify_one();
    }
    if counts.templates {
        engine
            .wake
            .templates
            .fetch_add(1, std::sync::atomic::Ordering::AcqRel);
        engine.wake.jobs.notify_one();
    }
    if counts.told || counts.templates {
        engine.wake.health.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_that_the_program_fails_on_is_parked_and_those_beside_it_are_read() {
        let fails_on_x = |body: &Bytes, at: Timestamp| {
            assert_ne!(&body[..], b"x", "on purpose");
            normalise(body, at)
        };
        let [bad, good] = [&b"x"[..], b"{}"].map(|body| {
            read_by(
                fails_on_x,
                Post {
                    received_at: Timestamp(1),
                    body: body.into(),
                },
            )
        });
        let (reason, _, items) = bad.says.unreadable.unwrap();
        assert_eq!(
            (reason, items, &bad.body[..]),
            ("projection_failed", 1, &b"x"[..])
        );
        let other = good.says.unreadable.map(|(reason, ..)| reason);
        assert_ne!(other, Some("projection_failed"));
    }
}
