//! `POST /api/v1/events`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use domain::notification::{Posted, check_posted};
use engine::notify::{Accepted, MOST_EVENTS, NotAccepted};
use engine::outbound::request::Mistake;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::App;
use crate::auth::{EventsWrite, Member};
use crate::problem::{Problem, Result};

/// An event as it is reported.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "it describes the body, which is read by the rules' own reader"
)]
pub(crate) struct NewEvent {
    /// What happened: letters, digits and `_ . : - /`.
    #[schema(example = "purchase_order.created")]
    r#type: String,
    /// Your own id of it. Reporting it twice is one event.
    #[schema(example = "po-4711")]
    id: String,
    /// What the messages need; at most 64 KiB of JSON.
    #[schema(value_type = Object)]
    data: Value,
    /// When it happened (RFC 3339).
    occurred_at: Option<String>,
}

/// One event or many.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes the body")]
pub(crate) enum NewEvents {
    /// One event.
    One(NewEvent),
    /// At most 500; all are kept, or none.
    Many(Vec<NewEvent>),
}

/// An event that is kept.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AcceptedEvent {
    /// Its id here.
    #[schema(example = "ev_0193a5c47d1e7c3f8a2b4c5d6e7f8091")]
    id: String,
    /// The other system's id.
    event_id: String,
    /// It had been reported before; nothing is sent again.
    repeated: bool,
}

/// What is answered: for one event its object, for a list `data`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum AcceptedEvents {
    /// For one event.
    One(AcceptedEvent),
    /// For a list.
    Many {
        /// In the order in which they were given.
        data: Vec<AcceptedEvent>,
    },
}

impl From<Accepted> for AcceptedEvent {
    fn from(accepted: Accepted) -> Self {
        Self {
            id: accepted.id.to_string(),
            event_id: accepted.event_id,
            repeated: accepted.repeated,
        }
    }
}

/// Reports what happened in another system. The rules make messages of it; what it led to stands at `GET /api/v1/events/{id}`.
#[utoipa::path(post, path = "/api/v1/events", tag = "events", request_body = NewEvents, responses(
    (status = 202, description = "Durable; the rules are applied at once", body = AcceptedEvents),
    (status = 409, description = "An id was reported before with another content (`event_differs`); nothing was kept", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "An event is wrong; nothing was kept", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn create(
    State(app): State<App>,
    member: Member<EventsWrite>,
    body: std::result::Result<Json<Value>, JsonRejection>,
) -> Result<(StatusCode, Json<AcceptedEvents>)> {
    let Json(body) = body?;
    let answer = match body {
        Value::Array(all) => {
            if all.is_empty() || all.len() > MOST_EVENTS {
                let said = format!("must have 1 to {MOST_EVENTS} events");
                return Err(Problem::invalid("body", said));
            }
            let read: Vec<_> = all
                .iter()
                .enumerate()
                .map(|(n, one)| read(one, &format!("[{n}]")))
                .collect();
            let mistakes: Vec<_> = read
                .iter()
                .filter_map(|one| one.as_ref().err().cloned())
                .flatten()
                .collect();
            if !mistakes.is_empty() {
                return Err(Problem::mistakes(mistakes.into_iter().take(100).collect()));
            }
            let events = read.into_iter().flatten().collect();
            let accepted = keep(&app, &member, events).await?;
            AcceptedEvents::Many {
                data: accepted.into_iter().map(AcceptedEvent::from).collect(),
            }
        }
        one => {
            let event = read(&one, "").map_err(Problem::mistakes)?;
            let mut accepted = keep(&app, &member, vec![event]).await?;
            AcceptedEvents::One(accepted.remove(0).into())
        }
    };
    Ok((StatusCode::ACCEPTED, Json(answer)))
}

fn read(value: &Value, place: &str) -> std::result::Result<Posted, Vec<Mistake>> {
    check_posted(value).map_err(|wrong| {
        let field = |field: &str| match (place, field) {
            ("", field) => field.to_owned(),
            (place, "") => place.to_owned(),
            (place, field) => format!("{place}.{field}"),
        };
        wrong
            .into_iter()
            .map(|(name, said)| Mistake::new(field(name), said))
            .collect()
    })
}

async fn keep(
    app: &App,
    member: &Member<EventsWrite>,
    events: Vec<Posted>,
) -> Result<Vec<Accepted>> {
    app.event_intake
        .accept(member.tenant, None, events)
        .await
        .map_err(refused)
}

/// Why nothing was kept.
pub(crate) fn refused(error: NotAccepted) -> Problem {
    match error {
        NotAccepted::Differs(_) => Problem::conflict("event_differs", error.to_string()),
        NotAccepted::NotDurable => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "try_again",
            "Try again",
            error.to_string(),
        ),
    }
}
