//! What Meta does to accounts: payment, messaging limit, throughput, paced templates, tokens.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::world::merged;
use super::{Refused, World, ok, read, typed};
use crate::graph::version::is_known;
use crate::growth;
use crate::world::{Outcome, Pacing, PacingSpec, Payment, Refusal, Tier, Token};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WabaChange {
    waba_id: String,
    payment: Option<Payment>,
    /// How many templates it may have.
    template_limit: Option<usize>,
}

/// `{"waba_id","payment"?,"template_limit"?}`: whether Meta can charge the account, how many templates it may have.
pub(super) async fn waba(State(shared): World, body: Bytes) -> Result<Response, Refused> {
    let WabaChange {
        waba_id,
        payment,
        template_limit,
    } = typed(&body)?;
    let mut world = shared.world();
    let waba = world.wabas.get_mut(&waba_id);
    let waba = waba.ok_or_else(|| format!("no account has the id \"{waba_id}\" (waba_id)"))?;
    if payment.is_none() && template_limit.is_none() {
        return Err("payment or template_limit is missing".into());
    }
    waba.payment = payment.unwrap_or(waba.payment);
    waba.template_limit = template_limit.or(waba.template_limit);
    Ok(ok(
        &json!({"id": waba_id, "payment": waba.payment, "template_limit": waba.template_limit}),
    ))
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
pub(super) struct PortfolioChange {
    /// The platform's own when absent.
    business_id: Option<String>,
    /// Absent: as it is; `null`: nothing is counted.
    #[serde(deserialize_with = "given")]
    limit: Option<Option<Tier>>,
    refusal: Option<Refusal>,
    verified: Option<bool>,
    /// The next step at once.
    raise: bool,
}

fn given<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<Tier>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// The messaging limit: set, or raised with its webhook.
pub(super) async fn portfolio(State(shared): World, body: Bytes) -> Result<Response, Refused> {
    let change: PortfolioChange = typed(&body)?;
    let own = shared.config.business_id.clone();
    let business_id = change.business_id.clone().unwrap_or(own);
    {
        let mut world = shared.world();
        if !world.businesses.all.contains_key(&business_id) {
            return Err(format!("no business has the id \"{business_id}\" (business_id)").into());
        }
        let portfolio = world.portfolio(&business_id);
        let limit = change.limit.unwrap_or(portfolio.tier);
        if change.raise && limit.is_none() {
            return Err("there is no limit to raise: give one with \"limit\"".into());
        }
        portfolio.tier = limit;
        portfolio.refusal = change.refusal.unwrap_or(portfolio.refusal);
        portfolio.verified = change.verified.unwrap_or(portfolio.verified);
    }
    if change.raise {
        growth::raise(&shared, &business_id);
    }
    let now_ms = shared.clock.now_ms();
    Ok(ok(&super::look::portfolio_view(
        &mut shared.world(),
        &business_id,
        now_ms,
    )))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// The number becomes fast: 131057 for a minute, then 1,000 a second and a webhook.
pub(super) async fn upgrade(
    State(shared): World,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    let Nothing {} = typed(&body)?;
    growth::upgrade(&shared, &id)?;
    Ok(ok(&json!({"success": true})))
}

/// Paces a template: the first messages go, the rest is held.
pub(super) async fn pacing(
    State(shared): World,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    let spec: PacingSpec = typed(&body)?;
    let mut world = shared.world();
    if world.waba_of_template(&id).is_none() {
        return Err(format!("no template has the id \"{id}\"").into());
    }
    let known = world.pacing.remove(&id);
    let (held, round) = known.map_or((Vec::new(), 0), |known| {
        (known.held, known.round.wrapping_add(1))
    });
    // What is held already waits for a verdict on command from now on.
    world.pacing.insert(
        id,
        Pacing {
            spec,
            passed: 0,
            held,
            round,
        },
    );
    Ok(ok(&json!(spec)))
}

/// The verdict on a paced template: what is held goes.
pub(super) async fn release(
    state: World,
    path: Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    verdict(state, path, body, Outcome::Release).await
}

/// Bad quality: the template is paused, what is held fails.
pub(super) async fn pause(
    state: World,
    path: Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    verdict(state, path, body, Outcome::Pause).await
}

async fn verdict(
    State(shared): World,
    Path(id): Path<String>,
    body: Bytes,
    outcome: Outcome,
) -> Result<Response, Refused> {
    let Nothing {} = typed(&body)?;
    let held = growth::decide(&shared, &id, outcome)?;
    Ok(ok(&json!({"held": held})))
}

/// `{"token", "wabas"?, …TokenSpec}`: what a token sees and may, and whether it is still one.
pub(super) async fn token(State(shared): World, body: Bytes) -> Result<Response, Refused> {
    let mut change = read(&body)?;
    let Some(map) = change.as_object_mut() else {
        return Err("the body must be a JSON object".into());
    };
    let token = map
        .remove("token")
        .and_then(|token| token.as_str().map(str::to_owned));
    let Some(token) = token.filter(|token| !token.is_empty()) else {
        return Err("token is missing".into());
    };
    let wabas: Option<Vec<String>> = match map.remove("wabas") {
        Some(wabas) => {
            Some(serde_json::from_value(wabas).map_err(|error| format!("wabas: {error}"))?)
        }
        None => None,
    };
    let mut world = shared.world();
    if let Some(foreign) = wabas
        .iter()
        .flatten()
        .find(|id| !world.wabas.contains_key(*id))
    {
        return Err(format!("no account has the id \"{foreign}\" (wabas)").into());
    }
    let known = world.tokens.get(&token).cloned();
    let known = known.unwrap_or_else(|| {
        let owner = wabas.iter().flatten().find_map(|id| world.wabas.get(id));
        let owner = owner.map_or(&shared.config.business_id, |waba| &waba.business_id);
        Token::system(shared.chance, &token, owner, shared.clock.now_ms())
    });
    let spec = merged(&known.spec, &change)?;
    let wabas = wabas.unwrap_or_else(|| known.wabas.clone());
    let mut shown = serde_json::to_value(&spec).unwrap_or_default();
    shown["wabas"] = json!(wabas);
    world.tokens.insert(
        token,
        Token {
            wabas,
            spec,
            ..known
        },
    );
    Ok(ok(&shown))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AppChange {
    require_proof: Option<bool>,
    /// The oldest version of the Graph API that is left, e.g. 24.
    oldest_version: Option<u32>,
}

/// Whether the app demands `appsecret_proof`, and which versions of the Graph API are gone.
pub(super) async fn app(State(shared): World, body: Bytes) -> Result<Response, Refused> {
    let change: AppChange = typed(&body)?;
    if change
        .oldest_version
        .is_some_and(|number| !is_known(number))
    {
        return Err(
            "oldest_version must be the number of a version of the Graph API, e.g. 24".into(),
        );
    }
    let mut world = shared.world();
    if let Some(require_proof) = change.require_proof {
        world.require_proof = require_proof;
    }
    if let Some(oldest) = change.oldest_version {
        world.oldest_version = oldest;
    }
    Ok(ok(
        &json!({"require_proof": world.require_proof, "oldest_version": world.oldest_version}),
    ))
}
