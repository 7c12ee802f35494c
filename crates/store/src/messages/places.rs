//! Places in a shared history that are kept for media which come apart from it.

use serde::Serialize;
use uuid::Uuid;

use crate::db::{Result, Sql, Tx, batch, statements};

/// What belongs into a place.
#[derive(Debug, Clone, Serialize)]
pub struct Filled<'a> {
    /// The caller's own number for it.
    pub n: usize,
    /// The tenant's number.
    pub number: &'a str,
    /// Meta's id.
    pub wamid: &'a str,
    /// Meta's message type.
    pub kind: &'a str,
    /// Searchable text.
    pub text: Option<&'a str>,
    /// One line.
    pub preview: &'a str,
    /// JSON text.
    pub content: &'a str,
}

/// A message that has its place now.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Place {
    /// As given.
    pub n: i64,
    /// The message.
    pub id: Uuid,
    /// Its conversation.
    pub conversation_id: Uuid,
    /// With whom.
    pub contact_id: Uuid,
}

statements! {
    FIND = Sql::Each {
        sqlite: "SELECT b.value->>'n' AS n, m.id, m.conversation_id, m.contact_id FROM jsonb_each($1) b \
            CROSS JOIN messages m ON m.wamid = b.value->>'wamid' AND m.phone_number_id = b.value->>'number' WHERE m.type = 'media_placeholder'",
        postgres: "SELECT b.n, m.id, m.conversation_id, m.contact_id FROM json_to_recordset($1::json) AS b(n bigint, number text, wamid text) \
            JOIN messages m ON m.wamid = b.wamid AND m.phone_number_id = b.number WHERE m.type = 'media_placeholder'",
    };
    FILL = Sql::Each {
        sqlite: "UPDATE messages SET type = b.value->>'kind', text = b.value->>'text', preview = b.value->>'preview', content = b.value->>'content' \
            FROM jsonb_each($1) b WHERE messages.wamid = b.value->>'wamid' AND messages.phone_number_id = b.value->>'number' AND messages.type = 'media_placeholder'",
        postgres: "UPDATE messages SET type = b.kind, text = b.text, preview = b.preview, content = b.content \
            FROM json_to_recordset($1::json) AS b(number text, wamid text, kind text, text text, preview text, content text) \
            WHERE messages.wamid = b.wamid AND messages.phone_number_id = b.number AND messages.type = 'media_placeholder'",
    };
}

/// Puts messages into the places that were kept for them; gives those that had one.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_fill(tx: &mut Tx, rows: &[Filled<'_>]) -> Result<Vec<Place>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let places: Vec<Place> = tx.all(FIND, vec![batch(rows)?]).await?;
    if !places.is_empty() {
        tx.run(FILL, vec![batch(rows)?]).await?;
    }
    Ok(places)
}
