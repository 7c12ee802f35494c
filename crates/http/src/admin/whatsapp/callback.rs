//! `/api/v1/admin/whatsapp/callbacks`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use engine::health::callback::{self, CallbackError, Of};
use serde::{Deserialize, Serialize};
use store::vitals;
use utoipa::ToSchema;

use crate::App;
use crate::auth::{Platform, PlatformRead, PlatformWrite};
use crate::paging::List;
use crate::problem::{Problem, Result};

/// Where the messages of one account or number are posted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallbackView {
    /// The account.
    waba_id: String,
    /// The number; null where all of the account's are meant.
    phone_number_id: Option<String>,
    /// The address.
    url: String,
}

/// Whose messages are to be posted where.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetCallback {
    /// An account; or
    waba_id: Option<String>,
    /// a number.
    phone_number_id: Option<String>,
    /// An https address that the whole internet can reach; null: the platform's own again.
    url: Option<String>,
    /// What Meta presents to the address before it takes it.
    verify_token: Option<String>,
}

/// Lists the accounts and numbers whose messages are not posted to the platform's own address.
#[utoipa::path(get, path = "/api/v1/admin/whatsapp/callbacks", tag = "admin", responses(
    (status = 200, description = "All of them", body = List<CallbackView>),
))]
pub(crate) async fn list(
    State(app): State<App>,
    _: Platform<PlatformRead>,
) -> Result<Json<List<CallbackView>>> {
    let rows = vitals::any_tenant_callbacks(&app.engine.db).await?;
    let rows = rows.into_iter().map(|row| CallbackView {
        waba_id: row.waba_id,
        phone_number_id: row.phone_number_id,
        url: row.url,
    });
    Ok(Json(List::whole(rows.collect())))
}

/// Sets where the messages of an account or a number are posted. Meta asks the address first; webhooks of other
/// kinds still come to the platform.
#[utoipa::path(put, path = "/api/v1/admin/whatsapp/callbacks", tag = "admin", request_body = SetCallback, responses(
    (status = 204, description = "It is set, or taken back"),
    (status = 404, description = "No such account or number", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "The address is not one that Meta may be given", body = Problem, content_type = "application/problem+json"),
    (status = 502, description = "WhatsApp refused, or the address did not answer it (`whatsapp_refused`)", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn set(
    State(app): State<App>,
    platform: Platform<PlatformWrite>,
    body: std::result::Result<Json<SetCallback>, JsonRejection>,
) -> Result<axum::http::StatusCode> {
    let Json(wanted) = body?;
    let of = match (wanted.waba_id, wanted.phone_number_id) {
        (Some(id), None) => Of::Waba(id),
        (None, Some(id)) => Of::Number(id),
        _ => {
            return Err(Problem::invalid(
                "waba_id",
                "name either an account or a number",
            ));
        }
    };
    let address = match (&wanted.url, &wanted.verify_token) {
        (None, _) => None,
        (Some(url), Some(token)) if !token.is_empty() => Some((url.as_str(), token.as_str())),
        (Some(_), _) => {
            return Err(Problem::invalid(
                "verify_token",
                "must be the token that the address answers to",
            ));
        }
    };
    callback::set(&app.engine, &of, address, &platform.caller.who())
        .await
        .map_err(problem)?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}

/// Why it was not done, as it is answered.
pub(super) fn problem(error: CallbackError) -> Problem {
    match error {
        CallbackError::Address(why) => Problem::invalid("url", why),
        CallbackError::Unknown => Problem::not_found("account"),
        CallbackError::NoToken => Problem::conflict("no_token", error.to_string()),
        CallbackError::Meta(error) => Problem::new(
            axum::http::StatusCode::BAD_GATEWAY,
            "whatsapp_refused",
            "WhatsApp refused",
            error.to_string(),
        ),
        CallbackError::Store(error) => error.into(),
    }
}
