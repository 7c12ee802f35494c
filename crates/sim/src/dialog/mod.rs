//! The browser's side of a sign-up: a stand-in for Meta's SDK, and the popup that a person clicks through.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::ids;
use crate::seed::TokenSpec;
use crate::signup::{self, Choice, Told};
use crate::sim::Shared;

const SDK: &str = include_str!("sdk.js");
const PAGE: &str = include_str!("page.html");

/// How the popup ends, as tests wish it; what is absent is drawn or Meta's own.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Ending {
    /// Whether the page hears the message or the code first.
    pub(crate) order: Option<Order>,
    /// Real milliseconds between the two.
    pub(crate) gap_ms: u64,
    pub(crate) code_life_ms: Option<u64>,
    pub(crate) partner_added: Told,
    /// The token ends after so many days.
    pub(crate) token_days: Option<u32>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    MessageFirst,
    CodeFirst,
}

type World = State<Arc<Shared>>;

pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/{locale}/sdk.js", get(sdk))
        .route("/{version}/dialog/oauth", get(page))
        .route("/dialog/oauth", get(page))
        .route("/dialog/signup", get(known).post(finish))
        .route("/dialog/closed", post(closed))
}

fn typed(kind: &'static str, text: &'static str) -> Response {
    let mut answer = text.into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

async fn sdk() -> Response {
    typed("text/javascript; charset=utf-8", SDK)
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    config_id: String,
    #[serde(default)]
    response_type: String,
    #[serde(default)]
    override_default_response_type: String,
}

/// `GET /{version}/dialog/oauth`.
async fn page(State(shared): World, Query(asked): Query<Asked>) -> Response {
    let (title, why) = if asked.client_id != shared.config.app_id {
        (
            "Invalid App ID",
            "The provided app ID does not look like a valid app ID.",
        )
    } else if !shared.config.config_ids.contains(&asked.config_id) {
        (
            "Invalid configuration",
            "The login configuration does not exist, or does not belong to this app.",
        )
    } else if asked.response_type != "code" || asked.override_default_response_type != "true" {
        (
            "Invalid response type",
            "This login configuration gives a code: response_type must be \"code\" with override_default_response_type.",
        )
    } else {
        return typed("text/html; charset=utf-8", PAGE);
    };
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Error</title><main><h1>{title}</h1><p>{why}</p></main></html>"
    );
    (
        StatusCode::BAD_REQUEST,
        [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
        page,
    )
        .into_response()
}

fn answer(status: StatusCode, value: &Value) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (status, kind, value.to_string()).into_response()
}

/// What the person behind the popup has: businesses, accounts and numbers, and how it ends.
async fn known(State(shared): World) -> Response {
    let draw = shared.next_draw();
    let world = shared.world();
    let ending = &world.ending;
    let order = ending.order.unwrap_or({
        if shared.chance.nth("order", "popup", draw) % 2 == 0 {
            Order::MessageFirst
        } else {
            Order::CodeFirst
        }
    });
    let numbers = |waba_id: &str| -> Vec<Value> {
        let all = world.numbers.values();
        all.filter(|number| number.spec.waba_id == waba_id)
            .map(|number| {
                let spec = &number.spec;
                json!({"id": spec.phone_number_id, "display": spec.display_phone_number, "name": spec.verified_name,
                       "coexistence": spec.coexistence})
            })
            .collect()
    };
    let businesses: Vec<Value> = world
        .businesses
        .all
        .iter()
        .filter(|(id, _)| **id != shared.config.business_id)
        .map(|(id, business)| {
            let own = world.wabas.iter().filter(|(_, waba)| waba.business_id == *id);
            let wabas: Vec<Value> = own
                .map(|(waba_id, waba)| json!({"id": waba_id, "name": waba.name, "numbers": numbers(waba_id)}))
                .collect();
            json!({"id": id, "name": business.name, "wabas": wabas})
        })
        .collect();
    let sms = shared.chance.nth("sms-code", "popup", draw) % 1_000_000;
    answer(
        StatusCode::OK,
        &json!({
            "app_name": shared.config.app_name, "person": "Alex Ferrer", "businesses": businesses,
            "order": order, "gap_ms": ending.gap_ms, "sms_code": format!("{sms:06}"),
            "session_id": ids::numeric(shared.chance, "session", "popup", draw), "now_ms": shared.clock.now_ms(),
        }),
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    config_id: Option<String>,
    client_id: Option<String>,
    version: String,
    outcome: String,
    business_id: Option<String>,
    business_name: Option<String>,
    waba_id: Option<String>,
    waba_name: Option<String>,
    phone_number_id: Option<String>,
    display_phone_number: Option<String>,
    verified_name: Option<String>,
    management: bool,
    messaging: bool,
    solution_id: Option<String>,
}

/// The person allows it: everything is made, and the popup gets what it tells the page.
async fn finish(State(shared): World, body: Bytes) -> Response {
    let refused = |why: String| answer(StatusCode::BAD_REQUEST, &json!({"error": why}));
    let wish: Wish = match serde_json::from_slice(&body) {
        Ok(wish) => wish,
        Err(error) => return refused(error.to_string()),
    };
    let config = &shared.config;
    let of_app = wish.client_id.as_ref() == Some(&config.app_id)
        && wish
            .config_id
            .as_ref()
            .is_some_and(|id| config.config_ids.contains(id));
    if !of_app {
        return refused("This login configuration does not belong to this app.".to_owned());
    }
    let event = match wish.outcome.as_str() {
        "finish" => "FINISH",
        "only_waba" => "FINISH_ONLY_WABA",
        "coexistence" => "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING",
        "app_only" => "FINISH_GRANT_ONLY_API_ACCESS",
        other => return refused(format!("A sign-up does not end with \"{other}\".")),
    };
    let ending = shared.world().ending.clone();
    let choice = Choice {
        business_id: wish.business_id,
        business_name: wish.business_name,
        waba_id: wish.waba_id,
        waba_name: wish.waba_name,
        with_number: matches!(wish.outcome.as_str(), "finish" | "coexistence"),
        phone_number_id: wish.phone_number_id,
        display_phone_number: wish.display_phone_number,
        verified_name: wish.verified_name,
        coexistence: wish.outcome == "coexistence",
        verified: true,
        code_life_ms: ending.code_life_ms,
        token_seconds: ending.token_days.map(|days| u64::from(days) * 86_400),
        spec: TokenSpec {
            messaging: wish.messaging,
            management: wish.management,
            ..TokenSpec::default()
        },
        partner_added: ending.partner_added,
        solution_id: wish.solution_id,
        ..Choice::default()
    };
    match signup::finish(&shared, choice).await {
        Ok(made) => {
            let message = signup::message(event, &wish.version, Some(&made), json!({}));
            answer(
                StatusCode::OK,
                &json!({"code": made.code, "message": message}),
            )
        }
        Err(why) => refused(why),
    }
}

#[derive(Deserialize)]
struct Closed {
    code: String,
}

/// The popup gives the code to the page now: its short life begins.
async fn closed(State(shared): World, body: Bytes) -> StatusCode {
    let Ok(Closed { code }) = serde_json::from_slice(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    let now_ms = shared.clock.now_ms();
    let mut world = shared.world();
    let life_ms = world.ending.code_life_ms.unwrap_or(signup::CODE_LIFE_MS);
    if let Some(code) = world.businesses.codes.get_mut(&code) {
        code.dies_ms = now_ms.saturating_add(life_ms);
    }
    StatusCode::NO_CONTENT
}
