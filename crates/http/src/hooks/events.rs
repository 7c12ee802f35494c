//! `POST /hooks/events/{id}`: a tenant's own system reports what happened, signed with its source's secret.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use domain::EventSourceId;
use engine::notify::sources::{Proof, Settings, is_genuine};
use serde_json::Value;
use store::events::sources;

use crate::App;
use crate::api::events::create::{AcceptedEvent, refused};
use crate::problem::{Problem, Result};

/// Receives an event of a source. What is not signed with the source's secret is refused, and nothing of it is kept.
#[utoipa::path(post, path = "/hooks/events/{id}", tag = "webhooks",
    params(
        ("id" = String, Path, description = "src_…"),
        ("X-Signature-256" = Option<String>, Header, description = "sha256=<hex HMAC-SHA-256 of the raw body, with the whole secret as key>"),
        ("webhook-id" = Option<String>, Header, description = "Standard Webhooks"),
        ("webhook-timestamp" = Option<String>, Header, description = "Standard Webhooks"),
        ("webhook-signature" = Option<String>, Header, description = "Standard Webhooks"),
    ),
    request_body(content = String, content_type = "application/json", description = "What the source's settings read"),
    responses(
        (status = 202, description = "Durable; the rules are applied at once", body = AcceptedEvent),
        (status = 401, description = "No such source, or the signature is missing or wrong; nothing was kept", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The id was reported before with another content (`event_differs`)", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Type, id or data are not where the source's settings say", body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn receive(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: std::result::Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<AcceptedEvent>)> {
    let body = body?;
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let proof = Proof {
        signature_256: header("x-signature-256"),
        webhook_id: header("webhook-id"),
        webhook_timestamp: header("webhook-timestamp"),
        webhook_signature: header("webhook-signature"),
    };
    // Whoever does not know the secret is not told either whether the source is there.
    let forged = || {
        metrics::counter!("trunkline_event_hooks_forged_total").increment(1);
        Problem::unauthorized(
            "there is no such source, or the signature does not fit the body and the source's secret",
        )
    };
    let id: EventSourceId = id.parse().map_err(|_| forged())?;
    let engine = &app.engine;
    let found = sources::any_tenant_get(&engine.db, &engine.sealer, id).await?;
    let (source, secret) = found.ok_or_else(forged)?;
    if !is_genuine(&secret, &proof, &body, engine.clock.now()) {
        return Err(forged());
    }
    // The signature covers the mark at the beginning that some systems write; JSON does not know it.
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body);
    let value: Value = serde_json::from_slice(text)
        .map_err(|error| Problem::invalid("", format!("the body is no JSON: {error}")))?;
    let settings: Settings = serde_json::from_str(&source.settings).map_err(|_| {
        Problem::invalid(
            "",
            "this version cannot read the source's settings; make the source anew",
        )
    })?;
    // What the signature does not cover decides nothing: that header's covers the body alone.
    let webhook_id = proof.webhook_id.filter(|_| proof.signature_256.is_none());
    let mut posted = settings
        .read(&value, &body, webhook_id)
        .map_err(Problem::mistakes)?;
    // An order 1001 that is paid and then shipped, and an invoice 1001 of another system, are three events.
    let hex = id.hex();
    let end = hex.get(24..).unwrap_or_default();
    posted.id = format!("{}:{}@{end}", posted.kind.as_str(), posted.id);
    let accepted = app
        .event_intake
        .accept(source.tenant_id, Some(id), vec![posted])
        .await;
    let mut accepted = accepted.map_err(refused)?;
    sources::heard(&engine.db, source.tenant_id, id, engine.clock.now()).await?;
    Ok((StatusCode::ACCEPTED, Json(accepted.remove(0).into())))
}
