//! A call, read: version, path, parameters from query and body alike, token, and the object it names.

use axum::http::{HeaderMap, Method, Uri, header};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::error::{GraphError, GraphResult};
use crate::seed::TokenState;
use crate::signature::hmac_sha256;
use crate::sim::Shared;
use crate::world::{Token, World};

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
    /// Where a piece of an upload begins, in bytes.
    pub(super) file_offset: Option<u64>,
    /// The message of this call is accepted and fails with this code, as a script asks.
    pub(super) failure: Option<i64>,
    token: Option<String>,
}

/// Who calls.
pub(super) enum Caller {
    /// By `{app_id}|{app_secret}`.
    App,
    /// By a system user's token.
    System { token: String, known: Box<Token> },
}

pub(super) enum Object {
    App,
    Business(String),
    CreditLine(String),
    Allocation(String),
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
            file_offset: text(header::HeaderName::from_static("file_offset"))
                .and_then(|offset| offset.trim().parse().ok()),
            failure: None,
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

    /// A number, as a number or in digits.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        let value = self.params.get(name)?;
        value
            .as_u64()
            .or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()))
    }

    /// Whether it is `true`, in whichever form.
    pub(super) fn flag(&self, name: &str) -> bool {
        match self.params.get(name) {
            Some(Value::Bool(given)) => *given,
            Some(Value::String(given)) => matches!(given.as_str(), "true" | "1"),
            _ => false,
        }
    }

    /// Nested JSON, given as such or as text (in single quotes as well, as Meta's samples have it).
    pub(super) fn json(&self, name: &str) -> Value {
        match self.params.get(name) {
            Some(Value::String(text)) => serde_json::from_str(text)
                .or_else(|_| serde_json::from_str(&text.replace('\'', "\"")))
                .unwrap_or_default(),
            Some(value) => value.clone(),
            None => Value::Null,
        }
    }

    /// A list: of its own, in JSON, or with commas.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        match self.params.get(name) {
            Some(Value::Array(items)) => items.iter().filter_map(text).collect(),
            Some(Value::String(list)) => list
                .trim_matches(['[', ']', ' '])
                .split(',')
                .map(|one| one.trim_matches(['"', '\'', ' ']).to_owned())
                .filter(|one| !one.is_empty())
                .collect(),
            Some(Value::Number(number)) => vec![number.to_string()],
            _ => Vec::new(),
        }
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
        let known = {
            let world = shared.world();
            let known = world.tokens.get(token).cloned();
            known.map(|known| (known, world.require_proof))
        };
        let Some((known, require_proof)) = known else {
            return Err(GraphError::plain(
                401,
                190,
                if token.starts_with("EAA") {
                    "Error validating access token: The session has been invalidated."
                } else {
                    "Invalid OAuth access token - Cannot parse access token"
                },
            ));
        };
        let state = known.state(shared.clock.now_ms());
        if state == TokenState::Valid {
            self.proof(shared, token, require_proof)?;
            return Ok(Caller::System {
                token: token.clone(),
                known: Box::new(known),
            });
        }
        let (subcode, why) = expired_words(state, known.spec.expires_at);
        let message = format!("Error validating access token: {why}");
        Err(GraphError {
            subcode: Some(subcode),
            ..GraphError::plain(401, 190, message)
        })
    }

    /// `appsecret_proof`: demanded when the app says so, and right whenever it is there.
    fn proof(&self, shared: &Shared, token: &str, required: bool) -> GraphResult<()> {
        let refusal = |message: &str| GraphError {
            kind: "GraphMethodException",
            ..GraphError::plain(400, 100, message)
        };
        match self.param("appsecret_proof") {
            None if required => Err(refusal(
                "API calls from the server require an appsecret_proof argument",
            )),
            Some(proof)
                if proof
                    != hex::encode(hmac_sha256(&shared.config.app_secret, token.as_bytes())) =>
            {
                Err(refusal(
                    "Invalid appsecret_proof provided in the API argument",
                ))
            }
            _ => Ok(()),
        }
    }
}

/// Why a token is none any more: Meta's subcode and sentence.
pub(super) fn expired_words(state: TokenState, expires_at: Option<u64>) -> (i64, String) {
    match state {
        TokenState::Expired => {
            let when = expires_at.map_or_else(
                || "Thursday, 01-Jan-26 00:00:00 PST".to_owned(),
                |seconds| format!("the moment {seconds}"),
            );
            (463, format!("Session has expired on {when}."))
        }
        TokenState::Uninstalled => (
            458,
            "The user has not authorized application.".to_owned(),
        ),
        TokenState::Valid | TokenState::Revoked => (
            460,
            "The session has been invalidated because the user changed their password or Facebook has changed the session for security reasons.".to_owned(),
        ),
    }
}

/// Whether the token's permissions cover this edge.
pub(super) fn permit(caller: &Caller, object: &Object, edge: Option<&str>) -> GraphResult<()> {
    let Caller::System { known, .. } = caller else {
        return Ok(());
    };
    let spec = &known.spec;
    let money = matches!(object, Object::CreditLine(_) | Object::Allocation(_))
        && edge != Some("whatsapp_credit_attach");
    if (money || matches!(edge, Some("extendedcredits" | "system_user_access_tokens")))
        && !spec.business_management
    {
        return Err(GraphError::of_table(200, None));
    }
    let messages = matches!(object, Object::Media(_))
        || (matches!(object, Object::Number(_))
            && matches!(
                edge,
                Some(
                    "messages"
                        | "marketing_messages"
                        | "media"
                        | "register"
                        | "deregister"
                        | "block_users"
                        | "smb_app_data"
                        | "whatsapp_business_profile"
                )
            ));
    if messages && !spec.messaging {
        return Err(GraphError::of_table(200, None));
    }
    if !messages && !money && !spec.management {
        return Err(GraphError::of_table(10, None));
    }
    Ok(())
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
    edge: Option<&str>,
    caller: &Caller,
) -> GraphResult<Object> {
    if id == shared.config.app_id || id == "app" {
        return Ok(Object::App);
    }
    let Caller::System { known, .. } = caller else {
        return Err(GraphError::no_object(method, id));
    };
    let world = shared.world();
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
        let platform = &shared.config.business_id;
        return of_business(&world, platform, id, edge, known)
            .ok_or_else(|| GraphError::no_object(method, id));
    };
    let by_business = matches!(object, Object::Waba(_))
        && matches!(edge, None | Some("assigned_users"))
        && known.business_id == shared.config.business_id;
    let shared_with = || world.wabas.get(&waba_id).is_some_and(|waba| waba.shared);
    if reaches(&world, &waba_id, known) || (by_business && shared_with()) {
        Ok(object)
    } else {
        Err(GraphError::no_object(method, id))
    }
}

/// Whether a token works with an account: it was given for it, or its system user was assigned to it after it was
/// shared. (The account's node and its users are seen by the app's business as soon as it is shared.)
pub(super) fn reaches(world: &World, waba_id: &str, known: &Token) -> bool {
    let assigned = || {
        let waba = world.wabas.get(waba_id).filter(|waba| waba.shared);
        waba.is_some_and(|waba| waba.assigned.contains_key(&known.user_id))
    };
    known.wabas.iter().any(|own| own == waba_id) || assigned()
}

/// Businesses, credit lines and what was shared of these.
fn of_business(
    world: &World,
    platform: &str,
    id: &str,
    edge: Option<&str>,
    known: &Token,
) -> Option<Object> {
    let businesses = &world.businesses;
    let own = |business_id: &str| business_id == known.business_id;
    if businesses.all.contains_key(id) {
        // A partner sees the businesses that shared an account with it.
        let client = known.business_id == platform
            && world
                .wabas
                .values()
                .any(|waba| waba.shared && waba.business_id == id);
        return (own(id) || client).then(|| Object::Business(id.to_owned()));
    }
    if let Some(line) = businesses.credit_lines.get(id) {
        // The customer attaches its account by its own token, once the line is shared with it.
        let received = edge == Some("whatsapp_credit_attach")
            && businesses.allocation(id, &known.business_id).is_some();
        return (own(&line.business_id) || received).then(|| Object::CreditLine(id.to_owned()));
    }
    let allocation = businesses.allocations.get(id)?;
    let line = businesses.credit_lines.get(&allocation.credit_line_id)?;
    own(&line.business_id).then(|| Object::Allocation(id.to_owned()))
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
