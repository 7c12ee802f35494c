//! What the stories share.

use std::time::Duration;

use domain::{Clock, TenantId};
use meta::graph::Template;
use serde_json::{Value, json};
use testkit::{Setup, TOKEN, Tenant, TestApp, account, until};

pub(crate) const GLOBAL: &str = "/api/v1/admin/global-templates";

/// A clock that the story moves, and accounts besides the platform's own.
pub(crate) fn accounts(count: usize) -> Setup {
    Setup {
        clock: Clock::manual(Clock::system().now()),
        speed: 1.0,
        accounts: count,
        ..Setup::default()
    }
}

/// Time passes, here and at Meta.
pub(crate) async fn pass(app: &TestApp, time: Duration) {
    let step = json!({ "advance_ms": u64::try_from(time.as_millis()).unwrap() });
    app.meta().post("/_sim/clock", &step).await.expect(200);
    app.engine.clock.advance(time);
    app.engine.wake.jobs.notify_one();
}

/// A tenant with the `n`th account, as if it had just been connected.
pub(crate) async fn owner(app: &TestApp, n: usize) -> Tenant {
    let tenant = app.new_tenant(&format!("Owner {n}")).await;
    connected(app, tenant.id.parse().unwrap(), n).await;
    tenant
}

/// Gives the `n`th account to a tenant.
pub(crate) async fn connected(app: &TestApp, tenant: TenantId, n: usize) {
    let (engine, now) = (&app.engine, app.engine.clock.now());
    let (waba, number) = account(n);
    let token = TOKEN.to_owned().into();
    store::wabas::upsert(
        &engine.db,
        &engine.sealer,
        &waba,
        Some(tenant),
        "Owner",
        Some(&token),
        now,
    )
    .await
    .unwrap();
    let mut tx = engine.db.begin().await.unwrap();
    let dialled = format!("+34 699 {:03} {:03}", n / 1_000, n % 1_000);
    store::numbers::any_tenant_insert_bare(&mut tx, &number, &waba, &dialled, 80, now)
        .await
        .unwrap();
    assert!(
        store::numbers::assign(&mut tx, tenant, &number, now)
            .await
            .unwrap()
    );
    engine::global_templates::spread_in(&mut tx, None, Some(&waba), now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    engine.wake.jobs.notify_one();
}

/// The parts of a template that says this.
pub(crate) fn says(text: &str) -> Value {
    json!([{ "type": "BODY", "text": text }])
}

/// A global template for everyone with one version, not rolled out; its id.
pub(crate) async fn written(app: &TestApp, name: &str, languages: &Value) -> String {
    let admin = app.admin();
    let new = json!({ "name": name, "category": "UTILITY", "everyone": true });
    let made = admin.post(GLOBAL, &new).await.expect(201);
    let id = made["id"].as_str().unwrap().to_owned();
    add_version(app, &id, languages).await;
    id
}

/// Writes the next version, by language.
pub(crate) async fn add_version(app: &TestApp, id: &str, languages: &Value) {
    let mut contents = json!({});
    for (language, text) in languages.as_object().unwrap() {
        contents[language] = json!({ "components": says(text.as_str().unwrap()) });
    }
    app.admin()
        .post(
            &format!("{GLOBAL}/{id}/versions"),
            &json!({ "languages": contents }),
        )
        .await
        .expect(201);
}

pub(crate) async fn roll_out(app: &TestApp, id: &str) {
    app.admin()
        .post(&format!("{GLOBAL}/{id}/roll-out"), &json!({}))
        .await
        .expect(202);
}

/// The whole table of a roll-out.
pub(crate) async fn rows(app: &TestApp, id: &str) -> Vec<Value> {
    app.admin().all(&format!("{GLOBAL}/{id}/rollout")).await
}

/// Waits until so many rows are in a state.
pub(crate) async fn in_state(app: &TestApp, id: &str, state: &str, count: i64) -> Vec<Value> {
    until(&format!("{count} rows are {state}"), async || {
        let page = app
            .admin()
            .get(&format!("{GLOBAL}/{id}/rollout?limit=200"))
            .await
            .expect(200);
        if page["counts"][state] == count {
            Ok(page["data"].as_array().unwrap().clone())
        } else {
            Err(format!("{page:#}"))
        }
    })
    .await
}

/// What an account has at Meta under a name.
pub(crate) async fn at_meta(app: &TestApp, waba: &str, name: &str) -> Vec<Template> {
    let token = TOKEN.to_owned().into();
    app.engine
        .graph
        .templates_named(&token, waba, name)
        .await
        .unwrap()
}

/// Meta decides about a template of an account.
pub(crate) async fn decided(app: &TestApp, waba: &str, name: &str, decision: &Value) {
    for template in at_meta(app, waba, name).await {
        let path = format!("/_sim/templates/{}/decide", template.id.unwrap());
        app.meta().post(&path, decision).await.expect(200);
    }
    app.projected().await;
}

/// How often templates were made in an account, as Meta's side remembers it.
pub(crate) async fn creations(app: &TestApp, waba: &str) -> Vec<Value> {
    let calls = app.meta().get("/_sim/calls").await.expect(200);
    let path = format!("/{waba}/message_templates");
    let made =
        calls["data"].as_array().unwrap().iter().filter(|call| {
            call["method"] == "POST" && call["path"].as_str().unwrap().contains(&path)
        });
    made.cloned().collect()
}
