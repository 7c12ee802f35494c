//! Our ids of files become Meta's just before a message leaves. Meta's id of a file is kept for each number until it
//! ends, so a file that goes to thousands is uploaded once; whoever needs it meanwhile waits for that upload.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::{MediaId, MessageId, TenantId, Timestamp};
use meta::graph::{GraphCallError, GraphError, Upload};
use meta::limits;
use secrecy::SecretString;
use serde_json::Value;
use store::media::of_messages::Sent;
use store::media::{Digest, uploads};
use store::outbox::Entry;

use super::given::{kind_of_name, said};
use super::place::StoreError;
use crate::Engine;

/// 100 MB over a slow line.
const TIME_LIMIT: Duration = Duration::from_secs(600);
/// An id that ends so soon is not used any more: the message may wait on its way.
const MARGIN: Duration = Duration::from_secs(6 * 3_600);
/// What an id of ours begins with, as it stands in a body.
const MARK: &str = "\"med_";
/// Ids remembered in this process.
const REMEMBERED: usize = 10_000;

/// Whose file, for which number.
type Key = (String, TenantId, Digest);

/// Meta's ids that this process knows, and uploads that are under way.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    known: Mutex<HashMap<Key, (String, Timestamp)>>,
    /// By our id: what it is of. Uploads never change.
    ours: Mutex<HashMap<(TenantId, MediaId), Arc<uploads::Upload>>>,
    under_way: Mutex<HashMap<Key, Arc<tokio::sync::Mutex<()>>>>,
}

/// Why a file is not at Meta.
#[derive(Debug)]
pub(crate) enum NotGiven {
    /// It will never be: the file is gone, or Meta refuses it.
    Never {
        /// Meta's code, where it was Meta who refused.
        code: i64,
        /// A sentence for people.
        why: String,
    },
    /// Later, perhaps.
    Later(String),
    /// Meta refused for a reason that its table of errors knows.
    Refused(Box<GraphError>),
}

/// A body that can leave.
#[derive(Debug)]
pub(crate) enum Resolved {
    /// It names no file of ours.
    AsItIs,
    /// With Meta's ids in it.
    Body(Vec<u8>),
}

/// Whether a body names a file of ours, which may have to be given to Meta first.
pub(crate) fn names_ours(body: &str) -> bool {
    body.contains(MARK)
}

/// Puts Meta's ids in the place of ours.
///
/// # Errors
/// [`NotGiven`].
pub(crate) async fn resolve(
    engine: &Engine,
    token: &SecretString,
    entry: &Entry,
) -> Result<Resolved, NotGiven> {
    if !names_ours(&entry.body) {
        return Ok(Resolved::AsItIs);
    }
    let mut body: Value = serde_json::from_str(&entry.body)
        .map_err(|error| NotGiven::Later(format!("the message cannot be read: {error}")))?;
    let mut ids = Vec::new();
    collect(&body, &mut ids);
    let mut meta = HashMap::with_capacity(ids.len());
    for ours in ids {
        let upload = upload_of(engine, entry.tenant_id, ours, entry.id).await?;
        let id = given(
            engine,
            token,
            entry.tenant_id,
            &entry.phone_number_id,
            &upload,
        )
        .await?;
        meta.insert(ours.to_string(), id);
    }
    replace(&mut body, &meta);
    serde_json::to_vec(&body)
        .map(Resolved::Body)
        .map_err(|error| NotGiven::Later(error.to_string()))
}

/// The files of ours that media objects (`{"image":{"id":…}}`) anywhere in a body name.
fn collect(value: &Value, ids: &mut Vec<MediaId>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if kind_of_name(name).is_some()
                    && let Some(id) = member.get("id").and_then(Value::as_str)
                    && let Ok(id) = id.parse()
                    && !ids.contains(&id)
                {
                    ids.push(id);
                }
                collect(member, ids);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, ids)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn replace(value: &mut Value, meta: &HashMap<String, String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if kind_of_name(name).is_some()
                    && let Some(id) = member.get_mut("id")
                    && let Some(theirs) = id.as_str().and_then(|ours| meta.get(ours))
                {
                    *id = Value::String(theirs.clone());
                }
                replace(member, meta);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, meta)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

async fn upload_of(
    engine: &Engine,
    tenant: TenantId,
    id: MediaId,
    message: MessageId,
) -> Result<Arc<uploads::Upload>, NotGiven> {
    let ids = &engine.media.ids;
    if let Some(known) = lock(&ids.ours).get(&(tenant, id)) {
        return Ok(known.clone());
    }
    let away = |error: store::DbError| NotGiven::Later(error.to_string());
    let upload = match uploads::get(&engine.db, tenant, id).await.map_err(away)? {
        Some(upload) => Some(upload),
        // The upload's time of keeping was over; the message still holds its file.
        None => uploads::of_message(&engine.db, tenant, message)
            .await
            .map_err(away)?,
    };
    let upload = upload.map(Arc::new).ok_or_else(|| NotGiven::Never {
        code: 131053,
        why: "the file of this message is not kept any more; upload it again".to_owned(),
    })?;
    let mut ours = lock(&ids.ours);
    if ours.len() >= REMEMBERED {
        ours.clear();
    }
    ours.insert((tenant, id), upload.clone());
    Ok(upload)
}

/// Meta's id of a file for a number: a known one, or of a new upload.
pub(super) async fn given(
    engine: &Engine,
    token: &SecretString,
    tenant: TenantId,
    number: &str,
    upload: &uploads::Upload,
) -> Result<String, NotGiven> {
    let away = |error: store::DbError| NotGiven::Later(error.to_string());
    let sha256 = upload.sha256().map_err(away)?;
    let key: Key = (number.to_owned(), tenant, sha256);
    let ids = &engine.media.ids;
    if let Some(id) = ids.known(&key, engine.clock.now()) {
        return Ok(id);
    }
    let turn = lock(&ids.under_way).entry(key.clone()).or_default().clone();
    let held = turn.lock().await;
    // Whoever had the turn before may have made it known.
    if let Some(id) = ids.known(&key, engine.clock.now()) {
        return Ok(id);
    }
    let found = found_or_uploaded(engine, token, &key, upload).await;
    drop(held);
    lock(&ids.under_way).remove(&key);
    let (id, ends_at) = found?;
    let mut known = lock(&ids.known);
    if known.len() >= REMEMBERED {
        known.clear();
    }
    known.insert(key, (id.clone(), ends_at));
    Ok(id)
}

async fn found_or_uploaded(
    engine: &Engine,
    token: &SecretString,
    (number, tenant, sha256): &Key,
    upload: &uploads::Upload,
) -> Result<(String, Timestamp), NotGiven> {
    let away = |error: store::DbError| NotGiven::Later(error.to_string());
    let now = engine.clock.now();
    let until = now.plus(MARGIN);
    let kept = uploads::meta_id(&engine.db, *tenant, number, *sha256, until).await;
    if let Some(id) = kept.map_err(away)? {
        // Its end is in the database; here it is asked for again now and then.
        return Ok((id, now.plus(2 * MARGIN)));
    }
    let bytes = u64::try_from(upload.bytes).unwrap_or(0);
    let pieces = engine.media.files.read(*tenant, *sha256, 0..bytes).await;
    let pieces = pieces.map_err(|error| match error {
        StoreError::Missing => NotGiven::Never {
            code: 131053,
            why: "the file of this message is not in the file store any more; upload it again"
                .to_owned(),
        },
        StoreError::Refused(why) => NotGiven::Later(format!("the file store refuses: {why}")),
    })?;
    let name = if upload.name.is_empty() {
        "file"
    } else {
        &upload.name
    };
    let file = Upload {
        name,
        mime_type: &upload.mime_type,
        body: meta::graph::body_of(pieces),
        bytes,
    };
    let id = engine
        .graph
        .upload_media_from(token, number, file, TIME_LIMIT)
        .await
        .map_err(|error| match error {
            GraphCallError::Refused(error) => NotGiven::Refused(error),
            error @ (GraphCallError::Transport(_)
            | GraphCallError::NotMeta { .. }
            | GraphCallError::NotAllowed(_)) => {
                NotGiven::Later(format!("the file could not be given to WhatsApp: {error}"))
            }
        })?;
    metrics::counter!("trunkline_media_given_total").increment(1);
    let ends_at = now.plus(limits::UPLOADED_MEDIA_LIFE);
    uploads::keep_meta_id(&engine.db, *tenant, number, *sha256, &id, ends_at)
        .await
        .map_err(away)?;
    Ok((id, ends_at))
}

/// Whether a refusal of a send says that an id of a file is no good: then it is forgotten and the next try uploads
/// the file again. False when the message named no file of ours.
pub(crate) async fn spoilt(engine: &Engine, entry: &Entry, error: &GraphError) -> bool {
    let about_media = matches!(error.code, 131_052 | 131_053)
        || (error.code, error.subcode) == (100, Some(33))
        || (error.code == 131_009 || error.code == 100)
            && error
                .details
                .as_deref()
                .unwrap_or(&error.message)
                .to_lowercase()
                .contains("media");
    // Once: a file that Meta refuses under a fresh id is refused for what it is.
    if !about_media || entry.attempts > 0 || !entry.body.contains(MARK) {
        return false;
    }
    let Ok(body) = serde_json::from_str::<Value>(&entry.body) else {
        return false;
    };
    let mut ids = Vec::new();
    collect(&body, &mut ids);
    let mut forgotten = false;
    for ours in ids {
        let upload = upload_of(engine, entry.tenant_id, ours, entry.id).await;
        let Some(sha256) = upload.ok().and_then(|upload| upload.sha256().ok()) else {
            continue;
        };
        let key: Key = (entry.phone_number_id.clone(), entry.tenant_id, sha256);
        let id = lock(&engine.media.ids.known).remove(&key);
        if let Some((id, _)) = id {
            let number = &entry.phone_number_id;
            let gone = uploads::any_tenant_forget_meta_id(&engine.db, number, &id).await;
            forgotten |= gone.is_ok();
        }
    }
    forgotten
}

/// Which file an outgoing message carries, for the transaction that records it. `None` when it names none by an id.
pub(crate) fn references(
    message: MessageId,
    tenant: TenantId,
    conversation: domain::ConversationId,
    number: &str,
    (kind, body): (&str, &str),
    now: Timestamp,
) -> Option<Sent> {
    // Most messages carry none, and reading each body again would cost them.
    if !holds(kind) || !body.contains("\"id\"") {
        return None;
    }
    let content: Value = serde_json::from_str(body).ok()?;
    let id = said(kind, &content)?.id?;
    let upload = id.parse::<MediaId>().ok();
    Some(Sent {
        id: message.hex(),
        tenant: tenant.hex(),
        conversation: conversation.hex(),
        number: number.to_owned(),
        media: upload.is_none().then_some(id),
        upload: upload.map(MediaId::hex),
        at: now.0,
    })
}

/// Whether a message of this type can carry a file.
pub(super) fn holds(kind: &str) -> bool {
    kind_of_name(kind).is_some() || matches!(kind, "template" | "interactive")
}

impl Ids {
    fn known(&self, key: &Key, now: Timestamp) -> Option<String> {
        let known = lock(&self.known);
        let (id, ends_at) = known.get(key)?;
        (*ends_at > now.plus(MARGIN)).then(|| id.clone())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_file_of_ours_gets_metas_id_and_nothing_else_changes() {
        let ours = MediaId::new(Timestamp::from_seconds(1));
        let mut body = json!({
            "type": "template",
            "template": { "components": [{ "parameters": [{ "type": "image", "image": { "id": ours } }] }] },
            "text": { "body": ours, "id": ours },
            "document": { "id": "1234" },
        });
        let mut ids = Vec::new();
        collect(&body, &mut ids);
        assert_eq!(ids, [ours]);
        replace(
            &mut body,
            &HashMap::from([(ours.to_string(), "77".to_owned())]),
        );
        let image = &body["template"]["components"][0]["parameters"][0]["image"];
        assert_eq!(image["id"], "77");
        assert_eq!(body["document"]["id"], "1234");
        assert_eq!(body["text"], json!({ "body": ours, "id": ours }));
    }
}
