//! What keeps others out while people come in: one session a browser, hashes of today, honest addresses, guesses of
//! strangers, accounts that were closed.

use std::time::Duration;

use argon2::password_hash::PasswordHasher as _;
use argon2::{Algorithm, Argon2, Params, Version};
use domain::{Clock, Timestamp};
use serde_json::{Value, json};
use store::people::users;
use testkit::{Answer, Client, PASSWORD, Setup, TestApp, each_database, each_database_with};

/// Signs in by the API as a browser that has a cookie already, from an address as a proxy tells it.
async fn sign_in(app: &TestApp, email: &str, password: &str, headers: &[(&str, &str)]) -> Answer {
    let client = app.anybody();
    let mut request = client.request(reqwest::Method::POST, "/api/v1/session");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = json!({ "email": email, "password": password });
    Answer::of(request.json(&body)).await
}

async fn sessions(client: &Client) -> Vec<Value> {
    client.all("/api/v1/me/sessions").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_signs_in_again_leaves_no_older_session_behind() {
    each_database(async |app| {
        app.administrator("iker@example.com").await;
        let elsewhere = app.sign_in("iker@example.com").await;
        let first = sign_in(app, "iker@example.com", PASSWORD, &[]).await;
        let first = first.cookie().unwrap();
        let again = sign_in(app, "iker@example.com", PASSWORD, &[("cookie", &first)]).await;
        let again = again.cookie().unwrap();
        let old = app.anybody().with_header("cookie", &first);
        old.get("/api/v1/session")
            .await
            .expect_problem(401, "unauthorized");
        // By the page as well, and whoever the older one was.
        app.administrator("ines@example.com").await;
        let request = app
            .anybody()
            .request(reqwest::Method::POST, "/sign-in")
            .header("sec-fetch-site", "same-origin")
            .header("cookie", &again);
        let fields = [("email", "ines@example.com"), ("password", PASSWORD)];
        let answer = Answer::of(request.form(&fields)).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        let old = app.anybody().with_header("cookie", &again);
        old.get("/api/v1/session")
            .await
            .expect_problem(401, "unauthorized");
        // Accepting the invitation had made one; the browser elsewhere keeps its own.
        assert_eq!(sessions(&elsewhere).await.len(), 2);
        // A wrong guess ends nothing.
        let cookie = answer.cookie().unwrap();
        let wrong = sign_in(app, "ines@example.com", "x", &[("cookie", &cookie)]).await;
        wrong.expect_problem(401, "sign_in_failed");
        let kept = app.anybody().with_header("cookie", &cookie);
        kept.get("/api/v1/session").await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hash_of_earlier_parameters_signs_in_and_becomes_one_of_today() {
    each_database(async |app| {
        app.administrator("iker@example.com").await;
        let weak = Params::new(8 * 1024, 1, 1, None).unwrap();
        let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, weak);
        let old = hasher.hash_password(PASSWORD.as_bytes()).unwrap();
        set_hash(app, &old.to_string()).await;
        sign_in(app, "iker@example.com", "cuatro gatos", &[])
            .await
            .expect_problem(401, "sign_in_failed");
        assert_eq!(
            hash(app).await,
            old.to_string(),
            "a wrong one changes nothing"
        );
        app.sign_in("iker@example.com").await;
        let new = hash(app).await;
        assert!(new.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{new}");
        app.sign_in("iker@example.com").await;
        assert_eq!(hash(app).await, new, "once is enough");
    })
    .await;
}

async fn hash(app: &TestApp) -> String {
    let user = users::by_email(&app.engine.db, "iker@example.com").await;
    user.unwrap().unwrap().password_hash
}

async fn set_hash(app: &TestApp, hash: &str) {
    let user = users::by_email(&app.engine.db, "iker@example.com").await;
    let mut user = user.unwrap().unwrap();
    hash.clone_into(&mut user.password_hash);
    let mut tx = app.engine.db.begin().await.unwrap();
    users::update(&mut tx, &user).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_was_changed_while_it_was_looked_at_opens_nothing() {
    each_database(async |app| {
        app.administrator("iker@example.com").await;
        let new = engine::people::hash_password("cuatro gatos verdes").await;
        let user = users::by_email(&app.engine.db, "iker@example.com").await;
        let id = user.unwrap().unwrap().id;
        let mut tx = app.engine.db.begin().await.unwrap();
        let mut user = users::lock(&mut tx, id).await.unwrap().unwrap();
        let signing_in = sign_in(app, "iker@example.com", PASSWORD, &[]);
        let changing = async {
            // The other one reads the row as it was and waits for the lock: longer makes that only surer.
            tokio::time::sleep(Duration::from_millis(400)).await;
            user.password_hash.clone_from(&new);
            users::update(&mut tx, &user).await.unwrap();
            tx.commit().await.unwrap();
        };
        let (answer, ()) = tokio::join!(signing_in, changing);
        answer.expect_problem(401, "sign_in_failed");
    })
    .await;
}

fn behind_a_proxy() -> Setup {
    Setup {
        behind_proxy: true,
        ..Setup::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_believed_for_what_it_added_itself_and_nobody_else_is() {
    let cases = [
        ("203.0.113.9", "203.0.113.9"),
        ("10.0.0.1, 198.51.100.7", "198.51.100.7"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("198.51.100.7, somewhere", "127.0.0.1"),
    ];
    each_database_with(behind_a_proxy, async |app| {
        let iker = app.administrator("iker@example.com").await;
        for (told, believed) in cases {
            let answer = sign_in(
                app,
                "iker@example.com",
                PASSWORD,
                &[("x-forwarded-for", "192.0.2.99"), ("x-forwarded-for", told)],
            )
            .await;
            answer.expect(201);
            let newest = sessions(&iker).await;
            let newest = newest.iter().max_by_key(|row| row["id"].to_string());
            assert_eq!(newest.unwrap()["ip"], believed, "{told}");
        }
    })
    .await;
    each_database(async |app| {
        let iker = app.administrator("iker@example.com").await;
        let told = [("x-forwarded-for", "203.0.113.9")];
        sign_in(app, "iker@example.com", PASSWORD, &told)
            .await
            .expect(201);
        let all = sessions(&iker).await;
        assert!(all.iter().all(|row| row["ip"] == "127.0.0.1"), "{all:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_of_strangers_do_not_keep_out_who_is_signed_in_from_their_address() {
    let standing_still = || Setup {
        clock: Clock::manual(Timestamp::from_seconds(1_780_000_000)),
        ..behind_a_proxy()
    };
    each_database_with(standing_still, async |app| {
        app.administrator("iker@example.com").await;
        let home = [("x-forwarded-for", "203.0.113.9")];
        sign_in(app, "iker@example.com", PASSWORD, &home)
            .await
            .expect(201);
        // Many strangers, few guesses each: it is the account's own count that is used up.
        let mut slowed = false;
        for n in 0..80 {
            let from = format!("198.51.100.{n}");
            let told = [("x-forwarded-for", from.as_str())];
            let answer = sign_in(app, "iker@example.com", "cuatro gatos", &told).await;
            slowed |= answer.status == 429;
        }
        assert!(slowed, "the strangers are slowed down");
        let elsewhere = [("x-forwarded-for", "192.0.2.1")];
        sign_in(app, "iker@example.com", PASSWORD, &elsewhere)
            .await
            .expect_problem(429, "too_many_guesses");
        sign_in(app, "iker@example.com", PASSWORD, &home)
            .await
            .expect(201);
    })
    .await;
}

async fn invited(app: &TestApp, email: &str, tenant: &str) -> String {
    let body = json!({ "email": email, "tenant_id": tenant, "role": "agent" });
    let made = app.admin().post("/api/v1/admin/invitations", &body).await;
    let made = made.expect(201);
    let url = made["url"].as_str().unwrap();
    url.strip_prefix(&app.url).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_got_an_account_meanwhile_is_said_and_joins_by_its_password() {
    each_database(async |app| {
        let (one, two) = (app.tenant(1).await, app.tenant(2).await);
        let first = invited(app, "ines@example.com", &one.id).await;
        let second = invited(app, "ines@example.com", &two.id).await;
        let fields = [("name", "Inés"), ("password", PASSWORD)];
        // Both are looked at while there is no account, and only one makes it.
        let (here, there) = tokio::join!(app.form(&first, &fields), app.form(&second, &fields));
        let (late, again) = match (here.status, there.status) {
            (303, 303) => return, // One was over before the other began: its password joined.
            (303, _) => (there, &second),
            _ => (here, &first),
        };
        assert_eq!(late.status, 422, "{}", late.text);
        assert!(
            late.text
                .contains("Open the link again and enter its password."),
            "{}",
            late.text
        );
        let joined = app.form(again, &[("password", PASSWORD)]).await;
        assert_eq!(joined.status, 303, "{}", joined.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_account_does_not_come_back_by_an_invitation() {
    each_database(async |app| {
        let (one, two) = (app.tenant(1).await, app.tenant(2).await);
        let ines = app.person(&one, "Inés", "owner").await;
        let session = ines.api.get("/api/v1/session").await.expect(200);
        let email = session["user"]["email"].as_str().unwrap();
        let path = format!("/api/v1/admin/users/{}", ines.user_id);
        let disabled = json!({ "status": "disabled" });
        app.admin().patch(&path, &disabled).await.expect(200);
        let link = invited(app, email, &two.id).await;
        let refused = app.form(&link, &[("password", PASSWORD)]).await;
        assert_eq!(refused.status, 401, "{}", refused.text);
        assert_eq!(refused.cookie(), None);
        assert!(two.api.all("/api/v1/members").await.is_empty());
        // The invitation waits until the account may be used again.
        let active = json!({ "status": "active" });
        app.admin().patch(&path, &active).await.expect(200);
        let joined = app.form(&link, &[("password", PASSWORD)]).await;
        assert_eq!(joined.status, 303, "{}", joined.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_given_at_the_command_line_ends_the_sessions_that_the_old_one_opened() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let before = app.member(&shop.id, "agent", "ines@example.com").await;
        let given = "cuatro gatos verdes";
        let said = trunkline::people::create_admin(
            &app.engine,
            &app.url,
            "ines@example.com",
            None,
            Some(given),
        );
        said.await.unwrap();
        before
            .get("/api/v1/session")
            .await
            .expect_problem(401, "unauthorized");
        sign_in(app, "ines@example.com", PASSWORD, &[])
            .await
            .expect_problem(401, "sign_in_failed");
        let answer = sign_in(app, "ines@example.com", given, &[]).await;
        let session = answer.expect(201);
        assert_eq!(session["platform_admin"], true, "{session}");
        assert_eq!(session["tenants"][0]["role"], "agent", "{session}");
    })
    .await;
}
