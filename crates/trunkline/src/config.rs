//! Settings: embedded defaults < file < environment < flags, parsed once, checked whole.

use std::path::{Path, PathBuf};
use std::time::Duration;

use engine::mail::Mailer;
use engine::{InboundConfig, OutboundConfig};
use figment::Figment;
use figment::providers::{Format as _, Serialized, Toml};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use store::Address;
use store::seal::Sealer;

const DEFAULTS: &str = include_str!("../../../config/trunkline.default.toml");

/// The settings as they are written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// `[server]`
    pub server: Server,
    /// `[database]`
    pub database: Database,
    /// `[intake]`
    pub intake: Intake,
    /// `[meta]`
    pub meta: Meta,
    /// `[outbound]`
    pub outbound: Outbound,
    /// `[mail]`
    pub mail: Mail,
    /// `[secrets]`
    pub secrets: Secrets,
    /// `[support]`
    pub support: Support,
    /// `[log]`
    pub log: Log,
}

/// `[server]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "config/trunkline.default.toml says what each setting is"
)]
pub struct Server {
    pub listen: String,
    pub public_url: String,
    #[serde(deserialize_with = "number")]
    pub behind_proxy: bool,
    pub ready_file: PathBuf,
}

/// `[database]`
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "config/trunkline.default.toml says what each setting is"
)]
pub struct Database {
    pub url: String,
}

/// `[intake]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "config/trunkline.default.toml says what each setting is"
)]
pub struct Intake {
    pub path: PathBuf,
    #[serde(deserialize_with = "number")]
    pub max_backlog: i64,
    #[serde(deserialize_with = "number")]
    pub keep_hours: u64,
}

/// `[meta]`
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "config/trunkline.default.toml says what each setting is"
)]
pub struct Meta {
    pub graph_url: String,
    pub graph_version: String,
    pub app_secret: String,
    pub verify_token: String,
    pub waba_id: String,
    pub system_user_token: String,
    #[serde(deserialize_with = "number")]
    pub timeout_seconds: u64,
}

/// `[outbound]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "config/trunkline.default.toml says what each setting is"
)]
pub struct Outbound {
    #[serde(deserialize_with = "number")]
    pub settle_seconds: u64,
    #[serde(deserialize_with = "number")]
    pub max_attempts: i64,
    #[serde(deserialize_with = "number")]
    pub use_of_throughput: f64,
}

/// `[mail]`
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "config/trunkline.default.toml says what each setting is"
)]
pub struct Mail {
    pub smtp_url: String,
    pub from: String,
}

/// `[secrets]`
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "config/trunkline.default.toml says what each setting is"
)]
pub struct Secrets {
    pub key: String,
}

/// `[support]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "config/trunkline.default.toml says what each setting is"
)]
pub struct Support {
    pub contact: String,
}

/// `[log]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "config/trunkline.default.toml says what each setting is"
)]
pub struct Log {
    pub level: String,
    pub format: String,
}

/// A number, or (from the environment) its text.
fn number<'de, D: serde::Deserializer<'de>, T>(from: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + std::str::FromStr,
    T::Err: std::fmt::Display,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form<T> {
        Number(T),
        Text(String),
    }
    match Form::<T>::deserialize(from)? {
        Form::Number(number) => Ok(number),
        Form::Text(text) => text.trim().parse().map_err(serde::de::Error::custom),
    }
}

macro_rules! never_printed {
    ($($name:ident),*) => { $(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )* };
}
never_printed!(Mail, Database, Meta, Secrets);

/// The settings that a running server needs, parsed and checked.
#[derive(Clone)]
pub struct Settings {
    /// Where to listen.
    pub listen: String,
    /// Where people reach it; none: where it listens.
    pub public_url: Option<String>,
    /// Whether a proxy's `X-Forwarded-For` counts.
    pub behind_proxy: bool,
    /// How a tenant's people reach the platform's support.
    pub support_contact: Option<String>,
    /// Where to write the ready file.
    pub ready_file: Option<PathBuf>,
    /// The database.
    pub database: Address,
    /// The intake log's own file.
    pub intake_path: Option<PathBuf>,
    /// The way in.
    pub inbound: InboundConfig,
    /// The way out.
    pub outbound: OutboundConfig,
    /// The Graph API's address.
    pub graph_url: String,
    /// Its version.
    pub graph_version: String,
    /// How long a call may take.
    pub graph_timeout: Duration,
    /// Key of webhook signatures.
    pub app_secret: SecretString,
    /// For the verification.
    pub verify_token: SecretString,
    /// The platform's WABA.
    pub waba_id: Option<String>,
    /// Its token.
    pub system_user_token: Option<SecretString>,
    /// Opens and seals secrets.
    pub sealer: Sealer,
    /// Sends e-mail, or knows that nobody does.
    pub mailer: Mailer,
}

/// Everything that is wrong with the settings, in one message.
#[derive(Debug, thiserror::Error)]
#[error("the settings are not complete:\n  {}", .0.join("\n  "))]
pub struct Mistakes(pub Vec<String>);

/// Names of secrets that may be read from a file named by `TRUNKLINE_…_FILE`.
const FROM_FILES: [&str; 6] = [
    "meta.app_secret",
    "meta.verify_token",
    "meta.system_user_token",
    "secrets.key",
    "database.url",
    "mail.smtp_url",
];

/// Reads the settings: defaults, then the file, then the environment.
///
/// # Errors
/// When a file cannot be read, a name is unknown, or a value has the wrong type.
pub fn read(file: Option<&Path>) -> anyhow::Result<Written> {
    let mut figment = Figment::from(Toml::string(DEFAULTS));
    if let Some(file) = file {
        figment = figment.merge(Toml::file_exact(file));
    }
    for (name, value) in std::env::vars() {
        let Some(path) = name
            .strip_prefix("TRUNKLINE_")
            .filter(|rest| rest.contains("__"))
        else {
            continue;
        };
        let path = path.to_lowercase().replace("__", ".");
        let names_a_file = FROM_FILES
            .iter()
            .any(|secret| path.strip_suffix("_file") == Some(secret));
        if !names_a_file {
            // As text: a secret of digits alone must not become a number on the way.
            figment = figment.merge(Serialized::default(&path, value));
        }
    }
    for secret in FROM_FILES {
        let variable = format!(
            "TRUNKLINE_{}_FILE",
            secret.to_uppercase().replace('.', "__")
        );
        if let Ok(path) = std::env::var(&variable) {
            let text = std::fs::read_to_string(&path)
                .map_err(|error| anyhow::anyhow!("{variable}: {path}: {error}"))?;
            figment = figment.merge(Serialized::default(secret, text.trim()));
        }
    }
    figment
        .extract()
        .map_err(|error| anyhow::anyhow!("the settings cannot be read: {error}"))
}

impl Written {
    /// Only the database: what maintenance commands need.
    ///
    /// # Errors
    /// When the address is wrong.
    pub fn database(&self) -> Result<Address, Mistakes> {
        self.database
            .url
            .parse()
            .map_err(|error: store::db::BadAddress| {
                Mistakes(vec![format!("database.url: {error}")])
            })
    }

    /// Checks everything and lists every mistake.
    ///
    /// # Errors
    /// [`Mistakes`].
    pub fn check(&self) -> Result<Settings, Mistakes> {
        let mut mistakes = Vec::new();
        let mut need = |name: &str, value: &str, why: &str| {
            if value.trim().is_empty() {
                let variable = format!("TRUNKLINE_{}", name.to_uppercase().replace('.', "__"));
                mistakes.push(format!(
                    "{name} is missing: {why} (set it in the file or as {variable})"
                ));
            }
        };
        need(
            "meta.app_secret",
            &self.meta.app_secret,
            "without it no webhook can be trusted",
        );
        need(
            "meta.verify_token",
            &self.meta.verify_token,
            "Meta presents it when it verifies the webhook address",
        );
        need(
            "secrets.key",
            &self.secrets.key,
            "tokens are sealed with it; make one with `openssl rand -hex 32`",
        );
        let sealer = Sealer::new(self.secrets.key.split(','));
        if let (Err(error), false) = (&sealer, self.secrets.key.trim().is_empty()) {
            mistakes.push(format!("secrets.key: {error}"));
        }
        let database = self.database();
        if let Err(error) = &database {
            mistakes.extend(error.0.iter().cloned());
        }
        if !(self.meta.graph_url.starts_with("http://")
            || self.meta.graph_url.starts_with("https://"))
        {
            mistakes.push(
                "meta.graph_url must begin with https:// (or http:// for the simulator)".to_owned(),
            );
        }
        if !(0.1..=1.0).contains(&self.outbound.use_of_throughput) {
            mistakes.push("outbound.use_of_throughput must be 0.1 to 1.0".to_owned());
        }
        if self.intake.max_backlog < 1 {
            mistakes.push("intake.max_backlog must be at least 1".to_owned());
        }
        let mailer = if self.mail.smtp_url.trim().is_empty() {
            Ok(Mailer::default())
        } else {
            Mailer::smtp(
                &self.mail.smtp_url.trim().to_owned().into(),
                &self.mail.from,
            )
        };
        if let Err(error) = &mailer {
            mistakes.push(error.to_string());
        }
        let url = self.server.public_url.trim();
        if !(url.is_empty() || url.starts_with("http://") || url.starts_with("https://")) {
            mistakes.push("server.public_url must begin with https:// (or http://)".to_owned());
        }
        match (database, sealer, mailer, mistakes.is_empty()) {
            (Ok(database), Ok(sealer), Ok(mailer), true) => {
                Ok(self.parsed(database, sealer, mailer))
            }
            _ => Err(Mistakes(mistakes)),
        }
    }

    fn parsed(&self, database: Address, sealer: Sealer, mailer: Mailer) -> Settings {
        let path = |path: &Path| (!path.as_os_str().is_empty()).then(|| path.to_owned());
        let text = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        Settings {
            listen: self.server.listen.clone(),
            public_url: text(self.server.public_url.trim_end_matches('/')),
            behind_proxy: self.server.behind_proxy,
            support_contact: text(&self.support.contact),
            ready_file: path(&self.server.ready_file),
            database,
            intake_path: path(&self.intake.path),
            inbound: InboundConfig {
                max_backlog: self.intake.max_backlog,
                keep: Duration::from_secs(self.intake.keep_hours * 3_600),
                ..InboundConfig::default()
            },
            outbound: OutboundConfig {
                settle: Duration::from_secs(self.outbound.settle_seconds),
                max_attempts: self.outbound.max_attempts.max(1),
                use_of_throughput: self.outbound.use_of_throughput,
            },
            graph_url: self.meta.graph_url.trim_end_matches('/').to_owned(),
            graph_version: self.meta.graph_version.clone(),
            graph_timeout: Duration::from_secs(self.meta.timeout_seconds.max(1)),
            app_secret: self.meta.app_secret.clone().into(),
            verify_token: self.meta.verify_token.clone().into(),
            waba_id: text(&self.meta.waba_id),
            system_user_token: text(&self.meta.system_user_token).map(SecretString::from),
            sealer,
            mailer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_file_has_every_setting_and_no_other() {
        let written: Written = Figment::from(Toml::string(DEFAULTS)).extract().unwrap();
        let fields = serde_json::to_value(&written).unwrap();
        let file: serde_json::Value = Figment::from(Toml::string(DEFAULTS)).extract().unwrap();
        for (section, settings) in fields.as_object().unwrap() {
            let names = |value: &serde_json::Value| {
                value
                    .as_object()
                    .unwrap()
                    .keys()
                    .cloned()
                    .collect::<Vec<_>>()
            };
            assert_eq!(
                names(settings),
                names(&file[section]),
                "section [{section}]"
            );
        }
    }

    #[test]
    fn every_mistake_is_listed_at_once() {
        let mut written: Written = Figment::from(Toml::string(DEFAULTS)).extract().unwrap();
        written.database.url = "mysql://x".into();
        let Err(Mistakes(mistakes)) = written.check() else {
            panic!("empty secrets were accepted")
        };
        for name in [
            "meta.app_secret",
            "meta.verify_token",
            "secrets.key",
            "database.url",
        ] {
            assert!(
                mistakes.iter().any(|mistake| mistake.contains(name)),
                "{name} is not named in {mistakes:?}"
            );
        }
    }
}
