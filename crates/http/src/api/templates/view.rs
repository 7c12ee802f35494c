//! A template as it is shown.

use domain::{TenantId, Timestamp};
use engine::templates::act::{Editable, owner_of};
use serde::Serialize;
use serde_json::Value;
use store::templates::Template;
use utoipa::ToSchema;

/// A message template.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TemplateView {
    /// Its id.
    #[schema(example = "tpl_0193a5c47d1e7c3f8a2b4c5d6e7f8091")]
    id: String,
    /// Meta's id; null for a draft.
    meta_id: Option<String>,
    /// The account that it is of.
    waba_id: String,
    /// By which it is sent.
    name: String,
    /// Such as `en_US`.
    language: String,
    /// `MARKETING`, `UTILITY`, `AUTHENTICATION`.
    category: String,
    /// Meta's word: `APPROVED` ones can be sent; `PENDING`, `REJECTED`, `PAUSED`, `DISABLED` … `DRAFT` is ours: Meta has
    /// not seen it; so is `DELETED`: Meta does not have it any more.
    status: String,
    /// Meta's own description of its parts.
    #[schema(value_type = Vec<Object>)]
    components: Value,
    /// `POSITIONAL` or `NAMED`.
    parameter_format: String,
    /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
    quality: Option<String>,
    /// Meta's word for why it was rejected, such as `INVALID_FORMAT`.
    rejected_reason: Option<String>,
    /// What Meta says about the rejection.
    rejection: Option<Rejection>,
    /// When the pause ends by itself.
    paused_until: Option<String>,
    /// The category before Meta changed it.
    previous_category: Option<String>,
    /// The category that Meta announced.
    correct_category: Option<String>,
    /// When the announced one comes.
    category_changes_at: Option<String>,
    /// When Meta made a marketing template of it; what was waiting with it then waits for `release`.
    became_marketing_at: Option<String>,
    /// Whether somebody has still to decide about what waits.
    awaits_release: bool,
    /// How long Meta tries to deliver it, in seconds; null for as long as Meta likes.
    ttl: Option<i64>,
    /// The one of Meta's library that it was made of.
    library_name: Option<String>,
    /// Whose it is: `tenant`, `platform` (the same for everybody), `account` (of an account that several share).
    owner: &'static str,
    /// The platform's template that it comes of.
    global_id: Option<String>,
    /// Whether this tenant lets it go when Meta has paused it, and what waits when Meta made a marketing template of it;
    /// else the platform does. Its own messages it can cancel all the same.
    decides: bool,
    /// Whether it can be changed.
    editable: EditableView,
    /// Its place in WhatsApp Manager, where a decision of Meta's can be appealed: there is no call for that.
    manager_url: Option<String>,
    /// When it was made here.
    created_at: String,
    /// When anything of it last changed.
    updated_at: String,
}

/// Why Meta rejected a template.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Rejection {
    /// Why.
    reason: Option<String>,
    /// What to do.
    recommendation: Option<String>,
}

/// Whether a template can be changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EditableView {
    /// Now. In lists, as far as its state tells; one by one, Meta's limit of edits counts as well.
    can: bool,
    /// Why not: `platform`, `account`, `status`, `deleted`, `too_often`.
    why: Option<&'static str>,
    /// When it can be.
    next_at: Option<String>,
}

impl From<Editable> for EditableView {
    fn from(editable: Editable) -> Self {
        Self {
            can: editable.can,
            why: editable.why,
            next_at: editable.next_at.map(Timestamp::rfc3339),
        }
    }
}

fn moment(at: Option<i64>) -> Option<String> {
    at.map(|at| Timestamp(at).rfc3339())
}

impl TemplateView {
    /// To a tenant; `account` is who owns the account.
    pub(crate) fn of(
        row: Template,
        tenant: TenantId,
        account: Option<TenantId>,
        editable: Editable,
    ) -> Self {
        let owner = owner_of(&row, tenant, account);
        let rejection = row.rejection.as_deref().and_then(|text| {
            let said: Value = serde_json::from_str(text).ok()?;
            let text = |key: &str| said[key].as_str().map(str::to_owned);
            Some(Rejection {
                reason: text("reason"),
                recommendation: text("recommendation"),
            })
        });
        let awaits_release = row.awaits_release();
        let manager_url = (row.meta_id.is_some() && owner == "tenant").then(|| {
            format!(
                "https://business.facebook.com/wa/manage/message-templates/?waba_id={}",
                row.waba_id
            )
        });
        Self {
            id: row.id.to_string(),
            meta_id: row.meta_id,
            waba_id: row.waba_id,
            name: row.name,
            language: row.language,
            category: row.category,
            // Kept for its history; Meta has none of it any more.
            status: match row.deleted_at {
                Some(_) => "DELETED".to_owned(),
                None => row.status,
            },
            components: serde_json::from_str(&row.components)
                .unwrap_or_else(|_| Value::Array(Vec::new())),
            parameter_format: row.parameter_format,
            quality: row.quality,
            rejected_reason: row.rejected_reason,
            rejection,
            paused_until: moment(row.paused_until),
            previous_category: row.previous_category,
            correct_category: row.correct_category,
            category_changes_at: moment(row.category_changes_at),
            became_marketing_at: moment(row.became_marketing_at),
            awaits_release,
            ttl: row.ttl_seconds,
            library_name: row.library_name,
            owner,
            decides: owner == "tenant" || account == Some(tenant),
            global_id: row
                .global_id
                .map(|id| domain::GlobalTemplateId(id).to_string()),
            editable: editable.into(),
            manager_url,
            created_at: Timestamp(row.created_at).rfc3339(),
            updated_at: Timestamp(row.updated_at).rfc3339(),
        }
    }
}

/// One template with everything that only it costs a question.
pub(super) async fn whole(
    app: &crate::App,
    tenant: TenantId,
    row: Template,
) -> crate::problem::Result<TemplateView> {
    let account = engine::templates::act::account_owner(&app.engine, &row.waba_id).await?;
    let owner = owner_of(&row, tenant, account);
    let editable = engine::templates::act::editable(&app.engine, &row, owner).await?;
    Ok(TemplateView::of(row, tenant, account, editable))
}
