//! What is done now and then: the facts of the numbers are asked of Meta, and what is past its time is
//! removed: projected posts, events, early statuses nobody claimed, idempotency keys.

use std::time::Duration;

use store::connections::runs;
use store::people::{guesses, invitations, resets, sessions};
use store::{early_statuses, event_log, events, idempotency, message_events, projector};
use tokio_util::sync::CancellationToken;

use crate::Engine;

/// How often.
const EVERY: Duration = Duration::from_secs(600);
/// The file store is looked through in every so manieth round: once a day, and soon after a start.
const LOOK_THROUGH: u64 = 144;
/// Events are kept for browsers and subscribers that were away.
const EVENTS: Duration = Duration::from_secs(7 * 24 * 3_600);
/// Meta delivers for up to 7 days; a status that found no message in a month never will.
const EARLY: Duration = Duration::from_secs(30 * 24 * 3_600);
/// Whoever asks what became of a message does so within a quarter.
const STEPS: Duration = Duration::from_secs(90 * 24 * 3_600);
/// What other systems reported is looked at within a quarter; what is still scheduled stays.
const REPORTED: Duration = Duration::from_secs(90 * 24 * 3_600);
/// A client that repeats a request does so within days.
const KEYS: Duration = Duration::from_secs(7 * 24 * 3_600);

/// Whoever goes on with a connection that stopped does so within a week; access that nobody uses is not kept longer.
const STOPPED: Duration = Duration::from_secs(7 * 24 * 3_600);

/// Runs until `stop`.
pub async fn run(engine: Engine, stop: CancellationToken) {
    for round in 0_u64.. {
        if stop
            .run_until_cancelled(tokio::time::sleep(EVERY))
            .await
            .is_none()
        {
            return;
        }
        learn(&engine).await;
        if let Err(error) = crate::global_templates::reconcile(&engine).await {
            tracing::warn!(error = %error, "it could not be looked which accounts lack global templates");
        }
        if let Err(error) = tidy(&engine).await {
            tracing::warn!(error = %error, "housekeeping failed; it will be tried again");
        }
        if round % LOOK_THROUGH == 0
            && let Err(error) = crate::media::orphans(&engine).await
        {
            tracing::warn!(error = %error, "the file store could not be looked through");
        }
    }
}

/// Asks Meta for the facts of every number: throughput, quality, limits change there.
async fn learn(engine: &Engine) {
    match crate::shared_account::refresh(engine).await {
        Ok(failures) => {
            for failure in failures {
                tracing::warn!(error = %failure, "the numbers are shown as last known");
            }
        }
        Err(error) => tracing::warn!(error = %error, "the facts of the numbers could not be kept"),
    }
}

/// Removes what is past its time.
///
/// # Errors
/// When the database cannot be reached.
pub async fn tidy(engine: &Engine) -> store::Result<()> {
    let now = engine.clock.now();
    let books = projector::read(&engine.db).await?;
    engine
        .log
        .trim(books.position, now.minus(engine.inbound.keep))
        .await?;
    sessions::trim(&engine.db, now).await?;
    invitations::trim(&engine.db, now).await?;
    resets::trim(&engine.db, now).await?;
    guesses::trim(&engine.db, now.minus(crate::people::FORGOTTEN)).await?;
    event_log::trim(&engine.db, now.minus(EVENTS)).await?;
    early_statuses::any_tenant_trim(&engine.db, now.minus(EARLY)).await?;
    message_events::any_tenant_trim(&engine.db, now.minus(STEPS)).await?;
    idempotency::any_tenant_trim(&engine.db, now.minus(KEYS)).await?;
    runs::any_tenant_trim(&engine.db, now.minus(STOPPED)).await?;
    events::any_tenant_trim(&engine.db, now.minus(REPORTED)).await?;
    crate::media::tidy(engine).await
}
