//! `POST /api/v1/setup/{token}/account`.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use engine::people::sign_in::Guess;
use engine::setup::{Account, AccountError, account as make};
use engine::texts::Language;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;
use crate::api::session::SessionView;
use crate::api::session::create::{WithCookie, begun};
use crate::pages::Visitor;
use crate::problem::{Problem, Result};

/// The account to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAccount {
    /// The person's name.
    name: String,
    /// Their address. One that has an account here joins with its password.
    email: String,
    /// At least 10 characters.
    password: String,
    /// Six digits of the authenticator app, where the account has one.
    code: Option<String>,
    /// The business's name; not asked for where the link is for a tenant that is there.
    #[serde(default)]
    business_name: String,
    /// `en` or `es`; the browser's when not given.
    language: Option<String>,
}

/// Makes the account of a setup link: a tenant and its owner, who is signed in: the answer sets the cookie
/// `trunkline_session`.
#[utoipa::path(post, path = "/api/v1/setup/{token}/account", tag = "setup", security(()), request_body = NewAccount,
    params(("token" = String, Path, description = "What stands at the end of the link")), responses(
    (status = 201, description = "Made and signed in", body = SessionView),
    (status = 401, description = "The address has an account here, and this is not its password (`sign_in_failed`)", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such link", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The account is there already (`account_made`): sign in", body = Problem, content_type = "application/problem+json"),
    (status = 410, description = "The link no longer works (`link_used`, `link_expired`, `link_revoked`)", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A value is wrong; nothing was made", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "Too many wrong guesses (`too_many_guesses`)", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn account(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
    body: std::result::Result<Json<NewAccount>, JsonRejection>,
) -> Result<(StatusCode, WithCookie, Json<SessionView>)> {
    let Json(new) = body?;
    if !visitor.from_here {
        return Err(Problem::forbidden("this was sent from another site's page"));
    }
    let language = new.language.as_deref().and_then(Language::exactly);
    let language = language.unwrap_or(visitor.language);
    let wanted = Account {
        name: &new.name,
        business: &new.business_name,
        language,
        guess: Guess {
            email: &new.email,
            password: &new.password,
            code: new.code.as_deref(),
            ip: visitor.ip.as_deref(),
            user_agent: visitor.user_agent.as_deref(),
            cookie: visitor.cookie.as_deref(),
        },
    };
    let secret = match make(&app.engine, &token, wanted).await {
        Ok(secret) => secret,
        Err(AccountError::Field(field, why)) => {
            return Err(Problem::invalid(field, language.text(why)));
        }
        Err(error) => return Err(error.into()),
    };
    begun(&app, &secret).await
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        use store::setup_links::Standing;
        let sentence = error.to_string();
        let gone = |code| Self::new(StatusCode::GONE, code, "No longer there", sentence.clone());
        match error {
            AccountError::Unknown => Self::not_found("setup link"),
            AccountError::Gone(Standing::Revoked) => gone("link_revoked"),
            AccountError::Gone(Standing::Expired) => gone("link_expired"),
            AccountError::Gone(Standing::Used | Standing::Open) => gone("link_used"),
            AccountError::Made => Self::conflict("account_made", sentence),
            AccountError::Field(field, _) => Self::invalid(field, "is wrong"),
            AccountError::SignIn(error) => error.into(),
        }
    }
}
