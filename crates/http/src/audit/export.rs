//! The log as a file. It is read page by page while the client takes it: however long it is, one page is in memory.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::TenantId;
use domain::Timestamp;
use futures::stream;
use serde::Deserialize;
use store::audit::Entry;
use store::audit::reading::Filter;
use store::page::{MAX_LIMIT, Page};
use utoipa::IntoParams;

use super::{AuditView, Whose};
use crate::App;
use crate::problem::{Problem, Result};
use crate::table::Cells;

/// How the file is written.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Format {
    /// `csv` (the default) or `jsonl`.
    format: Option<String>,
}

#[derive(Debug, Clone, Copy)]
enum Writing {
    Csv,
    JsonLines,
}

const COLUMNS: [&str; 15] = [
    "seq",
    "at",
    "tenant_id",
    "actor_kind",
    "actor_id",
    "actor_name",
    "action",
    "target_kind",
    "target_id",
    "target_name",
    "before",
    "after",
    "ip",
    "user_agent",
    "hash",
];

/// The rows as a download, newest first.
pub(super) async fn download(
    app: App,
    whose: Whose,
    filter: Filter,
    format: &Format,
) -> Result<Response> {
    let (writing, content_type, disposition) = match format.format.as_deref() {
        None | Some("csv" | "") => (
            Writing::Csv,
            "text/csv; charset=utf-8",
            "attachment; filename=\"audit.csv\"",
        ),
        Some("jsonl") => (
            Writing::JsonLines,
            "application/x-ndjson",
            "attachment; filename=\"audit.jsonl\"",
        ),
        Some(_) => return Err(Problem::invalid("format", "must be csv or jsonl")),
    };
    // The first page is read before the answer begins, so that its failure is still a problem document.
    let first = whose
        .page(&app, &filter, Page::new(None, MAX_LIMIT))
        .await?;
    let head = match writing {
        Writing::Csv => crate::table::rows(std::iter::once(COLUMNS.map(str::to_owned))),
        Writing::JsonLines => Bytes::new(),
    };
    let rest = stream::try_unfold(Some(first), move |page| {
        let (app, filter) = (app.clone(), filter.clone());
        async move {
            let Some(page) = page else { return Ok(None) };
            let last = page.last().map(|row| row.seq);
            let is_full = i64::try_from(page.len()).is_ok_and(|count| count >= MAX_LIMIT);
            let next = match last.filter(|_| is_full) {
                None => None,
                Some(last) => {
                    let next = Page::new(Some(last), MAX_LIMIT);
                    let rows = whose.page(&app, &filter, next).await;
                    // The answer has begun; a broken connection is what is left to say it with.
                    Some(rows.map_err(|_| std::io::Error::other("the log cannot be read on"))?)
                }
            };
            Ok::<_, std::io::Error>(Some((write(writing, page), next)))
        }
    });
    let all = futures::StreamExt::chain(stream::iter([Ok(head)]), rest);
    let fixed = HeaderValue::from_static;
    let headers = [
        (header::CONTENT_TYPE, fixed(content_type)),
        (header::CONTENT_DISPOSITION, fixed(disposition)),
        (header::CACHE_CONTROL, fixed("no-store")),
    ];
    Ok((headers, Body::from_stream(all)).into_response())
}

fn write(writing: Writing, rows: Vec<Entry>) -> Bytes {
    match writing {
        Writing::Csv => crate::table::rows(rows.into_iter().map(cells)),
        Writing::JsonLines => {
            let mut text = Vec::new();
            for row in rows {
                // Numbers and texts: always JSON. Writing to memory does not fail.
                serde_json::to_writer(&mut text, &AuditView::from(row)).ok();
                text.push(b'\n');
            }
            text.into()
        }
    }
}

fn cells(row: Entry) -> Cells<15> {
    let text = Option::unwrap_or_default;
    [
        row.seq.to_string(),
        Timestamp(row.at).rfc3339(),
        row.tenant_id
            .map(|id| TenantId(id).to_string())
            .unwrap_or_default(),
        row.actor_kind,
        text(row.actor_id),
        row.actor_name,
        row.action,
        row.target_kind,
        text(row.target_id),
        text(row.target_name),
        text(row.before),
        text(row.after),
        text(row.ip),
        text(row.user_agent),
        hex::encode(row.hash),
    ]
}
