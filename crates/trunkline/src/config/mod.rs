//! Settings: embedded defaults < file < environment < flags, parsed once, checked whole.

mod check;
mod written;

use std::path::{Path, PathBuf};
use std::time::Duration;

use engine::mail::Mailer;
use engine::media::MediaConfig;
use engine::platform::Known;
use engine::{InboundConfig, OutboundConfig};
use figment::Figment;
use figment::providers::{Format as _, Serialized, Toml};
use store::Address;
use store::seal::Sealer;

pub use written::{
    Database, Intake, Log, Mail, MediaSettings, Meta, Outbound, Secrets, Server, Support, Written,
};

const DEFAULTS: &str = include_str!("../../../../config/trunkline.default.toml");

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
    /// How long a call may take.
    pub graph_timeout: Duration,
    /// What is written of the platform's app at Meta; the rest may be typed on its page.
    pub platform: Known,
    /// Opens and seals secrets.
    pub sealer: Sealer,
    /// Where files are kept, and how many.
    pub media: MediaConfig,
    /// Sends e-mail, or knows that nobody does.
    pub mailer: Mailer,
}

/// Everything that is wrong with the settings, in one message.
#[derive(Debug, thiserror::Error)]
#[error("the settings are not complete:\n  {}", .0.join("\n  "))]
pub struct Mistakes(pub Vec<String>);

/// Names of secrets that may be read from a file named by `TRUNKLINE_…_FILE`.
const FROM_FILES: [&str; 8] = [
    "meta.app_secret",
    "meta.verify_token",
    "meta.system_user_token",
    "secrets.key",
    "database.url",
    "mail.smtp_url",
    "media.s3_access_key_id",
    "media.s3_secret_access_key",
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
        written.meta.graph_version = "24".into();
        let Err(Mistakes(mistakes)) = written.check() else {
            panic!("empty secrets were accepted")
        };
        for name in ["meta.graph_version", "secrets.key", "database.url"] {
            assert!(
                mistakes.iter().any(|mistake| mistake.contains(name)),
                "{name} is not named in {mistakes:?}"
            );
        }
    }

    #[test]
    fn a_server_starts_before_anything_of_meta_is_known() {
        let mut written: Written = Figment::from(Toml::string(DEFAULTS)).extract().unwrap();
        written.secrets.key = "7".repeat(64);
        let settings = written
            .check()
            .unwrap_or_else(|mistakes| panic!("{mistakes}"));
        assert!(settings.platform.app_secret.is_none());
        assert!(settings.platform.graph_version.is_none());
    }
}
