//! A PostgreSQL of our own: a fresh cluster in a temporary folder on a free loopback port, gone at the end.
//!
//! Nothing that exists on the machine is reused or touched, so tests and measurements may do as they like.
//! The server refuses to run as root; when we are root it runs as `postgres`, or else as `nobody`.

use std::fs::{self, File};
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::{install, interrupt};

const STARTS_WITHIN: Duration = Duration::from_secs(60);
const STOPS_WITHIN: Duration = Duration::from_secs(20);

/// Whether a commit must survive a power cut.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// For measurements: the settings that a real installation has.
    Real,
    /// For tests: nothing is synced, which makes each of hundreds of small databases several times quicker.
    None,
}

/// A running private server; dropping it stops the server and removes its folder.
pub(crate) struct PrivatePostgres {
    server: Child,
    url: String,
    /// Removed last, after the server has left it.
    _folder: tempfile::TempDir,
}

impl PrivatePostgres {
    /// Finds (or, as root on Debian and Ubuntu, installs) PostgreSQL and starts a fresh cluster.
    pub(crate) fn start(durability: Durability) -> anyhow::Result<Self> {
        let programs = find_or_install()?;
        let folder = tempfile::Builder::new()
            .prefix("trunkline-postgres-")
            .tempdir()?;
        let account = Account::for_server(folder.path())?;
        let data = folder.path().join("data");
        let password = random_hex()?;
        let password_file = folder.path().join("password");
        fs::write(&password_file, &password)?;
        if let Some(account) = &account {
            chown(folder.path(), Some(account.user), Some(account.group))?;
            chown(&password_file, Some(account.user), Some(account.group))?;
        }

        let mut initdb = Command::new(programs.join("initdb"));
        // `password` is checked by the server with one hash; SCRAM would cost a debug build 50 ms a connection.
        initdb.args([
            "--username=postgres",
            "--auth=password",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ]);
        initdb
            .arg("--pgdata")
            .arg(&data)
            .arg("--pwfile")
            .arg(&password_file);
        Account::apply(account.as_ref(), &mut initdb, folder.path());
        let output = initdb.output().context("running initdb")?;
        if !output.status.success() {
            bail!(
                "initdb failed:\n{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }

        let log = folder.path().join("server.log");
        let port = free_port()?;
        let mut server = Command::new(programs.join("postgres"));
        server.arg("-D").arg(&data);
        for setting in settings(durability, port, folder.path()) {
            server.arg("-c").arg(setting);
        }
        server
            .stdin(Stdio::null())
            .stdout(File::create(&log)?)
            .stderr(File::options().append(true).open(&log)?);
        Account::apply(account.as_ref(), &mut server, folder.path());
        // A group of its own: ctrl-c in the terminal must end the tests first and the server after them.
        let server = server
            .process_group(0)
            .spawn()
            .context("starting postgres")?;
        let mut started = Self {
            server,
            url: format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres"),
            _folder: folder,
        };
        started.wait_until_ready(&programs, port, &log)?;
        Ok(started)
    }

    /// `postgres://…` of the maintenance database, with the superuser's password.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    fn wait_until_ready(&mut self, programs: &Path, port: u16, log: &Path) -> anyhow::Result<()> {
        let begun = Instant::now();
        loop {
            let asked = Command::new(programs.join("pg_isready"))
                .args(["--quiet", "--host=127.0.0.1", &format!("--port={port}")])
                .status();
            if asked.context("running pg_isready")?.success() {
                return Ok(());
            }
            if let Some(status) = self.server.try_wait()? {
                bail!(
                    "postgres ended at once ({status}):\n{}",
                    fs::read_to_string(log).unwrap_or_default()
                );
            }
            if interrupt::happened() || begun.elapsed() > STARTS_WITHIN {
                bail!(
                    "postgres did not start:\n{}",
                    fs::read_to_string(log).unwrap_or_default()
                );
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for PrivatePostgres {
    fn drop(&mut self) {
        // SIGINT is PostgreSQL's "fast shutdown": sessions are ended, files are closed.
        interrupt::signal("INT", &self.server.id().to_string());
        let begun = Instant::now();
        while begun.elapsed() < STOPS_WITHIN {
            if !matches!(self.server.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ended_meanwhile_is_fine = self.server.kill();
        let _ended_meanwhile_is_fine = self.server.wait();
    }
}

/// `cargo xtask postgres`: prints the address and waits for ctrl-c.
pub(crate) fn serve_until_interrupted() -> anyhow::Result<ExitCode> {
    interrupt::install()?;
    let server = PrivatePostgres::start(Durability::None)?;
    println!("{}", server.url());
    eprintln!(
        "for tests: export TRUNKLINE_TEST_POSTGRES='{}'   (ctrl-c ends it)",
        server.url()
    );
    while !interrupt::happened() {
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(ExitCode::SUCCESS)
}

fn settings(durability: Durability, port: u16, sockets: &Path) -> Vec<String> {
    let mut settings = vec![
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        format!("unix_socket_directories={}", sockets.display()),
        "max_connections=200".to_owned(),
        "timezone=UTC".to_owned(),
        "log_timezone=UTC".to_owned(),
    ];
    if durability == Durability::None {
        settings.extend(
            [
                "fsync=off",
                "synchronous_commit=off",
                "full_page_writes=off",
            ]
            .map(str::to_owned),
        );
    }
    settings
}

/// The folder that holds both `initdb` and `postgres`: on the PATH, else Debian's, the newest version first.
fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse().ok()?,
                entry.path().join("bin"),
            ))
        })
        .collect();
    versions.sort();
    folders.extend(versions.into_iter().rev().map(|(_, folder)| folder));
    folders.into_iter().find(|folder| {
        ["initdb", "postgres", "pg_isready"]
            .iter()
            .all(|name| folder.join(name).is_file())
    })
}

fn find_or_install() -> anyhow::Result<PathBuf> {
    if let Some(found) = find() {
        return Ok(found);
    }
    install::with_apt("PostgreSQL (its server, with initdb)", "postgresql")?;
    find().context("PostgreSQL was installed, but `initdb` and `postgres` are not to be found")
}

/// The unprivileged account that the server runs as when we are root.
struct Account {
    user: u32,
    group: u32,
}

impl Account {
    /// `None` when we are an ordinary user already, which the owner of a folder that we made tells.
    fn for_server(made_by_us: &Path) -> anyhow::Result<Option<Self>> {
        if fs::metadata(made_by_us)?.uid() != 0 {
            return Ok(None);
        }
        let accounts = fs::read_to_string("/etc/passwd").context("reading /etc/passwd")?;
        let find = |name: &str| {
            let line = accounts
                .lines()
                .find(|line| line.split(':').next() == Some(name))?;
            let mut fields = line.split(':').skip(2);
            Some(Self {
                user: fields.next()?.parse().ok()?,
                group: fields.next()?.parse().ok()?,
            })
        };
        let account = find("postgres").or_else(|| find("nobody"));
        Ok(Some(account.context(
            "PostgreSQL refuses to run as root, and there is no account `postgres` or `nobody`",
        )?))
    }

    /// Makes the command run as this account, in a folder that the account may enter.
    fn apply(account: Option<&Self>, command: &mut Command, folder: &Path) {
        command.current_dir(folder);
        if let Some(account) = account {
            // Setting the user as root also drops root's supplementary groups (std's documented behaviour).
            command.uid(account.user).gid(account.group);
        }
    }
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn random_hex() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
