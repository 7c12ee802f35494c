//! Which files a request may name: those of the tenant that stand within the sight of whoever asks. Our ids and Meta's
//! are judged alike, as both name the same files.

use domain::{MediaId, Sight, TenantId};
use meta::graph::outbound::OutboundMessage;
use serde_json::Value;
use store::media::uploads::{self, Named};
use store::numbers::PhoneNumber;
use store::wabas;

use super::given::kind_of_name;
use super::outgoing::holds;
use crate::Engine;
use crate::outbound::request::Mistake;

/// What is said of a file that is not there for whoever names it.
const GONE: &str = "names no uploaded file, or one that is not kept any more; upload it again";

/// Who names files, and from which number they leave.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names<'a> {
    pub(crate) tenant: TenantId,
    /// Files that stand in the conversations of this sight may be named.
    pub(crate) files: Sight,
    pub(crate) number: &'a PhoneNumber,
}

/// What is wrong with the files that a request names.
///
/// # Errors
/// When the database cannot be reached.
pub(crate) async fn sendable(
    engine: &Engine,
    names: Names<'_>,
    message: &OutboundMessage,
) -> store::Result<Vec<Mistake>> {
    let kind = message.content.as_str();
    if !holds(kind) {
        return Ok(Vec::new());
    }
    let Ok(whole) = serde_json::to_value(message) else {
        return Ok(Vec::new());
    };
    let mut named = Vec::new();
    with_kinds(&whole, &mut named);
    let mut mistakes = Vec::new();
    for (as_kind, id) in named {
        let field = if as_kind == kind {
            format!("{kind}.id")
        } else {
            format!("{kind}: {as_kind}.id")
        };
        if let Some(problem) = problem(engine, names, as_kind, &id).await? {
            mistakes.push(Mistake::new(field, problem));
        }
    }
    Ok(mistakes)
}

/// What is wrong with one file.
async fn problem(
    engine: &Engine,
    names: Names<'_>,
    as_kind: &str,
    id: &str,
) -> store::Result<Option<String>> {
    let Names { tenant, files, .. } = names;
    if !id.starts_with("med_") {
        let may = match uploads::any_tenant_named(&engine.db, tenant, files, id).await? {
            Named::Own => true,
            Named::Hidden => false,
            Named::Unknown => files == Sight::All && is_own_account(engine, names).await?,
        };
        return Ok((!may).then(|| GONE.to_owned()));
    }
    let Ok(id) = id.parse::<MediaId>() else {
        return Ok(Some("is not an id of an uploaded file".to_owned()));
    };
    let found = uploads::sendable(&engine.db, tenant, files, id).await?;
    Ok(match found {
        None => Some(GONE.to_owned()),
        // Whatever it is, it can go as a document.
        Some(upload) if upload.kind != as_kind && as_kind != "document" => Some(format!(
            "is a file of the kind {} ({}) and cannot be sent as {as_kind}",
            upload.kind, upload.mime_type
        )),
        Some(_) => None,
    })
}

/// Whether the number stands in a WABA of the tenant's own. There it may have given Meta files without us, and Meta
/// judges their ids; in a shared one every file came through here, and Meta would take those of all tenants.
async fn is_own_account(engine: &Engine, names: Names<'_>) -> store::Result<bool> {
    let owner = wabas::any_tenant_owner(&engine.db, &names.number.waba_id).await?;
    Ok(owner == Some(names.tenant))
}

/// Every id of a file with the kind that it is to be.
fn with_kinds(value: &Value, named: &mut Vec<(&'static str, String)>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if let Some(kind) = kind_of_name(name)
                    && let Some(id) = member.get("id").and_then(Value::as_str)
                {
                    named.push((kind, id.to_owned()));
                }
                with_kinds(member, named);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| with_kinds(item, named)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
