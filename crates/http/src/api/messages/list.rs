//! `GET /api/v1/messages`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use domain::MessageId;
use serde::Deserialize;
use store::messages::{self, Filter};
use utoipa::IntoParams;

use super::MessageView;
use crate::App;
use crate::auth::{InboxRead, Member};
use crate::paging::{List, Wanted};
use crate::problem::{Problem, Result};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Narrow {
    /// Meta's id.
    wamid: Option<String>,
    /// `inbound` or `outbound`.
    direction: Option<String>,
    /// A status word.
    status: Option<String>,
    /// One conversation.
    conversation_id: Option<String>,
    /// Notes and activity of the tenant's people, too (`direction` `internal`).
    internal: Option<bool>,
}

/// Lists the tenant's messages, newest first.
#[utoipa::path(get, path = "/api/v1/messages", tag = "messages", params(Narrow, Wanted), responses(
    (status = 200, description = "A page", body = List<MessageView>),
    (status = 422, description = "A filter is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn list(
    State(app): State<App>,
    member: Member<InboxRead>,
    narrow: std::result::Result<Query<Narrow>, QueryRejection>,
    wanted: std::result::Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<List<MessageView>>> {
    let (Query(narrow), Query(wanted)) = (narrow?, wanted?);
    let page = wanted.page::<MessageId>()?;
    if narrow
        .direction
        .as_deref()
        .is_some_and(|word| !matches!(word, "inbound" | "outbound"))
    {
        return Err(Problem::invalid("direction", "must be inbound or outbound"));
    }
    if narrow
        .status
        .as_deref()
        .is_some_and(|word| domain::status::MessageStatus::parse(word).is_none())
    {
        return Err(Problem::invalid(
            "status",
            "is not a status that messages have",
        ));
    }
    let conversation = match narrow.conversation_id.as_deref() {
        None => None,
        Some(text) => Some(
            text.parse()
                .map_err(|_| Problem::invalid("conversation_id", "is not a conversation's id"))?,
        ),
    };
    let filter = Filter {
        wamid: narrow.wamid,
        direction: narrow.direction,
        status: narrow.status,
        conversation,
        internal: narrow.internal.unwrap_or(false),
    };
    let rows = messages::list(&app.engine.db, member.tenant, &filter, page).await?;
    Ok(Json(List::of(
        rows,
        page.limit,
        |row| row.id.to_string(),
        MessageView::from,
    )))
}
