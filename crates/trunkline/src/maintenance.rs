//! Commands that work on an installation and end.

use anyhow::Context as _;
use domain::Clock;
use engine::{Engine, inbound, keys};
use store::audit::Who;
use store::{Address, Db};

/// `trunkline migrate`: brings the schema up to date, or says what it would run.
///
/// # Errors
/// When the database cannot be reached or a migration fails.
pub async fn migrate(address: &Address, dry_run: bool) -> anyhow::Result<String> {
    let db = Db::open(address)
        .await
        .with_context(|| format!("opening the database {address:?}"))?;
    let pending = store::db::pending(&db).await?;
    let mut report = String::new();
    for migration in &pending {
        let verb = if dry_run { "would apply" } else { "applied" };
        report.push_str(&format!(
            "{verb} {:04} {}\n",
            migration.version, migration.description
        ));
        if dry_run {
            report.push_str(&migration.sql);
            report.push('\n');
        }
    }
    if pending.is_empty() {
        report.push_str("the schema is up to date\n");
    }
    if !dry_run {
        db.migrate().await?;
    }
    db.close().await;
    Ok(report)
}

/// `trunkline admin-key`: makes an API key of the platform's administration.
///
/// # Errors
/// When the database cannot be reached.
pub async fn admin_key(address: &Address, name: &str) -> anyhow::Result<String> {
    let db = Db::open(address)
        .await
        .with_context(|| format!("opening the database {address:?}"))?;
    db.migrate().await?;
    let key = keys::create(
        &db,
        None,
        name,
        &Who::system("command line"),
        Clock::system().now(),
    )
    .await?;
    db.close().await;
    Ok(key.secret)
}

/// `trunkline webhook replay`: gives what is parked another try.
///
/// # Errors
/// When the database cannot be reached.
pub async fn replay(engine: &Engine, phone_number_id: Option<&str>) -> anyhow::Result<String> {
    let done = inbound::replay::replay(engine, phone_number_id).await?;
    Ok(format!(
        "{} parked webhooks found their place, {} stay parked\n",
        done.settled, done.remaining
    ))
}
