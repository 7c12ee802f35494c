//! Workers that must not end before the program does, whatever mistake of the program they meet.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt as _;
use tokio_util::sync::CancellationToken;

/// So long after a panic a worker begins again.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs a worker until it ends by itself, which it does when it is asked to. One that panics is begun again: what it was
/// doing is in the database as it was before or after, and all the others wait for the work that it does.
pub async fn keep_running<F: Future<Output = ()>>(
    name: &'static str,
    stop: &CancellationToken,
    worker: impl Fn() -> F,
) {
    // What a worker shares with others stands behind locks that are whole after a panic, too.
    while AssertUnwindSafe(worker()).catch_unwind().await.is_err() {
        tracing::error!(
            worker = name,
            "a worker ended in a panic and is begun again; please report what was logged before this"
        );
        metrics::counter!("trunkline_worker_panics_total", "worker" => name).increment(1);
        let asked_to_end = stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await;
        if asked_to_end.is_none() {
            return;
        }
    }
}

/// A panic counts as a refusal of what was being written; its transaction is rolled back.
pub(crate) async fn careful<T>(work: impl Future<Output = store::Result<T>>) -> store::Result<T> {
    let done = AssertUnwindSafe(work).catch_unwind().await;
    done.unwrap_or(Err(store::DbError::Fault))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_worker_that_panics_is_begun_again_and_one_that_ends_is_not() {
        let begun = AtomicU32::new(0);
        let stop = CancellationToken::new();
        keep_running("story", &stop, async || {
            if begun.fetch_add(1, Ordering::Relaxed) < 2 {
                panic!("on purpose");
            }
        })
        .await;
        assert_eq!(begun.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    async fn a_panic_counts_as_a_refusal() {
        let outcome = careful(async { panic!("on purpose") }).await;
        let outcome: store::Result<()> = outcome;
        assert!(outcome.is_err_and(|error| error.is_refusal()));
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_panics_while_the_program_ends_is_not_begun_again() {
        let stop = CancellationToken::new();
        keep_running("story", &stop, async || {
            stop.cancel();
            panic!("on purpose");
        })
        .await;
    }
}
