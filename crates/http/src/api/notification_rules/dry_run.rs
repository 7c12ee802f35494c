//! `POST /api/v1/notification-rules/dry-run` and `/api/v1/notification-rules/{id}/dry-run`.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use domain::notification::{NotARule, Rule};
use domain::{RuleId, TenantId};
use engine::notify::{self, DryRun};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::notification_rules;
use utoipa::ToSchema;

use super::Finding;
use super::schema::NotificationRule;
use crate::App;
use crate::auth::{Member, NotificationsWrite};
use crate::problem::{Problem, Result};

/// A rule and an event to try it with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TriedRule {
    /// The rule as it is being written.
    #[schema(value_type = NotificationRule)]
    rule: Value,
    /// What an event would carry.
    #[schema(value_type = Object)]
    data: Value,
    /// Its type; the rule's own when left out.
    r#type: Option<String>,
}

/// An event to try a rule with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TriedEvent {
    /// What it would carry.
    #[schema(value_type = Object)]
    data: Value,
    /// Its type; the rule's own when left out.
    r#type: Option<String>,
}

/// What would happen.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct DryRunView {
    /// Whether a message would be sent, now or at `due_at`.
    matches: bool,
    /// Why not.
    why_not: Option<WhyNot>,
    /// Digits with country code.
    recipient: Option<String>,
    /// What the event calls them.
    recipient_name: Option<String>,
    /// In which language.
    language: Option<String>,
    /// Which template.
    template: Option<String>,
    /// What WhatsApp would get.
    #[schema(value_type = Option<Object>)]
    message: Option<Value>,
    /// As a phone shows it.
    preview: Option<PreviewView>,
    /// When it would leave, where not at once: by schedule, or after the quiet hours.
    due_at: Option<String>,
    /// Why the rule cannot be kept as it is.
    problems: Vec<Finding>,
    /// What will hold its messages as things stand.
    warnings: Vec<Finding>,
}

/// Why nothing would be sent.
#[derive(Debug, Serialize, ToSchema)]
struct WhyNot {
    /// A stable word.
    reason: &'static str,
    /// What exactly.
    detail: String,
}

/// A template as a phone shows it.
#[derive(Debug, Serialize, ToSchema)]
struct PreviewView {
    /// The header's text, or the word for its file.
    header: Option<String>,
    /// The body.
    body: String,
    /// The footer.
    footer: Option<String>,
    /// What stands on the buttons.
    buttons: Vec<String>,
}

impl From<DryRun> for DryRunView {
    fn from(run: DryRun) -> Self {
        let findings = |flaws: Vec<_>| flaws.into_iter().map(Finding::from).collect();
        Self {
            matches: run.matches,
            why_not: run
                .why_not
                .map(|(reason, detail)| WhyNot { reason, detail }),
            recipient: run.recipient,
            recipient_name: run.recipient_name,
            language: run.language,
            template: run.template,
            message: run.message,
            preview: run.preview.map(|preview| PreviewView {
                header: preview.header,
                body: preview.body,
                footer: preview.footer,
                buttons: preview.buttons,
            }),
            due_at: run.due_at.map(domain::Timestamp::rfc3339),
            problems: findings(run.problems),
            warnings: findings(run.warnings),
        }
    }
}

/// Shows what a rule would do with an event while it is being written. Changes nothing and sends nothing; what is wrong
/// with the rule stands in `problems`.
#[utoipa::path(post, path = "/api/v1/notification-rules/dry-run", tag = "notifications", request_body = TriedRule, responses(
    (status = 200, description = "What would happen", body = DryRunView),
    (status = 422, description = "The body has no rule or no data", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn any(
    State(app): State<App>,
    member: Member<NotificationsWrite>,
    body: std::result::Result<Json<TriedRule>, JsonRejection>,
) -> Result<Json<DryRunView>> {
    let Json(body) = body?;
    match Rule::read(&body.rule) {
        Ok(rule) => {
            tried(
                &app,
                member.tenant,
                &rule,
                body.r#type.as_deref(),
                body.data,
            )
            .await
        }
        Err(NotARule(flaws)) => Ok(Json(DryRunView {
            problems: flaws.into_iter().map(Finding::from).collect(),
            ..DryRunView::default()
        })),
    }
}

/// Shows what a rule that is kept would do with an event. Changes nothing and sends nothing.
#[utoipa::path(post, path = "/api/v1/notification-rules/{id}/dry-run", tag = "notifications", request_body = TriedEvent,
    params(("id" = String, Path, description = "rule_…")), responses(
    (status = 200, description = "What would happen", body = DryRunView),
    (status = 404, description = "No such rule", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn own(
    State(app): State<App>,
    member: Member<NotificationsWrite>,
    Path(id): Path<String>,
    body: std::result::Result<Json<TriedEvent>, JsonRejection>,
) -> Result<Json<DryRunView>> {
    let missing = || Problem::not_found("rule");
    let id: RuleId = id.parse().map_err(|_| missing())?;
    let row = notification_rules::get(&app.engine.db, member.tenant, id)
        .await?
        .ok_or_else(missing)?;
    let Json(body) = body?;
    let rule: Rule = serde_json::from_str(&row.body).map_err(|_| {
        Problem::invalid(
            "",
            "this version cannot read the rule; open it and save it again",
        )
    })?;
    tried(
        &app,
        member.tenant,
        &rule,
        body.r#type.as_deref(),
        body.data,
    )
    .await
}

async fn tried(
    app: &App,
    tenant: TenantId,
    rule: &Rule,
    kind: Option<&str>,
    data: Value,
) -> Result<Json<DryRunView>> {
    if !data.is_object() {
        return Err(Problem::invalid(
            "data",
            "must be an object, as events carry it",
        ));
    }
    let run = notify::dry_run(&app.engine, &app.templates, tenant, rule, kind, data).await?;
    Ok(Json(run.into()))
}
