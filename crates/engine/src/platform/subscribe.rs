//! Subscribing the app to what we handle, from here: nobody copies an address and a token by hand.

use meta::graph::{FIELDS, GraphCallError};
use serde_json::json;
use store::audit::Who;

use super::change::{ChangeError, note, verify_token};
use super::check::WITHIN;
use crate::Engine;

/// Meta asks our address first, and that answer too takes its way.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(4 * WITHIN.as_secs());

/// Why the app is not subscribed.
#[derive(Debug, thiserror::Error)]
pub enum SubscribeError {
    /// Something that is needed is not set.
    #[error("{0} is not set yet")]
    Missing(&'static str),
    /// Meta refused, or did not answer.
    #[error(transparent)]
    Meta(#[from] GraphCallError),
    /// The verify token could not be kept.
    #[error(transparent)]
    Change(#[from] ChangeError),
}

impl From<store::DbError> for SubscribeError {
    fn from(error: store::DbError) -> Self {
        Self::Change(error.into())
    }
}

/// Subscribes the app to every field that we handle, at our address, and to the platform's own WABA. Fields that it is
/// subscribed to beside them stay.
///
/// # Errors
/// [`SubscribeError`].
pub async fn subscribe(engine: &Engine, who: &Who) -> Result<(), SubscribeError> {
    let known = engine.platform.now();
    let app_id = known
        .app_id
        .as_deref()
        .ok_or(SubscribeError::Missing("app_id"))?;
    let app_token = known
        .app_token()
        .ok_or(SubscribeError::Missing("app_secret"))?;
    let url = engine
        .platform
        .webhook_url()
        .ok_or(SubscribeError::Missing("webhook_url"))?;
    let verify_token = verify_token(engine, who).await?;
    let at_meta = async {
        let present = engine.graph.app_subscription(&app_token, app_id).await?;
        let mut fields: Vec<String> = FIELDS.map(str::to_owned).to_vec();
        let beside = present.map(|present| present.fields).unwrap_or_default();
        fields.extend(
            beside
                .into_iter()
                .filter(|it| !FIELDS.contains(&it.as_str())),
        );
        engine
            .graph
            .subscribe_fields(&app_token, app_id, &url, &verify_token, &fields)
            .await?;
        if let (Some(waba), Some(token)) = (&known.waba_id, &known.system_user_token) {
            let apps = engine.graph.subscribed_apps(token, waba).await?;
            // Subscribing again would take back an address of the account's own.
            if !apps.iter().any(|app| app.id.as_deref() == Some(app_id)) {
                engine.graph.subscribe_app(token, waba).await?;
            }
        }
        Ok(fields)
    };
    let fields = tokio::time::timeout(PATIENCE, at_meta)
        .await
        .unwrap_or_else(|_| {
            let why = format!("it took longer than {} s", PATIENCE.as_secs());
            Err(GraphCallError::Transport(why))
        })?;
    let after = json!({ "callback_url": url, "fields": fields });
    note(engine, "platform.subscribe", Some(after), who).await?;
    Ok(())
}
