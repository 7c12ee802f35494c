//! What a session opens, and when it stops.

use std::time::Duration;

use domain::Clock;
use serde_json::json;
use testkit::{PASSWORD, Setup, each_database, each_database_with};

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_alone_changes_nothing() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        app.member(&shop.id, "agent", "ines@example.com").await;
        let cookie = app
            .try_sign_in("ines@example.com", PASSWORD, None)
            .await
            .cookie()
            .unwrap();
        let bare = app.anybody().with_header("cookie", &cookie);
        bare.get("/api/v1/conversations").await.expect(200);
        let body = json!({ "to": "+34600000001", "text": "x" });
        bare.post("/api/v1/messages", &body)
            .await
            .expect_problem(403, "csrf");
        let wrong = bare.with_header("trunkline-csrf", &"0".repeat(64));
        wrong
            .post("/api/v1/messages", &body)
            .await
            .expect_problem(403, "csrf");
        assert!(shop.api.all("/api/v1/messages").await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_cannot_be_read_by_scripts_and_goes_to_no_other_site() {
    each_database(async |app| {
        app.administrator("iker@example.com").await;
        let answer = app.try_sign_in("iker@example.com", PASSWORD, None).await;
        let cookie = answer.headers["set-cookie"].to_str().unwrap();
        for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(part), "{part} is not in {cookie}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_revoked_elsewhere_opens_nothing_and_its_stream_ends_within_five_seconds()
 {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let here = app.member(&shop.id, "agent", "ines@example.com").await;
        let there = app.sign_in("ines@example.com").await;
        let mut stream = there.listen(None).await;
        let sessions = here.all("/api/v1/me/sessions").await;
        assert_eq!(sessions.len(), 2, "{sessions:?}");
        let other = sessions
            .iter()
            .find(|session| session["current"] == false)
            .unwrap();
        let path = format!("/api/v1/me/sessions/{}", other["id"].as_str().unwrap());
        assert_eq!(here.delete(&path).await.status, 204);
        there
            .get("/api/v1/session")
            .await
            .expect_problem(401, "unauthorized");
        tokio::time::timeout(Duration::from_secs(5), stream.ends())
            .await
            .expect("the stream of a revoked session is still open after 5 s");
        here.get("/api/v1/session").await.expect(200);
        here.delete(&path).await.expect_problem(404, "not_found");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_ends_the_session_of_somebody_else() {
    each_database(async |app| {
        let ines = app.administrator("ines@example.com").await;
        let eva = app.administrator("eva@example.com").await;
        let own = ines.all("/api/v1/me/sessions").await.remove(0);
        let path = format!("/api/v1/me/sessions/{}", own["id"].as_str().unwrap());
        eva.delete(&path).await.expect_problem(404, "not_found");
        ines.get("/api/v1/session").await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_not_used_ends_and_one_that_is_used_goes_on() {
    let setup = || Setup {
        clock: Clock::manual(domain::Timestamp::from_seconds(1_780_000_000)),
        workers: false,
        ..Setup::default()
    };
    each_database_with(setup, async |app| {
        let used = app.administrator("iker@example.com").await;
        let unused = app.sign_in("iker@example.com").await;
        for _ in 0..3 {
            app.engine
                .clock
                .advance(Duration::from_secs(6 * 24 * 3_600));
            used.get("/api/v1/session").await.expect(200);
        }
        unused
            .get("/api/v1/session")
            .await
            .expect_problem(401, "unauthorized");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_session_in_the_server_too() {
    each_database(async |app| {
        let iker = app.administrator("iker@example.com").await;
        let answer = iker.delete("/api/v1/session").await;
        assert_eq!(answer.status, 204);
        iker.get("/api/v1/session")
            .await
            .expect_problem(401, "unauthorized");
        let again = app.sign_in("iker@example.com").await;
        let out = again
            .request(reqwest::Method::POST, "/sign-out")
            .header("sec-fetch-site", "same-origin");
        let answer = testkit::Answer::of(out).await;
        assert_eq!(answer.status, 303);
        again
            .get("/api/v1/session")
            .await
            .expect_problem(401, "unauthorized");
    })
    .await;
}
