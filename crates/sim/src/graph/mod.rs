//! The Graph API: one door for every call. Token first, then the object, then the edge, as Meta checks them.

mod account;
mod app;
mod blocks;
mod call;
mod fields;
mod media;
mod messages;
mod number;
mod paging;
mod profile;
mod send;
mod templates;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use serde_json::Value;

use crate::calls::CallRecord;
use crate::error::{GraphError, GraphResult};
use crate::faults::Faults;
use crate::ids;
use crate::server::Vanish;
use crate::sim::Shared;
pub(crate) use media::{put as put_media, url as media_url};
pub(crate) use send::forget_traffic;

use call::{Call, Object};

/// A document of 100 MB and its multipart frame.
const BODY_LIMIT: usize = 105 * 1024 * 1024;
/// Characters of a request kept in the log of calls.
const EXCERPT: usize = 2_000;

/// What a call is answered with when it succeeds.
pub(crate) enum Reply {
    Json(Value),
    Bytes { mime_type: String, bytes: Bytes },
}

/// Answers one call, faults included, and notes it.
pub(crate) async fn answer(shared: Arc<Shared>, request: Request) -> Response {
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let draw = shared.next_draw();
    let faults = shared.faults();
    let hurt = parts.uri.path().contains(&faults.only_path);
    let bytes = match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(_) => return (StatusCode::PAYLOAD_TOO_LARGE, "request too large").into_response(),
    };
    let excerpt = excerpt(&parts.headers, &bytes);
    let path = masked(&parts.uri.to_string());
    let method = parts.method.to_string();
    let note = |status: u16, code: Option<i64>| {
        shared.calls.push(CallRecord {
            number: 0,
            at_ms: shared.clock.now_ms(),
            method: method.clone(),
            path: path.clone(),
            status,
            code,
            request: excerpt.clone(),
            duration_us: started.elapsed().as_micros() as u64,
        });
    };
    let chance = shared.chance;
    if faults.offline || (hurt && chance.happens(faults.connection_reset_rate, "reset", "", draw)) {
        note(0, None);
        return vanish();
    }
    if hurt {
        stall(&shared, &faults, draw).await;
    }
    let call = Call::read(&parts.method, &parts.uri, &parts.headers, bytes);
    let refused = hurt && chance.happens(faults.error_rate, "error", "", draw);
    let version = call.version.clone().unwrap_or_else(|| "v22.0".to_owned());
    let result = if refused {
        let code = if faults.error_code == 0 {
            131000
        } else {
            faults.error_code
        };
        Err(GraphError::new(code, "This error was asked for."))
    } else {
        route(&shared, call).await
    };
    let trace = ids::trace(chance, draw);
    let (status, code, mut response) = match result {
        Ok(Reply::Json(value)) => (200, None, json_response(200, &value)),
        Ok(Reply::Bytes { mime_type, bytes }) => {
            let kind = HeaderValue::from_str(&mime_type)
                .unwrap_or(HeaderValue::from_static("application/octet-stream"));
            (
                200,
                None,
                ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
            )
        }
        Err(error) => {
            let mut response = json_response(error.http, &error.body(&trace));
            if error.code == 190 {
                let challenge = HeaderValue::from_static(
                    "OAuth \"Facebook Platform\" \"invalid_token\" \"Invalid OAuth access token.\"",
                );
                response
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, challenge);
            }
            (error.http, Some(error.code), response)
        }
    };
    if hurt && chance.happens(faults.drop_response_rate, "drop", "", draw) {
        note(0, code);
        return vanish();
    }
    note(status, code);
    usage_headers(&shared, response.headers_mut(), &version, &trace, draw);
    response
}

async fn stall(shared: &Shared, faults: &Faults, draw: u64) {
    if faults.latency_ms > 0 {
        tokio::time::sleep(Duration::from_millis(faults.latency_ms)).await;
    }
    if faults.hang_ms > 0 && shared.chance.happens(faults.timeout_rate, "hang", "", draw) {
        tokio::time::sleep(Duration::from_millis(faults.hang_ms)).await;
    }
}

fn vanish() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(Vanish);
    response
}

fn json_response(status: u16, value: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = HeaderValue::from_static("application/json; charset=UTF-8");
    (status, [(header::CONTENT_TYPE, kind)], value.to_string()).into_response()
}

fn usage_headers(shared: &Shared, headers: &mut HeaderMap, version: &str, trace: &str, draw: u64) {
    let percent = draw / 100 % 30;
    let app = format!(
        "{{\"call_count\":{percent},\"total_time\":{percent},\"total_cputime\":{percent}}}"
    );
    let business = format!(
        "{{\"{}\":[{{\"type\":\"whatsapp_business_management\",\"call_count\":{percent},\"total_cputime\":{percent},\
         \"total_time\":{percent},\"estimated_time_to_regain_access\":0}}]}}",
        shared.config.business_id
    );
    let pairs = [
        ("x-app-usage", app.as_str()),
        ("x-business-use-case-usage", business.as_str()),
        ("facebook-api-version", version),
        ("x-fb-trace-id", trace),
        (
            "cache-control",
            "private, no-cache, no-store, must-revalidate",
        ),
    ];
    for (name, value) in pairs {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

fn excerpt(headers: &HeaderMap, bytes: &Bytes) -> String {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    if kind.starts_with("multipart/") {
        return format!("({} bytes of multipart/form-data)", bytes.len());
    }
    let head = &bytes[..bytes.len().min(EXCERPT)];
    String::from_utf8_lossy(head).into_owned()
}

fn masked(path: &str) -> String {
    match path.split_once("access_token=") {
        Some((before, after)) => {
            let rest = after.find('&').map_or("", |at| &after[at..]);
            format!("{before}access_token=***{rest}")
        }
        None => path.to_owned(),
    }
}

async fn route(shared: &Arc<Shared>, call: Call) -> GraphResult<Reply> {
    let path: Vec<&str> = call
        .path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    if path.first() == Some(&"whatsapp_business") {
        return media::bytes(shared, &call);
    }
    let caller = call.caller(shared)?;
    let (id, edge) = match path.as_slice() {
        ["debug_token"] => return app::debug_token(shared, &call, &caller),
        [id] => (*id, None),
        [id, edge] => (*id, Some(*edge)),
        [] => return Err(GraphError::unsupported(&call.method)),
        [_, rest @ ..] => return Err(GraphError::unknown_path(&rest.join("/"))),
    };
    let object = call::resolve(shared, &call.method, id, &caller)?;
    let method = call.method.as_str();
    match (&object, edge, method) {
        (Object::Number(id), None, "GET") => number::node(shared, &call, id),
        (Object::Number(id), None, "POST") => number::update(shared, &call, id).await,
        (Object::Number(id), Some("messages"), "POST") => send::post(shared, &call, id).await,
        (Object::Number(id), Some("media"), "POST") => media::upload(shared, &call, id),
        (Object::Number(id), Some("whatsapp_business_profile"), _) => {
            profile::edge(shared, &call, id)
        }
        (Object::Number(id), Some("block_users"), _) => blocks::edge(shared, &call, id),
        (Object::Number(id), Some("register" | "deregister"), "POST") => {
            number::registration(shared, &call, id, edge)
        }
        (Object::Number(_), Some("messages" | "media" | "register" | "deregister"), _) => {
            Err(GraphError::unsupported(method))
        }
        (Object::Waba(id), None, "GET") => account::node(shared, &call, id),
        (Object::Waba(id), Some("phone_numbers"), "GET") => number::list(shared, &call, id),
        (Object::Waba(id), Some("subscribed_apps"), _) => {
            account::subscribed_apps(shared, &call, id).await
        }
        (Object::Waba(id), Some("message_templates"), _) => templates::edge(shared, &call, id),
        (Object::Waba(_), Some("phone_numbers"), _) => Err(GraphError::unsupported(method)),
        (Object::Template(id), None, "GET") => templates::node(shared, &call, id),
        (Object::Media(id), None, "GET") => media::node(shared, &call, id),
        (Object::Media(id), None, "DELETE") => media::delete(shared, &call, id),
        (Object::App, Some("subscriptions"), _) => app::subscriptions(shared, &call, &caller).await,
        (Object::App, None, "GET") => app::node(shared, &call),
        (_, Some(edge), _) => Err(GraphError::unknown_path(edge)),
        _ => Err(GraphError::unsupported(method)),
    }
}
