//! How much of Meta's hourly limits is used: counted, refused past the limit, and told in two headers of every answer.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::call::Object;
use crate::error::{GraphError, GraphResult};
use crate::sim::Shared;
use crate::world::{Waba, World};

/// Management calls per hour of an account with a registered number …
const ACTIVE: usize = 5_000;
/// … and of one without.
const IDLE: usize = 200;
/// Templates created per account and hour.
const TEMPLATES: usize = 100;

/// What the headers say, in percent and minutes.
pub(super) struct Usage {
    account: String,
    percent: usize,
    app_percent: usize,
    regain_minutes: u32,
}

fn limit(world: &World, waba_id: &str) -> usize {
    let mut numbers = world.numbers.values();
    if numbers.any(|number| number.spec.waba_id == waba_id && number.spec.status == "CONNECTED") {
        ACTIVE
    } else {
        IDLE
    }
}

/// Counts a call of the management side; past the limit it is refused and not counted.
pub(super) fn count(
    shared: &Shared,
    object: &Object,
    edge: Option<&str>,
    method: &str,
) -> GraphResult<()> {
    let now_ms = shared.clock.now_ms();
    let mut world = shared.world();
    let waba_id = match (object, edge) {
        (
            Object::Waba(id),
            None
            | Some("phone_numbers" | "message_templates" | "subscribed_apps" | "assigned_users"),
        ) => id.clone(),
        (Object::Number(id), None) if method == "GET" => world
            .numbers
            .get(id)
            .map(|number| number.spec.waba_id.clone())
            .unwrap_or_default(),
        _ => return Ok(()),
    };
    let limit = limit(&world, &waba_id);
    let Some(waba) = world.wabas.get_mut(&waba_id) else {
        return Ok(());
    };
    waba.calls.take(now_ms, limit).map_err(used_up)
}

fn used_up(minutes: u32) -> GraphError {
    let mut error = GraphError::of_table(80007, None);
    error.regain_minutes = minutes;
    error
}

/// Counts a new template; past the limit it is refused.
pub(super) fn count_created(waba: &mut Waba, now_ms: u64) -> GraphResult<()> {
    waba.created.take(now_ms, TEMPLATES).map_err(used_up)
}

impl Usage {
    /// The state of the account that the object `id` belongs to; a refusal of `code` says that a limit is reached.
    pub(super) fn of(shared: &Shared, id: &str, code: Option<i64>, regain_minutes: u32) -> Self {
        let now_ms = shared.clock.now_ms();
        let mut world = shared.world();
        let waba_id = world
            .numbers
            .get(id)
            .map_or(id, |number| &number.spec.waba_id)
            .to_owned();
        let limit = limit(&world, &waba_id);
        let (mut all, wabas) = (0, world.wabas.len().max(1));
        let mut percent = 0;
        for (known, waba) in &mut world.wabas {
            let calls = waba.calls.count(now_ms);
            all += calls;
            if *known == waba_id {
                percent = calls * 100 / limit;
            }
        }
        let known = world.wabas.contains_key(&waba_id);
        let mut app_percent = (all * 100 / (ACTIVE * wabas)).min(99);
        match code {
            Some(4 | 17 | 32 | 613) => app_percent = 100,
            Some(80007 | 80008) => percent = 100,
            _ => {}
        }
        let account = if known {
            waba_id
        } else {
            shared.config.business_id.clone()
        };
        Self {
            account,
            percent: percent.min(100),
            app_percent,
            regain_minutes,
        }
    }

    pub(super) fn write(&self, headers: &mut HeaderMap) {
        let Self {
            account,
            percent,
            app_percent,
            regain_minutes,
        } = self;
        let app = format!(
            r#"{{"call_count":{app_percent},"total_time":{},"total_cputime":{}}}"#,
            app_percent / 2,
            app_percent / 4
        );
        let business = format!(
            r#"{{"{account}":[{{"type":"whatsapp_business_management","call_count":{percent},"total_cputime":{},"total_time":{},"estimated_time_to_regain_access":{regain_minutes}}}]}}"#,
            percent / 4,
            percent / 2
        );
        for (name, value) in [
            ("x-app-usage", app),
            ("x-business-use-case-usage", business),
        ] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}
