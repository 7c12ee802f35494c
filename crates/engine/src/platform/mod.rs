//! What the platform is at Meta: its app, its portfolio, its line of credit.
//!
//! The configuration wins; what it leaves empty may be typed on the page "Platform → Set-up" (`change`), is kept
//! sealed in the database, and counts from that moment: in this process at once, in others within seconds
//! (`follow`). Nothing here is needed for a start: what is missing switches off what needs it.

mod change;
pub mod check;
mod follow;
mod setting;
mod subscribe;

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use meta::graph::{DEFAULT_VERSION, GraphClient};
use secrecy::{ExposeSecret as _, SecretString};
use store::platform_settings::{self, Kept};
use store::seal::Sealer;

pub use change::{ChangeError, change, masked, reveal_verify_token, verify_token};
pub use follow::{follow, load};
pub use setting::{Setting, Source};
pub use subscribe::{SubscribeError, subscribe};

/// Everything that is known of the platform's app. What is missing switches off what needs it.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The app's id; Embedded Signup needs it.
    pub app_id: Option<String>,
    /// Key of webhook signatures and of the exchange of codes. Without it no webhook is taken.
    pub app_secret: Option<SecretString>,
    /// What Meta's verification of the webhook address presents.
    pub verify_token: Option<SecretString>,
    /// The login configuration of Embedded Signup.
    pub config_id: Option<String>,
    /// The platform's business portfolio.
    pub business_id: Option<String>,
    /// A solution partner's line of credit.
    pub credit_line_id: Option<String>,
    /// The solution of a tech provider and a solution partner.
    pub solution_id: Option<String>,
    /// The system user's token.
    pub system_user_token: Option<SecretString>,
    /// The platform's own WABA, whose numbers are shared out.
    pub waba_id: Option<String>,
    /// The address that Meta posts webhooks to, where it is not the public address with `/webhooks/meta`.
    pub webhook_url: Option<String>,
    /// The version in request paths, such as `v25.0`, where one was chosen.
    pub graph_version: Option<String>,
    /// Where Meta's JavaScript SDK is.
    pub sdk_url: String,
    /// Where Meta's sign-in windows come from.
    pub login_url: String,
}

impl Known {
    /// The version in request paths.
    pub fn version(&self) -> &str {
        self.graph_version.as_deref().unwrap_or(DEFAULT_VERSION)
    }

    /// `app_id|app_secret`: the token by which the app speaks for itself.
    pub fn app_token(&self) -> Option<SecretString> {
        let (id, secret) = (self.app_id.as_deref()?, self.app_secret.as_ref()?);
        Some(format!("{id}|{}", secret.expose_secret()).into())
    }
}

/// What is known now, and where it comes from.
#[derive(Debug)]
pub struct Platform {
    /// What the configuration says.
    written: Known,
    now: RwLock<State>,
    public_url: OnceLock<String>,
}

#[derive(Debug, Default)]
struct State {
    known: Arc<Known>,
    /// The rows that it was made of.
    kept: Vec<Kept>,
    /// Secrets that do not open with the key that is set.
    locked: Vec<Setting>,
}

impl Platform {
    /// Begins with what the configuration says.
    pub fn new(written: Known) -> Self {
        let state = State {
            known: Arc::new(written.clone()),
            ..State::default()
        };
        Self {
            written,
            now: RwLock::new(state),
            public_url: OnceLock::new(),
        }
    }

    /// What is known now; it may be something else a moment later.
    pub fn now(&self) -> Arc<Known> {
        Arc::clone(&self.read().known)
    }

    /// Where a setting comes from.
    pub fn source(&self, setting: Setting) -> Source {
        if setting.of(&self.written).is_some() {
            Source::Config
        } else if setting.of(&self.now()).is_some() {
            Source::Page
        } else {
            Source::None
        }
    }

    /// Secrets that were typed and do not open with the key that is set.
    pub fn locked(&self) -> Vec<Setting> {
        self.read().locked.clone()
    }

    /// Notes where people and Meta reach this installation: `https://…` without a slash at its end. The first one
    /// stands.
    pub fn reached_at(&self, public_url: &str) {
        self.public_url.set(public_url.to_owned()).ok();
    }

    /// Where people and Meta reach this installation; none before it serves.
    pub fn public_url(&self) -> Option<&str> {
        self.public_url.get().map(String::as_str)
    }

    /// The address that Meta posts webhooks to.
    pub fn webhook_url(&self) -> Option<String> {
        let chosen = self.now().webhook_url.clone();
        let own = || Some(format!("{}/webhooks/meta", self.public_url()?));
        chosen.or_else(own)
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.now.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts together what the configuration says and what was typed. False when nothing changed since the last time.
    pub fn take(&self, kept: Vec<Kept>, sealer: &Sealer, graph: &GraphClient) -> bool {
        if self.read().kept == kept {
            return false;
        }
        let mut known = self.written.clone();
        let mut locked = Vec::new();
        for row in &kept {
            let Some(setting) = Setting::named(&row.name) else {
                continue;
            };
            if setting.of(&self.written).is_some() {
                continue;
            }
            match platform_settings::open(sealer, row) {
                Ok(Some(secret)) => setting.set(&mut known, Some(secret.expose_secret())),
                Ok(None) => setting.set(&mut known, row.value.as_deref()),
                Err(error) => {
                    tracing::error!(error = %error, setting = setting.name(), "a setting of the platform does not open");
                    locked.push(setting);
                }
            }
        }
        graph.ask_for(known.version());
        graph.prove_with(known.app_secret.as_ref());
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = State {
            known: Arc::new(known),
            kept,
            locked,
        };
        true
    }
}
