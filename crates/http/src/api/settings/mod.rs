//! `/api/v1/settings`: what a tenant sees of its set-up, and what it may change itself.

pub(crate) mod show;
pub(crate) mod update;

use domain::quiet_hours::QuietHours;
use engine::shared_account;
use serde::{Deserialize, Serialize};
use store::numbers::PhoneNumber;
use store::tenants::Tenant;
use store::wabas;
use utoipa::ToSchema;

use crate::App;
use crate::problem::Result;

/// A tenant's settings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SettingsView {
    /// The business's name.
    name: String,
    /// Language of what the product writes to its people.
    language: String,
    /// Whether agents who see their own conversations also see those that nobody has.
    agents_see_unassigned: bool,
    /// When mailings (the lane `bulk`) rest; null when they never do.
    quiet_hours: Option<QuietHoursView>,
    /// How it is on WhatsApp.
    whatsapp: WhatsappView,
    /// How the platform's support is reached.
    support_contact: Option<String>,
}

/// When mailings rest, by the clock of the person they go to; a country with several time zones is quiet while any
/// of them is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuietHoursView {
    /// When they begin.
    #[schema(example = "21:00")]
    from: String,
    /// When they end; earlier than `from`, they go past midnight.
    #[schema(example = "09:00")]
    to: String,
    /// Whose clock counts where the number does not tell the country.
    #[schema(example = "Europe/Madrid")]
    time_zone: String,
}

impl QuietHoursView {
    fn of(hours: QuietHours) -> Self {
        let QuietHours {
            from,
            to,
            time_zone,
        } = hours;
        Self {
            from,
            to,
            time_zone,
        }
    }

    fn hours(self) -> QuietHours {
        let Self {
            from,
            to,
            time_zone,
        } = self;
        QuietHours {
            from,
            to,
            time_zone,
        }
    }
}

/// How a tenant is on WhatsApp.
#[derive(Debug, Serialize, ToSchema)]
struct WhatsappView {
    /// Its own switch: off, nothing is sent; what comes in is kept all the same.
    enabled: bool,
    /// The number that it sends from; null without one.
    number: Option<NumberView>,
    /// Whether that is the platform's own number, lent.
    fallback: bool,
}

/// A number as the tenant that has it sees it.
#[derive(Debug, Serialize, ToSchema)]
struct NumberView {
    /// Meta's id; only of numbers in the tenant's own account.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number_id: Option<String>,
    /// As people read it.
    display_phone_number: String,
    /// The name that Meta shows.
    verified_name: Option<String>,
    /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
    quality_rating: Option<String>,
    /// `CONNECTED`, …
    status: Option<String>,
}

async fn view(app: &App, tenant: Tenant) -> Result<SettingsView> {
    let number = shared_account::number_of(&app.engine, &tenant).await?;
    let fallback = number
        .as_ref()
        .is_some_and(|number| number.tenant() != Some(tenant.id));
    let number = match number {
        None => None,
        Some(number) => Some(number_view(app, &tenant, number).await?),
    };
    Ok(SettingsView {
        name: tenant.name,
        language: tenant.language,
        agents_see_unassigned: tenant.agents_see_unassigned,
        quiet_hours: tenant
            .quiet_hours
            .as_deref()
            .and_then(QuietHours::parse)
            .map(QuietHoursView::of),
        whatsapp: WhatsappView {
            enabled: tenant.whatsapp_enabled,
            number,
            fallback,
        },
        support_contact: app.web.support_contact.clone(),
    })
}

async fn number_view(app: &App, tenant: &Tenant, number: PhoneNumber) -> Result<NumberView> {
    let wabas = wabas::any_tenant_list(&app.engine.db).await?;
    let own = wabas
        .iter()
        .any(|waba| waba.waba_id == number.waba_id && waba.tenant_id == Some(tenant.id.into()));
    Ok(NumberView {
        phone_number_id: own.then_some(number.phone_number_id),
        display_phone_number: number.display_phone_number,
        verified_name: number.verified_name,
        quality_rating: number.quality_rating,
        status: number.status,
    })
}
