//! What waits for the sake of its template.

use domain::Timestamp;
use store::outbox::look::Hold;
use store::templates::{self, Template, waiting};
use store::{Tx, number_pace, numbers};

use super::fold::{Fold, Folded};

/// Why messages of a template wait, and which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TemplateHold {
    /// The reason.
    pub hold: Hold,
    /// Only those that were enqueued before; none: all of them.
    pub before: Option<Timestamp>,
}

impl TemplateHold {
    /// Whether a message that was enqueued then waits.
    pub fn holds(&self, enqueued: Timestamp) -> bool {
        self.before.is_none_or(|before| enqueued < before)
    }

    /// For people.
    pub const fn explanation(&self) -> &'static str {
        match self.hold {
            Hold::TemplatePaused => "WhatsApp has paused this template",
            Hold::TemplateDisabled => "WhatsApp has switched this template off for good",
            Hold::TemplateReview => "WhatsApp has not approved the present text of this template",
            _ => {
                "WhatsApp has made this a marketing template, which costs more; somebody has to decide"
            }
        }
    }
}

/// What a template's state does to messages that were enqueued with it.
pub fn hold_of(row: &Template) -> Option<TemplateHold> {
    let all = |hold| TemplateHold { hold, before: None };
    match row.status.as_str() {
        "PAUSED" => Some(all(Hold::TemplatePaused)),
        "DISABLED" => Some(all(Hold::TemplateDisabled)),
        // It was approved when they were enqueued, and has been edited since.
        "PENDING" | "IN_APPEAL" | "REJECTED" => Some(all(Hold::TemplateReview)),
        _ => {
            let became = row.became_marketing_at?;
            row.awaits_release().then_some(TemplateHold {
                hold: Hold::TemplateBecameMarketing,
                before: Some(Timestamp(became)),
            })
        }
    }
}

/// Before Meta is asked to change an approved template: it is in review from then on, and what waits for it is held
/// instead of refused. Meta's list, read soon, says how it stands where nobody comes back. The events are to be appended.
pub(crate) async fn into_review(
    tx: &mut Tx,
    row: &Template,
    source: &'static str,
    now: Timestamp,
) -> store::Result<Folded> {
    let before = templates::any_tenant_lock(tx, row.id).await?;
    let Some(before) = before.filter(|row| row.status == "APPROVED") else {
        return Ok(Folded::default());
    };
    let mut after = before.clone();
    "PENDING".clone_into(&mut after.status);
    let mut fold = Fold::new(source, now);
    fold.change(before, after);
    super::sync::job(tx, &row.waba_id, now).await?;
    fold.write(tx).await
}

/// `name/language`, by which the outbox knows it.
pub(crate) fn key(row: &Template) -> String {
    format!("{}/{}", row.name, row.language)
}

/// Holds what waits, or lets it go, where a template's state has changed. Whether something may leave now.
pub(super) async fn settle(
    tx: &mut Tx,
    before: &Template,
    after: &Template,
) -> store::Result<bool> {
    let (was, is) = (hold_of(before), hold_of(after));
    let (waba, key) = (after.waba_id.as_str(), key(after));
    if was == is {
        // Meta's own refusals held what was sent to a template that can be sent again.
        let again = before.status != "APPROVED" && after.status == "APPROVED";
        return match is {
            None if again => free(tx, waba, &key).await,
            _ => Ok(false),
        };
    }
    match is {
        Some(hold) => {
            waiting::any_tenant_hold(tx, waba, &key, hold.hold.as_str()).await?;
            Ok(false)
        }
        None => free(tx, waba, &key).await,
    }
}

pub(super) async fn free(tx: &mut Tx, waba: &str, key: &str) -> store::Result<bool> {
    for number in numbers::any_tenant_of_waba(tx, waba).await? {
        number_pace::any_tenant_free_template(tx, &number.phone_number_id, key).await?;
    }
    Ok(waiting::any_tenant_free(tx, waba, key).await? > 0)
}
