//! Tokens: made from the code of a sign-up, and looked at.

use serde_json::{Value, json};

use super::Reply;
use super::call::{Call, Caller, expired_words};
use crate::error::{GraphError, GraphResult};
use crate::seed::{TokenSpec, TokenState};
use crate::sim::Shared;
use crate::world::{Token, TokenKind};

/// `GET /oauth/access_token?client_id&client_secret&code`: no token is needed, the secret is the proof.
pub(super) fn access_token(shared: &Shared, call: &Call) -> GraphResult<Reply> {
    if !matches!(call.method.as_str(), "GET" | "POST") {
        return Err(GraphError::unsupported(&call.method));
    }
    let config = &shared.config;
    let Some(client_id) = call.param("client_id") else {
        return Err(GraphError::plain(400, 101, "Missing client_id parameter."));
    };
    if client_id != config.app_id {
        return Err(GraphError::plain(
            400,
            101,
            "Error validating application. Cannot get application info due to a system error.",
        ));
    }
    match call.param("client_secret") {
        Some(secret) if secret == config.app_secret => {}
        Some(_) => return Err(GraphError::plain(400, 1, "Error validating client secret.")),
        None => return Err(GraphError::plain(400, 1, "Missing client secret.")),
    }
    if call.param("grant_type") == Some("client_credentials") {
        let token = format!("{}|{}", config.app_id, config.app_secret);
        return Ok(Reply::Json(
            json!({"access_token": token, "token_type": "bearer"}),
        ));
    }
    if call.param("grant_type") == Some("fb_exchange_token") {
        return renewed(shared, call);
    }
    let Some(code) = call.param("code") else {
        return Err(GraphError::plain(400, 1, "Missing authorization code"));
    };
    let refused = |subcode: i64, message: &str| GraphError {
        subcode: Some(subcode),
        ..GraphError::plain(400, 100, message)
    };
    let now_ms = shared.clock.now_ms();
    let mut world = shared.world();
    let world = &mut *world;
    let Some(known) = world.businesses.codes.get_mut(code) else {
        return Err(GraphError::plain(
            400,
            100,
            "Invalid verification code format.",
        ));
    };
    if known.used {
        return Err(refused(36009, "This authorization code has been used."));
    }
    if known.dies_ms <= now_ms {
        return Err(refused(36007, "This authorization code has expired."));
    }
    // A code of the SDK belongs to no address of the app.
    if call
        .param("redirect_uri")
        .is_some_and(|uri| !uri.is_empty())
    {
        return Err(refused(
            36008,
            "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request",
        ));
    }
    known.used = true;
    let known = known.clone();
    let expires_at = known
        .token_seconds
        .map(|seconds| (now_ms / 1_000).saturating_add(seconds));
    let spec = TokenSpec {
        expires_at,
        ..known.spec
    };
    let value = put_token(shared, world, &known.business_id, known.wabas, spec);
    let mut answer = json!({"access_token": value, "token_type": "bearer"});
    if let Some(seconds) = known.token_seconds {
        answer["expires_in"] = json!(seconds);
    }
    Ok(Reply::Json(answer))
}

/// Sixty days more, for a token that is still one; the old one lives on to its own end.
fn renewed(shared: &Shared, call: &Call) -> GraphResult<Reply> {
    let Some(old) = call.param("fb_exchange_token") else {
        return Err(GraphError::plain(
            400,
            1,
            "fb_exchange_token parameter not specified",
        ));
    };
    let now_ms = shared.clock.now_ms();
    let mut world = shared.world();
    let known = world.tokens.get(old).cloned();
    let known = known.filter(|known| known.state(now_ms) == TokenState::Valid);
    let Some(known) = known else {
        return Err(GraphError::plain(
            401,
            190,
            "Error validating access token: The session has been invalidated.",
        ));
    };
    let lives = call.param("set_token_expires_in_60_days") == Some("true");
    let seconds = lives.then_some(60 * 86_400);
    let spec = TokenSpec {
        expires_at: seconds.map(|seconds| now_ms / 1_000 + seconds),
        ..known.spec.clone()
    };
    let (business, wabas) = (known.business_id.clone(), known.wabas.clone());
    let value = put_token(shared, &mut world, &business, wabas, spec);
    if let Some(token) = world.tokens.get_mut(&value) {
        token.kind = known.kind;
        token.user_id = known.user_id;
    }
    let mut answer = json!({"access_token": value, "token_type": "bearer"});
    if let Some(seconds) = seconds {
        answer["expires_in"] = json!(seconds);
    }
    Ok(Reply::Json(answer))
}

/// A new token of a business's integration with the app.
pub(super) fn put_token(
    shared: &Shared,
    world: &mut crate::world::World,
    business_id: &str,
    wabas: Vec<String>,
    spec: TokenSpec,
) -> String {
    let count = world.tokens.len() as u64;
    let mut value = "EAA".to_owned();
    for part in 0..5 {
        let subject = format!("{business_id}/{part}");
        value.push_str(&format!(
            "{:016x}",
            shared.chance.nth("token", &subject, count)
        ));
    }
    // One integration, one user, whatever the number of its tokens.
    let user = shared.chance.bits("integration", business_id.as_bytes()) % 900_000_000_000_000;
    let token = Token {
        wabas,
        spec,
        kind: TokenKind::Integration,
        business_id: business_id.to_owned(),
        user_id: (100_000_000_000_000 + user).to_string(),
        issued_ms: shared.clock.now_ms(),
    };
    world.tokens.insert(value.clone(), token);
    value
}

/// `GET /debug_token?input_token=`.
pub(super) fn debug_token(shared: &Shared, call: &Call, caller: &Caller) -> GraphResult<Reply> {
    if call.method != "GET" {
        return Err(GraphError::unsupported(&call.method));
    }
    let Some(input) = call.param("input_token") else {
        return Err(GraphError::missing("input_token"));
    };
    if let Caller::System { token, .. } = caller
        && token != input
    {
        return Err(GraphError::plain(
            400,
            100,
            "(#100) You must provide an app access token, or a user access token that is an owner or developer of the app",
        ));
    }
    let config = &shared.config;
    if input == format!("{}|{}", config.app_id, config.app_secret) {
        let data = json!({"app_id": config.app_id, "type": "APP", "application": config.app_name,
                          "is_valid": true, "scopes": []});
        return Ok(Reply::Json(json!({"data": data})));
    }
    let now_ms = shared.clock.now_ms();
    let known = shared.world().tokens.get(input).cloned();
    let Some(known) = known else {
        return Ok(Reply::Json(json!({"data": {
            "error": {"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"},
            "is_valid": false,
            "scopes": [],
        }})));
    };
    let state = known.state(now_ms);
    let mut data = json!({
        "app_id": config.app_id,
        "type": "SYSTEM_USER",
        "application": config.app_name,
        "data_access_expires_at": 0,
        "expires_at": known.spec.expires_at.unwrap_or(0),
        "is_valid": state == TokenState::Valid,
        "issued_at": known.issued_ms / 1_000,
        "scopes": scopes(&known.spec).chain(["public_profile"]).collect::<Vec<_>>(),
        "granular_scopes": granular(&known),
        "user_id": known.user_id,
    });
    if known.kind == TokenKind::Integration {
        data["profile_id"] = json!(known.user_id);
    }
    if state != TokenState::Valid {
        let (subcode, why) = expired_words(state, known.spec.expires_at);
        data["error"] = json!({"code": 190, "message": format!("Error validating access token: {why}"), "subcode": subcode});
    }
    Ok(Reply::Json(json!({"data": data})))
}

fn scopes(spec: &TokenSpec) -> impl Iterator<Item = &'static str> {
    let management = spec.management.then_some("whatsapp_business_management");
    let messaging = spec.messaging.then_some("whatsapp_business_messaging");
    let business = spec.business_management.then_some("business_management");
    management.into_iter().chain(messaging).chain(business)
}

/// What each permission was given for: accounts, and for `business_management` the business.
fn granular(token: &Token) -> Vec<Value> {
    scopes(&token.spec)
        .map(|scope| match scope {
            "business_management" => {
                json!({"scope": scope, "target_ids": [token.business_id]})
            }
            _ => json!({"scope": scope, "target_ids": token.wabas}),
        })
        .collect()
}
