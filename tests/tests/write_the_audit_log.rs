//! Every administrative act is written down once, with who, what, before and after; what is done to the log
//! itself is found.

#![expect(clippy::unwrap_used, reason = "a story stops where it cannot go on")]

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use store::audit::{self, Act, Target, Verdict, Who};
use store::db::Sql;
use testkit::{TestApp, WABA, each_database, number, until, webhook};

/// A moment of 2026, in seconds since 1970.
const AT: i64 = 1_780_000_000;

async fn log(app: &TestApp) -> Vec<Value> {
    app.admin().all("/api/v1/admin/audit").await
}

async fn run(app: &TestApp, statement: &'static str) {
    app.engine
        .db
        .run(Sql::Both(statement), Vec::new())
        .await
        .unwrap();
}

async fn verdict(app: &TestApp) -> Verdict {
    audit::verify(&app.engine.db).await.unwrap()
}

fn renamed<'a>(name: &'a str) -> Act<'a> {
    Act {
        tenant: None,
        action: "story.rename",
        target: Target {
            kind: "story",
            id: None,
            name: Some(name),
        },
        before: Some(json!({ "name": "old" })),
        after: Some(json!({ "name": name })),
    }
}

async fn write(app: &TestApp, name: &str) {
    let mut tx = app.engine.db.begin().await.unwrap();
    let who = Who::system("story");
    audit::append(&mut tx, &who, renamed(name), app.engine.clock.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// Posted, but nothing changes.
const LOOKS_ONLY: [&str; 1] = ["POST /api/v1/admin/platform/check"];

/// What an administrator does, one route after the other, and what is written for it.
struct Deed {
    route: &'static str,
    path: String,
    body: Value,
    action: &'static str,
    has_before: bool,
}

/// A connection whose last run has failed, with the access that it was given.
async fn stopped_connection(app: &TestApp, tenant: &str) -> String {
    use domain::connection::{RunKind, RunState, Step, StepState, Way};
    use store::connections::{self, Connection, runs};
    let (engine, tenant) = (&app.engine, tenant.parse().unwrap());
    let now = engine.clock.now();
    let mut row = Connection::new(tenant, Way::TechProvider, false, now);
    row.waba_id = Some("123456789".to_owned());
    let run = runs::Run::new((tenant, row.id), RunKind::Connect, "{}".into(), "x", now);
    let over = runs::Outcome {
        state: StepState::Done,
        cause: None,
        detail: None,
        result: None,
    };
    let mut tx = engine.db.begin().await.unwrap();
    connections::insert(&mut tx, &row).await.unwrap();
    let token = "EAAstopped".to_owned().into();
    runs::insert(&mut tx, &engine.sealer, &run, Step::ALL, None, Some(&token))
        .await
        .unwrap();
    runs::end_step(&mut tx, run.id, Step::ExchangeCode, &over, now)
        .await
        .unwrap();
    let failed = RunState::Failed;
    runs::set_state(&mut tx, run.id, failed, Some("meta_busy"), Some(now))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    row.id.to_string()
}

/// One of Meta's library.
const LIBRARY: &str = "order_pick_up_1";

fn version() -> Value {
    let components = json!([{ "type": "BODY", "text": "Hasta pronto." }]);
    json!({ "languages": { "es": { "components": components } } })
}

/// A template of the platform's that can be rolled out.
async fn global_template(app: &TestApp) -> String {
    let new = json!({ "name": "de_todos", "category": "UTILITY" });
    let globals = "/api/v1/admin/global-templates";
    let made = app.admin().post(globals, &new).await.expect(201);
    let id = made["id"].as_str().unwrap().to_owned();
    let path = format!("{globals}/{id}/versions");
    app.admin().post(&path, &version()).await.expect(201);
    id
}

/// A template that everybody on the platform's account sends, paused and made a marketing one by Meta.
async fn shared_template(app: &TestApp) -> String {
    let shop = app.tenant(3).await;
    let all = shop.api.all("/api/v1/templates").await;
    let shared = all.iter().find(|one| one["name"] == "hello_world").unwrap();
    let desk = format!(
        "/_sim/templates/{}/decide",
        shared["meta_id"].as_str().unwrap()
    );
    for decision in [
        json!({ "decision": "category", "category": "MARKETING", "at_once": true }),
        json!({ "decision": "pause" }),
    ] {
        app.meta().post(&desk, &decision).await.expect(200);
    }
    let path = format!("/api/v1/templates/{}", shared["id"].as_str().unwrap());
    until("both are known here", async || {
        let row = shop.api.get(&path).await.expect(200);
        let known = row["status"] == "PAUSED" && row["awaits_release"] == true;
        known.then_some(()).ok_or_else(|| row.to_string())
    })
    .await;
    shared["id"].as_str().unwrap().to_owned()
}

async fn deeds(app: &TestApp) -> Vec<Deed> {
    let shop = app.new_tenant("Panadería").await;
    let key = app
        .admin()
        .get(&format!("/api/v1/admin/tenants/{}/api-keys", shop.id))
        .await
        .expect(200)["data"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let made = app
        .admin()
        .post("/api/v1/admin/api-keys", &json!({ "name": "to end" }))
        .await
        .expect(201)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let stray = webhook::text("999999999999999", "34600000001", "wamid.STRAY", AT, "hola");
    app.delivered(webhook::post([stray]).to_string()).await;
    app.projected().await;
    let parked = until("the stray message is parked", async || {
        let rows = app.admin().all("/api/v1/admin/intake/parked").await;
        let id = rows.first().and_then(|row| row["id"].as_str());
        id.map(str::to_owned).ok_or_else(|| format!("{rows:?}"))
    })
    .await;
    let link = app
        .admin()
        .post("/api/v1/admin/setup-links", &json!({ "for": "Taller" }))
        .await
        .expect(201)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let shared = shared_template(app).await;
    let global = global_template(app).await;
    let global = |rest: &str| format!("/api/v1/admin/global-templates/{global}{rest}");
    let invited = app
        .admin()
        .post(
            "/api/v1/admin/invitations",
            &json!({ "email": "one@example.com" }),
        )
        .await
        .expect(201)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let person = trunkline::people::Wanted {
        email: "ana@example.com",
        name: "Ana",
        password: "pan-recien-hecho",
        language: "es",
        platform_admin: false,
        belongs: None,
    };
    let person = trunkline::people::add(&app.engine, person, &Who::system("story"))
        .await
        .unwrap();
    let deed = |route, path: String, body, action, has_before| Deed {
        route,
        path,
        body,
        action,
        has_before,
    };
    let warning = store::alerts::New {
        tenant: None,
        kind: "queue_age",
        subject: "story".to_owned(),
        severity: "info",
        stage: String::new(),
        parameters: "{}".to_owned(),
    };
    let mut tx = app.engine.db.begin().await.unwrap();
    let now = app.engine.clock.now();
    store::alerts::any_tenant_raise(&mut tx, &warning, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let page = store::page::Page::new(None, 10);
    let warnings = store::alerts::any_tenant_list(&app.engine.db, true, page)
        .await
        .unwrap();
    let warning = warnings
        .iter()
        .find(|alert| alert.subject == "story")
        .unwrap()
        .id;
    let connection = stopped_connection(app, &shop.id).await;
    let connection = |rest: &str| format!("/api/v1/admin/connections/{connection}{rest}");
    let tenant = |rest: &str| format!("/api/v1/admin/tenants/{}{rest}", shop.id);
    let phone = |rest: &str| format!("/api/v1/admin/whatsapp/tenants/{}/{rest}", shop.id);
    let none = Value::Null;
    vec![
        deed(
            "PATCH /api/v1/admin/connections/{id}",
            connection(""),
            json!({ "billing_mode": "rebilled" }),
            "connection.update",
            true,
        ),
        deed(
            "POST /api/v1/admin/connections/{id}/resume",
            connection("/resume"),
            none.clone(),
            "connection.resume",
            false,
        ),
        deed(
            "POST /api/v1/admin/connections/{id}/disconnect",
            connection("/disconnect"),
            none.clone(),
            "connection.disconnect",
            true,
        ),
        deed(
            "POST /api/v1/admin/alerts/{id}/dismiss",
            format!("/api/v1/admin/alerts/{warning}/dismiss"),
            none.clone(),
            "alert.dismiss",
            false,
        ),
        deed(
            "PUT /api/v1/admin/whatsapp/callbacks",
            "/api/v1/admin/whatsapp/callbacks".into(),
            json!({ "waba_id": WABA }),
            "callback.set",
            false,
        ),
        deed(
            "POST /api/v1/admin/tenants",
            "/api/v1/admin/tenants".into(),
            json!({ "name": "Taller" }),
            "tenant.create",
            false,
        ),
        deed(
            "PATCH /api/v1/admin/tenants/{id}",
            tenant(""),
            json!({ "name": "Panadería San Juan" }),
            "tenant.update",
            true,
        ),
        deed(
            "PATCH /api/v1/admin/platform",
            "/api/v1/admin/platform".into(),
            json!({ "solution_id": "726384512763524" }),
            "platform.update",
            true,
        ),
        deed(
            "POST /api/v1/admin/platform/subscribe",
            "/api/v1/admin/platform/subscribe".into(),
            Value::Null,
            "platform.subscribe",
            false,
        ),
        deed(
            "POST /api/v1/admin/platform/verify-token",
            "/api/v1/admin/platform/verify-token".into(),
            Value::Null,
            "platform.verify_token",
            false,
        ),
        deed(
            "POST /api/v1/admin/setup-links",
            "/api/v1/admin/setup-links".into(),
            json!({ "for": "Cafetería Luna", "name": "Trunkline" }),
            "setup_link.create",
            false,
        ),
        deed(
            "DELETE /api/v1/admin/setup-links/{id}",
            format!("/api/v1/admin/setup-links/{link}"),
            Value::Null,
            "setup_link.revoke",
            false,
        ),
        deed(
            "POST /api/v1/admin/global-templates",
            "/api/v1/admin/global-templates".into(),
            json!({ "name": "otra", "category": "UTILITY" }),
            "global_template.create",
            false,
        ),
        deed(
            "POST /api/v1/admin/global-templates/import",
            "/api/v1/admin/global-templates/import".into(),
            json!({ "library_template_name": LIBRARY, "name": "de_la_biblioteca", "languages": ["en_US"] }),
            "global_template.import",
            false,
        ),
        deed(
            "PATCH /api/v1/admin/global-templates/{id}",
            global(""),
            json!({ "everyone": true }),
            "global_template.update",
            true,
        ),
        deed(
            "POST /api/v1/admin/global-templates/{id}/versions",
            global("/versions"),
            version(),
            "global_template.version",
            false,
        ),
        deed(
            "POST /api/v1/admin/global-templates/{id}/roll-out",
            global("/roll-out"),
            json!({}),
            "global_template.roll_out",
            false,
        ),
        deed(
            "POST /api/v1/admin/global-templates/{id}/rollout/retry",
            global("/rollout/retry"),
            json!({ "failed": true }),
            "global_template.retry",
            false,
        ),
        deed(
            "DELETE /api/v1/admin/global-templates/{id}",
            global(""),
            Value::Null,
            "global_template.delete",
            true,
        ),
        deed(
            "POST /api/v1/admin/templates/{id}/unpause",
            format!("/api/v1/admin/templates/{shared}/unpause"),
            json!({}),
            "template.unpause",
            true,
        ),
        deed(
            "POST /api/v1/admin/templates/{id}/release",
            format!("/api/v1/admin/templates/{shared}/release"),
            json!({ "action": "send" }),
            "template.release",
            false,
        ),
        deed(
            "PATCH /api/v1/admin/media/{id}",
            format!("/api/v1/admin/media/{}", shop.id),
            json!({ "quota_bytes": 1_000_000 }),
            "media.quota",
            true,
        ),
        deed(
            "POST /api/v1/admin/queue/pause",
            "/api/v1/admin/queue/pause".into(),
            json!({ "tenant_id": shop.id }),
            "queue.pause",
            false,
        ),
        deed(
            "POST /api/v1/admin/queue/resume",
            "/api/v1/admin/queue/resume".into(),
            json!({ "tenant_id": shop.id }),
            "queue.resume",
            false,
        ),
        deed(
            "POST /api/v1/admin/tenants/{id}/api-keys",
            tenant("/api-keys"),
            json!({ "name": "shop" }),
            "api_key.create",
            false,
        ),
        deed(
            "DELETE /api/v1/admin/tenants/{id}/api-keys/{key}",
            tenant(&format!("/api-keys/{key}")),
            none.clone(),
            "api_key.revoke",
            false,
        ),
        deed(
            "POST /api/v1/admin/api-keys",
            "/api/v1/admin/api-keys".into(),
            json!({ "name": "platform" }),
            "api_key.create",
            false,
        ),
        deed(
            "DELETE /api/v1/admin/api-keys/{key}",
            format!("/api/v1/admin/api-keys/{made}"),
            none.clone(),
            "api_key.revoke",
            false,
        ),
        deed(
            "POST /api/v1/admin/whatsapp/tenants/{id}/assign-phone",
            phone("assign-phone"),
            json!({ "phone_number_id": number(1) }),
            "number.assign",
            false,
        ),
        deed(
            "DELETE /api/v1/admin/whatsapp/tenants/{id}/unassign-phone",
            phone("unassign-phone"),
            none.clone(),
            "number.unassign",
            true,
        ),
        deed(
            "PUT /api/v1/admin/whatsapp/fallback",
            "/api/v1/admin/whatsapp/fallback".into(),
            json!({ "phone_number_id": number(2) }),
            "number.set_fallback",
            true,
        ),
        deed(
            "POST /api/v1/admin/invitations",
            "/api/v1/admin/invitations".into(),
            json!({ "email": "two@example.com" }),
            "invitation.create",
            false,
        ),
        deed(
            "DELETE /api/v1/admin/invitations/{id}",
            format!("/api/v1/admin/invitations/{invited}"),
            none.clone(),
            "invitation.revoke",
            false,
        ),
        deed(
            "PATCH /api/v1/admin/users/{id}",
            format!("/api/v1/admin/users/{person}"),
            json!({ "status": "disabled" }),
            "user.update",
            true,
        ),
        deed(
            "POST /api/v1/admin/users/{id}/reset-password",
            format!("/api/v1/admin/users/{person}/reset-password"),
            none.clone(),
            "user.reset_link",
            false,
        ),
        deed(
            "POST /api/v1/admin/intake/parked/{id}/replay",
            format!("/api/v1/admin/intake/parked/{parked}/replay"),
            none.clone(),
            "intake.replay",
            false,
        ),
        deed(
            "POST /api/v1/admin/intake/parked/replay",
            "/api/v1/admin/intake/parked/replay".into(),
            none,
            "intake.replay",
            false,
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_deed_of_an_administrator_is_one_row() {
    each_database(async |app| {
        let words = include_str!("../../web/src/lib/i18n/en.json");
        let deeds = deeds(app).await;
        let tried: BTreeSet<String> = deeds.iter().map(|deed| shape(deed.route)).collect();
        let document = serde_json::to_value(trunkline_http::openapi()).unwrap();
        for (path, item) in document["paths"].as_object().unwrap() {
            for verb in item.as_object().unwrap().keys() {
                let changes = ["post", "put", "patch", "delete"].contains(&verb.as_str());
                let route = shape(&format!("{} {path}", verb.to_uppercase()));
                assert!(
                    !path.starts_with("/api/v1/admin/")
                        || !changes
                        || tried.contains(&route)
                        || LOOKS_ONLY.contains(&route.as_str()),
                    "{route} is not in this story: say here what it writes into the audit log"
                );
            }
        }
        for deed in deeds {
            let before = log(app).await.len();
            let method: Method = deed.route.split(' ').next().unwrap().parse().unwrap();
            let mut request = app
                .admin()
                .request(method, &deed.path)
                .header("user-agent", "story/1");
            if !deed.body.is_null() {
                request = request.json(&deed.body);
            }
            let answer = request.send().await.unwrap();
            let status = answer.status();
            let text = answer.text().await.unwrap();
            assert!(status.is_success(), "{}: {status} {text}", deed.route);
            let rows = log(app).await;
            assert_eq!(rows.len(), before + 1, "{} writes one row", deed.route);
            let row = &rows[0];
            assert_eq!(row["action"], deed.action, "{}: {row}", deed.route);
            assert!(
                words.contains(&format!(r#""settings.audit.do.{}""#, deed.action)),
                "the page has no words for {}: add them to en.json and es.json",
                deed.action
            );
            assert_eq!(row["actor"]["kind"], "api_key", "{row}");
            assert_eq!(row["actor"]["name"], "stories", "{row}");
            assert!(row["actor"]["id"].as_str().unwrap().starts_with("key_"));
            assert_eq!(row["user_agent"], "story/1", "{row}");
            assert_eq!(row["ip"], "127.0.0.1", "{row}");
            if deed.has_before {
                assert!(row["before"].is_object(), "{}: {row}", deed.route);
                assert_ne!(row["before"], row["after"], "{}: {row}", deed.route);
            }
        }
        assert!(matches!(verdict(app).await, Verdict::Whole { .. }));
    })
    .await;
}

/// The names of a path's parameters do not matter.
fn shape(route: &str) -> String {
    let pieces = route
        .split('/')
        .map(|piece| if piece.starts_with('{') { "{}" } else { piece });
    pieces.collect::<Vec<_>>().join("/")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_to_the_log_is_found_and_named() {
    const SPOILED: [(&str, &[&str], &str); 6] = [
        (
            "a changed row",
            &[
                "UPDATE audit_log SET actor_name = 'nobody' WHERE seq = (SELECT MAX(seq) - 2 FROM audit_log)",
            ],
            "broken -2",
        ),
        (
            "a changed value",
            &[
                "UPDATE audit_log SET after = '{\"name\":\"x\"}' WHERE seq = (SELECT MAX(seq) - 1 FROM audit_log)",
            ],
            "broken -1",
        ),
        (
            "a removed row",
            &["DELETE FROM audit_log WHERE seq = (SELECT MAX(seq) - 2 FROM audit_log)"],
            "broken -1",
        ),
        (
            "a cut-off end",
            &["DELETE FROM audit_log WHERE seq > (SELECT MAX(seq) - 2 FROM audit_log)"],
            "cut off",
        ),
        (
            "two rows in each other's place",
            &[
                "UPDATE audit_log SET seq = -1 WHERE seq = (SELECT MAX(seq) - 2 FROM audit_log)",
                "UPDATE audit_log SET seq = seq - 1 WHERE seq = (SELECT MAX(seq) - 1 FROM audit_log)",
                "UPDATE audit_log SET seq = (SELECT MAX(seq) - 1 FROM audit_log) WHERE seq = -1",
            ],
            "broken -2",
        ),
        (
            "a row that was put in at the end",
            &[
                "INSERT INTO audit_log (seq, at, actor_kind, actor_name, action, target_kind, hash) SELECT seq + 1, at, actor_kind, actor_name, action, target_kind, hash FROM audit_log WHERE seq = (SELECT MAX(seq) FROM audit_log)",
            ],
            "broken 1",
        ),
    ];
    for (what, statements, expected) in SPOILED {
        each_database(async |app| {
            for n in 1..=5 {
                write(app, &format!("name {n}")).await;
            }
            let Verdict::Whole { rows: end, .. } = verdict(app).await else {
                panic!("broken before anything was done to it")
            };
            for statement in statements {
                run(app, statement).await;
            }
            let found = match verdict(app).await {
                Verdict::Whole { .. } => "whole".to_owned(),
                Verdict::Broken { seq } => format!("broken {}", seq - end),
                Verdict::CutOff { last, expected } => {
                    assert_eq!((last, expected), (end - 2, end), "{what}");
                    "cut off".to_owned()
                }
            };
            assert_eq!(found, expected, "{what}");
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_acts_at_once_are_one_unbroken_chain() {
    each_database(async |app| {
        let before = log(app).await.len();
        let acts = (0..40).map(async |n| write(app, &format!("at once {n}")).await);
        futures::future::join_all(acts).await;
        let rows = log(app).await;
        assert_eq!(rows.len(), before + 40);
        let Verdict::Whole { rows: count, .. } = verdict(app).await else {
            panic!("the chain is broken")
        };
        assert_eq!(usize::try_from(count).unwrap(), rows.len());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_never_stand_in_the_log() {
    each_database(async |app| {
        let made = app
            .admin()
            .post("/api/v1/admin/api-keys", &json!({ "name": "secret" }))
            .await
            .expect(201);
        let secret = made["api_key"].as_str().unwrap();
        let shop = app.tenant(1).await;
        let hidden = [secret, &shop.key, testkit::TOKEN, testkit::APP_SECRET];
        let rows = log(app).await;
        assert!(rows.len() >= 4, "{rows:?}");
        for row in &rows {
            let text = row.to_string();
            for secret in hidden {
                assert!(!text.contains(secret), "a secret stands in {text}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_narrowed_and_paged_and_each_tenant_sees_its_own() {
    each_database(async |app| {
        let (one, two) = (app.tenant(1).await, app.tenant(2).await);
        let change = json!({ "name": "50 % más" });
        app.change_tenant(&one, &change).await;
        for n in 0..30 {
            write(app, &format!("row {n}")).await;
        }
        let own = one.api.all("/api/v1/audit").await;
        assert!(own.len() >= 4, "created, key, number, renamed: {own:?}");
        assert!(own.iter().all(|row| row["tenant_id"] == one.id.as_str()));
        let admin = app.admin();
        let of_tenant = format!("/api/v1/admin/audit?tenant_id={}", one.id);
        assert_eq!(admin.all(&of_tenant).await, own);

        let all = log(app).await;
        let seqs: Vec<_> = all.iter().map(|row| row["seq"].as_i64().unwrap()).collect();
        assert!(seqs.is_sorted_by(|a, b| a == &(b + 1)), "{seqs:?}");
        let first = admin.get("/api/v1/admin/audit?limit=7").await.expect(200);
        let next = first["next"].as_str().unwrap();
        let second = admin
            .get(&format!("/api/v1/admin/audit?limit=7&cursor={next}"))
            .await
            .expect(200);
        assert_eq!(second["data"][0], all[7]);

        let moment = all[10]["at"].as_str().unwrap();
        for (query, expected) in [
            (
                "action=tenant.".to_owned(),
                count(&all, |row| {
                    row["action"].as_str().unwrap().starts_with("tenant.")
                }),
            ),
            ("action=tenant.update".to_owned(), 1),
            (
                "actor=system".to_owned(),
                count(&all, |row| row["actor"]["kind"] == "system"),
            ),
            (
                "actor=STORIE".to_owned(),
                count(&all, |row| row["actor"]["name"] == "stories"),
            ),
            (
                format!("target={}", two.id),
                count(&all, |row| row["target"]["id"] == two.id.as_str()),
            ),
            ("target=50%20%25".to_owned(), 1),
            ("target=5_%25".to_owned(), 0),
            (
                format!("from={moment}"),
                count(&all, |row| row["at"].as_str() >= Some(moment)),
            ),
            (
                format!("to={moment}&action=story"),
                count(&all, |row| {
                    row["action"] == "story.rename" && row["at"].as_str() <= Some(moment)
                }),
            ),
            ("action=%27%20OR%201%3D1".to_owned(), 0),
        ] {
            let rows = admin.all(&format!("/api/v1/admin/audit?{query}")).await;
            assert_eq!(rows.len(), expected, "{query}: {rows:?}");
        }
        for (query, field) in [
            ("from=yesterday", "from"),
            ("to=x", "to"),
            ("tenant_id=7", "tenant_id"),
            ("cursor=x", "cursor"),
        ] {
            let problem = admin
                .get(&format!("/api/v1/admin/audit?{query}"))
                .await
                .expect_problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], field);
        }
        one.api
            .get("/api/v1/admin/audit")
            .await
            .expect_problem(403, "forbidden");
        app.anybody()
            .get("/api/v1/audit")
            .await
            .expect_problem(401, "unauthorized");
        admin
            .get("/api/v1/audit")
            .await
            .expect_problem(403, "forbidden");
    })
    .await;
}

fn count(rows: &[Value], wanted: impl Fn(&Value) -> bool) -> usize {
    rows.iter().filter(|row| wanted(row)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_log_is_downloaded_and_no_cell_is_a_formula() {
    each_database(async |app| {
        for n in 0..450 {
            write(app, &format!("=HYPERLINK(\"http://x/{n}\", \"a\nb\")")).await;
        }
        let all = log(app).await;
        let answer = app
            .admin()
            .request(Method::GET, "/api/v1/admin/audit/export")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
        assert_eq!(
            answer.headers()["content-disposition"],
            "attachment; filename=\"audit.csv\""
        );
        let csv = answer.text().await.unwrap();
        assert!(
            csv.starts_with("seq,at,tenant_id,actor_kind,"),
            "{}",
            &csv[..80]
        );
        assert_eq!(csv.matches(",\"'=HYPERLINK(").count(), 450);
        assert!(!csv.contains(",\"=HYPERLINK(") && !csv.contains(",=HYPERLINK("));

        let answer = app
            .admin()
            .get("/api/v1/admin/audit/export?format=jsonl")
            .await;
        assert_eq!(answer.content_type, "application/x-ndjson");
        let lines: Vec<Value> = answer
            .text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines, all, "over several pages, in the list's order");

        let shop = app.tenant(1).await;
        let own = shop
            .api
            .get("/api/v1/audit/export?format=jsonl&action=tenant.create")
            .await;
        assert_eq!(own.text.lines().count(), 1, "{}", own.text);
        app.admin()
            .get("/api/v1/admin/audit/export?format=xls")
            .await
            .expect_problem(422, "invalid");
        shop.api
            .get("/api/v1/admin/audit/export")
            .await
            .expect_problem(403, "forbidden");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_installation_s_health_is_shown_with_what_is_wrong() {
    each_database(async |app| {
        app.tenant(1).await;
        let admin = app.admin();
        app.faults(&json!({ "offline": true })).await;
        let health = admin.get("/api/v1/admin/health").await.expect(200);
        assert_eq!(health["meta"]["reachable"], false, "{health}");
        let detail = health["meta"]["detail"].as_str().unwrap();
        assert!(detail.contains(WABA), "{detail}");
        let kind = if app.engine.db.is_postgres() {
            "postgres"
        } else {
            "sqlite"
        };
        assert_eq!(health["database"], kind);
        assert_eq!(
            health["outbox"],
            json!({ "queued": 0, "uncertain": 0, "dead_letters": 0, "oldest_ms": 0 })
        );
        assert_eq!(health["jobs"]["dead"], 0);
        assert_eq!(health["wabas"][0]["waba_id"], WABA);
        assert_eq!(health["wabas"][0]["numbers_used"], 6);
        assert!(
            health["intake"]["received"].is_i64()
                && health["uptime_s"].is_u64()
                && health["streams"].is_u64()
        );
        assert!(!health.to_string().contains(testkit::TOKEN));
        app.tenant(1)
            .await
            .api
            .get("/api/v1/admin/health")
            .await
            .expect_problem(403, "forbidden");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_found_whatever_its_capitals_and_signs() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let person = app.person(&shop, "ÁNGELES Ñandú *50%_?[x]", "owner").await;
        let body = json!({ "language": "es" });
        person
            .api
            .patch("/api/v1/settings", &body)
            .await
            .expect(200);
        let found = async |actor: &str| {
            let actor: String = actor.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let path = format!("/api/v1/audit?action=settings.&actor={actor}");
            shop.api.all(&path).await.len()
        };
        for part in ["ángeles", "ÁNGELES", "Ñandú", "ñANDÚ", "*50%_?[X]", "s Ñ"] {
            assert_eq!(found(part).await, 1, "{part}");
        }
        for other in ["angeles", "Ñandúes", "?50", "*5_%", "[ÁX]NGELES"] {
            assert_eq!(found(other).await, 0, "{other}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_platform_takes_back_of_a_tenant_stands_in_the_tenants_log() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let guest = json!({ "email": "ana@example.com", "role": "agent" });
        let made = shop.api.post("/api/v1/invitations", &guest).await;
        let id = made.expect(201)["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/admin/invitations/{id}");
        assert_eq!(app.admin().delete(&path).await.status, 204);
        let rows = shop.api.all("/api/v1/audit?action=invitation.revoke").await;
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!(rows[0]["target"]["id"], id.as_str(), "{rows:?}");
        assert_eq!(
            rows[0]["before"],
            json!({ "email": "ana@example.com", "role": "agent", "conversations": "all" })
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn how_many_numbers_meta_allows_is_what_it_told_last() {
    each_database(async |app| {
        app.tenant(1).await;
        let told = async |time: i64, value: Value| {
            let change = json!({ "field": "business_capability_update", "value": value });
            let entry = json!({ "id": WABA, "time": time, "changes": [change] });
            let post = json!({ "object": "whatsapp_business_account", "entry": [entry] });
            app.delivered(post.to_string()).await;
            let health = app.admin().get("/api/v1/admin/health").await.expect(200);
            health["wabas"][0]["numbers_limit"].clone()
        };
        let health = app.admin().get("/api/v1/admin/health").await.expect(200);
        assert_eq!(health["wabas"][0]["numbers_limit"], 20, "as documented");
        let new = json!({ "max_daily_conversations_per_business": 250, "max_phone_numbers_per_business": 2 });
        assert_eq!(told(1_780_000_100, new.clone()).await, 2);
        let grown = json!({ "max_daily_conversations_per_business": "TIER_2K", "max_phone_numbers_per_waba": 25 });
        assert_eq!(told(1_780_000_300, grown).await, 25);
        // What is told late, nothing, or nonsense changes nothing.
        assert_eq!(told(1_780_000_200, new).await, 25);
        let nothing = json!({ "max_daily_conversations_per_business": 2000 });
        assert_eq!(told(1_780_000_400, nothing).await, 25);
        assert_eq!(told(1_780_000_500, json!({ "max_phone_numbers_per_waba": -1 })).await, 25);
    })
    .await;
}
