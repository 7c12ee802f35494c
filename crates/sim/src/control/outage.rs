//! Outages of the whole Graph API, for a while of virtual time.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Refused, World, ok, typed};

/// What every Graph call gets meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// HTTP 500 with code 1 or 2.
    Error,
    /// HTTP 503 and a page that is no JSON.
    Unavailable,
    /// The connection closes before anything is done.
    Reset,
    /// Everything works, late.
    Slow,
}

/// An outage in force.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outage {
    pub(crate) kind: Kind,
    pub(crate) code: i64,
    pub(crate) slow_ms: u64,
    pub(crate) until_ms: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    /// `null`: it is over.
    kind: Option<Kind>,
    code: Option<i64>,
    /// Real milliseconds; 30 seconds when absent.
    slow_ms: Option<u64>,
    /// Virtual milliseconds; until it is ended when absent.
    for_ms: Option<u64>,
}

/// `POST /_sim/outage` `{"kind","code"?,"slow_ms"?,"for_ms"?}`.
pub(super) async fn post(State(shared): World, body: Bytes) -> Result<Response, Refused> {
    let wish: Wish = typed(&body)?;
    let code = wish.code.unwrap_or(2);
    if !matches!(code, 1 | 2) {
        return Err("code must be 1 or 2; any other comes by a script of faults".into());
    }
    let slow_ms = wish.slow_ms.unwrap_or(30_000);
    if slow_ms > 600_000 {
        return Err("slow_ms is at most 600000".into());
    }
    let now_ms = shared.clock.now_ms();
    let until_ms = wish
        .for_ms
        .map_or(u64::MAX, |for_ms| now_ms.saturating_add(for_ms));
    shared.world().outage = wish.kind.map(|kind| Outage {
        kind,
        code,
        slow_ms,
        until_ms,
    });
    Ok(ok(
        &json!({"kind": wish.kind, "until_ms": wish.for_ms.map(|_| until_ms)}),
    ))
}
