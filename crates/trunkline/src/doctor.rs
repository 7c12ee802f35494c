//! `trunkline doctor`: looks at an installation from outside and says, in plain sentences, what to do where
//! something is wrong. It changes nothing, but for
//! a post without content in the intake log, by which it sees whether webhooks arrive. It may run beside the server.

use std::path::Path;
use std::time::Duration;

use domain::Clock;
use engine::platform::Platform;
use engine::platform::check::{self, Installation, State};
use engine::texts::Language;
use meta::graph::GraphClient;
use store::audit::{self, Verdict};
use store::seal::Sealer;
use store::webhook_log::WebhookLog;
use store::{Address, Db, platform_settings, projector, wabas};

use crate::config::{self, Settings, Written};
use crate::serve;

/// Meta answers in tenths of seconds; whoever waits at a terminal wants to know sooner than a worker.
const META_WITHIN: Duration = Duration::from_secs(15);

/// What `trunkline doctor` is told.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Arguments {
    /// Overrides database.url.
    #[arg(long)]
    pub database: Option<String>,
    /// Only reads along the audit log.
    #[arg(long)]
    pub audit: bool,
}

/// What was found, one line a check.
#[derive(Debug, Default)]
pub struct Report {
    /// For a person.
    pub text: String,
    /// How many checks found something wrong.
    pub wrong: usize,
}

impl Report {
    fn well(&mut self, what: &str, found: &str) {
        self.text.push_str(&format!("ok     {what}: {found}\n"));
    }

    fn wrong(&mut self, what: &str, found: &str, advice: &str) {
        self.wrong += 1;
        self.text
            .push_str(&format!("WRONG  {what}: {found}\n       {advice}\n"));
    }

    fn careful(&mut self, what: &str, found: &str, advice: &str) {
        self.text
            .push_str(&format!("warn   {what}: {found}\n       {advice}\n"));
    }

    fn skipped(&mut self, what: &str, why: &str) {
        self.text.push_str(&format!("-      {what}: {why}\n"));
    }
}

/// Looks at everything that can be looked at. What is wrong is in the report, never an error.
pub async fn run(file: Option<&Path>, wanted: &Arguments) -> Report {
    let mut report = Report::default();
    let mut written = match config::read(file) {
        Ok(written) => written,
        Err(error) => {
            let advice = "mend the setting; config/trunkline.default.toml explains each of them.";
            report.wrong("configuration", &error.to_string(), advice);
            return report;
        }
    };
    if let Some(url) = &wanted.database {
        written.database.url.clone_from(url);
    }
    let settings = if wanted.audit {
        None
    } else {
        configuration(&written, &mut report)
    };
    let database = database(&written, &mut report).await;
    if let Some((db, address)) = &database {
        if !wanted.audit {
            schema(db, &mut report).await;
        }
        audit_log(db, &mut report).await;
        if !wanted.audit {
            intake_log(db, address, &written, &mut report).await;
        }
        if let Some(settings) = &settings {
            tokens(db, &settings.sealer, &mut report).await;
        }
    }
    if let Some(settings) = &settings {
        at_meta(settings, database.as_ref(), &written, &mut report).await;
    }
    if let Some((db, _)) = database {
        db.close().await;
    }
    report
}

fn configuration(written: &Written, report: &mut Report) -> Option<Settings> {
    match written.check() {
        Ok(settings) => {
            report.well("configuration", "complete");
            Some(settings)
        }
        Err(mistakes) => {
            for mistake in mistakes.0 {
                let advice = "the server does not start like this.";
                report.wrong("configuration", &mistake, advice);
            }
            None
        }
    }
}

async fn database(written: &Written, report: &mut Report) -> Option<(Db, Address)> {
    const WHAT: &str = "database";
    let address = match written.database() {
        Ok(address) => address,
        Err(mistakes) => {
            let advice = "give it as sqlite://path or postgres://user:password@host/name.";
            report.wrong(WHAT, &mistakes.0.join("; "), advice);
            return None;
        }
    };
    if let Address::Sqlite(path) = &address
        && !path.is_file()
    {
        let found = format!("there is no file {}", path.display());
        let advice = "look at database.url; a new installation gets its database from `trunkline serve` or `trunkline migrate`.";
        report.wrong(WHAT, &found, advice);
        return None;
    }
    let db = match Db::open(&address).await {
        Ok(db) => db,
        Err(error) => {
            let advice = "look at database.url, and whether the server runs and lets us in.";
            report.wrong(WHAT, &format!("it cannot be opened: {error}"), advice);
            return None;
        }
    };
    if let Err(error) = db.ping().await {
        let advice = "look at the disk and the database's own log.";
        report.wrong(WHAT, &format!("it does not answer: {error}"), advice);
        return None;
    }
    let kind = if db.is_postgres() {
        "PostgreSQL answers"
    } else {
        "SQLite answers"
    };
    report.well(WHAT, kind);
    Some((db, address))
}

async fn schema(db: &Db, report: &mut Report) {
    const WHAT: &str = "schema";
    match store::db::pending(db).await {
        Ok(pending) if pending.is_empty() => report.well(WHAT, "up to date"),
        Ok(pending) => {
            let names: Vec<_> = pending
                .iter()
                .map(|one| format!("{:04} {}", one.version, one.description))
                .collect();
            let found = format!("not applied yet: {}", names.join(", "));
            let advice = "run `trunkline migrate`; starting the server does it too.";
            report.wrong(WHAT, &found, advice);
        }
        Err(error) => {
            let advice = "look at the database's own log.";
            report.wrong(WHAT, &format!("it cannot be read: {error}"), advice);
        }
    }
}

async fn audit_log(db: &Db, report: &mut Report) {
    const WHAT: &str = "audit log";
    let advice = "somebody changed the database by hand, or it is damaged; compare with a backup and with the exports that you keep.";
    match audit::verify(db).await {
        Ok(Verdict::Whole { rows: 0, .. }) => report.well(WHAT, "empty so far"),
        Ok(Verdict::Whole { rows, head }) => {
            let found = format!("{rows} rows, each as it was written; the last hash is {head}");
            report.well(WHAT, &found);
        }
        Ok(Verdict::Broken { seq }) => {
            let found = format!(
                "row {seq} is not as it was written, or a row before it was taken out or put in"
            );
            report.wrong(WHAT, &found, advice);
        }
        Ok(Verdict::CutOff { last, expected }) => {
            let found =
                format!("the end was cut off: row {last} is the last, but {expected} were written");
            report.wrong(WHAT, &found, advice);
        }
        Err(error) => {
            let advice = "run `trunkline migrate` if the schema is old; else look at the database's own log.";
            report.wrong(WHAT, &format!("it cannot be read: {error}"), advice);
        }
    }
}

async fn intake_log(db: &Db, address: &Address, written: &Written, report: &mut Report) {
    const WHAT: &str = "intake log";
    let advice =
        "look at intake.path, at its owner, and at the disk. Webhooks cannot be taken without it.";
    let path = &written.intake.path;
    let path = (!path.as_os_str().is_empty()).then_some(path.as_path());
    if let Some(missing) = path.filter(|path| !path.is_file()) {
        let found = format!("there is no file {}", missing.display());
        report.wrong(WHAT, &found, advice);
        return;
    }
    let backlog = async {
        let log = WebhookLog::open(db, address, path).await?;
        let position = projector::read(db).await?.position;
        let backlog = log.backlog(position).await;
        log.close().await;
        backlog
    };
    match backlog.await {
        Ok(backlog) => {
            let found = format!("readable; {} posts wait to be projected", backlog.posts);
            report.well(WHAT, &found);
        }
        Err(error) => report.wrong(WHAT, &format!("it cannot be read: {error}"), advice),
    }
}

/// Tokens that are kept must open with the key that is set.
async fn tokens(db: &Db, sealer: &Sealer, report: &mut Report) {
    const WHAT: &str = "sealed tokens";
    let opened = async {
        let mut count = 0_usize;
        for waba in wabas::any_tenant_list(db).await? {
            let token = wabas::any_tenant_token(db, sealer, &waba.waba_id).await?;
            count += usize::from(token.is_some());
        }
        Ok::<usize, store::DbError>(count)
    };
    match opened.await {
        Ok(count) => report.well(WHAT, &format!("{count} open with the key that is set")),
        Err(error) => {
            let advice = "secrets.key must hold the key that they were sealed with; put it after the new one, with a comma between.";
            report.wrong(WHAT, &format!("not all of them open: {error}"), advice);
        }
    }
}

/// The platform at Meta: the same checks as on the page "Platform → Set-up", with what was typed there.
async fn at_meta(
    settings: &Settings,
    database: Option<&(Db, Address)>,
    written: &Written,
    report: &mut Report,
) {
    let within = settings.graph_timeout.min(META_WITHIN);
    let http = match serve::http_client(within) {
        Ok(http) => http,
        Err(error) => {
            let advice = "look at the certificates of this machine.";
            report.wrong("Meta", &error.to_string(), advice);
            return;
        }
    };
    let version = settings.platform.version().to_owned();
    let graph = GraphClient::new(http, settings.graph_url.clone(), version);
    graph.prove_with(settings.platform.app_secret.as_ref());
    let platform = Platform::new(settings.platform.clone());
    let mut log = None;
    if let Some((db, address)) = database {
        match platform_settings::all(db).await {
            Ok(kept) => {
                platform.take(kept, &settings.sealer, &graph);
            }
            Err(error) => {
                let advice = "run `trunkline migrate` if the schema is old.";
                let found = format!("what was typed cannot be read: {error}");
                report.wrong("platform settings", &found, advice);
            }
        }
        for locked in platform.locked() {
            let found = format!("{} does not open with the key that is set", locked.name());
            let advice = "put the old key back into secrets.key, or type the setting again.";
            report.wrong("platform settings", &found, advice);
        }
        let path = &written.intake.path;
        let path = (!path.as_os_str().is_empty()).then_some(path.as_path());
        if path.is_none_or(Path::is_file) {
            log = WebhookLog::open(db, address, path).await.ok();
        }
    }
    if let Some(url) = &settings.public_url {
        platform.reached_at(url);
    }
    let (known, webhook_url) = (platform.now(), platform.webhook_url());
    let checks = check::check(&Installation {
        known: &known,
        graph: &graph,
        public_url: platform.public_url(),
        webhook_url: webhook_url.as_deref(),
        sealer: &settings.sealer,
        log: log.as_ref(),
        now: Clock::system().now(),
    })
    .await;
    if let Some(log) = log {
        log.close().await;
    }
    let english = Language::of("en");
    for check in checks {
        let (what, found) = (check.name.replace('_', " "), check.found.say(english));
        let mend = check.mend.map(|mend| mend.say(english)).unwrap_or_default();
        let advice = match check.link {
            Some(link) => format!("{mend} {link}"),
            None => mend,
        };
        match check.state {
            State::Ok => report.well(&what, &found),
            State::Warn => report.careful(&what, &found, &advice),
            State::Wrong => report.wrong(&what, &found, &advice),
            State::Skipped => report.skipped(&what, &found),
        }
    }
}
