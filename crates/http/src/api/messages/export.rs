//! `GET /api/v1/messages/export`: messages as a file, and how many there will be in it.
//!
//! The file is read page by page while the client takes it: however long it is, one page is in memory, and a client
//! that goes away ends it.

use std::collections::HashMap;

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::{Sight, TenantId};
use futures::stream;
use serde::{Deserialize, Serialize};
use store::messages::Message;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::MessageView;
use super::narrow::{Narrow, Narrowed};
use super::pages::names;
use super::view::ContactName;
use crate::App;
use crate::auth::{InboxRead, Member};
use crate::problem::{Problem, Result};
use crate::table::{Cells, rows};

/// How the file is written.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Format {
    /// `csv` (the default) or `jsonl`.
    format: Option<String>,
}

/// How many messages there are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CountView {
    /// So many, or at least so many.
    count: i64,
    /// Whether all of them were counted.
    exact: bool,
}

/// How a file is written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Writing {
    Csv,
    JsonLines,
}

impl Format {
    /// The way that was asked for.
    pub(crate) fn read(&self) -> Result<Writing> {
        match self.format.as_deref() {
            None | Some("csv" | "") => Ok(Writing::Csv),
            Some("jsonl") => Ok(Writing::JsonLines),
            Some(_) => Err(Problem::invalid("format", "must be csv or jsonl")),
        }
    }
}

/// A file as an answer; its name without the ending.
pub(crate) fn answer(writing: Writing, name: &str, body: Body) -> Response {
    let (content_type, ending) = match writing {
        Writing::Csv => ("text/csv; charset=utf-8", "csv"),
        Writing::JsonLines => ("application/x-ndjson", "jsonl"),
    };
    let headers = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}.{ending}\""),
        ),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, body).into_response()
}

const COLUMNS: [&str; 17] = [
    "id",
    "created_at",
    "occurred_at",
    "direction",
    "type",
    "status",
    "text",
    "contact_name",
    "contact_phone",
    "contact_id",
    "conversation_id",
    "phone_number_id",
    "wamid",
    "author",
    "delivered_at",
    "read_at",
    "error",
];

/// Rows of one step of the file.
const STEP: i64 = store::page::MAX_LIMIT;

/// The tenant's messages as a file, newest first.
#[utoipa::path(get, path = "/api/v1/messages/export", tag = "messages", params(Narrow, Format), responses(
    (status = 200, description = "The file", body = String, content_type = "text/csv"),
    (status = 422, description = "A filter or the format is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn export(
    State(app): State<App>,
    member: Member<InboxRead>,
    narrow: std::result::Result<Query<Narrow>, QueryRejection>,
    format: std::result::Result<Query<Format>, QueryRejection>,
) -> Result<Response> {
    let (Query(narrow), Query(format)) = (narrow?, format?);
    let narrowed = narrow.read()?;
    let writing = format.read()?;
    let body = file(app, (member.tenant, member.sight), narrowed, writing).await?;
    Ok(answer(writing, "messages", body))
}

/// How many messages a file would have.
#[utoipa::path(get, path = "/api/v1/messages/export/count", tag = "messages", params(Narrow), responses(
    (status = 200, description = "How many", body = CountView),
    (status = 422, description = "A filter is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn count(
    State(app): State<App>,
    member: Member<InboxRead>,
    narrow: std::result::Result<Query<Narrow>, QueryRejection>,
) -> Result<Json<CountView>> {
    let Query(narrow) = narrow?;
    let narrowed = narrow.read()?;
    let counted = narrowed.count(&app, member.tenant, member.sight).await?;
    Ok(Json(CountView {
        count: counted.count,
        exact: counted.is_all,
    }))
}

async fn file(
    app: App,
    (tenant, sight): (TenantId, Sight),
    narrowed: Narrowed,
    writing: Writing,
) -> Result<Body> {
    // The first page is read before the answer begins, so that its failure is still a problem document.
    let first = narrowed.page(&app, tenant, sight, None, STEP).await?;
    let head = match writing {
        Writing::Csv => rows(std::iter::once(COLUMNS.map(str::to_owned))),
        Writing::JsonLines => Bytes::new(),
    };
    let rest = stream::try_unfold((Some(first), narrowed), move |(page, narrowed)| {
        let app = app.clone();
        async move {
            let Some(page) = page else { return Ok(None) };
            let next = match page.next {
                None => None,
                Some(cursor) => {
                    let next = narrowed
                        .page(&app, tenant, sight, Some(&cursor), STEP)
                        .await;
                    // The answer has begun; a broken connection is what is left to say it with.
                    Some(next.map_err(|_| std::io::Error::other("the messages cannot be read on"))?)
                }
            };
            let names = names(&app, tenant, &page.rows).await;
            let names = names.map_err(|_| std::io::Error::other("the contacts cannot be read"))?;
            let written = write(writing, page.rows, &names);
            Ok::<_, std::io::Error>(Some((written, (next, narrowed))))
        }
    });
    Ok(Body::from_stream(futures::StreamExt::chain(
        stream::iter([Ok(head)]),
        rest,
    )))
}

fn write(writing: Writing, messages: Vec<Message>, names: &HashMap<Uuid, ContactName>) -> Bytes {
    let named = messages.into_iter().map(|row| {
        let contact = names.get(&row.contact_id).cloned();
        (row, contact)
    });
    match writing {
        Writing::Csv => rows(named.map(|(row, contact)| cells(row, contact))),
        Writing::JsonLines => {
            let mut text = Vec::new();
            for (row, contact) in named {
                let view = MessageView::from(row).with_contact(contact);
                // Numbers and texts: always JSON. Writing to memory does not fail.
                serde_json::to_writer(&mut text, &view).ok();
                text.push(b'\n');
            }
            text.into()
        }
    }
}

fn cells(row: Message, contact: Option<ContactName>) -> Cells<17> {
    let (name, phone) = contact.map_or((None, None), |contact| (contact.name, contact.phone));
    let moment = |micros: Option<i64>| {
        micros.map_or_else(String::new, |micros| domain::Timestamp(micros).rfc3339())
    };
    [
        row.id.to_string(),
        row.created_at.rfc3339(),
        row.occurred_at.rfc3339(),
        row.direction,
        row.kind,
        row.status,
        row.text.unwrap_or(row.preview),
        name.unwrap_or_default(),
        phone.unwrap_or_default(),
        domain::ContactId(row.contact_id).to_string(),
        row.conversation_id.to_string(),
        row.phone_number_id,
        row.wamid.unwrap_or_default(),
        row.author_name.unwrap_or_default(),
        moment(row.delivered_at),
        moment(row.read_at),
        row.failure.unwrap_or_default(),
    ]
}
