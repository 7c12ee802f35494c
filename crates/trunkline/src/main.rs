//! `trunkline`: one program, one command a job.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};
use domain::Clock;
use engine::Engine;
use engine::people::invite::first_admin;
use serde_json::json;
use tokio::net::TcpListener;
use trunkline::config::{self, Settings};
use trunkline::serve::{self, Role};
use trunkline::{demo, doctor, logging, maintenance, people, ready, simulator};

// Less CPU on the whole path than the system's allocator (design figures: 10–18 %).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A self-hosted WhatsApp Business platform for many businesses.
#[derive(Parser)]
#[command(name = "trunkline", version, about)]
struct Arguments {
    /// A file with settings; see config/trunkline.default.toml.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the platform.
    Serve {
        /// What this process does.
        #[arg(long, value_enum, default_value_t = Role::All)]
        role: Role,
        /// Overrides server.listen.
        #[arg(long)]
        listen: Option<String>,
        /// Overrides database.url.
        #[arg(long)]
        database: Option<String>,
    },
    /// Runs the platform with a simulated Meta and seeded businesses.
    Demo(demo::Arguments),
    /// Runs the simulated Meta alone.
    Sim(simulator::Arguments),
    /// Brings the database's schema up to date.
    Migrate {
        /// Overrides database.url.
        #[arg(long)]
        database: Option<String>,
        /// Only says what would be run.
        #[arg(long)]
        dry_run: bool,
    },
    /// Makes an API key of the platform's administration and prints it.
    AdminKey {
        /// Overrides database.url.
        #[arg(long)]
        database: Option<String>,
        /// What the key is for.
        #[arg(long, default_value = "administration")]
        name: String,
    },
    /// People who sign in.
    #[command(subcommand)]
    User(UserCommand),
    /// Says whether the installation is well, and what to do where it is not.
    Doctor(doctor::Arguments),
    /// Webhooks that were received.
    #[command(subcommand)]
    Webhook(WebhookCommand),
    /// Prints the API's description (OpenAPI).
    Openapi,
    /// Prints the version.
    Version,
}

#[derive(Subcommand)]
enum UserCommand {
    /// Adds an administrator of the platform.
    CreateAdmin {
        /// Their address.
        #[arg(long)]
        email: String,
        /// Their name.
        #[arg(long)]
        name: Option<String>,
        /// Read the password from standard input; without this a link is printed that sets one.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Prints a link that sets a new password.
    ResetPassword {
        /// Whose.
        #[arg(long)]
        email: String,
    },
    /// Switches somebody's authenticator off: when the phone is lost.
    ResetTotp {
        /// Whose.
        #[arg(long)]
        email: String,
    },
}

#[derive(Subcommand)]
enum WebhookCommand {
    /// Gives parked webhooks another try.
    Replay {
        /// Only those of this number.
        #[arg(long)]
        phone_number_id: Option<String>,
    },
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run(arguments))
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let file = arguments.config.as_deref();
    match arguments.command {
        Command::Serve {
            role,
            listen,
            database,
        } => serve_until_asked(settings(file, listen, database)?, role).await,
        Command::Demo(wanted) => {
            let written = config::read(file)?;
            logging::start(&written.log.level, &written.log.format)?;
            let asked_to_end = serve::asked_to_end()?;
            let demo = demo::start(&wanted, written).await?;
            say(&demo.summary())?;
            asked_to_end.await;
            demo.stop().await;
            Ok(())
        }
        Command::Sim(wanted) => {
            let written = config::read(file)?;
            logging::start(&written.log.level, &written.log.format)?;
            simulator::run(wanted).await
        }
        Command::Migrate { database, dry_run } => {
            say(&maintenance::migrate(&address(file, database)?, dry_run).await?)
        }
        Command::AdminKey { database, name } => say(&format!(
            "{}\n",
            maintenance::admin_key(&address(file, database)?, &name).await?
        )),
        Command::User(command) => {
            let settings = settings(file, None, None)?;
            let engine = serve::open(&settings, Clock::system()).await?;
            say(&user(&engine, &settings, command).await?)
        }
        Command::Doctor(wanted) => {
            logging::start("error", "text")?;
            let report = doctor::run(file, &wanted).await;
            say(&report.text)?;
            if report.wrong > 0 {
                std::process::exit(1);
            }
            Ok(())
        }
        Command::Webhook(WebhookCommand::Replay { phone_number_id }) => {
            let settings = settings(file, None, None)?;
            let engine = serve::open(&settings, Clock::system()).await?;
            say(&maintenance::replay(&engine, phone_number_id.as_deref()).await?)
        }
        Command::Openapi => say(&format!(
            "{}\n",
            trunkline_http::openapi().to_pretty_json()?
        )),
        Command::Version => say(&format!("trunkline {}\n", env!("CARGO_PKG_VERSION"))),
    }
}

async fn user(
    engine: &Engine,
    settings: &Settings,
    command: UserCommand,
) -> anyhow::Result<String> {
    let listening = || format!("http://{}", settings.listen);
    let url = settings.public_url.clone().unwrap_or_else(listening);
    match command {
        UserCommand::CreateAdmin {
            email,
            name,
            password_stdin,
        } => {
            let mut password = String::new();
            if password_stdin {
                std::io::stdin().read_line(&mut password)?;
            }
            let password = password_stdin.then_some(password.trim_end_matches(['\r', '\n']));
            people::create_admin(engine, &url, &email, name.as_deref(), password).await
        }
        UserCommand::ResetPassword { email } => people::reset_password(engine, &url, &email).await,
        UserCommand::ResetTotp { email } => people::reset_totp(engine, &email).await,
    }
}

fn settings(
    file: Option<&Path>,
    listen: Option<String>,
    database: Option<String>,
) -> anyhow::Result<Settings> {
    let mut written = config::read(file)?;
    if let Some(listen) = listen {
        written.server.listen = listen;
    }
    if let Some(database) = database {
        written.database.url = database;
    }
    logging::start(&written.log.level, &written.log.format)?;
    Ok(written.check()?)
}

fn address(file: Option<&Path>, database: Option<String>) -> anyhow::Result<store::Address> {
    let mut written = config::read(file)?;
    if let Some(database) = database {
        written.database.url = database;
    }
    logging::start("warn", &written.log.format)?;
    Ok(written.database()?)
}

async fn serve_until_asked(settings: Settings, role: Role) -> anyhow::Result<()> {
    let asked_to_end = serve::asked_to_end()?;
    let listener = TcpListener::bind(&settings.listen)
        .await
        .map_err(|error| anyhow::anyhow!("cannot listen on {}: {error}", settings.listen))?;
    let engine = serve::open(&settings, Clock::system()).await?;
    let server = serve::start(&settings, engine, listener, role).await?;
    let url = server.url();
    if let Some(path) = &settings.ready_file {
        ready::write(
            path,
            &json!({ "url": url, "webhook_url": format!("{url}/webhooks/meta") }),
        )?;
    }
    tracing::info!(url = %url, database = ?settings.database, "trunkline answers");
    if role != Role::Worker
        && let Some(token) = first_admin(&server.engine).await?
    {
        say(&format!(
            "Nobody administers this installation yet. Open this link once to become its first administrator:\n{}/invitation/{token}\n",
            server.public_url
        ))?;
    }
    asked_to_end.await;
    tracing::info!("ending");
    server.stop().await;
    Ok(())
}

fn say(text: &str) -> anyhow::Result<()> {
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(())
}
