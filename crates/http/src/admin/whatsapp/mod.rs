//! `/api/v1/admin/whatsapp`: the numbers of the shared account and who has them.

pub(crate) mod assign;
pub(crate) mod callback;
pub(crate) mod fallback;
pub(crate) mod phone;
pub(crate) mod phone_numbers;
pub(crate) mod tenants;
pub(crate) mod unassign;
pub(crate) mod version;

use domain::Timestamp;
use serde::Serialize;
use store::numbers::PhoneNumber;
use utoipa::ToSchema;

/// A number as the platform sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PhoneNumberView {
    /// Meta's id.
    phone_number_id: String,
    /// The WABA that it belongs to.
    waba_id: String,
    /// As people read it.
    display_phone_number: String,
    /// The name that Meta shows.
    verified_name: Option<String>,
    /// `VERIFIED`, `NOT_VERIFIED`, `EXPIRED`.
    code_verification_status: Option<String>,
    /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
    quality_rating: Option<String>,
    /// Such as `TIER_2K`.
    messaging_limit: Option<String>,
    /// `STANDARD`, `HIGH`, `NOT_APPLICABLE`.
    throughput_level: Option<String>,
    /// Pace that the product keeps.
    messages_per_second: i64,
    /// `CONNECTED`, …
    status: Option<String>,
    /// Whether tenants without a number may send from it, where allowed.
    is_fallback: bool,
    /// Who has it; null while it is in the pool.
    tenant_id: Option<String>,
    /// Their name.
    tenant_name: Option<String>,
    /// Since when they have it.
    assigned_at: Option<String>,
    /// When Meta was last asked.
    refreshed_at: Option<String>,
}

impl PhoneNumberView {
    fn of(row: PhoneNumber, tenant_name: Option<String>) -> Self {
        Self {
            tenant_id: row.tenant().map(|id| id.to_string()),
            tenant_name,
            phone_number_id: row.phone_number_id,
            waba_id: row.waba_id,
            display_phone_number: row.display_phone_number,
            verified_name: row.verified_name,
            code_verification_status: row.code_verification_status,
            quality_rating: row.quality_rating,
            messaging_limit: row.messaging_limit,
            throughput_level: row.throughput_level,
            messages_per_second: row.messages_per_second,
            status: row.status,
            is_fallback: row.is_fallback,
            assigned_at: row.assigned_at.map(|at| Timestamp(at).rfc3339()),
            refreshed_at: row.refreshed_at.map(|at| Timestamp(at).rfc3339()),
        }
    }
}
