//! The app itself: whether its id and secret fit, and which webhooks it is subscribed to (pages "graph-api/reference/app"
//! and "graph-api/reference/app/subscriptions").

use reqwest::Method;
use reqwest::header::DATE;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::send::success;
use super::{GraphCallError, GraphClient, GraphError, call, describe, segment};
use crate::webhook::lenient;

/// The object that webhooks of WhatsApp are subscriptions of.
const OBJECT: &str = "whatsapp_business_account";

/// The webhook fields that this product does something with: what an app should be subscribed to.
pub const FIELDS: [&str; 17] = [
    "messages",
    "account_update",
    "account_alerts",
    "account_review_update",
    "business_capability_update",
    "phone_number_quality_update",
    "phone_number_name_update",
    "security",
    "message_template_status_update",
    "message_template_quality_update",
    "message_template_components_update",
    "template_category_update",
    "user_preferences",
    "smb_message_echoes",
    "smb_app_state_sync",
    "history",
    "calls",
];

/// An app's subscription to the webhooks of WhatsApp.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AppSubscription {
    /// Where they go.
    pub callback_url: Option<String>,
    /// Whether Meta sends them.
    pub active: bool,
    /// Which.
    pub fields: Vec<String>,
}

/// What an app's own node tells, and what the answer tells beside it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AppNode {
    /// The app's name.
    pub name: Option<String>,
    /// When Meta says that it answered (RFC 9110 date).
    pub date: Option<String>,
    /// The version that really answered: a later one where the wanted one has ended.
    pub version: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Node {
    #[serde(deserialize_with = "lenient::text")]
    name: Option<String>,
}

#[derive(Deserialize)]
struct Subscriptions {
    data: Vec<SubscriptionWire>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SubscriptionWire {
    #[serde(deserialize_with = "lenient::text")]
    object: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    callback_url: Option<String>,
    #[serde(deserialize_with = "lenient::flag")]
    active: Option<bool>,
    fields: Vec<FieldWire>,
}

/// Names alone up to v2.8, objects since.
#[derive(Deserialize)]
#[serde(untagged)]
enum FieldWire {
    Name(String),
    Object { name: String },
}

impl GraphClient {
    /// The app's node, asked for with its own token: a wrong id or secret is refused.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn app_node(
        &self,
        app_token: &SecretString,
        app_id: &str,
    ) -> Result<AppNode, GraphCallError> {
        let path = segment(app_id).map_err(GraphCallError::NotAllowed)?;
        let request = self
            .request(Method::GET, &self.url(path), app_token)
            .map_err(GraphCallError::Transport)?;
        let answer = request
            .query(&[("fields", "id,name")])
            .send()
            .await
            .map_err(|error| GraphCallError::Transport(describe(error)))?;
        let header = |name: &str| Some(answer.headers().get(name)?.to_str().ok()?.to_owned());
        let (date, version) = (header(DATE.as_str()), header("facebook-api-version"));
        let status = answer.status().as_u16();
        let body = answer
            .bytes()
            .await
            .map_err(|error| GraphCallError::Transport(describe(error)))?;
        if let Some(error) = GraphError::from_body(status, &body) {
            return Err(error.into());
        }
        let node: Node = serde_json::from_slice(&body).map_err(|_| GraphCallError::NotMeta {
            http_status: status,
        })?;
        Ok(AppNode {
            name: node.name,
            date,
            version,
        })
    }

    /// The app's subscription to the webhooks of WhatsApp; none: it has none.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn app_subscription(
        &self,
        app_token: &SecretString,
        app_id: &str,
    ) -> Result<Option<AppSubscription>, GraphCallError> {
        let path = subscriptions(app_id)?;
        let answer: Subscriptions = self.get(app_token, &path, &[]).await?;
        let ours = answer
            .data
            .into_iter()
            .find(|one| one.object.as_deref() == Some(OBJECT));
        Ok(ours.map(|one| AppSubscription {
            callback_url: one.callback_url,
            active: one.active.unwrap_or(false),
            fields: one
                .fields
                .into_iter()
                .map(|field| match field {
                    FieldWire::Name(name) | FieldWire::Object { name } => name,
                })
                .collect(),
        }))
    }

    /// Subscribes the app to these webhooks of WhatsApp, in place of those before. Meta asks the address first whether
    /// it knows the verify token.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn subscribe_fields(
        &self,
        app_token: &SecretString,
        app_id: &str,
        callback_url: &str,
        verify_token: &SecretString,
        fields: &[String],
    ) -> Result<(), GraphCallError> {
        let path = subscriptions(app_id)?;
        let request = self
            .request(Method::POST, &self.url(&path), app_token)
            .map_err(GraphCallError::NotAllowed)?;
        let fields = fields.join(",");
        let form = [
            ("object", OBJECT),
            ("callback_url", callback_url),
            ("verify_token", verify_token.expose_secret()),
            ("fields", &fields),
        ];
        success(call(request.form(&form)).await?)
    }
}

fn subscriptions(app_id: &str) -> Result<String, GraphCallError> {
    let app = segment(app_id).map_err(GraphCallError::NotAllowed)?;
    Ok(format!("{app}/subscriptions"))
}
