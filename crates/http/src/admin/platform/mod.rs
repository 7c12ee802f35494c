//! `/api/v1/admin/platform`: what the platform is at Meta, whether it works there, and how to mend it.

pub(crate) mod check;
pub(crate) mod show;
pub(crate) mod subscribe;
pub(crate) mod update;
pub(crate) mod verify_token;

use engine::Engine;
use engine::platform::{ChangeError, Setting, masked};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;

/// What the platform is at Meta.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlatformView {
    /// Every setting, in the order in which an empty installation is set up.
    settings: Vec<SettingView>,
    /// Where Meta posts webhooks: enter it in the app's dashboard, or let `subscribe` do it.
    webhook_url: Option<String>,
    /// Where people reach this installation; `server.public_url` of the configuration.
    public_url: Option<String>,
    /// The version in request paths.
    graph_version: String,
}

/// One setting.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SettingView {
    /// `app_id`, `app_secret`, `verify_token`, `webhook_url`, `graph_version`, `business_id`, `system_user_token`,
    /// `waba_id`, `config_id`, `credit_line_id`, `solution_id`.
    name: &'static str,
    /// `config`: the configuration says it, and it cannot be changed here. `page`: it was typed. `none`: it is not set.
    source: &'static str,
    /// Whether it is a secret: then `value` ends with its last four characters, and nothing else is ever shown.
    secret: bool,
    /// What it is.
    value: Option<String>,
    /// It was typed, but does not open with the key that is set (`secrets.key`): type it again.
    locked: bool,
}

fn view(engine: &Engine) -> PlatformView {
    let known = engine.platform.now();
    let locked = engine.platform.locked();
    let settings = Setting::ALL.into_iter().map(|setting| {
        let value = setting.of(&known);
        SettingView {
            name: setting.name(),
            source: engine.platform.source(setting).as_str(),
            secret: setting.is_secret(),
            value: value.map(|value| {
                if setting.is_secret() {
                    masked(&value)
                } else {
                    value.into_owned()
                }
            }),
            locked: locked.contains(&setting),
        }
    });
    PlatformView {
        settings: settings.collect(),
        webhook_url: engine.platform.webhook_url(),
        public_url: engine.platform.public_url().map(str::to_owned),
        graph_version: known.version().to_owned(),
    }
}

impl From<ChangeError> for Problem {
    fn from(error: ChangeError) -> Self {
        let sentence = error.to_string();
        match error {
            ChangeError::Wrong { setting, why } => Self::invalid(setting.name(), why),
            ChangeError::InConfig(_) => Self::conflict("set_in_config", sentence),
            ChangeError::OfATenant => Self::invalid(Setting::WabaId.name(), sentence),
            ChangeError::Store(error) => error.into(),
        }
    }
}
