//! `/api/v1/quick-replies`: texts that are typed often, called by `/shortcut` in the composer.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod update;

use domain::{QuickReplyId, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::audit::{self, Act, Target, Who};
use store::quick_replies::QuickReply;
use store::{Tx, event_log};
use utoipa::ToSchema;

use crate::problem::{Problem, Result};

/// A quick reply as it is kept.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuickReplyView {
    /// Its id.
    #[schema(example = "qr_0193a5c47d1e7c3f8a2b4c5d6e7f8091")]
    id: String,
    /// What is typed after `/`.
    shortcut: String,
    /// What it stands for.
    text: String,
    /// When it was last changed.
    updated_at: String,
}

impl From<QuickReply> for QuickReplyView {
    fn from(row: QuickReply) -> Self {
        Self {
            id: row.id.to_string(),
            shortcut: row.shortcut,
            text: row.text,
            updated_at: row.updated_at.rfc3339(),
        }
    }
}

/// A quick reply as it is written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenQuickReply {
    /// 1 to 40 letters, digits, `-` and `_`; kept in lower case, without the `/`; unique in the tenant.
    shortcut: String,
    /// 1 to 4,096 characters.
    text: String,
}

/// Characters of a shortcut.
const LONGEST_SHORTCUT: usize = 40;

impl WrittenQuickReply {
    fn checked(self, id: QuickReplyId, now: Timestamp) -> Result<QuickReply> {
        let shortcut = self.shortcut.trim();
        let shortcut = shortcut
            .strip_prefix('/')
            .unwrap_or(shortcut)
            .to_lowercase();
        let fits = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
        let length = shortcut.chars().count();
        if length == 0 || length > LONGEST_SHORTCUT || !shortcut.chars().all(fits) {
            return Err(Problem::invalid(
                "shortcut",
                "must have 1 to 40 letters, digits, - or _, and no spaces",
            ));
        }
        let text = self.text.trim();
        if text.is_empty() || text.chars().count() > meta::limits::TEXT_BODY_MAX_CHARS {
            return Err(Problem::invalid("text", "must have 1 to 4096 characters"));
        }
        Ok(QuickReply {
            id,
            shortcut,
            text: text.to_owned(),
            updated_at: now,
        })
    }
}

fn taken(shortcut: &str) -> Problem {
    Problem::conflict(
        "shortcut_taken",
        format!(
            "another quick reply is called /{shortcut}; choose another shortcut, or change that one"
        ),
    )
}

/// Writes down who changed what, and tells it.
async fn tell(
    tx: &mut Tx,
    tenant: TenantId,
    who: &Who,
    action: &'static str,
    (before, after): (Option<&QuickReply>, Option<&QuickReply>),
    now: Timestamp,
) -> Result<()> {
    let Some(row) = after.or(before) else {
        return Ok(());
    };
    let shown = |row: &QuickReply| json!({ "shortcut": row.shortcut, "text": row.text });
    let act = Act {
        tenant: Some(tenant),
        action,
        target: Target {
            kind: "quick_reply",
            id: Some(row.id.to_string()),
            name: Some(&row.shortcut),
        },
        before: before.map(shown),
        after: after.map(shown),
    };
    audit::append(tx, who, act, now).await?;
    let data = format!(r#"{{"quick_reply_id":"{}"}}"#, row.id);
    let event = event_log::of(tenant, "quick_reply.updated", data, now);
    event_log::append(tx, &[event]).await?;
    Ok(())
}
