//! Waiting for something without sleeping for a guessed time.

use std::time::Duration;

use tokio::time::Instant;

/// How long is waited before a story fails.
pub const LIMIT: Duration = Duration::from_secs(20);

/// Looks again and again until `look` gives `Ok`; what it gives as `Err` is what it saw instead.
///
/// # Panics
/// When [`LIMIT`] has passed, with what was seen last.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Result<T, String>) -> T {
    let end = Instant::now() + LIMIT;
    let mut pause = Duration::from_millis(2);
    loop {
        match look().await {
            Ok(found) => return found,
            Err(seen) => assert!(
                Instant::now() < end,
                "waited {} s in vain until {what}; seen last: {seen}",
                LIMIT.as_secs()
            ),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}
