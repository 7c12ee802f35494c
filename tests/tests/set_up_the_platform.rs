//! An empty installation starts, says what it lacks, and is set up while it runs: typed on the page, checked against
//! Meta, in force at once.

#![expect(clippy::unwrap_used, reason = "a story stops where it cannot go on")]

use reqwest::Method;
use serde_json::{Value, json};
use sim::SimConfig;
use testkit::Answer;
use testkit::{
    APP_SECRET, Setup, TOKEN, TestApp, VERIFY_TOKEN, WABA, each_database, each_database_with, until,
};

const PAGE: &str = "/api/v1/admin/platform";

fn bare() -> Setup {
    Setup {
        bare: true,
        ..Setup::default()
    }
}

async fn setting(app: &TestApp, name: &str) -> Value {
    let page = app.admin().get(PAGE).await.expect(200);
    let all = page["settings"].as_array().unwrap().clone();
    let found = all.into_iter().find(|setting| setting["name"] == name);
    found.unwrap_or_else(|| panic!("no setting {name}"))
}

/// What the checks say, by name.
async fn checks(app: &TestApp) -> serde_json::Map<String, Value> {
    let page = app
        .admin()
        .post(&format!("{PAGE}/check"), &Value::Null)
        .await
        .expect(200);
    let all = page["checks"].as_array().unwrap();
    all.iter()
        .map(|check| (check["check"].as_str().unwrap().to_owned(), check.clone()))
        .collect()
}

/// Types everything that the simulator knows.
async fn typed(app: &TestApp) {
    let meta = SimConfig::default();
    let all = json!({
        "app_id": meta.app_id,
        "app_secret": APP_SECRET,
        "verify_token": VERIFY_TOKEN,
        "business_id": meta.business_id,
        "system_user_token": TOKEN,
        "waba_id": WABA,
        "config_id": meta.config_ids[0],
        "credit_line_id": meta.credit_line_id,
    });
    app.admin().patch(PAGE, &all).await.expect(200);
}

async fn posted(app: &TestApp, secret: &str, body: &str) -> Answer {
    let signature = meta::signature::sign(secret.as_bytes(), body.as_bytes());
    let request = app.anybody().request(Method::POST, "/webhooks/meta");
    let request = request.header("x-hub-signature-256", signature);
    Answer::of(request.body(body.to_owned())).await
}

async fn verified(app: &TestApp, token: &str) -> Answer {
    let path = format!(
        "/webhooks/meta?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={token}"
    );
    app.anybody().get(&path).await
}

const EMPTY: &str = r#"{"object":"whatsapp_business_account","entry":[]}"#;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_taken_before_the_secret_is_known_and_everything_at_once_after() {
    each_database_with(bare, async |app| {
        posted(app, "", EMPTY)
            .await
            .expect_problem(503, "not_set_up");
        posted(app, APP_SECRET, EMPTY)
            .await
            .expect_problem(503, "not_set_up");
        verified(app, "").await.expect_problem(503, "not_set_up");
        assert_eq!(app.intake().await["received"], 0);
        let change = json!({ "app_secret": APP_SECRET, "verify_token": VERIFY_TOKEN });
        app.admin().patch(PAGE, &change).await.expect(200);
        let answer = verified(app, VERIFY_TOKEN).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, "1158201444"));
        assert_eq!(posted(app, APP_SECRET, EMPTY).await.status, 200);
        posted(app, "another", EMPTY)
            .await
            .expect_problem(401, "unauthorized");
        // The next secret counts from the next post on, the old one no more.
        let change = json!({ "app_secret": "another-secret-of-the-app" });
        app.admin().patch(PAGE, &change).await.expect(200);
        posted(app, APP_SECRET, EMPTY)
            .await
            .expect_problem(401, "unauthorized");
        assert_eq!(
            posted(app, "another-secret-of-the-app", EMPTY).await.status,
            200
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_kept_sealed_and_shown_by_their_end_alone() {
    each_database_with(bare, async |app| {
        typed(app).await;
        let page = app.admin().get(PAGE).await;
        for secret in [APP_SECRET, VERIFY_TOKEN, TOKEN] {
            assert!(!page.text.contains(secret), "{}", page.text);
        }
        let secret = setting(app, "app_secret").await;
        assert_eq!(secret["value"], "••••cdef");
        assert_eq!(secret["source"], "page");
        let kept = store::platform_settings::all(&app.engine.db).await.unwrap();
        assert_eq!(kept.len(), 8);
        for row in kept {
            let is_secret =
                ["app_secret", "verify_token", "system_user_token"].contains(&row.name.as_str());
            assert_eq!(row.sealed.is_some(), is_secret, "{}", row.name);
            assert_eq!(row.value.is_none(), is_secret, "{}", row.name);
            for secret in [APP_SECRET, VERIFY_TOKEN, TOKEN] {
                let sealed = row.sealed.clone().unwrap_or_default();
                assert!(
                    !sealed
                        .windows(secret.len())
                        .any(|it| it == secret.as_bytes())
                );
            }
        }
        let rows = app
            .admin()
            .all("/api/v1/admin/audit?action=platform.update")
            .await;
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!(rows[0]["after"]["app_secret"], "••••cdef");
        assert_eq!(rows[0]["before"]["app_secret"], Value::Null);
        // Typing the same again changes nothing, and writes nothing down.
        typed(app).await;
        let again = app
            .admin()
            .all("/api/v1/admin/audit?action=platform.update")
            .await;
        assert_eq!(again.len(), 1, "{again:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_wins_and_wrong_values_change_nothing() {
    each_database(async |app| {
        let secret = setting(app, "app_secret").await;
        assert_eq!(secret["source"], "config");
        let change = json!({ "solution_id": "1", "app_secret": "something-else" });
        app.admin()
            .patch(PAGE, &change)
            .await
            .expect_problem(409, "set_in_config");
        assert_eq!(setting(app, "solution_id").await["source"], "none");
        assert_eq!(posted(app, APP_SECRET, EMPTY).await.status, 200);
        for (name, wrong) in [
            ("solution_id", "12 34"),
            ("solution_id", "../../me"),
            ("graph_version", "latest"),
            ("webhook_url", "javascript:alert(1)"),
        ] {
            let problem = app
                .admin()
                .patch(PAGE, &json!({ name: wrong }))
                .await
                .expect_problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], name, "{problem}");
            assert_eq!(setting(app, name).await["source"], "none");
        }
        let typo = json!({ "solutoin_id": "1" });
        assert_eq!(app.admin().patch(PAGE, &typo).await.status, 422);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_follows_within_seconds() {
    each_database_with(bare, async |app| {
        let beside = app.beside().await;
        let change = json!({ "app_secret": APP_SECRET, "graph_version": "v25.0" });
        app.admin().patch(PAGE, &change).await.expect(200);
        until("the other process takes what is signed", async || {
            let answer = posted(&beside, APP_SECRET, EMPTY).await;
            match answer.status {
                200 => Ok(()),
                _ => Err(answer.text),
            }
        })
        .await;
        assert_eq!(&*beside.engine.graph.version(), "v25.0");
        beside.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_installation_is_told_what_is_missing_and_where_to_find_it() {
    each_database_with(bare, async |app| {
        let found = checks(app).await;
        assert_eq!(found["app"]["state"], "wrong", "{found:?}");
        assert_eq!(found["webhook_verification"]["state"], "wrong");
        for check in found.values() {
            assert!(check["found"].as_str().unwrap().len() > 20, "{check}");
            if check["state"] == "wrong" {
                assert!(check["mend"].is_string(), "{check}");
            }
        }
        let link = found["app"]["link"].as_str().unwrap();
        assert!(link.starts_with("https://developers.facebook.com/apps/"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_and_subscribed_is_found_well_by_a_real_round_trip() {
    each_database_with(bare, async |app| {
        typed(app).await;
        let before = checks(app).await;
        assert_eq!(before["subscription"]["state"], "warn", "{before:?}");
        app.admin()
            .post(&format!("{PAGE}/subscribe"), &Value::Null)
            .await
            .expect(204);
        let found = checks(app).await;
        for (name, check) in &found {
            assert_eq!(check["state"], "ok", "{name}: {check}");
        }
        assert_eq!(found.len(), 12, "{found:?}");
        let intake = app.projected().await;
        assert_eq!(
            intake["parked"], 0,
            "the test post has no content: {intake}"
        );
        let rows = app
            .admin()
            .all("/api/v1/admin/audit?action=platform.subscribe")
            .await;
        assert_eq!(rows.len(), 1, "{rows:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mistake_is_named_by_its_own_check() {
    each_database_with(bare, async |app| {
        typed(app).await;
        app.admin()
            .post(&format!("{PAGE}/subscribe"), &Value::Null)
            .await
            .expect(204);
        for (change, check) in [
            (json!({ "app_secret": "0000111122223333" }), "app"),
            (
                json!({ "system_user_token": "EAAnobodysToken" }),
                "system_user_token",
            ),
            (json!({ "waba_id": "299999999999999" }), "waba"),
            (json!({ "credit_line_id": "123" }), "credit_line"),
            (
                json!({ "webhook_url": format!("{}/elsewhere", app.sim_url) }),
                "webhook_verification",
            ),
            (json!({ "config_id": null }), "login_configuration"),
        ] {
            app.admin().patch(PAGE, &change).await.expect(200);
            let found = checks(app).await;
            let state = &found[check]["state"];
            assert!(state == "wrong" || state == "warn", "{check}: {found:?}");
            assert!(found[check]["mend"].is_string(), "{check}: {found:?}");
            typed(app).await;
            let back = json!({ "webhook_url": null });
            app.admin().patch(PAGE, &back).await.expect(200);
        }
        // Somebody else's address answers Meta: the app's webhooks go there.
        app.meta()
            .post(
                "/_sim/callback",
                &json!({ "url": "http://127.0.0.1:9/other" }),
            )
            .await;
        let found = checks(app).await;
        assert_eq!(found["subscription"]["state"], "wrong", "{found:?}");
        let sentence = found["subscription"]["found"].as_str().unwrap();
        assert!(sentence.contains("http://127.0.0.1:9/other"), "{sentence}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meta_that_does_not_answer_is_said_to_be_silent_within_seconds() {
    each_database_with(bare, async |app| {
        typed(app).await;
        app.faults(&json!({ "latency_ms": 60_000 })).await;
        let began = std::time::Instant::now();
        let found = checks(app).await;
        let took = began.elapsed();
        app.faults(&json!({ "latency_ms": null })).await;
        assert!(took < std::time::Duration::from_secs(15), "{took:?}");
        let sentence = found["app"]["found"].as_str().unwrap();
        assert!(
            sentence.contains("within 5 s") || sentence.contains("did not answer"),
            "{sentence}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verify_token_is_made_shown_to_who_may_and_written_down() {
    each_database_with(bare, async |app| {
        let path = format!("{PAGE}/verify-token");
        let made = app.admin().post(&path, &Value::Null).await.expect(200);
        let token = made["verify_token"].as_str().unwrap();
        assert_eq!(token.len(), 32);
        assert_eq!(verified(app, token).await.status, 200);
        let again = app.admin().post(&path, &Value::Null).await.expect(200);
        assert_eq!(again["verify_token"], token);
        let rows = app
            .admin()
            .all("/api/v1/admin/audit?action=platform.verify_token")
            .await;
        assert_eq!(rows.len(), 2, "{rows:?}");
        app.anybody()
            .post(&path, &Value::Null)
            .await
            .expect_problem(401, "unauthorized");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_emptied_on_the_page_is_kept_nowhere() {
    each_database_with(bare, async |app| {
        typed(app).await;
        let kept = async || {
            let (db, sealer) = (&app.engine.db, &app.engine.sealer);
            let token = store::wabas::any_tenant_token(db, sealer, WABA).await;
            token.unwrap().is_some()
        };
        let give = json!({ "waba_id": WABA, "system_user_token": TOKEN });
        app.admin().patch(PAGE, &give).await.expect(200);
        assert!(kept().await, "the platform's account is reached with it");
        let empty = json!({ "system_user_token": null });
        app.admin().patch(PAGE, &empty).await.expect(200);
        assert!(!kept().await, "a copy works on");
        assert_eq!(setting(app, "system_user_token").await["source"], "none");
        app.admin().patch(PAGE, &give).await.expect(200);
        assert!(kept().await, "given again, it is there again");
    })
    .await;
}
