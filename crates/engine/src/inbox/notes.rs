//! Notes: what people of a tenant write to each other in a conversation.

use domain::{ConversationId, MessageId, TenantId};
use serde_json::json;
use store::conversations::work;
use store::{event_log, messages};

use super::change::NotChanged;
use super::line::{Author, Line};
use crate::Engine;
use crate::outbound::request::Mistake;

/// Characters of a note.
const LONGEST: usize = 4_096;
/// Characters of its one line.
const PREVIEW: usize = 120;

/// Writes a note into a conversation.
///
/// # Errors
/// [`NotChanged`]; then nothing was written.
pub async fn note(
    engine: &Engine,
    tenant: TenantId,
    id: ConversationId,
    text: &str,
    author: Author,
) -> Result<MessageId, NotChanged> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST {
        return Err(NotChanged::Invalid(Mistake {
            field: "text".to_owned(),
            problem: format!("must have 1 to {LONGEST} characters"),
        }));
    }
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let held = work::lock(&mut tx, tenant, id)
        .await?
        .ok_or(NotChanged::Missing)?;
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
    let data = format!(r#"{{"message_id":"{message}","conversation_id":"{id}"}}"#);
    event_log::append(
        &mut tx,
        &[event_log::of(tenant, "message.noted", data, now)],
    )
    .await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    Ok(message)
}
