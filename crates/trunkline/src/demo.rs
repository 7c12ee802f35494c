//! `trunkline demo`: server, simulator and seeded tenants in one process, to look at and to test against.

mod templates;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use domain::access::Role;
use domain::{Clock, TenantId};
use engine::{Engine, keys, notify, platform, shared_account};
use serde_json::{Value, json};
use sim::{CustomerSpec, NumberSpec, ReviewMode, ReviewPolicy, Seed, Sim, SimConfig, TemplateSpec};
use store::audit::Who;
use store::page::Page;
use store::tenants::{self, Tenant};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::config::Written;
use crate::people;
use crate::serve::{self, Server};

/// What `trunkline demo` is told.
#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// Where the product listens; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// Where the simulator listens; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:8090")]
    pub sim_listen: String,
    /// Where the data goes; a fresh folder that is removed at the end when not given.
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// Another database: sqlite://path or postgres://…
    #[arg(long)]
    pub database: Option<String>,
    /// The simulator's seed.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The simulated customers say nothing by themselves.
    #[arg(long)]
    pub quiet_phones: bool,
    /// Where to write the addresses and keys once everything answers.
    #[arg(long)]
    pub ready_file: Option<PathBuf>,
}

const WABA: &str = "200000000000001";

struct Business {
    name: &'static str,
    number: &'static str,
    display: &'static str,
    welcome: &'static str,
    customers: [(&'static str, &'static str); 2],
    owner: (&'static str, &'static str),
    agent: (&'static str, &'static str),
}

const BUSINESSES: [Business; 2] = [
    Business {
        name: "Panadería San Juan",
        number: "100000000000001",
        display: "+34 612 345 678",
        welcome: "¡Hola! Gracias por escribir a Panadería San Juan. Le contestamos enseguida.",
        customers: [("34600000001", "Ana García"), ("34600000002", "Luis Pérez")],
        owner: ("marta@panaderia.example", "Marta Goñi"),
        agent: ("inaki@panaderia.example", "Iñaki Ruiz"),
    },
    Business {
        name: "Taller Ruedas",
        number: "100000000000002",
        display: "+34 623 456 789",
        welcome: "Hola, ha llegado a Taller Ruedas. Díganos la matrícula y qué necesita.",
        customers: [("34600000011", "Marta Ruiz"), ("34600000012", "Jorge Soto")],
        owner: ("rosa@taller.example", "Rosa Vidal"),
        agent: ("pablo@taller.example", "Pablo León"),
    },
];

/// Who administers the demo's platform.
const ADMIN: (&str, &str) = ("iker@trunkline.example", "Iker Platform");

/// Numbers that nobody has yet.
const POOL: [(&str, &str); 2] = [
    ("100000000000003", "+34 634 567 890"),
    ("100000000000004", "+34 645 678 901"),
];

/// A running demo.
pub struct Demo {
    /// What the ready file says.
    pub ready: Value,
    server: Server,
    stop_sim: CancellationToken,
    /// Removed when the demo ends.
    _folder: Option<tempfile::TempDir>,
}

/// Starts everything and returns when it answers.
///
/// # Errors
/// When an address is taken or the database cannot be opened.
pub async fn start(arguments: &Arguments, mut written: Written) -> anyhow::Result<Demo> {
    // A database on a server leaves the files without a home of their own.
    let has_home = arguments
        .database
        .as_deref()
        .is_some_and(|url| url.starts_with("sqlite:"));
    let folder = if arguments.data.is_none() && !has_home {
        Some(tempfile::tempdir()?)
    } else {
        None
    };
    let data = arguments
        .data
        .clone()
        .or_else(|| folder.as_ref().map(|folder| folder.path().to_owned()));
    let config = SimConfig {
        seed: arguments.seed,
        quiet_phones: arguments.quiet_phones,
        template_review: ReviewPolicy {
            mode: ReviewMode::Auto,
            ..ReviewPolicy::default()
        },
        app_secret: hex::encode(rand::random::<[u8; 16]>()),
        verify_token: hex::encode(rand::random::<[u8; 8]>()),
        // Real back-off reaches hours within minutes; a person who stops and starts the demo should not wait.
        webhook_backoff: [0, 1, 2, 5, 10, 30]
            .into_iter()
            .map(Duration::from_secs)
            .collect(),
        ..SimConfig::default()
    };
    let token = format!("EAA{}", hex::encode(rand::random::<[u8; 24]>()));
    // The first login configuration and the platform's own portfolio: what Embedded Signup needs.
    let (config_id, business_id, credit_line_id) = (
        config.config_ids.first().cloned().unwrap_or_default(),
        config.business_id.clone(),
        config.credit_line_id.clone().unwrap_or_default(),
    );
    let (app_id, app_secret, verify_token) = (
        config.app_id.clone(),
        config.app_secret.clone(),
        config.verify_token.clone(),
    );
    let sim = Sim::new(config, world(&token));
    let sim_listener = TcpListener::bind(&arguments.sim_listen)
        .await
        .with_context(|| format!("listening on {}", arguments.sim_listen))?;
    let sim_url = format!("http://{}", sim_listener.local_addr()?);
    let listener = TcpListener::bind(&arguments.listen)
        .await
        .with_context(|| format!("listening on {}", arguments.listen))?;
    let listening = listener.local_addr()?;

    written.meta.graph_url.clone_from(&sim_url);
    written.meta.app_secret.clone_from(&app_secret);
    written.meta.verify_token.clone_from(&verify_token);
    written.meta.app_id.clone_from(&app_id);
    written.meta.sdk_url = format!("{sim_url}/en_US/sdk.js");
    written.meta.login_url.clone_from(&sim_url);
    written.meta.config_id = config_id;
    written.meta.business_id = business_id;
    written.meta.credit_line_id = credit_line_id;
    WABA.clone_into(&mut written.meta.waba_id);
    written.meta.system_user_token = token;
    written.outbound.settle_seconds = 60;
    written.secrets.key = sealing_key(data.as_deref())?;
    match (&arguments.database, &data) {
        (Some(url), _) => written.database.url.clone_from(url),
        (None, Some(data)) => {
            written.database.url = format!("sqlite://{}", data.join("trunkline.db").display());
        }
        (None, None) => {}
    }
    if let Some(data) = data.as_deref().filter(|_| written.media.store.is_empty()) {
        written.media.store = format!("folder:{}", data.join("media").display());
    }
    let settings = written.check()?;

    let stop_sim = CancellationToken::new();
    tokio::spawn(sim.clone().serve(sim_listener, stop_sim.clone()));
    let engine = serve::open(&settings, Clock::system()).await?;
    let server = serve::start(&settings, engine.clone(), listener, serve::Role::All).await?;
    sim.set_callback_url(&format!("{}/webhooks/meta", server.url()));
    // As an administrator does it on the page "Platform → Set-up"; without it messages come all the same.
    if let Err(error) = platform::subscribe(&engine, &Who::system("demo")).await {
        tracing::warn!(error = %error, "the demo's app is not subscribed");
    }
    if let Some(failure) = shared_account::refresh(&engine).await?.first() {
        anyhow::bail!("the simulator does not answer: {failure}");
    }
    let password = password(&listening);
    let tenants = seed(&engine, &password).await?;
    let admin_user = people::Wanted {
        email: ADMIN.0,
        name: ADMIN.1,
        password: &password,
        language: "en",
        platform_admin: true,
        belongs: None,
    };
    people::add(&engine, admin_user, &Who::system("demo")).await?;
    let admin = keys::create(
        &engine.db,
        None,
        "demo",
        &Who::system("demo"),
        engine.clock.now(),
    )
    .await?;
    let url = server.url();
    let ready = json!({
        "url": url,
        "graph_url": format!("{url}/graph"),
        "webhook_url": format!("{url}/webhooks/meta"),
        "sim_url": sim_url,
        "app_id": app_id,
        "app_secret": app_secret,
        "verify_token": verify_token,
        "admin": { "email": ADMIN.0, "password": password, "api_key": admin.secret },
        "tenants": tenants,
    });
    if let Some(path) = &arguments.ready_file {
        crate::ready::write(path, &ready)?;
    }
    Ok(Demo {
        ready,
        server,
        stop_sim,
        _folder: folder,
    })
}

impl Demo {
    /// What is printed for a person.
    pub fn summary(&self) -> String {
        let text = |pointer: &str| {
            self.ready
                .pointer(pointer)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let mut out = format!(
            "\nTrunkline demo\n\n  Sign in                   {url}/\n  Simulated phones          {sim}/\n  API and its description   {url}/docs\n  Password of everybody     {password}\n\n  Platform administrator    {email}\n    API key    {admin}\n",
            url = text("/url"),
            password = text("/admin/password"),
            email = text("/admin/email"),
            sim = text("/sim_url"),
            admin = text("/admin/api_key"),
        );
        for n in 0..BUSINESSES.len() {
            out.push_str(&format!(
                "\n  {}  {}\n    Owner      {}\n    Agent      {}\n    API key    {}\n    Customer   {}\n",
                text(&format!("/tenants/{n}/name")),
                text(&format!("/tenants/{n}/display_phone_number")),
                text(&format!("/tenants/{n}/owner/email")),
                text(&format!("/tenants/{n}/agent/email")),
                text(&format!("/tenants/{n}/api_key")),
                text(&format!("/tenants/{n}/customers/0")),
            ));
        }
        out.push_str(
            "\n  Sign in as an owner and write to the number from a simulated phone.\n\n  Ctrl-C ends it.\n",
        );
        out
    }

    /// Ends it.
    pub async fn stop(self) {
        self.server.stop().await;
        self.stop_sim.cancel();
    }
}

fn world(token: &str) -> Seed {
    let number = |id: &str, display: &str, name: &str| NumberSpec {
        waba_id: WABA.to_owned(),
        phone_number_id: id.to_owned(),
        display_phone_number: display.to_owned(),
        verified_name: name.to_owned(),
        ..NumberSpec::default()
    };
    let mut seed = Seed::new().add_waba(WABA, "Trunkline demo", &[token]);
    for business in BUSINESSES {
        seed = seed.add_number(number(business.number, business.display, business.name));
        for (phone, name) in business.customers {
            let (phone, profile_name, writes_to) = (
                phone.to_owned(),
                name.to_owned(),
                business.number.to_owned(),
            );
            seed = seed.add_customer(CustomerSpec {
                phone,
                profile_name,
                writes_to,
                ..CustomerSpec::default()
            });
        }
    }
    for template in templates::templates() {
        seed = seed.add_template(WABA, template);
    }
    for (name, components) in notify::examples::templates() {
        let template = TemplateSpec {
            name: name.to_owned(),
            language: "es".to_owned(),
            category: "UTILITY".to_owned(),
            components,
            ..TemplateSpec::default()
        };
        seed = seed.add_template(WABA, template);
    }
    for (id, display) in POOL {
        seed = seed.add_number(number(id, display, "Trunkline demo"));
    }
    seed
}

/// Adds the businesses that are not there yet; makes new API keys for all, since old ones cannot be shown again.
async fn seed(engine: &Engine, password: &str) -> anyhow::Result<Vec<Value>> {
    let present =
        tenants::any_tenant_list(&engine.db, Page::new(None, store::page::MAX_LIMIT)).await?;
    let mut views = Vec::new();
    for business in BUSINESSES {
        let now = engine.clock.now();
        let tenant = match present.iter().find(|tenant| tenant.name == business.name) {
            Some(tenant) => tenant.id,
            None => add(engine, &business).await?,
        };
        let key = keys::create(&engine.db, Some(tenant), "demo", &Who::system("demo"), now).await?;
        for ((email, name), role) in [(business.owner, Role::Owner), (business.agent, Role::Agent)]
        {
            let wanted = people::Wanted {
                email,
                name,
                password,
                language: "es",
                platform_admin: false,
                belongs: Some((tenant, role)),
            };
            people::add(engine, wanted, &Who::system("demo")).await?;
        }
        views.push(json!({
            "id": tenant.to_string(),
            "name": business.name,
            "waba_id": WABA,
            "phone_number_id": business.number,
            "display_phone_number": business.display,
            "api_key": key.secret,
            "owner": { "email": business.owner.0, "password": password },
            "agent": { "email": business.agent.0, "password": password },
            "customers": business.customers.map(|(phone, _)| phone),
        }));
    }
    Ok(views)
}

async fn add(engine: &Engine, business: &Business) -> anyhow::Result<TenantId> {
    let welcome_text = Some(business.welcome.to_owned());
    let tenant = Tenant {
        welcome_text,
        ..Tenant::new(business.name, "es", engine.clock.now())
    };
    let mut tx = engine.db.begin().await?;
    tenants::insert(&mut tx, &tenant).await?;
    tx.commit().await?;
    let who = Who::system("demo");
    shared_account::assign(engine, tenant.id, business.number, None, &who).await?;
    for rule in notify::examples::rules() {
        notify::rules::create(engine, tenant.id, &rule, &who).await?;
    }
    Ok(tenant.id)
}

/// On this machine alone one that can be typed; where others reach the demo, one that nobody knows.
fn password(listening: &std::net::SocketAddr) -> String {
    if listening.ip().is_loopback() {
        "pan-recien-hecho".to_owned()
    } else {
        hex::encode(rand::random::<[u8; 8]>())
    }
}

/// The sealing key of a data folder that is used again must stay the same.
fn sealing_key(data: Option<&std::path::Path>) -> anyhow::Result<String> {
    let fresh = hex::encode(rand::random::<[u8; 32]>());
    let Some(data) = data else { return Ok(fresh) };
    std::fs::create_dir_all(data)?;
    let path = data.join("demo.key");
    match std::fs::read_to_string(&path) {
        Ok(key) => Ok(key),
        Err(_) => {
            std::fs::write(&path, &fresh)?;
            Ok(fresh)
        }
    }
}
