//! One's own password and authenticator.

use std::time::Duration;

use domain::Clock;
use serde_json::json;
use testkit::{Client, PASSWORD, Setup, TestApp, each_database, each_database_with};
use totp_rs::{Builder, Secret};

/// The code that an authenticator app shows now.
fn code(app: &TestApp, secret: &str) -> String {
    let totp = Builder::new()
        .with_secret(Secret::try_from_base32(secret).unwrap())
        .with_account_name("x@example.com")
        .build()
        .unwrap();
    let seconds = u64::try_from(app.engine.clock.now().0 / 1_000_000).unwrap();
    totp.generate(seconds).to_string()
}

async fn with_authenticator(app: &TestApp, email: &str) -> (Client, String) {
    let person = app.administrator(email).await;
    let wrong = json!({ "password": "not it at all" });
    let problem = person
        .post("/api/v1/me/totp", &wrong)
        .await
        .expect_problem(422, "invalid");
    assert_eq!(problem["errors"][0]["field"], "password");
    let right = json!({ "password": PASSWORD });
    let made = person.post("/api/v1/me/totp", &right).await.expect(200);
    let secret = made["secret"].as_str().unwrap().to_owned();
    assert!(
        made["otpauth_url"]
            .as_str()
            .unwrap()
            .starts_with("otpauth://totp/"),
        "{made}"
    );
    assert!(made["qr_svg"].as_str().unwrap().contains("<svg"));
    (person, secret)
}

fn at_a_manual_time() -> Setup {
    Setup {
        clock: Clock::manual(domain::Timestamp::from_seconds(1_780_000_000)),
        workers: false,
        ..Setup::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authenticator_counts_after_its_first_code_and_each_code_works_once() {
    each_database_with(at_a_manual_time, async |app| {
        let (iker, secret) = with_authenticator(app, "iker@example.com").await;
        app.sign_in("iker@example.com").await;
        let confirm = "/api/v1/me/totp/confirm";
        let wrong = if code(app, &secret) == "000000" {
            "000001"
        } else {
            "000000"
        };
        iker.post(confirm, &json!({ "code": wrong }))
            .await
            .expect_problem(422, "invalid");
        let first = code(app, &secret);
        assert_eq!(
            iker.post(confirm, &json!({ "code": first })).await.status,
            204
        );

        let without = app.try_sign_in("iker@example.com", PASSWORD, None).await;
        let bad_password = app
            .try_sign_in("iker@example.com", "wrong one here", None)
            .await;
        assert_eq!(without.status, 401);
        assert_eq!(
            without.text, bad_password.text,
            "a missing code is not told apart"
        );
        app.try_sign_in("iker@example.com", PASSWORD, Some(&first))
            .await
            .expect_problem(401, "sign_in_failed");
        app.engine.clock.advance(Duration::from_secs(60));
        let next = code(app, &secret);
        app.try_sign_in("iker@example.com", PASSWORD, Some(&next))
            .await
            .expect(201);
        app.try_sign_in("iker@example.com", PASSWORD, Some(&next))
            .await
            .expect_problem(401, "sign_in_failed");

        iker.request(reqwest::Method::DELETE, "/api/v1/me/totp")
            .json(&json!({ "password": "wrong one here" }))
            .send()
            .await
            .map(|answer| assert_eq!(answer.status().as_u16(), 422))
            .unwrap();
        let off = iker
            .request(reqwest::Method::DELETE, "/api/v1/me/totp")
            .json(&json!({ "password": PASSWORD }));
        assert_eq!(testkit::Answer::of(off).await.status, 204);
        app.sign_in("iker@example.com").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_needs_the_present_one_and_ends_the_other_sessions() {
    each_database(async |app| {
        let here = app.administrator("iker@example.com").await;
        let there = app.sign_in("iker@example.com").await;
        let path = "/api/v1/me/password";
        let wrong = json!({ "current": "not it at all", "new": "un barco de papel" });
        let problem = here.post(path, &wrong).await.expect_problem(422, "invalid");
        assert_eq!(problem["errors"][0]["field"], "current");
        let easy = json!({ "current": PASSWORD, "new": "1234567890" });
        let problem = here.post(path, &easy).await.expect_problem(422, "invalid");
        assert_eq!(problem["errors"][0]["field"], "new");
        let right = json!({ "current": PASSWORD, "new": "un barco de papel" });
        assert_eq!(here.post(path, &right).await.status, 204);
        here.get("/api/v1/session").await.expect(200);
        there
            .get("/api/v1/session")
            .await
            .expect_problem(401, "unauthorized");
        app.try_sign_in("iker@example.com", "un barco de papel", None)
            .await
            .expect(201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_keeps_what_it_had_when_a_value_is_wrong() {
    each_database(async |app| {
        let iker = app.administrator("iker@example.com").await;
        let changed = iker
            .patch(
                "/api/v1/me",
                &json!({ "name": " Iker Ruiz ", "language": "es", "theme": "dark" }),
            )
            .await
            .expect(200);
        assert_eq!(changed["name"], "Iker Ruiz");
        for (body, field) in [
            (json!({ "name": "" }), "name"),
            (json!({ "name": "X", "language": "tlh" }), "language"),
            (json!({ "name": "X", "theme": "pink" }), "theme"),
        ] {
            let problem = iker
                .patch("/api/v1/me", &body)
                .await
                .expect_problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], field);
        }
        let session = iker.get("/api/v1/session").await.expect(200);
        assert_eq!(session["user"]["name"], "Iker Ruiz");
        assert_eq!(session["user"]["language"], "es");
    })
    .await;
}
