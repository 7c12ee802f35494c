//! `GET /api/v1/queue/uncertain`: sends whose outcome nobody knows and that a person has to decide about.

use std::collections::{HashMap, HashSet};

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use domain::{ContactId, MessageId, Timestamp};
use serde::{Deserialize, Serialize};
use store::contacts::{self, Contact};
use store::messages::{self, Message};
use store::outbox::look;
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::api::messages::MessageView;
use crate::auth::{InboxRead, Member};
use crate::paging::{List, Wanted};
use crate::problem::Result;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Narrow {
    /// Those, too, for which the settle time is not over: a report of WhatsApp's may still settle them.
    all: Option<bool>,
}

/// A send of unknown outcome, with what is known about it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UncertainView {
    /// The message.
    message: MessageView,
    /// When it was handed to the queue.
    enqueued_at: String,
    /// Why nobody knows: the answer was lost, the connection broke, the program stopped.
    reason: Option<String>,
    /// Since when.
    since: Option<String>,
    /// The contact's name, if known.
    contact_name: Option<String>,
    /// The contact's number in digits, if known.
    contact_phone: Option<String>,
    /// How often its outcome was unknown.
    doubts: i64,
    /// Until when a report may settle it by itself; null when somebody has to decide.
    settle_at: Option<String>,
}

/// Lists sends of unknown outcome that need a person, newest first.
#[utoipa::path(get, path = "/api/v1/queue/uncertain", tag = "queue", params(Narrow, Wanted), responses(
    (status = 200, description = "A page", body = List<UncertainView>),
))]
pub(crate) async fn list(
    State(app): State<App>,
    member: Member<InboxRead>,
    narrow: std::result::Result<Query<Narrow>, QueryRejection>,
    wanted: std::result::Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<List<UncertainView>>> {
    let (Query(narrow), Query(wanted)) = (narrow?, wanted?);
    let page = wanted.page::<MessageId>()?;
    let (db, tenant) = (&app.engine.db, member.tenant);
    let rows = look::in_doubt(db, tenant, narrow.all.unwrap_or(false), page).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let seen = messages::by_ids(db, tenant, member.sight, &ids).await?;
    let people: HashSet<_> = seen.iter().map(|row| ContactId(row.contact_id)).collect();
    let people: Vec<_> = people.into_iter().collect();
    let people = contacts::some(db, tenant, &people).await?;
    let people: HashMap<ContactId, Contact> = people.into_iter().map(|row| (row.id, row)).collect();
    let mut seen: HashMap<MessageId, Message> = seen.into_iter().map(|row| (row.id, row)).collect();
    let full = i64::try_from(rows.len()).is_ok_and(|count| count >= page.limit);
    let next = rows.last().map(|row| row.id.to_string()).filter(|_| full);
    let data = rows.into_iter().filter_map(|row| {
        let message = seen.remove(&row.id)?;
        let contact = people.get(&ContactId(message.contact_id));
        Some(UncertainView {
            contact_name: contact.and_then(|contact| contact.name.clone()),
            contact_phone: contact.and_then(|contact| contact.phone.clone()),
            message: message.into(),
            since: row.since.map(|at| Timestamp(at).rfc3339()),
            enqueued_at: Timestamp(row.created_at).rfc3339(),
            reason: row.last_error,
            doubts: row.doubts,
            settle_at: row.settle_at.map(|at| Timestamp(at).rfc3339()),
        })
    });
    Ok(Json(List {
        data: data.collect(),
        next,
    }))
}
