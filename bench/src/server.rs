//! `trunkline serve` as somebody would run it: a process of its own, a fresh folder, settings by environment.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::{Value, json};

use crate::api::{Api, address_of};
use crate::limit::APP_SECRET;
use crate::options::Options;
use crate::process::Process;
use crate::simulator::Account;
use crate::traffic::Number;

const SECRETS_KEY: &str = "6f1d0f2b9c3a48e5a7b6c5d4e3f201122334455667788990aabbccddeeff0011";
const VERIFY_TOKEN: &str = "bench-verify-token";

/// What the server is started with; the folder is removed with it.
pub(crate) struct Installation {
    binary: PathBuf,
    folder: tempfile::TempDir,
    database: String,
    account: Account,
    listen: String,
    settle: Option<Duration>,
}

/// A running server and its administrator.
pub(crate) struct Server {
    pub(crate) process: Process,
    pub(crate) address: std::net::SocketAddr,
    pub(crate) admin: Api,
    /// From the start of the process until `/readyz` answered 200.
    pub(crate) started_in: Duration,
}

/// A tenant with one number.
pub(crate) struct Tenant {
    pub(crate) number: Number,
    pub(crate) api_key: String,
}

/// The counts of `GET /api/v1/admin/intake`, in webhook items.
#[derive(Clone, Copy, Default)]
pub(crate) struct Intake {
    pub(crate) stored: u64,
    pub(crate) projected: u64,
    pub(crate) parked: u64,
    pub(crate) backlog: u64,
    pub(crate) oldest_backlog_ms: u64,
}

impl Installation {
    /// A folder on the disk that holds the build (`/tmp` may be memory, where syncing costs nothing).
    pub(crate) fn new(options: &Options, account: Account) -> anyhow::Result<Self> {
        let own = std::env::current_exe()?;
        let beside = own.parent().context("this program lies in no folder")?;
        let binary = options
            .trunkline
            .clone()
            .unwrap_or_else(|| beside.join("trunkline"));
        if !binary.is_file() {
            bail!(
                "{} is missing; build it with `cargo build --release -p trunkline`",
                binary.display()
            );
        }
        let folder = tempfile::Builder::new()
            .prefix("bench-")
            .tempdir_in(beside)?;
        let fresh = format!("sqlite://{}", folder.path().join("trunkline.db").display());
        let database = options.database.clone().unwrap_or(fresh);
        Ok(Self {
            binary,
            folder,
            database,
            account,
            listen: "127.0.0.1:0".to_owned(),
            settle: None,
        })
    }

    /// Listens here instead of on any free port.
    pub(crate) fn listen_on(&mut self, address: std::net::SocketAddr) {
        self.listen = address.to_string();
    }

    /// How long the status of a send of unknown outcome is waited for, instead of ten minutes.
    pub(crate) fn settle_after(&mut self, settle: Duration) {
        self.settle = Some(settle);
    }

    /// The WhatsApp account, when it is known only after the folder.
    pub(crate) fn work_for(&mut self, account: Account) {
        self.account = account;
    }

    /// The database's address.
    pub(crate) fn database(&self) -> &str {
        &self.database
    }

    /// The server's binary, which is also the simulator's.
    pub(crate) fn program(&self) -> &Path {
        &self.binary
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        let path = |name: &str| self.folder.path().join(name).display().to_string();
        command
            .current_dir(self.folder.path())
            .env("TRUNKLINE_SERVER__LISTEN", &self.listen)
            .env("TRUNKLINE_SERVER__READY_FILE", path("ready.json"))
            .env("TRUNKLINE_DATABASE__URL", &self.database)
            .env("TRUNKLINE_INTAKE__PATH", path("intake.db"))
            .env("TRUNKLINE_META__GRAPH_URL", &self.account.graph_url)
            .env("TRUNKLINE_META__APP_SECRET", APP_SECRET)
            .env("TRUNKLINE_META__VERIFY_TOKEN", VERIFY_TOKEN)
            .env("TRUNKLINE_META__SYSTEM_USER_TOKEN", &self.account.token)
            .env("TRUNKLINE_META__WABA_ID", &self.account.waba_id)
            .env("TRUNKLINE_SECRETS__KEY", SECRETS_KEY);
        if let Some(settle) = self.settle {
            command.env(
                "TRUNKLINE_OUTBOUND__SETTLE_SECONDS",
                settle.as_secs().to_string(),
            );
        }
        command
    }

    /// Prepares the database and prints a key of the platform's administrator.
    fn platform_key(&self) -> anyhow::Result<String> {
        let mut command = self.command();
        command.args(["admin-key", "--database", &self.database]);
        let output = command.output().context("asking for a platform key")?;
        let printed = String::from_utf8_lossy(&output.stdout);
        let key = printed.split_whitespace().last().map(str::to_owned);
        match key {
            Some(key) if output.status.success() => Ok(key),
            _ => bail!(
                "`trunkline admin-key` failed:\n{}",
                String::from_utf8_lossy(&output.stderr)
            ),
        }
    }

    /// Starts the server and waits until it answers.
    pub(crate) async fn start(&self) -> anyhow::Result<Server> {
        let key = self.platform_key()?;
        let ready_file = self.folder.path().join("ready.json");
        if ready_file.exists() {
            std::fs::remove_file(&ready_file)?;
        }
        let begun = Instant::now();
        let mut process = Process::start(
            self.command().arg("serve"),
            &self.folder.path().join("server.log"),
        )?;
        let ready = process.ready(&ready_file).await?;
        let address = address_of(ready["url"].as_str().unwrap_or_default())?;
        let admin = Api::new(address, Some(key));
        admin.get("/readyz").await?;
        Ok(Server {
            process,
            address,
            admin,
            started_in: begun.elapsed(),
        })
    }
}

impl Server {
    /// Tenants by the admin API, each with one number of the shared account.
    pub(crate) async fn tenants(&self, numbers: Vec<Number>) -> anyhow::Result<Vec<Tenant>> {
        let mut tenants = Vec::with_capacity(numbers.len());
        for (index, number) in numbers.into_iter().enumerate() {
            let name = format!("Bakery {index}");
            let tenant = self
                .admin
                .post("/api/v1/admin/tenants", &json!({ "name": name }))
                .await?;
            let id = tenant["id"].as_str().context("a tenant has no id")?;
            let key = self
                .admin
                .post(
                    &format!("/api/v1/admin/tenants/{id}/api-keys"),
                    &json!({ "name": "bench" }),
                )
                .await?;
            let assign = format!("/api/v1/admin/whatsapp/tenants/{id}/assign-phone");
            let body = json!({
                "phone_number_id": number.phone_number_id,
                "display_phone_number": format!("+{}", number.display_phone_number),
            });
            self.admin.post(&assign, &body).await?;
            let api_key = key["api_key"]
                .as_str()
                .context("a tenant's key is missing")?
                .to_owned();
            tenants.push(Tenant { number, api_key });
        }
        Ok(tenants)
    }

    /// How far the intake is.
    pub(crate) async fn intake(&self) -> anyhow::Result<Intake> {
        let counts = self.admin.get("/api/v1/admin/intake").await?;
        let read = |name: &str| {
            counts
                .get(name)
                .and_then(Value::as_u64)
                .with_context(|| format!("intake has no `{name}`: {counts}"))
        };
        Ok(Intake {
            stored: read("stored")?,
            projected: read("projected")?,
            parked: read("parked")?,
            backlog: read("backlog")?,
            oldest_backlog_ms: read("oldest_backlog_ms")?,
        })
    }

    /// Waits until nothing is left to project.
    pub(crate) async fn drained(&self) -> anyhow::Result<Intake> {
        let begun = Instant::now();
        loop {
            let intake = self.intake().await?;
            if intake.backlog == 0 {
                return Ok(intake);
            }
            if begun.elapsed() > Duration::from_secs(300) {
                bail!(
                    "after five minutes {} items still wait for projection\n{}",
                    intake.backlog,
                    self.process.last_words()
                );
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Invented numbers of the shared account; `salt` keeps runs on one database apart.
pub(crate) fn invented_numbers(count: usize, salt: u64) -> Vec<Number> {
    (0..count as u64)
        .map(|index| Number {
            phone_number_id: format!("1{:08}{index:06}", salt % 100_000_000),
            display_phone_number: format!("349{:02}{index:06}", salt % 100),
        })
        .collect()
}
