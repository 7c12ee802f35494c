//! Systems that can only post: an address of their own, a secret by which they sign, and where in what they post type,
//! id and data stand.
//!
//! Two kinds of signature are understood: `X-Signature-256: sha256=<hex>`, HMAC-SHA-256 of the raw body with the whole
//! secret as key, and Standard Webhooks (`webhook-id`, `webhook-timestamp`, `webhook-signature`), whose key is what stands
//! behind `whsec_` in base64.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::notification::{EventType, Path, Posted};
use domain::{EventSourceId, TenantId, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use store::audit::{self, Act, Target, Who};
use store::events::sources::{self, Source};
use store::{Tx, event_log};

use crate::Engine;
use crate::outbound::request::Mistake;

/// Sources of one tenant.
pub const MOST_SOURCES: i64 = 50;
/// How far a signature's time may be from ours (Standard Webhooks).
const TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// Where in what is posted an event's parts stand.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The type of everything that comes from here.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Or where the type stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type_path: Option<Path>,
    /// Where the id stands; without it `webhook-id`, else a digest of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_path: Option<Path>,
    /// Where the data stands; without it all of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_path: Option<Path>,
}

impl Settings {
    /// What is wrong with them.
    pub fn check(&self) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        match (&self.kind, &self.type_path) {
            (Some(kind), None) if EventType::parse(kind).is_some() => {}
            (Some(_), None) => mistakes.push(Mistake::new(
                "type",
                "must be an event type such as order.paid: letters, digits and _ . : - /",
            )),
            (None, Some(_)) => {}
            (Some(_), Some(_)) => {
                mistakes.push(Mistake::new("type", "stands beside type_path; one of them"));
            }
            (None, None) => mistakes.push(Mistake::new(
                "type",
                "is missing: the type of all that comes from here, or type_path, where it stands",
            )),
        }
        mistakes
    }

    /// Reads what was posted.
    ///
    /// # Errors
    /// What of an event is not there.
    pub fn read(
        &self,
        body: &Value,
        raw: &[u8],
        webhook_id: Option<&str>,
    ) -> Result<Posted, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut text = |path: &Option<Path>, field: &str| match path
            .as_ref()
            .map(|path| (path, path.text(body)))
        {
            None => None,
            Some((_, Ok(Some(text)))) => Some(text),
            Some((path, Ok(None))) => {
                mistakes.push(Mistake::new(
                    field,
                    format!("{path} finds nothing in what was posted"),
                ));
                None
            }
            Some((_, Err(wrong))) => {
                mistakes.push(Mistake::new(field, wrong.problem));
                None
            }
        };
        let kind = self.kind.clone().or_else(|| text(&self.type_path, "type"));
        let id = match &self.id_path {
            Some(_) => text(&self.id_path, "id"),
            None => Some(webhook_id.map_or_else(
                || format!("sha256:{}", hex::encode(Sha256::digest(raw))),
                str::to_owned,
            )),
        };
        let data = match &self.data_path {
            None => body.as_object().cloned(),
            Some(path) => match path.all(body).as_slice() {
                [Value::Object(data)] => Some(data.clone()),
                _ => None,
            },
        };
        if data.is_none() {
            mistakes.push(Mistake::new(
                "data",
                "must be an object: that is what rules read",
            ));
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let whole =
            json!({ "type": kind, "id": id, "data": Value::Object(data.unwrap_or_else(Map::new)) });
        domain::notification::check_posted(&whole).map_err(|wrong| {
            wrong
                .into_iter()
                .map(|(field, said)| Mistake::new(field, said))
                .collect()
        })
    }
}

/// Headers that prove where a body comes from.
#[derive(Debug, Clone, Copy, Default)]
pub struct Proof<'a> {
    /// `X-Signature-256`.
    pub signature_256: Option<&'a str>,
    /// `webhook-id`.
    pub webhook_id: Option<&'a str>,
    /// `webhook-timestamp`.
    pub webhook_timestamp: Option<&'a str>,
    /// `webhook-signature`.
    pub webhook_signature: Option<&'a str>,
}

/// Whether a body was signed with the secret.
pub fn is_genuine(secret: &SecretString, proof: &Proof<'_>, body: &[u8], now: Timestamp) -> bool {
    let whole = secret.expose_secret().as_bytes();
    if let Some(signature) = proof.signature_256 {
        // Some systems write the digits in capitals.
        return meta::signature::verify(whole, &signature.to_ascii_lowercase(), body);
    }
    let (Some(id), Some(at), Some(signatures)) = (
        proof.webhook_id,
        proof.webhook_timestamp,
        proof.webhook_signature,
    ) else {
        return false;
    };
    let Ok(seconds) = at.parse::<i64>() else {
        return false;
    };
    let signed_at = Timestamp::from_seconds(seconds);
    if now.since(signed_at) > TOLERANCE || signed_at.since(now) > TOLERANCE {
        return false;
    }
    let encoded = secret
        .expose_secret()
        .strip_prefix("whsec_")
        .unwrap_or_default();
    let Ok(key) = STANDARD.decode(encoded) else {
        return false;
    };
    let signed = [id.as_bytes(), b".", at.as_bytes(), b".", body].concat();
    signatures.split_ascii_whitespace().any(|signature| {
        let digest = signature
            .strip_prefix("v1,")
            .and_then(|digest| STANDARD.decode(digest).ok());
        // The same comparison in constant time, in the form of the other header.
        digest.is_some_and(|digest| {
            meta::signature::verify(&key, &format!("sha256={}", hex::encode(digest)), &signed)
        })
    })
}

/// A source that was just made, with its secret, which is shown this once.
pub struct Made {
    /// The source.
    pub source: Source,
    /// `whsec_…`.
    pub secret: SecretString,
}

/// Makes a source. None when there are too many.
///
/// # Errors
/// When the database refuses.
pub async fn create(
    engine: &Engine,
    tenant: TenantId,
    name: &str,
    settings: &Settings,
    who: &Who,
) -> store::Result<Option<Made>> {
    let now = engine.clock.now();
    let secret = SecretString::from(format!(
        "whsec_{}",
        STANDARD.encode(rand::random::<[u8; 32]>())
    ));
    let source = Source {
        id: EventSourceId::new(now),
        tenant_id: tenant,
        name: name.trim().to_owned(),
        settings: serde_json::to_string(settings)
            .map_err(|error| store::DbError::Corrupt(error.to_string()))?,
        created_at: now,
        last_at: None,
    };
    let mut tx = engine.db.begin().await?;
    if sources::count(&mut tx, tenant).await? >= MOST_SOURCES {
        return Ok(None);
    }
    sources::insert(&mut tx, &engine.sealer, &source, &secret).await?;
    tell(&mut tx, who, "event_source.create", &source, true, now).await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    Ok(Some(Made { source, secret }))
}

/// Removes a source: what is posted there from now on is refused. False when there is none.
///
/// # Errors
/// When the database refuses.
pub async fn delete(
    engine: &Engine,
    tenant: TenantId,
    id: EventSourceId,
    who: &Who,
) -> store::Result<bool> {
    let now = engine.clock.now();
    let all = sources::list(&engine.db, tenant).await?;
    let Some(source) = all.into_iter().find(|source| source.id == id) else {
        return Ok(false);
    };
    let mut tx = engine.db.begin().await?;
    if !sources::delete(&mut tx, tenant, id).await? {
        return Ok(false);
    }
    tell(&mut tx, who, "event_source.delete", &source, false, now).await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    Ok(true)
}

async fn tell(
    tx: &mut Tx,
    who: &Who,
    action: &'static str,
    source: &Source,
    is_there: bool,
    now: Timestamp,
) -> store::Result<()> {
    let shown = json!({ "name": source.name, "settings": serde_json::from_str::<Value>(&source.settings).unwrap_or_default() });
    let act = Act {
        tenant: Some(source.tenant_id),
        action,
        target: Target {
            kind: "event_source",
            id: Some(source.id.to_string()),
            name: Some(&source.name),
        },
        before: (!is_there).then(|| shown.clone()),
        after: is_there.then_some(shown),
    };
    audit::append(tx, who, act, now).await?;
    let data = format!(r#"{{"source_id":"{}"}}"#, source.id);
    event_log::append(
        tx,
        &[event_log::of(
            source.tenant_id,
            "event_source.changed",
            data,
            now,
        )],
    )
    .await
}
