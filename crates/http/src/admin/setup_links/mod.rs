//! `/api/v1/admin/setup-links`: links by which businesses set themselves up.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod revoke;

use domain::{ConnectionId, TenantId, Timestamp};
use serde::Serialize;
use store::setup_links::SetupLink;
use utoipa::ToSchema;

/// A link. What opens it is told once, when it is made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SetupLinkView {
    /// `link_…`
    id: String,
    /// For whom it was made.
    #[serde(rename = "for")]
    for_whom: String,
    /// `open`, `used`, `expired` or `revoked`.
    state: &'static str,
    /// The tenant that connects with it; null while nobody made an account with it.
    tenant_id: Option<String>,
    /// Language of the page.
    language: String,
    /// The name on the page.
    name: Option<String>,
    /// The colour of its buttons.
    colour: Option<String>,
    /// Whether it has a logo.
    logo: bool,
    /// Where its user goes at the end.
    return_url: Option<String>,
    /// Who made it.
    created_by: String,
    /// When.
    created_at: String,
    /// When it ends by itself.
    expires_at: String,
    /// When an account was made with it.
    account_at: Option<String>,
    /// When a connection was made with it.
    used_at: Option<String>,
    /// Which.
    connection_id: Option<String>,
    /// When it was taken back.
    revoked_at: Option<String>,
}

fn view(link: SetupLink, now: Timestamp) -> SetupLinkView {
    let time = |at: Option<i64>| at.map(|at| Timestamp(at).rfc3339());
    SetupLinkView {
        state: link.standing(now).as_str(),
        id: link.id.to_string(),
        for_whom: link.for_whom,
        tenant_id: link.tenant_id.map(|id| TenantId(id).to_string()),
        language: link.language,
        name: link.brand_name,
        colour: link.brand_colour,
        logo: link.logo.is_some(),
        return_url: link.return_url,
        created_by: link.created_by,
        created_at: link.created_at.rfc3339(),
        expires_at: link.expires_at.rfc3339(),
        account_at: time(link.account_at),
        used_at: time(link.used_at),
        connection_id: link.connection_id.map(|id| ConnectionId(id).to_string()),
        revoked_at: time(link.revoked_at),
    }
}
