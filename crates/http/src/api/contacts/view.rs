//! A contact as the API shows it.

use domain::Timestamp;
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
    /// What they chose about marketing messages in WhatsApp; null while they chose nothing.
    marketing: Option<MarketingView>,
    /// Since when they are not to be written to, because they asked for it; null while they did not.
    opted_out_at: Option<String>,
    /// When they were first seen.
    created_at: String,
}

/// A choice about marketing messages.
#[derive(Debug, Serialize, ToSchema)]
struct MarketingView {
    /// `stop`: no more of them; `resume`: again.
    choice: String,
    /// When they chose.
    at: String,
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
            marketing: row.marketing_choice.map(|choice| MarketingView {
                choice,
                at: Timestamp(row.marketing_chosen_at.unwrap_or(0)).rfc3339(),
            }),
            opted_out_at: row.opted_out_at.map(|at| Timestamp(at).rfc3339()),
            created_at: row.created_at.rfc3339(),
        }
    }
}
