//! A sign-up without a browser: what the popup would have told the page, and the code.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refused, World, ok, typed};
use crate::dialog::Ending;
use crate::seed::TokenSpec;
use crate::signup::{self, Choice, Told};

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Finish,
    OnlyWaba,
    Coexistence,
    AppOnly,
    Cancel,
    Error,
    /// The popup is closed on its last screen, which counts as finished.
    Close,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    outcome: Outcome,
    waba_id: Option<String>,
    phone_number_id: Option<String>,
    business_id: Option<String>,
    business_name: Option<String>,
    waba_name: Option<String>,
    currency: Option<String>,
    display_phone_number: Option<String>,
    verified_name: Option<String>,
    /// Whether the number was proved by a code; it was, unless a test says otherwise.
    verified: Option<bool>,
    code_life_ms: Option<u64>,
    /// The token ends after so many days; 60 and never are Meta's choices.
    token_days: Option<u32>,
    /// Permissions that the person did not grant are missing in the token.
    #[serde(default)]
    permissions: TokenSpec,
    current_step: Option<String>,
    error_code: Option<String>,
    error_message: Option<String>,
    solution_id: Option<String>,
    #[serde(default)]
    partner_added: Told,
    review: Option<String>,
    /// The version of the flow: `v4` (as if absent), `v3` or `v2`, which say less.
    version: Option<String>,
}

/// The steps at which people give up.
pub(crate) const STEPS: [&str; 6] = [
    "BUSINESS_ACCOUNT_SELECTION",
    "WABA_PHONE_PROFILE_PICKER",
    "WHATSAPP_BUSINESS_PROFILE_SETUP",
    "PHONE_NUMBER_SETUP",
    "PHONE_NUMBER_VERIFICATION",
    "PERMISSIONS",
];

/// `POST /_sim/embedded-signup`.
pub(super) async fn post(State(shared): World, body: Bytes) -> Result<Response, Refused> {
    let request: Request = typed(&body)?;
    let version = request.version.as_deref().unwrap_or("v4");
    if !matches!(version, "v2" | "v3" | "v4") {
        return Err("version must be \"v2\", \"v3\" or \"v4\"".into());
    }
    if let Some(review) = &request.review
        && !matches!(
            review.as_str(),
            "APPROVED" | "REJECTED" | "PENDING" | "DEFERRED"
        )
    {
        return Err("review must be APPROVED, REJECTED, PENDING or DEFERRED".into());
    }
    let event = match request.outcome {
        Outcome::Finish | Outcome::Close => "FINISH",
        Outcome::OnlyWaba => "FINISH_ONLY_WABA",
        Outcome::Coexistence => "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING",
        Outcome::AppOnly => "FINISH_GRANT_ONLY_API_ACCESS",
        Outcome::Cancel => {
            let step = request.current_step.as_deref().unwrap_or(STEPS[0]);
            if !STEPS.contains(&step) {
                return Err(format!("current_step must be one of {}", STEPS.join(", ")).into());
            }
            let message = signup::message("CANCEL", version, None, json!({"current_step": step}));
            return Ok(shown(&message, None));
        }
        Outcome::Error => {
            let draw = shared.next_draw();
            let session = crate::ids::numeric(shared.chance, "session", "signup", draw);
            let data = json!({
                "error_message": request.error_message.as_deref().unwrap_or("Something went wrong. Try again later."),
                "error_code": request.error_code.as_deref().unwrap_or("524126"),
                "session_id": session,
                "timestamp": (shared.clock.now_ms() / 1_000).to_string(),
            });
            return Ok(shown(&signup::message("CANCEL", version, None, data), None));
        }
    };
    let with_number = !matches!(request.outcome, Outcome::OnlyWaba | Outcome::AppOnly);
    let choice = Choice {
        business_id: request.business_id,
        business_name: request.business_name,
        waba_id: request.waba_id,
        waba_name: request.waba_name,
        currency: request.currency,
        with_number,
        phone_number_id: request.phone_number_id,
        display_phone_number: request.display_phone_number,
        verified_name: request.verified_name,
        coexistence: request.outcome == Outcome::Coexistence,
        verified: request.verified.unwrap_or(true),
        code_life_ms: request.code_life_ms,
        token_seconds: request.token_days.map(|days| u64::from(days) * 86_400),
        spec: request.permissions,
        partner_added: request.partner_added,
        solution_id: request.solution_id,
        review: request.review,
    };
    let made = signup::finish(&shared, choice).await?;
    let message = signup::message(event, version, Some(&made), json!({}));
    Ok(shown(&message, Some(&made)))
}

/// `POST /_sim/popup` `{"order"?,"gap_ms"?,…}`: how the popup in a browser ends.
pub(super) async fn popup(State(shared): World, body: Bytes) -> Result<Response, Refused> {
    let ending: Ending = typed(&body)?;
    if ending.gap_ms > 60_000 {
        return Err("gap_ms is at most 60000".into());
    }
    let shown = json!(ending);
    shared.world().ending = ending;
    Ok(ok(&shown))
}

fn shown(message: &Value, made: Option<&signup::Made>) -> Response {
    let (code, waba_id, number, business) = match made {
        Some(made) => (
            json!(made.code),
            json!(made.waba_id),
            json!(made.phone_number_id),
            json!(made.business_id),
        ),
        None => (Value::Null, Value::Null, Value::Null, Value::Null),
    };
    ok(&json!({
        "code": code, "message": message, "data": message.to_string(),
        "waba_id": waba_id, "phone_number_id": number, "business_id": business,
    }))
}
