//! An installation: a database, Meta's side in this process, tenants, and addresses that outlive the process.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sim::{NumberSpec, Seed, Sim, SimConfig};
use store::Address;
use testkit::TestDatabase;
use tokio_util::sync::CancellationToken;

use crate::addresses::{display, free_port, number, webhooks};
use crate::program::{Program, binary};

pub(crate) const APP_SECRET: &str = "crash-app-secret";
pub(crate) const WABA: &str = "200000000000077";
const TOKEN: &str = "EAACRASH";
const SECRETS_KEY: &str = "6f1d0f2b9c3a48e5a7b6c5d4e3f201122334455667788990aabbccddeeff0077";

/// After a restart Meta's deliveries should come again soon, or a story would last for hours.
const BACKOFF_MS: [u64; 4] = [50, 100, 200, 500];

/// The words of the policy for sends of unknown outcome.
pub(crate) const ASK: &str = "ask";
pub(crate) const RETRY_ONCE: &str = "retry_once";

/// What a story may want otherwise.
pub(crate) struct Wishes {
    /// How long the status of a send of unknown outcome is waited for.
    pub(crate) settle: Duration,
    /// The file of the intake log.
    pub(crate) intake: Option<PathBuf>,
    /// Where the program tells what it does.
    pub(crate) log: Option<PathBuf>,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            settle: Duration::from_secs(3),
            intake: None,
            log: None,
        }
    }
}

/// A tenant with a number.
#[derive(Clone)]
pub(crate) struct Tenant {
    pub(crate) number: String,
    pub(crate) api_key: String,
}

/// The installation.
pub(crate) struct Stage {
    pub(crate) sim: Sim,
    pub(crate) http: reqwest::Client,
    pub(crate) wishes: Wishes,
    pub(crate) port: u16,
    admin_key: String,
    binary: PathBuf,
    folder: tempfile::TempDir,
    database: TestDatabase,
    sim_url: String,
    sim_ends: CancellationToken,
}

impl Stage {
    /// A fresh one. `numbers` numbers are Meta's; tenants come by [`Stage::tenant`].
    pub(crate) async fn set(database: TestDatabase, numbers: usize, wishes: Wishes) -> Self {
        let port = free_port();
        let seed = (0..numbers).fold(
            Seed::new().add_waba(WABA, "Shared account", &[TOKEN]),
            |seed, n| {
                seed.add_number(NumberSpec {
                    waba_id: WABA.to_owned(),
                    phone_number_id: number(n),
                    display_phone_number: display(n),
                    messaging_limit: "TIER_UNLIMITED".to_owned(),
                    ..NumberSpec::default()
                })
            },
        );
        let sim = Sim::new(
            SimConfig {
                app_secret: APP_SECRET.to_owned(),
                callback_url: Some(webhooks(port)),
                webhook_backoff: BACKOFF_MS.map(Duration::from_millis).to_vec(),
                ..SimConfig::default()
            },
            seed,
        );
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .unwrap();
        let sim_url = format!("http://{}", listener.local_addr().unwrap());
        let sim_ends = CancellationToken::new();
        tokio::spawn(sim.clone().serve(listener, sim_ends.clone()));
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(15))
            .build()
            .unwrap();
        let mut stage = Self {
            sim,
            http,
            wishes,
            port,
            admin_key: String::new(),
            binary: binary(),
            folder: tempfile::tempdir().unwrap(),
            database,
            sim_url,
            sim_ends,
        };
        stage.admin_key = stage.make_admin_key();
        stage
    }

    fn make_admin_key(&self) -> String {
        let output = self.command(self.port).arg("admin-key").output().unwrap();
        assert!(
            output.status.success(),
            "`trunkline admin-key` failed:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// The program with its settings.
    fn command(&self, port: u16) -> Command {
        let mut command = Command::new(&self.binary);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("TRUNKLINE_") {
                command.env_remove(name);
            }
        }
        let database = match self.address() {
            Address::Sqlite(path) => format!("sqlite://{}", path.display()),
            Address::Postgres(url) => url,
        };
        command
            .current_dir(self.folder.path())
            .env("TRUNKLINE_SERVER__LISTEN", format!("127.0.0.1:{port}"))
            .env("TRUNKLINE_DATABASE__URL", database)
            .env("TRUNKLINE_META__GRAPH_URL", &self.sim_url)
            .env("TRUNKLINE_META__APP_SECRET", APP_SECRET)
            .env("TRUNKLINE_META__APP_ID", SimConfig::default().app_id)
            .env("TRUNKLINE_META__VERIFY_TOKEN", "crash-verify-token")
            .env("TRUNKLINE_META__WABA_ID", WABA)
            .env("TRUNKLINE_META__SYSTEM_USER_TOKEN", TOKEN)
            .env("TRUNKLINE_META__TIMEOUT_SECONDS", "5")
            .env(
                "TRUNKLINE_OUTBOUND__SETTLE_SECONDS",
                self.wishes.settle.as_secs().to_string(),
            )
            .env("TRUNKLINE_SECRETS__KEY", SECRETS_KEY);
        if let Some(path) = &self.wishes.intake {
            command.env("TRUNKLINE_INTAKE__PATH", path);
        }
        command
    }

    /// Where the data is.
    pub(crate) fn address(&self) -> Address {
        self.database.address()
    }

    /// Where the intake log is, when a story wishes to have it elsewhere.
    pub(crate) fn intake(&self) -> Option<&std::path::Path> {
        self.wishes.intake.as_deref()
    }

    /// Starts the server and does not wait.
    pub(crate) fn spawn(&self) -> Program {
        self.spawn_on(self.port)
    }

    pub(crate) fn spawn_on(&self, port: u16) -> Program {
        let log = self.wishes.log.clone();
        Program::start(
            self.command(port).arg("serve"),
            &log.unwrap_or_else(|| self.folder.path().join(format!("{port}.log"))),
        )
    }

    /// Starts the server and waits until it can do its work.
    pub(crate) async fn start(&self) -> Program {
        let mut program = self.spawn();
        self.ready(&mut program, self.port).await;
        program
    }

    /// Waits for `/readyz`.
    pub(crate) async fn ready(&self, program: &mut Program, port: u16) {
        let url = format!("{}/readyz", self.base(port));
        let begun = Instant::now();
        loop {
            program.must_run();
            if let Ok(answer) = self.http.get(&url).send().await
                && answer.status().is_success()
            {
                return;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "the program did not answer within 30 s\n{}",
                program.last_words()
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// `http://host:port` of Meta's side.
    pub(crate) fn sim_url(&self) -> &str {
        &self.sim_url
    }

    /// `http://127.0.0.1:port`.
    pub(crate) fn base(&self, port: u16) -> String {
        format!("http://127.0.0.1:{port}")
    }

    /// Adds a tenant with the `n`th number.
    pub(crate) async fn tenant(&self, n: usize, policy: &str, welcome: Option<&str>) -> Tenant {
        let made = self
            .admin("POST", "/tenants", json!({ "name": format!("Bakery {n}") }))
            .await;
        let id = made["id"].as_str().unwrap().to_owned();
        self.admin(
            "PATCH",
            &format!("/tenants/{id}"),
            json!({ "uncertain_policy": policy, "welcome": welcome }),
        )
        .await;
        let key = self
            .admin(
                "POST",
                &format!("/tenants/{id}/api-keys"),
                json!({ "name": "crash" }),
            )
            .await;
        self.admin(
            "POST",
            &format!("/whatsapp/tenants/{id}/assign-phone"),
            json!({ "phone_number_id": number(n), "display_phone_number": display(n) }),
        )
        .await;
        Tenant {
            number: number(n),
            api_key: key["api_key"].as_str().unwrap().to_owned(),
        }
    }

    /// A call of the administration; anything but 2xx fails.
    pub(crate) async fn admin(&self, method: &str, path: &str, body: Value) -> Value {
        self.call(
            method,
            &format!("/api/v1/admin{path}"),
            &self.admin_key,
            body,
        )
        .await
    }

    /// A call of the API; anything but 2xx fails.
    pub(crate) async fn call(&self, method: &str, path: &str, key: &str, body: Value) -> Value {
        let url = format!("{}{path}", self.base(self.port));
        let mut request = self
            .http
            .request(method.parse().unwrap(), url)
            .bearer_auth(key);
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request
            .send()
            .await
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let status = answer.status();
        let body: Value = answer.json().await.unwrap_or_default();
        assert!(status.is_success(), "{method} {path}: {status} {body}");
        body
    }

    /// The simulator's own counts of webhooks.
    pub(crate) async fn webhooks(&self) -> Value {
        let url = format!("{}/_sim/webhooks", self.sim_url);
        self.http
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    /// How many GETs the simulator has had below a path.
    pub(crate) async fn sim_calls(&self, path: &str) -> usize {
        let url = format!("{}/_sim/calls", self.sim_url);
        let calls: Value = self
            .http
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let calls = calls["data"].as_array().or_else(|| calls.as_array());
        let found = calls.into_iter().flatten().filter(|call| {
            call["method"] == "GET" && call["path"].as_str().unwrap_or_default().starts_with(path)
        });
        found.count()
    }

    /// The whole log of the server on the stage's port.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join(format!("{}.log", self.port)))
            .unwrap_or_default()
    }

    /// Where the program's data is.
    pub(crate) fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// Takes everything down.
    pub(crate) async fn strike(self) {
        self.sim_ends.cancel();
        self.database.remove().await;
    }
}
