//! Connections that stay healthy: what Meta tells about accounts and numbers changes how they stand, tokens are
//! looked after, and whoever should know of something is told.

pub mod alerts;
pub mod callback;
pub mod history;
mod lifted;
pub(crate) mod link;
pub mod standing;
pub mod tokens;
pub mod told;
pub mod version;

use std::time::Duration;

use store::db::Role;
use tokio_util::sync::CancellationToken;

use crate::Engine;

/// How often is looked when no bell rings.
const EVERY: Duration = Duration::from_secs(30);
/// How often another process is asked whether it still does this.
const ASK: Duration = Duration::from_secs(5);
/// Bells that ring together are one look.
const GAP: Duration = Duration::from_millis(200);

/// Runs until `stop`. One process does it at a time, so that people are told once.
pub async fn run(engine: Engine, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match Role::try_take(&engine.address, "health").await {
            Ok(Some(role)) => work(&engine, &stop, role).await,
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(error = %error, "cannot ask for the role of looking after connections");
            }
        }
        stop.run_until_cancelled(tokio::time::sleep(ASK)).await;
    }
}

async fn work(engine: &Engine, stop: &CancellationToken, mut role: Role) {
    while !stop.is_cancelled() {
        if let Err(error) = step(engine).await {
            tracing::warn!(error = %error, "connections could not be looked after; it will be tried again");
        }
        stop.run_until_cancelled(tokio::time::sleep(GAP)).await;
        tokio::select! {
            () = engine.wake.health.notified() => {}
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => return,
        }
        if !role.still_held().await {
            return;
        }
    }
}

/// Looks after tokens, then after who should know of what.
///
/// # Errors
/// When the database cannot be reached.
pub async fn step(engine: &Engine) -> store::Result<()> {
    tokens::look_after(engine).await?;
    alerts::sweep(engine).await
}
