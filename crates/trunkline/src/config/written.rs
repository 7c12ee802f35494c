//! The settings as they are written in the file, one struct a section.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

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
    /// `[media]`
    pub media: MediaSettings,
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
    pub webhook_url: String,
    pub app_id: String,
    pub config_id: String,
    pub business_id: String,
    pub credit_line_id: String,
    pub solution_id: String,
    pub sdk_url: String,
    pub login_url: String,
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

/// `[media]`
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "config/trunkline.default.toml says what each setting is"
)]
pub struct MediaSettings {
    pub store: String,
    pub s3_endpoint: String,
    pub s3_region: String,
    pub s3_access_key_id: String,
    pub s3_secret_access_key: String,
    #[serde(deserialize_with = "number")]
    pub fetches: usize,
    #[serde(deserialize_with = "number")]
    pub quota_mb: u64,
    #[serde(deserialize_with = "number")]
    pub uploads_per_minute: u32,
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
never_printed!(Mail, MediaSettings, Database, Meta, Secrets);
