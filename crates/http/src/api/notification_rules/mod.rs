//! `/api/v1/notification-rules`: by which events of other systems become messages.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod dry_run;
pub(crate) mod list;
mod schema;
pub(crate) mod show;
pub(crate) mod update;

use domain::TenantId;
use domain::notification::{Flaw, NotARule, Rule};
use engine::notify::rules;
use engine::outbound::request::Mistake;
use serde::Serialize;
use serde_json::Value;
use store::notification_rules::RuleRow;
use utoipa::ToSchema;

use crate::App;
use crate::problem::{Problem, Result};

/// A rule as it is kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NotificationRuleView)]
pub(crate) struct RuleView {
    /// Its id.
    #[schema(example = "rule_0193a5c47d1e7c3f8a2b4c5d6e7f8091")]
    id: String,
    #[serde(flatten)]
    #[schema(value_type = schema::NotificationRule)]
    rule: Value,
    /// When it was made.
    created_at: String,
    /// When it was last changed.
    updated_at: String,
    /// After writing: what will hold its messages as things stand.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Finding>,
}

/// Something about a member of a rule.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RuleFinding)]
pub(crate) struct Finding {
    /// Which member, such as `parameters.body`.
    field: String,
    /// What is to be said about it.
    problem: String,
}

impl From<Flaw> for Finding {
    fn from(flaw: Flaw) -> Self {
        Self {
            field: flaw.field,
            problem: flaw.problem,
        }
    }
}

impl RuleView {
    fn new(row: RuleRow, warnings: Vec<Flaw>) -> Self {
        Self {
            id: row.id.to_string(),
            rule: serde_json::from_str(&row.body).unwrap_or_default(),
            created_at: row.created_at.rfc3339(),
            updated_at: row.updated_at.rfc3339(),
            warnings: warnings.into_iter().map(Finding::from).collect(),
        }
    }
}

fn mistakes(flaws: Vec<Flaw>) -> Problem {
    Problem::mistakes(
        flaws
            .into_iter()
            .map(|flaw| Mistake::new(flaw.field, flaw.problem))
            .collect(),
    )
}

/// Reads a rule as it was written.
fn read(body: &Value) -> Result<Rule> {
    Rule::read(body).map_err(|NotARule(flaws)| mistakes(flaws))
}

/// Holds it against the tenant's templates; gives what will hold its messages.
async fn judged(app: &App, tenant: TenantId, rule: &Rule) -> Result<Vec<Flaw>> {
    let found = rules::check(&app.engine, &app.templates, tenant, rule).await?;
    if found.flaws.is_empty() {
        Ok(found.warnings)
    } else {
        Err(mistakes(found.flaws))
    }
}
