//! `PATCH /api/v1/admin/platform`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use engine::platform::{Setting, change};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{PlatformView, view};
use crate::App;
use crate::admin::whatsapp::version::must_fit;
use crate::auth::{Platform, PlatformWrite};
use crate::given::given;
use crate::problem::{Problem, Result};

/// What to change; members that are left out stay as they are, null or empty forgets.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PlatformChange {
    /// The app's id.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    app_id: Option<Option<String>>,
    /// The app's secret.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    app_secret: Option<Option<String>>,
    /// What Meta's verification of the webhook address presents.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    verify_token: Option<Option<String>>,
    /// Where Meta posts webhooks, if it is not the public address with `/webhooks/meta`.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    webhook_url: Option<Option<String>>,
    /// The version in request paths, such as `v25.0`.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    graph_version: Option<Option<String>>,
    /// The business portfolio.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    business_id: Option<Option<String>>,
    /// The system user's token.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    system_user_token: Option<Option<String>>,
    /// The platform's own WABA, whose numbers are shared out.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    waba_id: Option<Option<String>>,
    /// The login configuration of Embedded Signup.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    config_id: Option<Option<String>>,
    /// A solution partner's line of credit.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    credit_line_id: Option<Option<String>>,
    /// The solution of two partners.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    solution_id: Option<Option<String>>,
}

impl PlatformChange {
    fn given(self) -> Vec<(Setting, Option<String>)> {
        let all = [
            (Setting::AppId, self.app_id),
            (Setting::AppSecret, self.app_secret),
            (Setting::VerifyToken, self.verify_token),
            (Setting::WebhookUrl, self.webhook_url),
            (Setting::GraphVersion, self.graph_version),
            (Setting::BusinessId, self.business_id),
            (Setting::SystemUserToken, self.system_user_token),
            (Setting::WabaId, self.waba_id),
            (Setting::ConfigId, self.config_id),
            (Setting::CreditLineId, self.credit_line_id),
            (Setting::SolutionId, self.solution_id),
        ];
        let given = all
            .into_iter()
            .filter_map(|(setting, value)| Some((setting, value?)));
        given.collect()
    }
}

/// Sets what the platform is at Meta. It counts at once: here for the next webhook and call, in other processes within
/// seconds. Secrets are kept sealed.
#[utoipa::path(patch, path = "/api/v1/admin/platform", tag = "admin", request_body = PlatformChange, responses(
    (status = 200, description = "The settings afterwards", body = PlatformView),
    (status = 409, description = "The configuration says it (`set_in_config`); nothing changed", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A value is wrong, or the version of the Graph API does not do what is needed; nothing changed", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn update(
    State(app): State<App>,
    platform: Platform<PlatformWrite>,
    body: std::result::Result<Json<PlatformChange>, JsonRejection>,
) -> Result<Json<PlatformView>> {
    let Json(wanted) = body?;
    if let Some(Some(version)) = &wanted.graph_version {
        must_fit(&app, version).await?;
    }
    change(&app.engine, &wanted.given(), &platform.caller.who()).await?;
    Ok(Json(view(&app.engine)))
}
