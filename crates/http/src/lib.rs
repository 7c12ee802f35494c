//! axum: Meta's webhook, the product's API, the platform's administration, and what operators look at.
//!
//! Authorisation is in the extractors of [`auth`]: a handler that takes an `OwnMessage` cannot forget
//! the check. Every error leaves as `application/problem+json` (see [`problem`]).

mod admin;
mod api;
mod audit;
mod auth;
mod given;
mod hooks;
mod live;
mod pages;
mod paging;
mod problem;
mod router;
mod routes;
mod system;
mod table;
mod web_app;

use std::sync::Arc;

use engine::Engine;
use engine::events::Events;
use engine::inbound::Intake;
use engine::inbox::presence::Presence;
use engine::keys::Keys;
use engine::notify::EventIntake;
use engine::outbound::Enqueuer;
use engine::templates::Templates;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::sync::CancellationToken;

pub use admin::health::Health;
pub use router::{openapi, router, worker_router};

/// What every handler works with. Cloning shares it.
#[derive(Clone)]
pub struct App(Arc<AppParts>);

/// The parts of an [`App`]; all are passed in.
pub struct AppParts {
    /// The product.
    pub engine: Engine,
    /// The way in for webhooks.
    pub intake: Intake,
    /// The way out for messages.
    pub enqueuer: Enqueuer,
    /// The way in for events of other systems.
    pub event_intake: EventIntake,
    /// Live events.
    pub events: Events,
    /// Who looks at which conversation.
    pub presence: Presence,
    /// Message templates.
    pub templates: Arc<Templates>,
    /// API keys.
    pub keys: Keys,
    /// Where people reach the pages, and how.
    pub web: Web,
    /// What the health page remembers.
    pub health: Health,
    /// Renders the metrics.
    pub metrics: PrometheusHandle,
    /// Cancelled when the program ends: streams end then.
    pub stop: CancellationToken,
}

/// Where people reach the pages.
#[derive(Debug, Clone)]
pub struct Web {
    /// `https://…` without a slash at its end: links in invitations begin so.
    pub public_url: String,
    /// Whether a proxy of the operator's stands in front, whose `X-Forwarded-For` counts.
    pub behind_proxy: bool,
    /// How a tenant's people reach the platform's support; none: they are told nothing.
    pub support_contact: Option<String>,
}

impl Web {
    /// Whether browsers reach us encrypted: then the cookie is sent only so.
    pub fn is_secure(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

impl App {
    /// An app of these parts.
    pub fn new(parts: AppParts) -> Self {
        Self(Arc::new(parts))
    }
}

impl std::ops::Deref for App {
    type Target = AppParts;

    fn deref(&self) -> &AppParts {
        &self.0
    }
}
