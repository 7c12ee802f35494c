//! Whether another template of the account says the same: WhatsApp rejects it for that (page "templates/template-review").

use domain::TenantId;
use domain::template::Definition;
use serde_json::Value;
use store::templates::{self, Template};

use crate::Engine;

/// A template of the account that has the same body and footer, and does not end in a rejection of its own. None for
/// one-time codes, which all say the same.
///
/// # Errors
/// When the database refuses.
pub async fn alike(
    engine: &Engine,
    tenant: TenantId,
    waba_id: Option<&str>,
    wanted: &Definition,
) -> store::Result<Option<Template>> {
    let said = texts(&wanted.components);
    if said[0].is_empty() || wanted.category.eq_ignore_ascii_case("AUTHENTICATION") {
        return Ok(None);
    }
    let first = match waba_id {
        Some(named) => Some(named.to_owned()),
        None => templates::accounts(&engine.db, tenant)
            .await?
            .into_iter()
            .next(),
    };
    let Some(waba_id) = first else {
        return Ok(None);
    };
    let rows = templates::any_tenant_of_waba(&engine.db, &waba_id).await?;
    Ok(rows.into_iter().find(|row| {
        let name = row.name.strip_suffix(&super::suffix(tenant));
        matches!(row.status.as_str(), "APPROVED" | "PAUSED" | "PENDING")
            && row.category != "AUTHENTICATION"
            && row.name != wanted.name
            && name != Some(wanted.name.as_str())
            && serde_json::from_str::<Value>(&row.components)
                .is_ok_and(|components| texts(&components) == said)
    }))
}

/// Body and footer.
fn texts(components: &Value) -> [String; 2] {
    ["BODY", "FOOTER"].map(|kind| {
        let mut parts = components.as_array().into_iter().flatten();
        let part = parts.find(|part| {
            let named = part["type"].as_str();
            named.is_some_and(|named| named.eq_ignore_ascii_case(kind))
        });
        let text = part.and_then(|part| part["text"].as_str());
        text.unwrap_or_default().trim().to_owned()
    })
}
