//! Structured logs to standard error.

use tracing_subscriber::EnvFilter;

/// Starts logging. A second call changes nothing.
///
/// # Errors
/// When the filter cannot be read.
pub fn start(level: &str, format: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(level)
        .map_err(|error| anyhow::anyhow!("log.level {level:?}: {error}"))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // It would be told on standard error, too, and there a failure is a panic of whoever logs.
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    let started = match format {
        "json" => builder.json().try_init(),
        _ => builder.with_target(false).try_init(),
    };
    // Already started: in tests, by another test.
    started.ok();
    Ok(())
}
