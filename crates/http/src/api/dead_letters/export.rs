//! `GET /api/v1/dead-letters/export`: what did not arrive, as a file, read page by page while the client takes it.

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use bytes::Bytes;
use domain::{MessageId, Sight, TenantId};
use futures::{StreamExt as _, stream};
use store::dead_letters::Filter;
use store::page::Page;

use super::Narrow;
use super::list::{DeadLetterView, page_of};
use crate::App;
use crate::api::messages::export::{Format, Writing, answer};
use crate::auth::{InboxRead, Member};
use crate::problem::{Problem, Result};
use crate::table::{Cells, rows};

const COLUMNS: [&str; 13] = [
    "id",
    "died_at",
    "state",
    "status",
    "code",
    "error",
    "type",
    "text",
    "contact_name",
    "contact_phone",
    "phone_number_id",
    "batch",
    "created_at",
];

/// The tenant's messages that did not arrive as a file, newest message first; narrowed as the list is.
#[utoipa::path(get, path = "/api/v1/dead-letters/export", tag = "messages", params(Narrow, Format), responses(
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
    let (filter, writing) = (narrow.filter()?, format.read()?);
    let body = file(app, (member.tenant, member.sight), filter, writing).await?;
    Ok(answer(writing, "not-delivered", body))
}

async fn file(
    app: App,
    (tenant, sight): (TenantId, Sight),
    filter: Filter,
    writing: Writing,
) -> Result<Body> {
    let step = store::page::MAX_LIMIT;
    // The first page is read before the answer begins, so that its failure is still a problem document.
    let first = page_of(&app, tenant, sight, &filter, Page::new(None, step)).await?;
    let head = match writing {
        Writing::Csv => rows(std::iter::once(COLUMNS.map(str::to_owned))),
        Writing::JsonLines => Bytes::new(),
    };
    let rest = stream::try_unfold((Some(first), filter), move |(page, filter)| {
        let app = app.clone();
        async move {
            let Some((letters, next)) = page else {
                return Ok(None);
            };
            let next = match next {
                None => None,
                Some(last) => {
                    let next =
                        page_of(&app, tenant, sight, &filter, Page::new(Some(last), step)).await;
                    // The answer has begun; a broken connection is what is left to say it with.
                    Some(next.map_err(|_| std::io::Error::other("the list cannot be read on"))?)
                }
            };
            Ok::<_, std::io::Error>(Some((write(writing, letters), (next, filter))))
        }
    });
    Ok(Body::from_stream(stream::iter([Ok(head)]).chain(rest)))
}

fn write(writing: Writing, letters: Vec<DeadLetterView>) -> Bytes {
    match writing {
        Writing::Csv => rows(letters.into_iter().map(cells)),
        Writing::JsonLines => {
            let mut text = Vec::new();
            for letter in letters {
                // Numbers and texts: always JSON. Writing to memory does not fail.
                serde_json::to_writer(&mut text, &letter).ok();
                text.push(b'\n');
            }
            text.into()
        }
    }
}

fn cells(letter: DeadLetterView) -> Cells<13> {
    let message = serde_json::to_value(&letter.message).unwrap_or_default();
    let text = |name: &str| message[name].as_str().unwrap_or_default().to_owned();
    let error = &message["error"];
    let said = ["explanation", "title"].into_iter();
    let said = said.filter_map(|name| error[name].as_str()).next();
    [
        text("id"),
        letter.died_at,
        letter.state,
        text("status"),
        error["code"]
            .as_i64()
            .map_or_else(String::new, |code| code.to_string()),
        said.unwrap_or_default().to_owned(),
        text("type"),
        message["text"]
            .as_str()
            .map_or_else(|| text("preview"), str::to_owned),
        letter.contact_name.unwrap_or_default(),
        letter.contact_phone.unwrap_or_default(),
        text("phone_number_id"),
        text("batch"),
        text("created_at"),
    ]
}

/// The page's letters, and behind which message the next page begins.
pub(super) type Letters = (Vec<DeadLetterView>, Option<MessageId>);
