//! `GET /api/v1/setup/{token}`.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::people::sessions;
use engine::setup::{self, Opened, Step};
use serde::Serialize;
use store::setup_links::Standing;
use utoipa::ToSchema;

use crate::App;
use crate::pages::Visitor;
use crate::problem::{Problem, Result};

/// What a link opens. It tells nothing of a tenant to who is not signed in there.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SetupLinkStandView)]
pub(crate) struct SetupView {
    /// `open`, `used`, `expired` or `revoked`.
    state: &'static str,
    /// What comes next: `account`, `sign_in` or `connect`; null where the link no longer works.
    step: Option<&'static str>,
    /// Whether the name of the business is asked for with the account.
    asks_business: bool,
    /// The tenant to connect, once its owner is signed in.
    tenant_id: Option<String>,
    /// What the page wears.
    brand: BrandView,
    /// Language of the page.
    language: String,
    /// Where to go at the end.
    return_url: Option<String>,
    /// When it ends by itself.
    expires_at: String,
}

/// What the page wears.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BrandView {
    /// A name.
    name: Option<String>,
    /// The colour of the buttons, `#rrggbb`; white text can be read on it.
    colour: Option<String>,
    /// A picture, as a `data:` address.
    logo: Option<String>,
}

/// Opens a setup link.
#[utoipa::path(get, path = "/api/v1/setup/{token}", tag = "setup", security(()),
    params(("token" = String, Path, description = "What stands at the end of the link")), responses(
    (status = 200, description = "The link, wherever it stands", body = SetupView),
    (status = 404, description = "No such link", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "Too many links that are not there (`too_many_guesses`)", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Result<Json<SetupView>> {
    let user = match &visitor.cookie {
        Some(cookie) => sessions::recognise(&app.engine, cookie).await?,
        None => None,
    };
    let user = user.map(|session| session.user_id);
    let opened = setup::opened(&app.engine, &token, visitor.ip.as_deref(), user).await?;
    let (link, step) = match opened {
        Opened::Link(link, step) => (link, step),
        Opened::Unknown => return Err(Problem::not_found("setup link")),
        Opened::TooMany(wait) => {
            return Err(Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_guesses",
                "Too many wrong guesses",
                "too many links that are not there were opened from here; try again later",
            )
            .retry_after(wait));
        }
    };
    let standing = link.standing(app.engine.clock.now());
    let step = Some(step).filter(|_| standing == Standing::Open);
    Ok(Json(SetupView {
        state: standing.as_str(),
        step: step.map(|step| match step {
            Step::Account => "account",
            Step::SignIn => "sign_in",
            Step::Connect(_) => "connect",
        }),
        asks_business: link.tenant_id.is_none(),
        tenant_id: match step {
            Some(Step::Connect(tenant)) => Some(tenant.to_string()),
            _ => None,
        },
        brand: BrandView {
            name: link.brand_name,
            colour: link.brand_colour,
            logo: link
                .logo
                .map(|png| format!("data:image/png;base64,{}", STANDARD.encode(png))),
        },
        language: link.language,
        return_url: link.return_url,
        expires_at: link.expires_at.rfc3339(),
    }))
}
