//! `POST /api/v1/admin/setup-links`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use engine::setup::{self, Wanted};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{SetupLinkView, view};
use crate::App;
use crate::auth::{Platform, PlatformWrite};
use crate::problem::{Problem, Result};

/// A link to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSetupLink {
    /// For whom it is, such as the business's name; shown in the list alone.
    #[serde(rename = "for")]
    for_whom: String,
    /// The tenant that connects a number with it; null: somebody new, who makes an account first.
    tenant_id: Option<String>,
    /// `en` or `es`; `en` when not given.
    language: Option<String>,
    /// The name on the page.
    name: Option<String>,
    /// The colour of its buttons, such as `#0b6e4f`; dark enough for white text.
    colour: Option<String>,
    /// A logo: PNG, JPEG or WebP of up to 150 kB, in base64.
    logo: Option<String>,
    /// Where its user goes at the end: `https://…`.
    return_url: Option<String>,
    /// Days that it works: 1 to 60, 7 when not given.
    days: Option<u32>,
    /// To whom it is mailed, where a mail server is set. The address is not kept.
    email: Option<String>,
}

/// A link that was made, with what opens it.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeSetupLink {
    /// The address to send. It is told only now: what is kept is a hash.
    url: String,
    /// Whether the mail server took it; false where no address was given or no server is set.
    sent: bool,
    /// The link.
    #[serde(flatten)]
    link: SetupLinkView,
}

/// Makes a setup link: it works once and for some days, and can be taken back.
#[utoipa::path(post, path = "/api/v1/admin/setup-links", tag = "admin", request_body = NewSetupLink, responses(
    (status = 201, description = "The link, with its address", body = MadeSetupLink),
    (status = 422, description = "A value is wrong; nothing was made", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn create(
    State(app): State<App>,
    platform: Platform<PlatformWrite>,
    body: std::result::Result<Json<NewSetupLink>, JsonRejection>,
) -> Result<(StatusCode, Json<MadeSetupLink>)> {
    let Json(new) = body?;
    // Whoever opens a link without an owner becomes one: that takes what inviting people takes.
    platform.all()?;
    let tenant = new
        .tenant_id
        .as_deref()
        .map(str::parse)
        .transpose()
        .map_err(|_| Problem::invalid("tenant_id", "there is no such tenant"))?;
    fn given(text: &Option<String>) -> Option<&str> {
        text.as_deref().filter(|text| !text.trim().is_empty())
    }
    let wanted = Wanted {
        tenant,
        for_whom: &new.for_whom,
        language: given(&new.language).unwrap_or("en"),
        name: given(&new.name),
        colour: given(&new.colour),
        logo: given(&new.logo),
        return_url: given(&new.return_url),
        days: new.days.unwrap_or(7),
    };
    let email = given(&new.email)
        .map(|email| {
            let wrong = "must be an address such as maria@example.com";
            engine::people::address(email).ok_or_else(|| Problem::invalid("email", wrong))
        })
        .transpose()?;
    let who = platform.caller.who();
    let made = setup::make(&app.engine, &wanted, &who)
        .await?
        .map_err(|mistake| Problem::invalid(mistake.field, mistake.problem))?;
    let url = format!("{}/setup/{}", app.web.public_url, made.token);
    let sent = match &email {
        Some(email) => setup::mail(&app.engine, email, &url, &made.link, &who.name).await,
        None => false,
    };
    let made = MadeSetupLink {
        url,
        sent,
        link: view(made.link, app.engine.clock.now()),
    };
    Ok((StatusCode::CREATED, Json(made)))
}
