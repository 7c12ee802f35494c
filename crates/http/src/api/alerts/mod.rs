//! `/api/v1/alerts`: what somebody of the tenant should know of.

pub(crate) mod dismiss;
pub(crate) mod list;

use axum::http::{HeaderMap, header};
use engine::health::alerts::words;
use engine::texts::Language;
use serde::{Deserialize, Serialize};
use store::alerts::Alert;
use store::people::users;
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::auth::Caller;
use crate::problem::Result;

/// Something that somebody should know of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertView {
    /// Its id.
    id: String,
    /// Whose it is; null for the platform's own.
    tenant_id: Option<String>,
    /// Their name.
    tenant_name: Option<String>,
    /// Such as `token_dead`, `account_banned`, `payment_missing`.
    kind: String,
    /// `info`, `warning`, `critical`.
    severity: String,
    /// What it is about: an id of Meta's or of ours; empty where there is one only.
    subject: String,
    /// What happened, in the reader's language.
    title: String,
    /// More about it; may be empty.
    detail: String,
    /// What to do.
    action: String,
    /// What the sentences are filled with.
    #[schema(value_type = std::collections::HashMap<String, String>)]
    parameters: serde_json::Value,
    /// Since when.
    since: String,
    /// When it was over; null while it lasts.
    resolved_at: Option<String>,
    /// When somebody put it away.
    dismissed_at: Option<String>,
    /// Who did.
    dismissed_by: Option<String>,
}

impl AlertView {
    pub(crate) fn of(alert: Alert, language: Language) -> Self {
        let words = words(&alert, language);
        let moment = |at: Option<i64>| at.map(|at| domain::Timestamp(at).rfc3339());
        Self {
            id: alert.id.to_string(),
            tenant_id: alert
                .tenant_id
                .map(|tenant| domain::TenantId(tenant).to_string()),
            tenant_name: alert.tenant_name,
            kind: alert.kind,
            severity: alert.severity,
            subject: alert.subject,
            title: words.title,
            detail: words.detail,
            action: words.action,
            parameters: serde_json::from_str(&alert.parameters).unwrap_or_default(),
            since: domain::Timestamp(alert.since).rfc3339(),
            resolved_at: moment(alert.resolved_at),
            dismissed_at: moment(alert.dismissed_at),
            dismissed_by: alert.dismissed_by,
        }
    }
}

/// Which alerts are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Narrow {
    /// True: also those that are over or were put away.
    pub(crate) all: bool,
}

/// The language in which a caller reads: a person's own, else what the request asks for.
pub(crate) async fn language_of(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
) -> Result<Language> {
    if let Some(user) = caller.user()
        && let Some(user) = users::get(&app.engine.db, user.user_id).await?
    {
        return Ok(Language::of(&user.language));
    }
    let asked = headers.get(header::ACCEPT_LANGUAGE);
    let asked = asked.and_then(|value| value.to_str().ok());
    Ok(Language::accepted(asked.unwrap_or_default()))
}
