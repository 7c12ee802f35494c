//! What was typed elsewhere counts here too, within seconds.

use std::time::Duration;

use store::platform_settings;
use tokio_util::sync::CancellationToken;

use crate::Engine;

/// How often the rows are looked at: there are eleven at the most, and an administrator who changed one waits for it.
const EVERY: Duration = Duration::from_secs(2);

/// Reads what was typed. True when something is different from before.
///
/// # Errors
/// When the database cannot be reached.
pub async fn load(engine: &Engine) -> store::Result<bool> {
    let kept = platform_settings::all(&engine.db).await?;
    Ok(engine.platform.take(kept, &engine.sealer, &engine.graph))
}

/// Follows what other processes change, until `stop`.
pub async fn follow(engine: Engine, stop: CancellationToken) {
    while stop
        .run_until_cancelled(tokio::time::sleep(EVERY))
        .await
        .is_some()
    {
        match load(&engine).await {
            Ok(true) => tracing::info!("the platform's settings changed"),
            Ok(false) => {}
            Err(error) => tracing::warn!(error = %error, "the platform's settings stand as known"),
        }
    }
}
