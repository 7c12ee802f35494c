//! The Graph API: one door for every call. Token first, then the object, then the edge, as Meta checks them.

mod account;
mod app;
mod app_data;
mod blocks;
mod business;
mod call;
mod credit;
mod fate;
mod fields;
mod fingerprint;
mod media;
mod messages;
mod number;
mod oauth;
mod paging;
mod profile;
mod rates;
mod registration;
mod send;
mod templates;
mod uploads;
mod usage;
pub(crate) mod version;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::StreamExt as _;
use http_body_util::{BodyExt as _, Limited};
use serde_json::{Value, json};

use crate::calls::CallRecord;
use crate::control::outage::Kind;
use crate::error::{GraphError, GraphResult};
use crate::faults::script::Seen;
use crate::faults::{Cut, Faults, Garble};
use crate::ids;
use crate::server::Vanish;
use crate::sim::Shared;
pub(crate) use media::{put as put_media, url as media_url};
pub(crate) use rates::{forget_traffic, per_second};

use call::{Call, Caller, Object};
use usage::Usage;

/// A document of 100 MB and its multipart frame.
const BODY_LIMIT: usize = 105 * 1024 * 1024;
/// Characters of a request kept in the log of calls.
const EXCERPT: usize = 2_000;

/// What a call is answered with when it succeeds.
pub(crate) enum Reply {
    Json(Value),
    Bytes {
        mime_type: String,
        bytes: Bytes,
    },
    /// The connection closes without an answer.
    Nothing,
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
    let mut call = Call::read(&parts.method, &parts.uri, &parts.headers, bytes);
    let seen = Seen {
        method: &call.method,
        path: &call.path,
        params: &call.params,
    };
    let scripted = faults
        .scripted(&seen, chance, draw)
        .cloned()
        .unwrap_or_default();
    let late = Duration::from_millis(scripted.delay_ms);
    let is_lost = scripted.connection == Some(Cut::ResetAfter);
    if !is_lost && !late.is_zero() {
        tokio::time::sleep(late).await;
    }
    if scripted.connection == Some(Cut::ResetBefore) {
        note(0, None);
        return vanish();
    }
    call.failure = scripted.failure();
    let refused = hurt && chance.happens(faults.error_rate, "error", "", draw);
    let (oldest, outage) = {
        let world = shared.world();
        let now_ms = shared.clock.now_ms();
        let outage = world.outage.filter(|outage| outage.until_ms > now_ms);
        (world.oldest_version, outage)
    };
    let version = format!("v{}.0", version::served(call.version.as_deref(), oldest));
    match outage.map(|outage| outage.kind) {
        Some(Kind::Reset) => {
            note(0, None);
            return vanish();
        }
        Some(Kind::Unavailable) => {
            note(503, None);
            return garbled(Garble::Html, 503, Response::new(Body::empty())).await;
        }
        Some(Kind::Slow) => {
            let slow_ms = outage.map_or(0, |outage| outage.slow_ms);
            tokio::time::sleep(Duration::from_millis(slow_ms)).await;
        }
        Some(Kind::Error) | None => {}
    }
    let down = outage
        .filter(|outage| outage.kind == Kind::Error)
        .map(|outage| GraphError {
            http: 500,
            ..GraphError::of_table(outage.code, None)
        });
    let id = call
        .path
        .trim_start_matches('/')
        .split('/')
        .next()
        .unwrap_or_default()
        .to_owned();
    let result = if let Some(down) = down {
        Err(down)
    } else if let Some(refusal) = scripted.refusal() {
        Err(refusal)
    } else if refused {
        let code = if faults.error_code == 0 {
            131000
        } else {
            faults.error_code
        };
        Err(GraphError::of_table(code, None))
    } else if scripted
        .body
        .is_none_or(|garble| scripted.carried_out(garble))
    {
        route(&shared, call).await
    } else {
        Ok(Reply::Json(json!({})))
    };
    let trace = ids::trace(chance, draw);
    let regain_minutes = result
        .as_ref()
        .err()
        .map_or(0, |error| error.regain_minutes);
    let (mut status, code, mut response) = match result {
        Ok(Reply::Json(value)) => (200, None, json_response(200, &value)),
        Ok(Reply::Bytes { mime_type, bytes }) => (
            200,
            None,
            media::download(&shared, &faults, draw, &mime_type, bytes),
        ),
        Ok(Reply::Nothing) => {
            note(0, None);
            return vanish();
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
    if is_lost {
        tokio::time::sleep(late).await;
        note(0, code);
        return vanish();
    }
    if let Some(garble) = scripted.body {
        status = scripted.garbled_http(garble);
        response = garbled(garble, status, response).await;
    }
    note(status, code);
    let usage = Usage::of(&shared, &id, code, regain_minutes);
    usage.write(response.headers_mut());
    let pairs = [
        ("facebook-api-version", version.as_str()),
        ("x-fb-trace-id", &trace),
        (
            "cache-control",
            "private, no-cache, no-store, must-revalidate",
        ),
    ];
    for (name, value) in pairs {
        if let Ok(value) = HeaderValue::from_str(value) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
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

/// A body that ends in the middle: the connection breaks after `half` has left.
fn cut_short(half: Bytes) -> Body {
    let end = futures::stream::once(async {
        // Otherwise the error overtakes the headers, which wait to be written together with the body.
        tokio::task::yield_now().await;
        Err(std::io::Error::new(
            std::io::ErrorKind::ConnectionReset,
            "cut on command",
        ))
    });
    Body::from_stream(futures::stream::iter([Ok(half)]).chain(end))
}

/// A body that is none of Meta's, in the place of the true one.
async fn garbled(garble: Garble, status: u16, response: Response) -> Response {
    let http = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    match garble {
        Garble::Html => {
            let page = "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Sorry, something went wrong.</h1></body></html>";
            (
                http,
                [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
                page,
            )
                .into_response()
        }
        Garble::Empty => http.into_response(),
        Garble::NotJson => (
            http,
            [(header::CONTENT_TYPE, "application/json; charset=UTF-8")],
            "upstream connect error",
        )
            .into_response(),
        Garble::Truncated => {
            let whole = match response.into_body().collect().await {
                Ok(collected) => collected.to_bytes(),
                Err(_) => Bytes::new(),
            };
            let half = whole.slice(..whole.len() / 2);
            let body = cut_short(half);
            let kind = HeaderValue::from_static("application/json; charset=UTF-8");
            (
                http,
                [
                    (header::CONTENT_TYPE, kind),
                    (header::CONTENT_LENGTH, HeaderValue::from(whole.len())),
                ],
                body,
            )
                .into_response()
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

/// Secrets of the query are not kept.
fn masked(path: &str) -> String {
    let mut shown = path.to_owned();
    for name in ["access_token=", "client_secret=", "input_token=", "code="] {
        let Some((before, after)) = shown.split_once(name) else {
            continue;
        };
        let rest = after.find('&').map_or("", |at| &after[at..]);
        shown = format!("{before}{name}***{rest}");
    }
    shown
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
    version::exists(call.version.as_deref())?;
    if path.as_slice() == ["oauth", "access_token"] {
        return oauth::access_token(shared, &call);
    }
    let caller = call.caller(shared)?;
    let (id, edge) = match path.as_slice() {
        [id] if id.starts_with("upload:") => return uploads::session(shared, &call, &caller, id),
        ["message_template_library"] => return templates::library(shared, &call),
        [id, "message_templates", edge @ ("archive" | "unarchive")] => (*id, Some(*edge)),
        ["me"] => return app::me(&call, &caller),
        ["debug_token"] => return oauth::debug_token(shared, &call, &caller),
        [id] => (*id, None),
        [id, edge] => (*id, Some(*edge)),
        [] => return Err(GraphError::unsupported(&call.method)),
        [_, rest @ ..] => return Err(GraphError::unknown_path(&rest.join("/"))),
    };
    let object = call::resolve(shared, &call.method, id, edge, &caller)?;
    let method = call.method.as_str();
    call::permit(&caller, &object, edge)?;
    usage::count(shared, &object, edge, method)?;
    match (&object, edge, method) {
        (Object::Number(id), None, "GET") => number::node(shared, &call, id),
        (Object::Number(id), None, "POST") => number::update(shared, &call, id).await,
        (Object::Number(id), Some("messages"), "POST") => {
            send::post(shared, &call, id, false).await
        }
        (Object::Number(id), Some("marketing_messages"), "POST") => {
            send::post(shared, &call, id, true).await
        }
        (Object::Number(id), Some("media"), "POST") => media::upload(shared, &call, id),
        (Object::Number(id), Some("whatsapp_business_profile"), _) => {
            profile::edge(shared, &call, id)
        }
        (Object::Number(id), Some("block_users"), _) => blocks::edge(shared, &call, id),
        (Object::Number(id), Some("register"), "POST") => registration::register(shared, &call, id),
        (Object::Number(id), Some("smb_app_data"), "POST") => app_data::post(shared, &call, id),
        (Object::Number(id), Some("deregister"), "POST") => registration::deregister(shared, id),
        (Object::Number(id), Some("request_code"), "POST") => {
            registration::request_code(shared, &call, id)
        }
        (Object::Number(id), Some("verify_code"), "POST") => {
            registration::verify_code(shared, &call, id)
        }
        (
            Object::Number(_),
            Some(
                "messages" | "marketing_messages" | "media" | "register" | "deregister"
                | "request_code" | "verify_code" | "smb_app_data",
            ),
            _,
        ) => Err(GraphError::unsupported(method)),
        (Object::Waba(id), None, "GET") => account::node(shared, &call, id),
        (Object::Waba(id), Some("phone_numbers"), "GET") => number::list(shared, &call, id),
        (Object::Waba(id), Some("subscribed_apps"), _) => {
            account::subscribed_apps(shared, &call, id).await
        }
        (Object::Waba(id), Some(edge), _) if templates::has(edge) => {
            templates::edge(shared, &call, &caller, id, edge)
        }
        (Object::Waba(id), Some("assigned_users"), _) => {
            business::assigned_users(shared, &call, id)
        }
        (Object::Business(id), edge, method) => {
            of_business(shared, &call, &caller, id, edge, method)
        }
        (Object::CreditLine(id), edge, method) => {
            of_credit_line(shared, &call, &caller, id, edge, method)
        }
        (Object::Allocation(id), None, "GET") => credit::allocation(shared, &call, id),
        (Object::Allocation(id), None, "DELETE") => credit::revoke(shared, id),
        (Object::Waba(id), Some("phone_numbers"), "POST") => registration::add(shared, &call, id),
        (Object::Waba(_), Some("phone_numbers"), _) => Err(GraphError::unsupported(method)),
        (Object::Template(id), edge, _) => templates::of_one(shared, &call, id, edge),
        (Object::Media(id), None, "GET") => media::node(shared, &call, id),
        (Object::Media(id), None, "DELETE") => media::delete(shared, &call, id),
        (Object::App, Some("uploads"), _) => uploads::begin(shared, &call, &caller),
        (Object::App, Some("subscriptions"), _) => app::subscriptions(shared, &call, &caller).await,
        (Object::App, None, "GET") => app::node(shared, &call),
        (_, Some(edge), _) => Err(GraphError::unknown_path(edge)),
        _ => Err(GraphError::unsupported(method)),
    }
}

fn of_business(
    shared: &Shared,
    call: &Call,
    caller: &Caller,
    id: &str,
    edge: Option<&str>,
    method: &str,
) -> GraphResult<Reply> {
    match (edge, method) {
        (None, "GET") => business::node(shared, call, id),
        (Some("owned_whatsapp_business_accounts"), "GET") => {
            business::accounts(shared, call, id, true)
        }
        (Some("client_whatsapp_business_accounts"), "GET") => {
            business::accounts(shared, call, id, false)
        }
        (Some("extendedcredits"), "GET") => credit::of_business(shared, call, id),
        (Some("system_user_access_tokens"), "POST") => {
            business::access_token(shared, call, caller, id)
        }
        (
            None
            | Some(
                "owned_whatsapp_business_accounts"
                | "client_whatsapp_business_accounts"
                | "extendedcredits"
                | "system_user_access_tokens",
            ),
            _,
        ) => Err(GraphError::unsupported(method)),
        (Some(edge), _) => Err(GraphError::unknown_path(edge)),
    }
}

fn of_credit_line(
    shared: &Shared,
    call: &Call,
    caller: &Caller,
    id: &str,
    edge: Option<&str>,
    method: &str,
) -> GraphResult<Reply> {
    match (edge, method) {
        (None, "GET") => credit::node(shared, call, id),
        (Some("whatsapp_credit_sharing_and_attach"), "POST") => {
            credit::share_and_attach(shared, call, caller, id)
        }
        (Some("whatsapp_credit_sharing"), "POST") => credit::share(shared, call, id),
        (Some("whatsapp_credit_attach"), "POST") => credit::attach_shared(shared, call, caller, id),
        (Some("owning_credit_allocation_configs"), "GET") => credit::allocations(shared, call, id),
        (
            None
            | Some(
                "whatsapp_credit_sharing_and_attach"
                | "whatsapp_credit_sharing"
                | "whatsapp_credit_attach"
                | "owning_credit_allocation_configs",
            ),
            _,
        ) => Err(GraphError::unsupported(method)),
        (Some(edge), _) => Err(GraphError::unknown_path(edge)),
    }
}
