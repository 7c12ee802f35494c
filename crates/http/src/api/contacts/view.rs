//! A contact as the API shows it.

use serde::Serialize;
use store::contacts::Contact;
use utoipa::ToSchema;

/// A person who writes to the tenant, or is written to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContactView {
    /// Our id.
    #[schema(example = "con_0193a5c47d1e7c3f8a2b4c5d6e7f8091")]
    id: String,
    /// The name in their WhatsApp profile.
    name: Option<String>,
    /// Digits with country code; null for people who hide it.
    phone: Option<String>,
    /// As Meta writes it.
    wa_id: Option<String>,
    /// Business-scoped user id.
    user_id: Option<String>,
    /// Their username.
    username: Option<String>,
    /// When they were first seen.
    created_at: String,
}

impl From<Contact> for ContactView {
    fn from(row: Contact) -> Self {
        Self {
            id: row.id.to_string(),
            name: row.name,
            phone: row.phone,
            wa_id: row.wa_id,
            user_id: row.bsuid,
            username: row.username,
            created_at: row.created_at.rfc3339(),
        }
    }
}
