//! Notes: what people of a tenant write to each other in a conversation.

use domain::{ConversationId, MessageId, Sight, TenantId};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use store::conversations::work;
use store::idempotency::{self, Key};
use store::{event_log, messages};

use super::change::NotChanged;
use super::line::{Author, Line};
use crate::Engine;
use crate::outbound::request::Mistake;

/// Characters of a note.
const LONGEST: usize = 4_096;
/// Characters of its one line.
const PREVIEW: usize = 120;

/// A note to write.
#[derive(Debug, Clone, Copy)]
pub struct NewNote<'a> {
    /// What it says.
    pub text: &'a str,
    /// Who writes it.
    pub author: Author,
    /// Repeating it with the same key writes nothing twice.
    pub key: Option<&'a str>,
}

/// Writes a note into a conversation. Gives it, and whether it was there already under its key.
///
/// # Errors
/// [`NotChanged`]; then nothing was written.
pub async fn note(
    engine: &Engine,
    tenant: TenantId,
    sight: Sight,
    id: ConversationId,
    note: NewNote<'_>,
) -> Result<(MessageId, bool), NotChanged> {
    let NewNote { text, author, key } = note;
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST {
        return Err(NotChanged::Invalid(Mistake::new(
            "text",
            format!("must have 1 to {LONGEST} characters"),
        )));
    }
    if key.is_some_and(|key| key.is_empty() || key.len() > 255) {
        return Err(NotChanged::Invalid(Mistake::new(
            "Idempotency-Key",
            "must have 1 to 255 characters",
        )));
    }
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let held = work::lock(&mut tx, tenant, sight, id)
        .await?
        .ok_or(NotChanged::Missing)?;
    // The conversation is locked: whoever repeats it at the same moment comes after.
    let fingerprint: [u8; 32] = Sha256::digest(format!("note {id} {text}")).into();
    let mut kept = key.map(|key| Key {
        n: 0,
        tenant: tenant.hex(),
        key: key.to_owned(),
        fingerprint: hex::encode(fingerprint),
        message: String::new(),
        at: now.0,
    });
    let known = idempotency::any_tenant_find(&mut tx, kept.as_slice()).await?;
    if let Some(known) = known.into_iter().next() {
        if known.fingerprint[..] != fingerprint[..] {
            return Err(NotChanged::KeyReused);
        }
        return Ok((known.message_id, true));
    }
    let first: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let preview: String = first.chars().take(PREVIEW).collect();
    let line = Line {
        held: &held,
        author,
        kind: "note",
        text: Some(text),
        preview: &preview,
        content: json!({ "text": text }),
    };
    let (message, row) = line.row(now);
    messages::any_tenant_add(&mut tx, &[row]).await?;
    if let Some(kept) = &mut kept {
        kept.message = message.hex();
    }
    let taken = idempotency::any_tenant_keep(&mut tx, kept.as_slice()).await;
    // Somebody used it elsewhere at the same moment.
    taken.map_err(|error| match error.is_conflict() {
        true => NotChanged::KeyReused,
        false => error.into(),
    })?;
    let data = format!(r#"{{"message_id":"{message}","conversation_id":"{id}"}}"#);
    event_log::append(
        &mut tx,
        &[event_log::of(tenant, "message.noted", data, now)],
    )
    .await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    Ok((message, false))
}
