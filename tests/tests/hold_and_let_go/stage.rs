//! What the stories share.

use std::time::Duration;

use domain::{MessageId, TenantId};
use serde_json::{Value, json};
use store::audit::Who;
use store::db::{Sql, Value as Sent};
use store::outbox::look::Place;
use store::pauses::Scope;
use testkit::{Tenant, TestApp, until};

pub(crate) fn who() -> Who {
    Who::system("stories")
}

pub(crate) fn tenant_of(shop: &Tenant) -> TenantId {
    shop.id.parse().unwrap()
}

/// The `n`th person.
pub(crate) fn person(n: usize) -> String {
    format!("3460000{n:04}")
}

/// A template to the `n`th person.
pub(crate) fn hello(n: usize) -> Value {
    json!({ "to": format!("+{}", person(n)), "template": { "name": "hello_world", "language": "en_US" } })
}

/// The same as a mailing.
pub(crate) fn mailing(n: usize) -> Value {
    let mut body = hello(n);
    body["lane"] = json!("bulk");
    body
}

pub(crate) async fn place(app: &TestApp, shop: &Tenant, id: &str) -> Option<Place> {
    let id: MessageId = id.parse().unwrap();
    store::outbox::place(&app.engine.db, tenant_of(shop), id)
        .await
        .unwrap()
}

/// Waits until a message is held by this.
pub(crate) async fn held(app: &TestApp, shop: &Tenant, id: &str, by: &str) -> Place {
    until(
        &format!("the message is held by {by}"),
        async || match place(app, shop, id).await {
            Some(place) if place.hold.as_deref() == Some(by) => Ok(place),
            other => Err(format!("{other:?}")),
        },
    )
    .await
}

/// Waits until Meta has taken so many messages, and no more than those.
pub(crate) async fn taken(app: &TestApp, count: u64) {
    until(&format!("Meta has taken {count}"), async || {
        match app.sim.outbound_summary().total {
            total if total == count => Ok(()),
            total => Err(total.to_string()),
        }
    })
    .await;
}

/// What Meta took, by our ids, in the order in which it came.
pub(crate) fn arrived(app: &TestApp) -> Vec<String> {
    let all = app.sim.outbound().into_iter();
    all.filter_map(|sent| sent.biz_opaque_callback_data)
        .collect()
}

pub(crate) async fn pause(app: &TestApp, scope: &Scope) {
    let why = Some("a story");
    assert!(
        engine::outbound::queue::pause(&app.engine, scope, &who(), why)
            .await
            .unwrap()
    );
}

pub(crate) async fn resume(app: &TestApp, scope: &Scope) {
    assert!(
        engine::outbound::queue::resume(&app.engine, scope, &who())
            .await
            .unwrap()
    );
}

/// Changes a row by hand.
pub(crate) async fn change(app: &TestApp, statement: &'static str, args: Vec<Sent>) {
    let changed = app.engine.db.run(Sql::Both(statement), args).await.unwrap();
    assert!(changed > 0, "{statement}");
}

/// The clock moves, and the sender looks.
pub(crate) fn later(app: &TestApp, time: Duration) {
    app.engine.clock.advance(time);
    app.engine.wake.sender.notify_one();
}

/// Every call that sends is refused with this code; 0 ends it.
pub(crate) async fn refuses(app: &TestApp, code: i64) {
    let rate = if code == 0 { 0.0 } else { 1.0 };
    app.faults(&json!({ "error_rate": rate, "error_code": code, "only_path": "messages" }))
        .await;
}

pub(crate) fn refusals(app: &TestApp, code: i64) -> usize {
    let calls = app.sim.calls().into_iter();
    calls.filter(|call| call.code == Some(code)).count()
}
