//! Portfolios: the node, the accounts that they own or share, and the people of an account.

use serde_json::{Value, json};

use super::Reply;
use super::account;
use super::call::{Call, Caller};
use super::fields::select;
use super::oauth;
use super::paging::page;
use crate::error::{GraphError, GraphResult};
use crate::seed::TokenSpec;
use crate::sim::Shared;
use crate::world::{Tier, TokenKind, Waba};

/// What a system user may be given.
const TASKS: [&str; 9] = [
    "MANAGE",
    "DEVELOP",
    "MANAGE_TEMPLATES",
    "MANAGE_PHONE",
    "VIEW_COST",
    "VIEW_TEMPLATES",
    "VIEW_PHONE",
    "MESSAGING",
    "FULL_CONTROL",
];

pub(super) fn node(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
    let world = shared.world();
    let business = world.businesses.all.get(id);
    let business = business.ok_or_else(|| GraphError::no_object("GET", id))?;
    let whole = json!({
        "id": id,
        "name": business.name,
        "timezone_id": 70,
        "verification_status": business.verification,
        "whatsapp_business_manager_messaging_limit": world.tier(id).map_or(if id == shared.config.business_id { "TIER_2K" } else { "TIER_250" }, Tier::word),
        "primary_page": null, "vertical": null, "created_time": null, "link": null, "profile_picture_uri": null,
    });
    select(&whole, call.param("fields"), &["id", "name"], "Business").map(Reply::Json)
}

/// `GET /{business}/owned_whatsapp_business_accounts` and `/client_whatsapp_business_accounts`.
pub(super) fn accounts(shared: &Shared, call: &Call, id: &str, owned: bool) -> GraphResult<Reply> {
    let descending = match call.param("sort") {
        None | Some("creation_time_ascending") => false,
        Some("creation_time_descending") => true,
        Some(_) => {
            return Err(GraphError::parameter(
                "Param sort must be one of {CREATION_TIME_ASCENDING, CREATION_TIME_DESCENDING}.",
            ));
        }
    };
    let since = call
        .params
        .get("filtering")
        .and_then(|filters| filters[0]["value"].as_u64())
        .unwrap_or(0);
    let platform = id == shared.config.business_id;
    let mut found = Vec::new();
    {
        let world = shared.world();
        let fits = |waba: &Waba| {
            let mine = waba.business_id == id;
            let made = waba.onboarded_ms.unwrap_or(0) / 1_000;
            (if owned {
                mine
            } else {
                platform && waba.shared && !mine
            }) && made >= since
        };
        let mut wabas: Vec<_> = world.wabas.iter().filter(|(_, waba)| fits(waba)).collect();
        wabas.sort_by_key(|(_, waba)| waba.onboarded_ms);
        if descending {
            wabas.reverse();
        }
        for (waba_id, waba) in wabas {
            let whole = account::whole(shared, &world, waba, waba_id);
            let fields = call.param("fields");
            found.push(select(
                &whole,
                fields,
                &account::DEFAULTS,
                "WhatsAppBusinessAccount",
            )?);
        }
    }
    let edge = if owned { "owned_wabas" } else { "client_wabas" };
    page(shared, call, edge, found).map(Reply::Json)
}

/// `GET`, `POST` and `DELETE /{waba}/assigned_users`.
pub(super) fn assigned_users(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
    if call.method == "GET" {
        let Some(business_id) = call.param("business") else {
            return Err(GraphError::missing("business"));
        };
        let users: Vec<Value> = {
            let world = shared.world();
            let waba = world.wabas.get(id);
            let owner = business_id == shared.config.business_id;
            let assigned = waba.filter(|_| owner).map(|waba| waba.assigned.iter());
            assigned
                .into_iter()
                .flatten()
                .map(|(user, tasks)| {
                    json!({"id": user, "name": "System user", "tasks": tasks, "user_type": "SYSTEM_USER",
                           "business": {"id": business_id, "name": world.businesses.name(business_id)}})
                })
                .collect()
        };
        return page(shared, call, "assigned_users", users).map(Reply::Json);
    }
    let Some(user) = call.param("user") else {
        return Err(GraphError::missing("user"));
    };
    let mut world = shared.world();
    let known = world.tokens.values().any(|token| {
        token.kind == TokenKind::SystemUser
            && token.user_id == user
            && token.business_id == shared.config.business_id
    });
    if !known {
        return Err(GraphError::parameter(format!(
            "Param user must be a valid user of the business - got \"{user}\"."
        )));
    }
    let Some(waba) = world.wabas.get_mut(id) else {
        return Err(GraphError::no_object(&call.method, id));
    };
    match call.method.as_str() {
        "POST" => {
            let tasks = tasks(call)?;
            waba.assigned.insert(user.to_owned(), tasks);
        }
        "DELETE" => {
            waba.assigned.remove(user);
        }
        other => return Err(GraphError::unsupported(other)),
    }
    Ok(Reply::Json(json!({"success": true})))
}

/// `tasks` as JSON, or in Meta's own form `['MANAGE']`.
fn tasks(call: &Call) -> GraphResult<Vec<String>> {
    let tasks: Vec<String> = match call.params.get("tasks") {
        Some(Value::Array(list)) => list
            .iter()
            .filter_map(|task| task.as_str().map(str::to_owned))
            .collect(),
        Some(Value::String(text)) => text
            .trim_matches(['[', ']'])
            .split(',')
            .map(|task| task.trim().trim_matches(['\'', '"']).to_owned())
            .filter(|task| !task.is_empty())
            .collect(),
        _ => return Err(GraphError::missing("tasks")),
    };
    if tasks.is_empty() {
        return Err(GraphError::missing("tasks"));
    }
    match tasks.iter().find(|task| !TASKS.contains(&task.as_str())) {
        None => Ok(tasks),
        Some(task) => Err(GraphError::parameter(format!(
            "Param tasks[0] must be one of {{{}}} - got \"{task}\".",
            TASKS.join(", ")
        ))),
    }
}

/// `POST /{customer's business}/system_user_access_tokens`: the token of a customer who signed up on Meta's hosted page.
/// The proof is demanded whatever the app says.
pub(super) fn access_token(
    shared: &Shared,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> GraphResult<Reply> {
    let Caller::System { known, .. } = caller else {
        return Err(GraphError::no_object("POST", id));
    };
    if call.param("appsecret_proof").is_none() {
        return Err(GraphError {
            kind: "GraphMethodException",
            ..GraphError::plain(
                400,
                100,
                "API calls from the server require an appsecret_proof argument",
            )
        });
    }
    let fetch = call.params.get("fetch_only");
    if !fetch.is_some_and(|fetch| *fetch == json!(true) || *fetch == json!("true")) {
        return Err(GraphError::parameter(
            "Param fetch_only must be true: the token of an integration is fetched, not made.",
        ));
    }
    if known.business_id != shared.config.business_id || id == known.business_id {
        return Err(GraphError::of_table(200, None));
    }
    let mut world = shared.world();
    let world = &mut *world;
    let wabas: Vec<String> = world
        .wabas
        .iter()
        .filter(|(_, waba)| waba.shared && waba.business_id == id)
        .map(|(waba_id, _)| waba_id.clone())
        .collect();
    let token = oauth::put_token(shared, world, id, wabas, TokenSpec::default());
    Ok(Reply::Json(json!({"access_token": token})))
}
