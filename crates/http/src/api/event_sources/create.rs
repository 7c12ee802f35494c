//! `POST /api/v1/event-sources`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use domain::notification::Path;
use engine::notify::sources::{self, Settings};
use engine::outbound::request::Mistake;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{EventSourceView, NewEventSourceView};
use crate::App;
use crate::auth::{Member, NotificationsWrite};
use crate::problem::{Problem, Result};

/// A source as it is written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenEventSource {
    /// What people call it, 1 to 100 characters.
    name: String,
    /// The type of all that comes from here …
    #[schema(example = "shop.order_paid")]
    r#type: Option<String>,
    /// … or where it stands in what is posted.
    #[schema(example = "$.event")]
    type_path: Option<String>,
    /// Where the id stands; without it `webhook-id`, else a digest of the body.
    #[schema(example = "$.order.id")]
    id_path: Option<String>,
    /// Where the data stands; without it all of the body.
    data_path: Option<String>,
}

impl WrittenEventSource {
    fn checked(self) -> Result<(String, Settings)> {
        let mut mistakes = Vec::new();
        let mut path = |field: &str, given: Option<String>| match given.as_deref().map(Path::parse)
        {
            None => None,
            Some(Ok(path)) => Some(path),
            Some(Err(error)) => {
                mistakes.push(Mistake::new(field, error.to_string()));
                None
            }
        };
        let settings = Settings {
            kind: self.r#type,
            type_path: path("type_path", self.type_path),
            id_path: path("id_path", self.id_path),
            data_path: path("data_path", self.data_path),
        };
        if mistakes.is_empty() {
            mistakes.extend(settings.check());
        }
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > 100 {
            mistakes.push(Mistake::new("name", "must have 1 to 100 characters"));
        }
        if mistakes.is_empty() {
            Ok((name.to_owned(), settings))
        } else {
            Err(Problem::mistakes(mistakes))
        }
    }
}

/// Makes an address for a system that can only post, with a secret by which it signs. The secret is shown this once.
#[utoipa::path(post, path = "/api/v1/event-sources", tag = "events", request_body = WrittenEventSource, responses(
    (status = 201, description = "The source with its secret", body = NewEventSourceView),
    (status = 409, description = "There are 50 already (`too_many`)", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A path or the type is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn create(
    State(app): State<App>,
    member: Member<NotificationsWrite>,
    body: std::result::Result<Json<WrittenEventSource>, JsonRejection>,
) -> Result<(StatusCode, Json<NewEventSourceView>)> {
    let Json(body) = body?;
    let (name, settings) = body.checked()?;
    let made = sources::create(
        &app.engine,
        member.tenant,
        &name,
        &settings,
        &member.caller.who(),
    )
    .await?;
    let made = made.ok_or_else(|| {
        Problem::conflict(
            "too_many",
            format!(
                "there are {} sources; remove one that reports nothing",
                sources::MOST_SOURCES
            ),
        )
    })?;
    let view = NewEventSourceView {
        secret: made.secret.expose_secret().to_owned(),
        source: EventSourceView::new(&app, made.source),
    };
    Ok((StatusCode::CREATED, Json(view)))
}
