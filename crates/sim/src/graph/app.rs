//! The app itself: its webhook subscription and what its tokens are good for.

use std::time::Duration;

use serde_json::{Value, json};

use super::Reply;
use super::call::{Call, Caller};
use crate::error::{GraphError, GraphResult};
use crate::sim::Shared;

const OBJECT: &str = "whatsapp_business_account";

pub(super) fn node(shared: &Shared, call: &Call) -> GraphResult<Reply> {
    let config = &shared.config;
    let whole = json!({"id": config.app_id, "name": config.app_name, "link": null, "category": null, "namespace": null});
    super::fields::select(&whole, call.param("fields"), &["id", "name"], "Application")
        .map(Reply::Json)
}

/// `GET /me`: whose token it is.
pub(super) fn me(call: &Call, caller: &Caller) -> GraphResult<Reply> {
    let Caller::System { known, .. } = caller else {
        return Err(GraphError::plain(
            400,
            2500,
            "An active access token must be used to query information about the current user.",
        ));
    };
    if call.method != "GET" {
        return Err(GraphError::unsupported(&call.method));
    }
    let whole = json!({"id": known.user_id, "name": "System user"});
    super::fields::select(&whole, call.param("fields"), &["id", "name"], "User").map(Reply::Json)
}

/// `GET`, `POST` and `DELETE /{app_id}/subscriptions`, with the app's own token.
pub(super) async fn subscriptions(
    shared: &Shared,
    call: &Call,
    caller: &Caller,
) -> GraphResult<Reply> {
    if !matches!(caller, Caller::App) {
        return Err(GraphError::plain(
            400,
            15,
            "(#15) This method must be called with an app access_token.",
        ));
    }
    match call.method.as_str() {
        "GET" => {
            let world = shared.world();
            let data: Vec<Value> = world
                .callback_url
                .iter()
                .map(|url| {
                    let fields = world
                        .fields
                        .clone()
                        .unwrap_or_else(|| vec!["messages".to_owned()]);
                    let fields: Vec<Value> = fields
                        .iter()
                        .map(|name| json!({"name": name, "version": "v24.0"}))
                        .collect();
                    json!({"object": OBJECT, "callback_url": url, "active": true, "fields": fields})
                })
                .collect();
            Ok(Reply::Json(json!({"data": data})))
        }
        "POST" => {
            match call.param("object") {
                Some(OBJECT) => {}
                Some(_) => {
                    return Err(GraphError::parameter(
                        "Param object must be one of {whatsapp_business_account}",
                    ));
                }
                None => return Err(GraphError::missing("object")),
            }
            let url = call
                .param("callback_url")
                .ok_or_else(|| GraphError::missing("callback_url"))?;
            let token = call
                .param("verify_token")
                .ok_or_else(|| GraphError::missing("verify_token"))?;
            verify_callback(shared, url, token).await?;
            let mut world = shared.world();
            token.clone_into(&mut world.verify_token);
            world.fields = match call.params.get("fields") {
                Some(Value::String(list)) => {
                    Some(list.split(',').map(|name| name.trim().to_owned()).collect())
                }
                Some(Value::Array(list)) => Some(
                    list.iter()
                        .filter_map(|name| name.as_str().map(str::to_owned))
                        .collect(),
                ),
                _ => None,
            };
            drop(world);
            shared.set_callback_url(Some(url.to_owned()));
            Ok(Reply::Json(json!({"success": true})))
        }
        "DELETE" => {
            shared.set_callback_url(None);
            Ok(Reply::Json(json!({"success": true})))
        }
        other => Err(GraphError::unsupported(other)),
    }
}

/// The verification GET: the receiver must give the challenge back.
pub(super) async fn verify_callback(shared: &Shared, url: &str, token: &str) -> GraphResult<()> {
    let failed = |why: String| GraphError {
        subcode: Some(2200),
        ..GraphError::plain(
            400,
            100,
            format!("(#2200) Callback verification failed with the following errors: {why}"),
        )
    };
    let challenge = shared.chance.nth("challenge", url, shared.next_draw()) % 2_000_000_000;
    let challenge = challenge.to_string();
    let request = shared
        .http
        .get(url)
        .timeout(Duration::from_secs(10))
        .query(&[
            ("hub.mode", "subscribe"),
            ("hub.challenge", challenge.as_str()),
            ("hub.verify_token", token),
        ]);
    let answer = request
        .send()
        .await
        .map_err(|_| failed("The URL couldn't be reached.".to_owned()))?;
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap_or_default();
    if status != 200 {
        return Err(failed(format!(
            "HTTP Status Code = {status}; HTTP Message = {text}"
        )));
    }
    if text.trim() != challenge {
        return Err(failed("The challenge was not given back.".to_owned()));
    }
    Ok(())
}
