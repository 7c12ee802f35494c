//! Invitations, the first administrator, sign-in and its throttle, forgotten passwords.

use std::time::Duration;

use domain::Clock;
use engine::people::invite::first_admin;
use serde_json::json;
use testkit::{PASSWORD, Setup, each_database, each_database_with};

#[tokio::test(flavor = "multi_thread")]
async fn the_first_start_makes_one_link_that_makes_one_administrator() {
    each_database(async |app| {
        let token = first_admin(&app.engine)
            .await
            .unwrap()
            .expect("nobody administers yet");
        let path = format!("/invitation/{token}");
        let page = app.anybody().get(&path).await;
        assert!(page.text.contains("name=\"email\""), "{}", page.text);
        let fields = [
            ("name", "Iker"),
            ("email", "Iker@Example.com"),
            ("password", PASSWORD),
        ];
        let answer = app.form(&path, &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        let iker = app.browser(&answer.cookie().unwrap()).await;
        let session = iker.get("/api/v1/session").await.expect(200);
        assert_eq!(session["platform_admin"], true);
        assert_eq!(
            session["user"]["email"], "iker@example.com",
            "kept in lower case"
        );
        iker.get("/api/v1/admin/tenants").await.expect(200);

        let again = app.form(&path, &fields).await;
        assert_eq!(again.status, 404, "the link works once: {}", again.text);
        assert!(
            first_admin(&app.engine).await.unwrap().is_none(),
            "there is one now"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_open_the_same_invitation_at_once_one_is_in() {
    each_database(async |app| {
        let token = first_admin(&app.engine).await.unwrap().unwrap();
        let path = format!("/invitation/{token}");
        let ana = [
            ("name", "Ana"),
            ("email", "ana@example.com"),
            ("password", PASSWORD),
        ];
        let eva = [
            ("name", "Eva"),
            ("email", "eva@example.com"),
            ("password", PASSWORD),
        ];
        let (one, two) = tokio::join!(app.form(&path, &ana), app.form(&path, &eva));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 404], "{}\n{}", one.text, two.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_in_the_invitations_form_stands_at_its_field_and_nothing_is_lost() {
    each_database(async |app| {
        let token = first_admin(&app.engine).await.unwrap().unwrap();
        let path = format!("/invitation/{token}");
        let fields = [
            ("name", "Iker <b>"),
            ("email", "iker@example.com"),
            ("password", "kurz"),
        ];
        let page = app.form(&path, &fields).await;
        assert_eq!(page.status, 422);
        for part in [
            "Use at least 10 characters",
            "value=\"iker@example.com\"",
            "Iker &#60;b&#62;",
        ] {
            assert!(page.text.contains(part), "{part} is not in {}", page.text);
        }
        assert!(!page.text.contains("kurz"), "a password is never sent back");
        let right = [
            ("name", "Iker"),
            ("email", "iker@example.com"),
            ("password", PASSWORD),
        ];
        assert_eq!(
            app.form(&path, &right).await.status,
            303,
            "the link still works"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_address_wrong_password_and_wrong_code_look_the_same() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        app.member(&shop.id, "agent", "ines@example.com").await;
        let mut seen = Vec::new();
        for (email, password, code) in [
            ("nobody@example.com", PASSWORD, None),
            ("ines@example.com", "cuatro gatos azules", None),
            ("ines@example.com", "cuatro gatos azules", Some("123456")),
            ("", "", None),
        ] {
            let answer = app.try_sign_in(email, password, code).await;
            assert!(answer.cookie().is_none());
            seen.push((answer.status, answer.text));
        }
        assert_eq!(seen[0].0, 401);
        assert!(seen.iter().all(|one| *one == seen[0]), "{seen:#?}");
        let page = app
            .form(
                "/sign-in",
                &[
                    ("email", "ines@example.com"),
                    ("password", "x"),
                    ("code", ""),
                ],
            )
            .await;
        assert_eq!(page.status, 401);
        assert!(
            page.text.contains("the password or the code is not right"),
            "{}",
            page.text
        );
        assert!(
            page.text.contains("value=\"ines@example.com\""),
            "the address stays typed"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_are_slowed_down_and_a_right_password_helps_only_after_the_wait() {
    let setup = || Setup {
        clock: Clock::manual(domain::Timestamp::from_seconds(1_780_000_000)),
        workers: false,
        ..Setup::default()
    };
    each_database_with(setup, async |app| {
        let made = app
            .admin()
            .post(
                "/api/v1/admin/invitations",
                &json!({ "email": "ines@example.com" }),
            )
            .await
            .expect(201);
        app.accept(made["url"].as_str().unwrap(), "Inés").await;
        for _ in 0..5 {
            app.try_sign_in("ines@example.com", "not it at all", None)
                .await
                .expect_problem(401, "sign_in_failed");
        }
        let refused = app.try_sign_in("Ines@Example.com ", PASSWORD, None).await;
        let wait: u64 = refused.headers["retry-after"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        refused.expect_problem(429, "too_many_guesses");
        assert!((1..=15).contains(&wait), "the first wait is {wait} s");
        app.engine.clock.advance(Duration::from_secs(wait));
        app.sign_in("ines@example.com").await;
        // The right one wiped the slate.
        app.try_sign_in("ines@example.com", "not it at all", None)
            .await
            .expect_problem(401, "sign_in_failed");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_sent_at_the_same_moment_count_each() {
    each_database(async |app| {
        app.administrator("iker@example.com").await;
        let guesses = (0..12).map(|n| {
            let app = &app;
            async move {
                let wrong = format!("wrong guess {n}");
                app.try_sign_in("iker@example.com", &wrong, None)
                    .await
                    .status
            }
        });
        let statuses = futures::future::join_all(guesses).await;
        app.try_sign_in("iker@example.com", PASSWORD, None)
            .await
            .expect_problem(429, "too_many_guesses");
        let looked_at = statuses.iter().filter(|&&status| status == 401).count();
        assert!(
            statuses.iter().all(|status| [401, 429].contains(status)) && looked_at <= 5,
            "of twelve guesses at once at most five are looked at: {statuses:?}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_on_another_site_signs_nobody_in_or_out() {
    each_database(async |app| {
        let iker = app.administrator("iker@example.com").await;
        let fields = [("email", "iker@example.com"), ("password", PASSWORD)];
        for (name, value) in [
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://evil.example"),
        ] {
            let request = app
                .anybody()
                .request(reqwest::Method::POST, "/sign-in")
                .header(name, value)
                .form(&fields);
            let answer = testkit::Answer::of(request).await;
            assert_eq!(answer.status, 403, "{name}: {value}");
            assert!(answer.cookie().is_none());
        }
        let out = iker
            .request(reqwest::Method::POST, "/sign-out")
            .header("sec-fetch-site", "cross-site");
        assert_eq!(testkit::Answer::of(out).await.status, 403);
        iker.get("/api/v1/session").await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_with_an_account_joins_a_second_tenant_with_its_password() {
    each_database(async |app| {
        let (one, two) = (app.tenant(1).await, app.tenant(2).await);
        app.member(&one.id, "agent", "ines@example.com").await;
        let body = json!({ "email": "ines@example.com", "tenant_id": two.id, "role": "viewer" });
        let made = app
            .admin()
            .post("/api/v1/admin/invitations", &body)
            .await
            .expect(201);
        let path = made["url"]
            .as_str()
            .unwrap()
            .strip_prefix(&app.url)
            .unwrap();
        let wrong = app.form(path, &[("password", "cuatro gatos azules")]).await;
        assert_eq!(
            wrong.status, 401,
            "the link alone does not open the account"
        );
        let answer = app.form(path, &[("password", PASSWORD)]).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        let ines = app.browser(&answer.cookie().unwrap()).await;
        let session = ines.get("/api/v1/session").await.expect(200);
        assert_eq!(session["tenants"].as_array().unwrap().len(), 2, "{session}");
        ines.get("/api/v1/conversations")
            .await
            .expect_problem(422, "invalid");
        let in_two = ines.clone().with_header("trunkline-tenant", &two.id);
        in_two.get("/api/v1/conversations").await.expect(200);
        in_two
            .post(
                "/api/v1/messages",
                &json!({ "to": "+34600000001", "text": "x" }),
            )
            .await
            .expect_problem(403, "forbidden");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_that_was_taken_back_or_replaced_opens_nothing() {
    each_database(async |app| {
        let admin = app.admin();
        let body = json!({ "email": "eva@example.com" });
        let first = admin
            .post("/api/v1/admin/invitations", &body)
            .await
            .expect(201);
        let second = admin
            .post("/api/v1/admin/invitations", &body)
            .await
            .expect(201);
        let path = |made: &serde_json::Value| {
            made["url"]
                .as_str()
                .unwrap()
                .strip_prefix(&app.url)
                .unwrap()
                .to_owned()
        };
        assert_eq!(
            app.anybody().get(&path(&first)).await.status,
            404,
            "the newer one replaced it"
        );
        assert_eq!(app.anybody().get(&path(&second)).await.status, 200);
        let open = admin.get("/api/v1/admin/invitations").await;
        assert!(
            !open.text.contains("/invitation/"),
            "lists show no links: {}",
            open.text
        );
        let one = format!(
            "/api/v1/admin/invitations/{}",
            second["id"].as_str().unwrap()
        );
        assert_eq!(admin.delete(&one).await.status, 204);
        assert_eq!(app.anybody().get(&path(&second)).await.status, 404);
        admin.delete(&one).await.expect_problem(404, "not_found");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_link_works_once_ends_every_session_and_still_asks_for_the_code() {
    each_database(async |app| {
        let iker = app.administrator("iker@example.com").await;
        let id = iker.get("/api/v1/session").await.expect(200)["user"]["id"].clone();
        let path = format!(
            "/api/v1/admin/users/{}/reset-password",
            id.as_str().unwrap()
        );
        let made = app.admin().post(&path, &json!({})).await.expect(201);
        let link = made["url"]
            .as_str()
            .unwrap()
            .strip_prefix(&app.url)
            .unwrap();
        let weak = app.form(link, &[("password", "1234567890")]).await;
        assert_eq!(weak.status, 422);
        let new = "un barco de papel";
        assert_eq!(app.form(link, &[("password", new)]).await.status, 303);
        iker.get("/api/v1/session")
            .await
            .expect_problem(401, "unauthorized");
        assert_eq!(
            app.form(link, &[("password", new)]).await.status,
            404,
            "it works once"
        );
        app.try_sign_in("iker@example.com", PASSWORD, None)
            .await
            .expect_problem(401, "sign_in_failed");
        app.try_sign_in("iker@example.com", new, None)
            .await
            .expect(201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_mail_server_the_reset_page_says_whom_to_ask() {
    each_database(async |app| {
        let page = app.anybody().get("/reset").await;
        assert!(
            page.text.contains("Ask your administrator"),
            "{}",
            page.text
        );
        let spanish = app
            .anybody()
            .with_header("accept-language", "es-MX,en;q=0.5");
        let page = spanish.get("/sign-in").await;
        assert!(page.text.contains("Iniciar sesión"), "{}", page.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_the_first_start_makes_no_second_administrator() {
    each_database(async |app| {
        let token = first_admin(&app.engine).await.unwrap().unwrap();
        app.administrator("iker@example.com").await;
        let fields = [
            ("name", "Eva"),
            ("email", "eva@example.com"),
            ("password", PASSWORD),
        ];
        let answer = app.form(&format!("/invitation/{token}"), &fields).await;
        assert_eq!(answer.status, 404, "{}", answer.text);
        app.try_sign_in("eva@example.com", PASSWORD, None)
            .await
            .expect_problem(401, "sign_in_failed");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_plain_http_a_browser_that_names_its_origin_alone_signs_in() {
    each_database(async |app| {
        app.administrator("iker@example.com").await;
        let page = app.anybody().get("/sign-in").await;
        assert_eq!(
            page.headers["referrer-policy"], "same-origin",
            "with no-referrer the form would say `Origin: null`"
        );
        let request = app
            .anybody()
            .request(reqwest::Method::POST, "/sign-in")
            .header("origin", &app.url)
            .form(&[("email", "iker@example.com"), ("password", PASSWORD)]);
        assert_eq!(testkit::Answer::of(request).await.status, 303);
    })
    .await;
}
