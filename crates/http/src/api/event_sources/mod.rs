//! `/api/v1/event-sources`: addresses for systems that can only post.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;

use domain::Timestamp;
use serde::Serialize;
use serde_json::Value;
use store::events::sources::Source;
use utoipa::ToSchema;

use crate::App;

/// A source as it is kept.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventSourceView {
    /// Its id.
    #[schema(example = "src_0193a5c47d1e7c3f8a2b4c5d6e7f8091")]
    id: String,
    /// What people call it.
    name: String,
    /// Where the other system posts.
    url: String,
    /// The type of all that comes from here; null where the body says it.
    r#type: Option<String>,
    /// Where the type stands.
    type_path: Option<String>,
    /// Where the id stands; null: `webhook-id`, else a digest of the body.
    id_path: Option<String>,
    /// Where the data stands; null: all of the body.
    data_path: Option<String>,
    /// When it was made.
    created_at: String,
    /// When it last reported something, to the minute.
    last_at: Option<String>,
}

/// A source with its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NewEventSourceView {
    #[serde(flatten)]
    source: EventSourceView,
    /// By which the other system signs. It is shown this once.
    #[schema(example = "whsec_…")]
    secret: String,
}

impl EventSourceView {
    fn new(app: &App, row: Source) -> Self {
        let settings: Value = serde_json::from_str(&row.settings).unwrap_or_default();
        let text = |name: &str| settings[name].as_str().map(str::to_owned);
        Self {
            url: format!("{}/hooks/events/{}", app.web.public_url, row.id),
            id: row.id.to_string(),
            r#type: text("type"),
            type_path: text("type_path"),
            id_path: text("id_path"),
            data_path: text("data_path"),
            name: row.name,
            created_at: row.created_at.rfc3339(),
            last_at: row.last_at.map(|at| Timestamp(at).rfc3339()),
        }
    }
}
