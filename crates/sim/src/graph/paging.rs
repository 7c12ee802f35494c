//! Cursor paging, 25 to a page.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::call::Call;
use crate::error::{GraphError, GraphResult};
use crate::sim::Shared;

const PAGE: usize = 25;
const MARK: &str = "cursor:";

fn cursor(edge: &str, position: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("{MARK}{edge}:{position}"))
}

fn position(edge: &str, text: &str) -> GraphResult<usize> {
    let decoded = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
    decoded
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|text| {
            text.strip_prefix(MARK)?
                .strip_prefix(edge)?
                .strip_prefix(':')?
                .parse()
                .ok()
        })
        .ok_or_else(|| {
            GraphError::new(
                131059,
                "The cursor is invalid or has expired; restart without cursors.",
            )
        })
}

/// One page of `items` (each already in its final form).
pub(super) fn page(
    shared: &Shared,
    call: &Call,
    edge: &str,
    items: Vec<Value>,
) -> GraphResult<Value> {
    let limit = match call.param("limit") {
        None => PAGE,
        Some(text) => text
            .parse::<usize>()
            .ok()
            .filter(|limit| *limit > 0)
            .ok_or_else(|| {
                GraphError::parameter("Param limit must be an integer greater than 0")
            })?,
    }
    .min(5_000);
    let start = match (call.param("after"), call.param("before")) {
        (Some(after), _) => position(edge, after)? + 1,
        (None, Some(before)) => position(edge, before)?.saturating_sub(limit),
        (None, None) => 0,
    };
    let total = items.len();
    let data: Vec<Value> = items.into_iter().skip(start).take(limit).collect();
    if data.is_empty() {
        return Ok(json!({"data": []}));
    }
    let last = start + data.len() - 1;
    let mut paging =
        json!({"cursors": {"before": cursor(edge, start), "after": cursor(edge, last)}});
    let base = call.base_url(shared);
    let version = call.version.as_deref().unwrap_or("v22.0");
    let link = |key: &str, value: String| {
        let mut pairs = vec![("limit", limit.to_string()), (key, value)];
        for kept in [
            "fields", "name", "status", "category", "language", "summary",
        ] {
            if let Some(value) = call.param(kept) {
                pairs.push((kept, value.to_owned()));
            }
        }
        let url = format!("{base}/{version}{}", call.path);
        let url = reqwest::Url::parse_with_params(&url, pairs)
            .map(String::from)
            .unwrap_or(url);
        json!(url)
    };
    if last + 1 < total {
        paging["next"] = link("after", cursor(edge, last));
    }
    if start > 0 {
        paging["previous"] = link("before", cursor(edge, start));
    }
    Ok(json!({"data": data, "paging": paging}))
}
