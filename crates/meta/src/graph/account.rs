//! Subscriptions of a WABA, and what a token may do (pages "webhooks/override", "access-tokens").

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::send::success;
use super::{GraphCallError, GraphClient, call, segment};
use crate::webhook::lenient;

/// An app that gets the webhooks of a WABA.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SubscribedApp {
    /// The app id.
    pub id: Option<String>,
    /// The app's name.
    pub name: Option<String>,
    /// Where messages-like webhooks go instead of the app's own callback.
    pub override_callback_uri: Option<String>,
}

/// What `debug_token` says about a token.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct DebugToken {
    /// The app it was made for.
    #[serde(deserialize_with = "lenient::text")]
    pub app_id: Option<String>,
    /// `SYSTEM_USER`, `USER`, `APP` …
    #[serde(rename = "type", deserialize_with = "lenient::text")]
    pub kind: Option<String>,
    /// Whether Meta still takes it.
    #[serde(deserialize_with = "lenient::flag")]
    pub is_valid: Option<bool>,
    /// Unix seconds; 0 = never.
    #[serde(deserialize_with = "lenient::integer")]
    pub expires_at: Option<i64>,
    /// Permissions.
    #[serde(deserialize_with = "texts")]
    pub scopes: Vec<String>,
    /// Permissions with what they are for: the server's way to learn which WABAs a customer shared.
    #[serde(deserialize_with = "lenient::list")]
    pub granular_scopes: Vec<GranularScope>,
    /// The user behind it.
    #[serde(deserialize_with = "lenient::text")]
    pub user_id: Option<String>,
}

/// A permission and what it is for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct GranularScope {
    /// `whatsapp_business_management` …
    #[serde(deserialize_with = "lenient::text")]
    pub scope: Option<String>,
    /// WABA ids; empty means all.
    #[serde(deserialize_with = "texts")]
    pub target_ids: Vec<String>,
}

fn texts<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let raw = <&serde_json::value::RawValue>::deserialize(deserializer)?;
    let elements = lenient::elements(raw).unwrap_or_default();
    Ok(elements.into_iter().filter_map(lenient::scalar).collect())
}

#[derive(Deserialize)]
struct DebugAnswer {
    data: DebugToken,
}

#[derive(Deserialize)]
struct AppsAnswer {
    data: Vec<AppWire>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AppWire {
    whatsapp_business_api_data: AppData,
    #[serde(deserialize_with = "lenient::text")]
    override_callback_uri: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AppData {
    #[serde(deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    name: Option<String>,
}

impl GraphClient {
    /// The apps that get the webhooks of a WABA.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn subscribed_apps(
        &self,
        token: &SecretString,
        waba_id: &str,
    ) -> Result<Vec<SubscribedApp>, GraphCallError> {
        let path = format!(
            "{}/subscribed_apps",
            segment(waba_id).map_err(GraphCallError::NotAllowed)?
        );
        let answer: AppsAnswer = self.get(token, &path, &[]).await?;
        let apps = answer.data.into_iter().map(|app| SubscribedApp {
            id: app.whatsapp_business_api_data.id,
            name: app.whatsapp_business_api_data.name,
            override_callback_uri: app.override_callback_uri,
        });
        Ok(apps.collect())
    }

    /// Subscribes the token's app to the webhooks of a WABA.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn subscribe_app(
        &self,
        token: &SecretString,
        waba_id: &str,
    ) -> Result<(), GraphCallError> {
        let path = format!(
            "{}/subscribed_apps",
            segment(waba_id).map_err(GraphCallError::NotAllowed)?
        );
        let request = self
            .request(Method::POST, &self.url(&path), token)
            .map_err(GraphCallError::NotAllowed)?;
        success(call(request).await?)
    }

    /// What a token may do. `token` is the app's (`app_id|app_secret`) or one of the same app; `input_token` the one to
    /// look at.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn debug_token(
        &self,
        token: &SecretString,
        input_token: &SecretString,
    ) -> Result<DebugToken, GraphCallError> {
        let query = [("input_token", input_token.expose_secret())];
        let answer: DebugAnswer = self.get(token, "debug_token", &query).await?;
        Ok(answer.data)
    }
}
