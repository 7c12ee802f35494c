//! From what is written to what a server needs: parsed, checked whole, every mistake listed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use engine::mail::Mailer;
use engine::media::{MediaConfig, Place};
use engine::platform::{Known, Setting};
use engine::{InboundConfig, OutboundConfig};
use secrecy::SecretString;
use store::Address;
use store::seal::Sealer;

use super::written::{MediaSettings, Meta, Written};
use super::{Mistakes, Settings};

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
        mistakes.extend(self.meta.mistakes());
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
        let place = self.media.place(database.as_ref().ok());
        if let Err(error) = &place {
            mistakes.push(error.clone());
        }
        if self.media.fetches == 0 || self.media.uploads_per_minute == 0 {
            mistakes
                .push("media.fetches and media.uploads_per_minute must be at least 1".to_owned());
        }
        match (database, sealer, mailer, place, mistakes.is_empty()) {
            (Ok(database), Ok(sealer), Ok(mailer), Ok(place), true) => {
                Ok(self.parsed(database, sealer, mailer, place))
            }
            _ => Err(Mistakes(mistakes)),
        }
    }

    fn parsed(&self, database: Address, sealer: Sealer, mailer: Mailer, place: Place) -> Settings {
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
            graph_timeout: Duration::from_secs(self.meta.timeout_seconds.max(1)),
            platform: self.meta.known(),
            media: MediaConfig {
                fetches: self.media.fetches,
                quota: (self.media.quota_mb > 0).then_some(self.media.quota_mb << 20),
                uploads_per_minute: self.media.uploads_per_minute,
                ..MediaConfig::at(place)
            },
            sealer,
            mailer,
        }
    }
}

impl Meta {
    /// What is wrong with what is set; what is empty may be typed on the page.
    fn mistakes(&self) -> impl Iterator<Item = String> {
        let known = self.known();
        Setting::ALL.into_iter().filter_map(move |setting| {
            let written = setting.of(&known)?;
            let why = setting.check(&written).err()?;
            Some(format!("meta.{}: {why}", setting.name()))
        })
    }

    fn known(&self) -> Known {
        let text = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let secret = |written: &str| text(written).map(SecretString::from);
        Known {
            app_id: text(&self.app_id),
            app_secret: secret(&self.app_secret),
            verify_token: secret(&self.verify_token),
            webhook_url: text(&self.webhook_url),
            graph_version: text(&self.graph_version),
            config_id: text(&self.config_id),
            business_id: text(&self.business_id),
            credit_line_id: text(&self.credit_line_id),
            solution_id: text(&self.solution_id),
            system_user_token: secret(&self.system_user_token),
            waba_id: text(&self.waba_id),
            sdk_url: self.sdk_url.clone(),
            login_url: self.login_url.clone(),
        }
    }
}

impl MediaSettings {
    /// Where files are kept, beside the database where nothing is said.
    fn place(&self, database: Option<&Address>) -> Result<Place, String> {
        let text = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let Some(store) = text(&self.store) else {
            return Ok(Place::Folder(match database {
                Some(Address::Sqlite(file)) => file.with_file_name("media"),
                Some(Address::Postgres(_)) | None => PathBuf::from("data/media"),
            }));
        };
        let mut place = Place::parse(&store).map_err(|why| format!("media.store {why}"))?;
        if let Place::S3(bucket) = &mut place {
            bucket.endpoint = text(&self.s3_endpoint);
            bucket.region = text(&self.s3_region).unwrap_or_else(|| bucket.region.clone());
            bucket.access_key_id = text(&self.s3_access_key_id);
            bucket.secret_access_key = text(&self.s3_secret_access_key).map(SecretString::from);
            if bucket.access_key_id.is_some() != bucket.secret_access_key.is_some() {
                return Err(
                    "media.s3_access_key_id and media.s3_secret_access_key go together".to_owned(),
                );
            }
        }
        Ok(place)
    }
}
