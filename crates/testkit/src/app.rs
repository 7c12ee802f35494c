//! The server and the simulator, put together as the program does it.

use std::collections::BTreeMap;
use std::time::Duration;

use engine::media::{MediaConfig, Place};
use engine::platform::Known;
use engine::{Engine, keys, shared_account};
use secrecy::SecretString;
use serde_json::{Value, json};
use sim::{NumberSpec, Seed, Sim, SimConfig};
use store::audit::Who;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use trunkline::config::{self, Settings};
use trunkline::serve::{self, Role, Server};

use crate::client::{Client, http_client};
use crate::database::TestDatabase;
use crate::gate::Gate;
use crate::setup::Setup;
use crate::until::until;

/// The platform's WABA in the simulated world.
pub const WABA: &str = "200000000000001";
/// The token that reaches it.
pub const TOKEN: &str = "EAATESTKIT";
/// A token of two accounts that belong to a customer; see [`own_waba`].
pub const OWN_TOKEN: &str = "EAATESTKITOWN";
/// The app's secret on both sides.
pub const APP_SECRET: &str = "0123456789abcdef0123456789abcdef";
/// What the verification of the webhook address presents.
pub const VERIFY_TOKEN: &str = "testkit-verify-token";
/// Numbers that the simulated WABA has at the start, counted from 1.
const NUMBERS: usize = 6;

/// The first or second account in the simulated world that a customer owns; nobody is connected to it.
pub fn own_waba(n: usize) -> String {
    format!("30000000000000{n}")
}

/// The id of the simulated WABA's `n`th number.
pub fn number(n: usize) -> String {
    format!("1000000000000{n:02}")
}

/// What people dial for it.
pub fn display(n: usize) -> String {
    format!("+34 612 000 0{n:02}")
}

/// The id of the `n`th account besides the platform's own, and of its number, counted from 1; reached by [`TOKEN`].
pub fn account(n: usize) -> (String, String) {
    (format!("3{n:014}"), format!("4{n:014}"))
}

/// A tenant with a number and a key.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its number's id.
    pub number: String,
    /// Its API key.
    pub key: String,
    /// Speaks with that key.
    pub api: Client,
}

/// A running server with its own simulator.
pub struct TestApp {
    /// The product, for looking inside.
    pub engine: Engine,
    /// Meta and the phones.
    pub sim: Sim,
    /// `http://host:port` of the server.
    pub url: String,
    /// `http://host:port` of the simulator.
    pub sim_url: String,
    /// Stands between the product and the simulator.
    pub gate: Gate,
    /// Where the data is.
    pub database: TestDatabase,
    pub(crate) http: reqwest::Client,
    settings: Settings,
    admin_key: String,
    tenants: Mutex<BTreeMap<usize, Tenant>>,
    server: Server,
    /// The one who made the simulator ends it.
    stop_sim: Option<CancellationToken>,
}

impl TestApp {
    /// Starts both, on port 0 each.
    ///
    /// # Panics
    /// When something refuses to start.
    pub async fn start(database: TestDatabase, setup: Setup) -> Self {
        let (sim, sim_url, stop_sim) = start_sim(&setup).await;
        let gate = Gate::before(&sim_url).await;
        let settings = settings(&database, &setup, &gate.url);
        let engine = serve::open(&settings, setup.clock.clone())
            .await
            .expect("the product opens");
        let mut app = Self::serve(
            database,
            settings,
            engine,
            (sim, sim_url, gate),
            setup.workers,
        )
        .await;
        app.stop_sim = Some(stop_sim);
        app.sim
            .set_callback_url(&format!("{}/webhooks/meta", app.url));
        let failures = shared_account::refresh(&app.engine)
            .await
            .expect("the pool can be stored");
        assert!(failures.is_empty(), "the simulator's numbers: {failures:?}");
        app
    }

    /// A second process on the same database, with the same simulator. Close it before the first one.
    ///
    /// # Panics
    /// When it refuses to start.
    pub async fn beside(&self) -> Self {
        let engine = serve::open(&self.settings, self.engine.clock.clone())
            .await
            .expect("a second process opens the database");
        Self::serve(
            self.database.clone(),
            self.settings.clone(),
            engine,
            (self.sim.clone(), self.sim_url.clone(), self.gate.clone()),
            true,
        )
        .await
    }

    async fn serve(
        database: TestDatabase,
        settings: Settings,
        engine: Engine,
        (sim, sim_url, gate): (Sim, String, Gate),
        workers: bool,
    ) -> Self {
        let listener = TcpListener::bind(&settings.listen)
            .await
            .expect("a free port");
        let role = if workers { Role::All } else { Role::Web };
        let server = serve::start(&settings, engine.clone(), listener, role)
            .await
            .expect("the server starts");
        let admin = keys::create(
            &engine.db,
            None,
            "stories",
            &Who::system("stories"),
            engine.clock.now(),
        )
        .await
        .expect("an administrator's key");
        Self {
            url: server.url(),
            http: http_client(),
            admin_key: admin.secret,
            tenants: Mutex::default(),
            stop_sim: None,
            engine,
            sim,
            sim_url,
            gate,
            database,
            settings,
            server,
        }
    }

    /// Ends it in order.
    pub async fn close(self) {
        self.server.stop().await;
        if let Some(stop) = self.stop_sim {
            stop.cancel();
        }
    }

    /// Speaks for the platform.
    pub fn admin(&self) -> Client {
        self.client(Some(&self.admin_key))
    }

    /// Speaks for nobody.
    pub fn anybody(&self) -> Client {
        self.client(None)
    }

    /// Speaks with a key.
    pub fn client(&self, key: Option<&str>) -> Client {
        Client::new(self.http.clone(), &self.url, key)
    }

    /// Speaks to the simulator.
    pub fn meta(&self) -> Client {
        Client::new(self.http.clone(), &self.sim_url, None)
    }

    /// The `n`th tenant with the `n`th number, made when it is first asked for.
    pub async fn tenant(&self, n: usize) -> Tenant {
        let mut tenants = self.tenants.lock().await;
        if let Some(tenant) = tenants.get(&n) {
            return tenant.clone();
        }
        let tenant = self.new_tenant(&format!("Shop {n}")).await;
        let tenant = self.assign(&tenant, &number(n)).await;
        tenants.insert(n, tenant.clone());
        tenant
    }

    /// A tenant that has no number yet.
    pub async fn new_tenant(&self, name: &str) -> Tenant {
        let admin = self.admin();
        let made = admin
            .post("/api/v1/admin/tenants", &json!({ "name": name }))
            .await
            .expect(201);
        let id = made["id"].as_str().unwrap_or_default().to_owned();
        let path = format!("/api/v1/admin/tenants/{id}/api-keys");
        let key = admin
            .post(&path, &json!({ "name": "stories" }))
            .await
            .expect(201);
        let key = key["api_key"].as_str().unwrap_or_default().to_owned();
        Tenant {
            api: self.client(Some(&key)),
            name: name.to_owned(),
            number: String::new(),
            id,
            key,
        }
    }

    /// Gives a number to a tenant.
    pub async fn assign(&self, tenant: &Tenant, phone_number_id: &str) -> Tenant {
        let path = format!("/api/v1/admin/whatsapp/tenants/{}/assign-phone", tenant.id);
        self.admin()
            .post(&path, &json!({ "phone_number_id": phone_number_id }))
            .await
            .expect(200);
        Tenant {
            number: phone_number_id.to_owned(),
            ..tenant.clone()
        }
    }

    /// Takes the tenant's number back.
    pub async fn unassign(&self, tenant: &Tenant) {
        let path = format!(
            "/api/v1/admin/whatsapp/tenants/{}/unassign-phone",
            tenant.id
        );
        let answer = self.admin().delete(&path).await;
        assert!(answer.status < 300, "unassign: {answer:?}");
    }

    /// Changes a tenant.
    pub async fn change_tenant(&self, tenant: &Tenant, change: &Value) {
        let path = format!("/api/v1/admin/tenants/{}", tenant.id);
        self.admin().patch(&path, change).await.expect(200);
    }

    /// Changes the simulator's faults; those not named stay.
    pub async fn faults(&self, faults: &Value) {
        self.meta().post("/_sim/faults", faults).await.expect(200);
    }

    /// A simulated customer writes; gives the wamid.
    ///
    /// # Panics
    /// When the simulator refuses.
    pub fn customer_writes(&self, number: &str, from: &str, message: Value) -> String {
        self.sim
            .inbound(sim::InboundRequest {
                phone_number_id: number.to_owned(),
                from: from.to_owned(),
                profile_name: Some("Ana García".to_owned()),
                message,
                omit: Vec::new(),
            })
            .expect("the simulator takes the message")
    }

    /// A simulated customer writes a text.
    pub fn customer_says(&self, number: &str, from: &str, text: &str) -> String {
        self.customer_writes(
            number,
            from,
            json!({ "type": "text", "text": { "body": text } }),
        )
    }

    /// The counts of the intake.
    pub async fn intake(&self) -> Value {
        self.admin().get("/api/v1/admin/intake").await.expect(200)
    }

    /// Waits until nothing that was received waits for projection; gives the counts.
    pub async fn projected(&self) -> Value {
        until("everything received is projected", async || {
            let intake = self.intake().await;
            if intake["backlog"] == 0 {
                Ok(intake)
            } else {
                Err(intake.to_string())
            }
        })
        .await
    }

    /// Waits until a search finds everything that has been written so far.
    pub async fn indexed(&self) {
        self.projected().await;
        until("everything is indexed", async || {
            // A second hand does no harm: of two indexers one loses.
            let step = engine::search::indexer::step(&self.engine).await;
            let lag = engine::search::indexer::lag(&self.engine).await;
            match (step, lag) {
                (Ok(false), Ok(lag)) if lag.is_complete && lag.lag.is_zero() => Ok(()),
                (step, lag) => Err(format!("{step:?}, {lag:?}")),
            }
        })
        .await;
    }

    /// Waits until a message has a status, or one further on the way to being played; gives the message.
    pub async fn status_of(&self, tenant: &Tenant, message: &str, status: &str) -> Value {
        until(&format!("the message is {status}"), async || {
            let row = tenant.api.message(message).await;
            let has_come = row["status"].as_str().is_some_and(|now| {
                let place = |status| WAY.iter().position(|step| *step == status);
                now == status || place(status).is_some_and(|wanted| place(now) >= Some(wanted))
            });
            if has_come {
                Ok(row)
            } else {
                Err(row.to_string())
            }
        })
        .await
    }
}

/// The way of a message that arrives: a story that looks now and then may miss a step of it.
const WAY: [&str; 5] = ["accepted", "sent", "delivered", "read", "played"];

async fn start_sim(setup: &Setup) -> (Sim, String, CancellationToken) {
    let mut seed = Seed::new().add_waba(WABA, "Stories", &[TOKEN]);
    for own in [own_waba(1), own_waba(2)] {
        let owner = sim::CUSTOMER_BUSINESS.0;
        seed = seed.add_waba(&own, "Owner", &[OWN_TOKEN]);
        seed = seed.owned_by(&own, owner);
    }
    for n in 1..=NUMBERS {
        seed = seed.add_number(NumberSpec {
            waba_id: WABA.to_owned(),
            phone_number_id: number(n),
            display_phone_number: display(n),
            verified_name: format!("Shop {n}"),
            ..NumberSpec::default()
        });
    }
    for n in 1..=setup.accounts {
        let (waba_id, phone_number_id) = account(n);
        let number = NumberSpec {
            waba_id: waba_id.clone(),
            phone_number_id,
            display_phone_number: format!("+34 699 {:03} {:03}", n / 1_000, n % 1_000),
            verified_name: format!("Owner {n}"),
            ..NumberSpec::default()
        };
        seed = seed
            .add_waba(&waba_id, &format!("Owner {n}"), &[TOKEN])
            .add_number(number);
    }
    let config = SimConfig {
        speed: setup.speed,
        app_secret: APP_SECRET.to_owned(),
        verify_token: VERIFY_TOKEN.to_owned(),
        webhook_backoff: vec![Duration::ZERO, Duration::from_secs(5)],
        ..SimConfig::default()
    };
    let sim = Sim::new(config, seed);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!(
        "http://{}",
        listener.local_addr().expect("a listener has an address")
    );
    let stop = CancellationToken::new();
    tokio::spawn(sim.clone().serve(listener, stop.clone()));
    (sim, url, stop)
}

fn settings(database: &TestDatabase, setup: &Setup, graph_url: &str) -> Settings {
    let mut written = config::read(None).expect("the default settings can be read");
    written.server.listen = "127.0.0.1:0".to_owned();
    written.meta.graph_url = graph_url.to_owned();
    written.meta.app_secret = APP_SECRET.to_owned();
    written.meta.verify_token = VERIFY_TOKEN.to_owned();
    written.meta.waba_id = WABA.to_owned();
    written.mail.smtp_url.clone_from(&setup.smtp_url);
    written.support.contact.clone_from(&setup.support);
    written.secrets.key = "7".repeat(64);
    let mut settings = written
        .check()
        .unwrap_or_else(|mistakes| panic!("{mistakes}"));
    settings.database = database.address();
    settings.media = MediaConfig {
        uploads_per_minute: 10_000,
        quota: setup.quota,
        ..MediaConfig::at(Place::Folder(database.folder().join("media")))
    };
    settings.platform.system_user_token = Some(SecretString::from(TOKEN));
    let meta_side = SimConfig::default();
    settings.platform.app_id = Some(meta_side.app_id);
    settings.platform.business_id = Some(meta_side.business_id);
    settings.platform.config_id = meta_side.config_ids.into_iter().next();
    settings.platform.credit_line_id = meta_side.credit_line_id.filter(|_| setup.partner);
    if setup.bare {
        settings.platform = Known::default();
    }
    settings.behind_proxy = setup.behind_proxy;
    settings.outbound.settle = setup.settle;
    settings.outbound.max_attempts = setup.max_attempts;
    settings.graph_timeout = setup.graph_timeout;
    settings.inbound.max_backlog = setup.max_backlog;
    settings
}
