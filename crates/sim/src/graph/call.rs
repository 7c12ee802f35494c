//! A call, read: version, path, parameters from query and body alike, token, and the object it names.

use axum::http::{HeaderMap, Method, Uri, header};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::error::{GraphError, GraphResult};
use crate::sim::Shared;

/// One file of a multipart body.
pub(super) struct Part {
    pub(super) name: String,
    pub(super) mime_type: Option<String>,
    pub(super) is_file: bool,
    pub(super) bytes: Bytes,
}

pub(super) struct Call {
    pub(super) method: String,
    pub(super) version: Option<String>,
    /// Without the version.
    pub(super) path: String,
    pub(super) params: Map<String, Value>,
    pub(super) parts: Vec<Part>,
    pub(super) body: Bytes,
    /// A JSON body that is none.
    pub(super) malformed: bool,
    /// Whether the body was JSON.
    pub(super) is_json: bool,
    pub(super) host: Option<String>,
    token: Option<String>,
}

/// Who calls.
pub(super) enum Caller {
    /// By `{app_id}|{app_secret}`.
    App,
    /// By a system user's token, which sees these accounts.
    System { wabas: Vec<String>, token: String },
}

pub(super) enum Object {
    App,
    Waba(String),
    Number(String),
    Media(String),
    Template(String),
}

impl Call {
    pub(super) fn read(method: &Method, uri: &Uri, headers: &HeaderMap, body: Bytes) -> Self {
        let text =
            |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let (version, path) = split_version(uri.path());
        let mut call = Self {
            method: method.to_string(),
            version,
            path,
            params: Map::new(),
            parts: Vec::new(),
            body,
            malformed: false,
            is_json: false,
            host: text(header::HOST).map(str::to_owned),
            token: None,
        };
        call.read_pairs(uri.query().unwrap_or_default());
        let kind = text(header::CONTENT_TYPE).unwrap_or_default().to_owned();
        if kind.starts_with("multipart/form-data") {
            call.read_parts(&kind);
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            let pairs = String::from_utf8_lossy(&call.body).into_owned();
            call.read_pairs(&pairs);
        } else if !call.body.is_empty() {
            call.is_json = true;
            match serde_json::from_slice(&call.body) {
                Ok(Value::Object(map)) => call.params.extend(map),
                _ => call.malformed = true,
            }
        }
        let bearer = text(header::AUTHORIZATION).and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            matches!(scheme.to_ascii_lowercase().as_str(), "bearer" | "oauth")
                .then(|| token.trim().to_owned())
        });
        let param = call
            .params
            .remove("access_token")
            .and_then(|value| value.as_str().map(str::to_owned));
        call.token = bearer.or(param).filter(|token| !token.is_empty());
        call
    }

    /// Query or form pairs; a value that is JSON of its own (Meta's form for nested values) is read as such.
    fn read_pairs(&mut self, pairs: &str) {
        let Ok(mut url) = reqwest::Url::parse("http://pairs.invalid/") else {
            return;
        };
        url.set_query(Some(pairs));
        for (key, value) in url.query_pairs() {
            let nested = value
                .starts_with(['{', '['])
                .then(|| serde_json::from_str(&value).ok())
                .flatten();
            self.params
                .insert(key.into_owned(), nested.unwrap_or_else(|| json!(value)));
        }
    }

    fn read_parts(&mut self, kind: &str) {
        let Some(boundary) = kind.split("boundary=").nth(1) else {
            self.malformed = true;
            return;
        };
        let boundary = boundary
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .trim_matches('"');
        self.parts = split_parts(&self.body, boundary);
        for part in self.parts.iter().filter(|part| !part.is_file) {
            let value = String::from_utf8_lossy(&part.bytes).into_owned();
            self.params.insert(part.name.clone(), json!(value));
        }
    }

    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.params.get(name).and_then(Value::as_str)
    }

    /// Where this server is reached, for URLs inside answers.
    pub(super) fn base_url(&self, shared: &Shared) -> String {
        match (&shared.config.public_url, &self.host) {
            (None, Some(host)) => format!("http://{host}"),
            _ => shared.base_url(),
        }
    }

    /// The caller behind the token.
    pub(super) fn caller(&self, shared: &Shared) -> GraphResult<Caller> {
        let Some(token) = &self.token else {
            return Err(GraphError::plain(
                400,
                104,
                "An access token is required to request this resource.",
            ));
        };
        if *token == format!("{}|{}", shared.config.app_id, shared.config.app_secret) {
            return Ok(Caller::App);
        }
        match shared.world().tokens.get(token) {
            Some(wabas) => Ok(Caller::System {
                wabas: wabas.clone(),
                token: token.clone(),
            }),
            None if token.starts_with("EAA") => Err(GraphError::plain(
                401,
                190,
                "Error validating access token: The session has been invalidated.",
            )),
            None => Err(GraphError::plain(
                401,
                190,
                "Invalid OAuth access token - Cannot parse access token",
            )),
        }
    }
}

/// `/v24.0/1/messages` → `v24.0` and `/1/messages`.
fn split_version(path: &str) -> (Option<String>, String) {
    let trimmed = path.trim_start_matches('/');
    let (head, rest) = trimmed.split_once('/').unwrap_or((trimmed, ""));
    let is_version = head
        .strip_prefix('v')
        .and_then(|number| number.split_once('.'))
        .is_some_and(|(major, minor)| {
            !major.is_empty() && minor == "0" && major.bytes().all(|byte| byte.is_ascii_digit())
        });
    if is_version {
        (Some(head.to_owned()), format!("/{rest}"))
    } else {
        (None, format!("/{trimmed}"))
    }
}

/// The object of this id, if the caller may see it; otherwise Meta says that it does not exist.
pub(super) fn resolve(
    shared: &Shared,
    method: &str,
    id: &str,
    caller: &Caller,
) -> GraphResult<Object> {
    if id == shared.config.app_id || id == "app" {
        return Ok(Object::App);
    }
    let mut world = shared.world();
    let now_ms = shared.clock.now_ms();
    let (object, waba_id) = if let Some(number) = world.numbers.get(id) {
        (Object::Number(id.to_owned()), number.spec.waba_id.clone())
    } else if world.wabas.contains_key(id) {
        (Object::Waba(id.to_owned()), id.to_owned())
    } else if let Some(medium) = world.media.get(id, now_ms) {
        (Object::Media(id.to_owned()), medium.waba_id.clone())
    } else if let Some(waba_id) = world.waba_of_template(id) {
        (Object::Template(id.to_owned()), waba_id.to_owned())
    } else {
        return Err(GraphError::no_object(method, id));
    };
    match caller {
        Caller::System { wabas, .. } if wabas.contains(&waba_id) => {
            if let Some(waba) = world.wabas.get_mut(&waba_id) {
                waba.calls += 1;
            }
            Ok(object)
        }
        _ => Err(GraphError::no_object(method, id)),
    }
}

/// Cuts a multipart body at its boundary (RFC 7578); parts without a name are skipped.
fn split_parts(body: &Bytes, boundary: &str) -> Vec<Part> {
    let delimiter = format!("--{boundary}").into_bytes();
    let mut parts = Vec::new();
    let mut at = find(body, &delimiter, 0);
    while let Some(start) = at {
        let start = start + delimiter.len();
        let Some(end) = find(body, &delimiter, start) else {
            break;
        };
        at = Some(end);
        let Some(blank) = find(body, b"\r\n\r\n", start).filter(|blank| *blank < end) else {
            continue;
        };
        let head = String::from_utf8_lossy(&body[start..blank]).into_owned();
        let content_end = end.saturating_sub(2).max(blank + 4);
        let mut part = Part {
            name: String::new(),
            mime_type: None,
            is_file: false,
            bytes: body.slice(blank + 4..content_end),
        };
        for line in head.lines() {
            let lower = line.to_ascii_lowercase();
            if lower.starts_with("content-disposition:") {
                part.name = attribute(line, "name=").unwrap_or_default();
                part.is_file = lower.contains("filename=") || lower.contains("filename*=");
            } else if let Some(kind) = lower.strip_prefix("content-type:") {
                part.mime_type = Some(kind.trim().to_owned());
            }
        }
        if !part.name.is_empty() {
            parts.push(part);
        }
    }
    parts
}

fn attribute(line: &str, key: &str) -> Option<String> {
    line.split(';').map(str::trim).find_map(|piece| {
        piece
            .strip_prefix(key)
            .map(|value| value.trim_matches('"').to_owned())
    })
}

fn find(haystack: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    let first = *needle.first()?;
    let mut at = from;
    while at + needle.len() <= haystack.len() {
        let step = haystack[at..].iter().position(|byte| *byte == first)?;
        at += step;
        if haystack.get(at..at + needle.len())? == needle {
            return Some(at);
        }
        at += 1;
    }
    None
}
