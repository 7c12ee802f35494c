//! A business sets itself up by a link: it works once and for some days, wears the platform's brand, and opens nothing
//! of anybody else.

#![expect(clippy::unwrap_used, reason = "a story stops where it cannot go on")]

use std::time::Duration;

use domain::{Clock, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use store::db::Sql;
use testkit::{Answer, Client, Setup, TestApp, each_database, each_database_with};

const LINKS: &str = "/api/v1/admin/setup-links";
/// A picture of one pixel, as PNG.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

struct Link {
    id: String,
    token: String,
}

async fn make(app: &TestApp, more: Value) -> Link {
    let mut body = json!({ "for": "Cafetería Luna" });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let made = app.admin().post(LINKS, &body).await.expect(201);
    let url = made["url"].as_str().unwrap();
    Link {
        id: made["id"].as_str().unwrap().to_owned(),
        token: url.rsplit('/').next().unwrap().to_owned(),
    }
}

async fn open(client: &Client, link: &Link) -> Answer {
    client.get(&format!("/api/v1/setup/{}", link.token)).await
}

fn luna() -> Value {
    json!({ "name": "Luna Vidal", "email": "luna@cafeteria.example", "password": "tres gatos azules", "business_name": "Cafetería Luna" })
}

async fn account(app: &TestApp, link: &Link, body: &Value) -> Answer {
    let path = format!("/api/v1/setup/{}/account", link.token);
    app.anybody().post(&path, body).await
}

/// The client of somebody whose sign-in was answered so.
fn signed_in(app: &TestApp, answer: &Answer) -> Client {
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let csrf = answer.json["csrf"].as_str().unwrap();
    app.anybody()
        .with_header("cookie", cookie)
        .with_header("trunkline-csrf", csrf)
}

/// A connection of the tenant is made, as the last step of a run does it.
async fn connected(app: &TestApp, tenant: &str) -> bool {
    let tenant = tenant.parse().unwrap();
    let now = app.engine.clock.now();
    let mut tx = app.engine.db.begin().await.unwrap();
    let connection = domain::ConnectionId::new(now);
    let used = store::setup_links::use_up(&mut tx, tenant, connection, None, now).await;
    tx.commit().await.unwrap();
    used.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_new_makes_an_account_connects_and_the_link_has_done_its_work() {
    each_database(async |app| {
        let link = make(
            app,
            json!({ "name": "Acme", "colour": "#0B6E4F", "logo": PIXEL, "language": "es", "return_url": "https://acme.example/done" }),
        )
        .await;
        let opened = open(&app.anybody(), &link).await.expect(200);
        assert_eq!(opened["state"], "open", "{opened}");
        assert_eq!(opened["step"], "account");
        assert_eq!(opened["asks_business"], true);
        assert_eq!(opened["brand"]["name"], "Acme");
        assert_eq!(opened["brand"]["colour"], "#0b6e4f");
        let logo = opened["brand"]["logo"].as_str().unwrap();
        assert!(logo.starts_with("data:image/png;base64,"), "{logo}");
        assert_eq!(opened["return_url"], "https://acme.example/done");
        let answer = account(app, &link, &luna()).await;
        let session = answer.clone().expect(201);
        assert_eq!(session["tenants"][0]["name"], "Cafetería Luna", "{session}");
        assert_eq!(session["tenants"][0]["role"], "owner");
        let tenant = session["tenants"][0]["id"].as_str().unwrap();
        let owner = signed_in(app, &answer);
        let opened = open(&owner, &link).await.expect(200);
        assert_eq!(opened["step"], "connect", "{opened}");
        assert_eq!(opened["tenant_id"], tenant);
        // Whoever else has the link is asked to sign in, and is told nothing of the tenant.
        let stranger = open(&app.anybody(), &link).await;
        assert!(!stranger.text.contains(tenant), "{}", stranger.text);
        assert!(!stranger.text.contains("Luna"), "{}", stranger.text);
        assert_eq!(stranger.json["step"], "sign_in");
        account(app, &link, &luna())
            .await
            .expect_problem(409, "account_made");
        assert!(connected(app, tenant).await);
        let opened = open(&owner, &link).await.expect(200);
        assert_eq!(opened["state"], "used", "{opened}");
        assert_eq!(opened["step"], Value::Null);
        account(app, &link, &luna())
            .await
            .expect_problem(410, "link_used");
        assert!(!connected(app, tenant).await, "one link, one connection");
        let rows = app.admin().all("/api/v1/admin/audit?action=setup_link").await;
        let acts: Vec<_> = rows.iter().map(|row| row["action"].clone()).collect();
        assert_eq!(acts, ["setup_link.account", "setup_link.create"], "{rows:?}");
        let list = app.admin().all(LINKS).await;
        assert_eq!(list[0]["state"], "used", "{list:?}");
        assert!(!list[0].to_string().contains(&link.token));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_hash_of_the_link_is_kept() {
    each_database(async |app| {
        let link = make(app, json!({})).await;
        assert_eq!(link.token.len(), 64);
        let sql = Sql::Each {
            sqlite: "SELECT hex(hash) FROM setup_links",
            postgres: "SELECT encode(hash, 'hex') FROM setup_links",
        };
        let rows: Vec<(String,)> = app.engine.db.all(sql, Vec::new()).await.unwrap();
        assert_eq!(rows.len(), 1);
        assert_ne!(rows[0].0.to_lowercase(), link.token);
        let audit = app.admin().get("/api/v1/admin/audit").await;
        assert!(!audit.text.contains(&link.token), "{}", audit.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_was_taken_back_or_is_over_says_so_and_makes_nothing() {
    let clock = || Setup {
        clock: Clock::manual(Timestamp::from_seconds(1_780_000_000)),
        ..Setup::default()
    };
    each_database_with(clock, async |app| {
        let revoked = make(app, json!({})).await;
        let path = format!("{LINKS}/{}", revoked.id);
        assert_eq!(app.admin().delete(&path).await.status, 204);
        let opened = open(&app.anybody(), &revoked).await.expect(200);
        assert_eq!(opened["state"], "revoked");
        account(app, &revoked, &luna())
            .await
            .expect_problem(410, "link_revoked");
        let old = make(app, json!({ "days": 1 })).await;
        app.engine.clock.advance(Duration::from_secs(86_400));
        let opened = open(&app.anybody(), &old).await.expect(200);
        assert_eq!(opened["state"], "expired");
        account(app, &old, &luna())
            .await
            .expect_problem(410, "link_expired");
        let tenants = app.admin().all("/api/v1/admin/tenants").await;
        assert!(tenants.is_empty(), "{tenants:?}");
        let nobody = format!("{LINKS}/{}", domain::SetupLinkId::new(Timestamp(0)));
        app.admin()
            .delete(&nobody)
            .await
            .expect_problem(404, "not_found");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_use_a_link_at_the_same_moment_make_one_account() {
    each_database(async |app| {
        let link = make(app, json!({})).await;
        let other = json!({ "name": "Otra", "email": "otra@example.com", "password": "dos perros verdes", "business_name": "Otra" });
        let luna = luna();
        let (one, two) = tokio::join!(account(app, &link, &luna), account(app, &link, &other));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "{one:?} {two:?}");
        assert_eq!(app.admin().all("/api/v1/admin/tenants").await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_for_a_tenant_that_is_there_asks_its_owner_to_sign_in() {
    each_database(async |app| {
        let shop = app.new_tenant("Panadería").await;
        let link = make(app, json!({ "tenant_id": shop.id })).await;
        let opened = open(&app.anybody(), &link).await.expect(200);
        // Nobody owns it yet: whoever gets the link becomes its owner. The business has a name already.
        assert_eq!(opened["step"], "account", "{opened}");
        assert_eq!(opened["asks_business"], false);
        assert!(!opened.to_string().contains("Panadería"));
        let answer = account(app, &link, &luna()).await;
        let session = answer.clone().expect(201);
        assert_eq!(session["tenants"][0]["id"], shop.id.as_str(), "{session}");
        // From now on it has one, and a second link makes no other.
        let second = make(app, json!({ "tenant_id": shop.id })).await;
        let opened = open(&app.anybody(), &second).await.expect(200);
        assert_eq!(opened["step"], "sign_in", "{opened}");
        let thief = json!({ "name": "Thief", "email": "thief@example.com", "password": "dos perros verdes", "business_name": "x" });
        account(app, &second, &thief)
            .await
            .expect_problem(409, "account_made");
        let owner = signed_in(app, &answer);
        assert_eq!(open(&owner, &second).await.expect(200)["step"], "connect");
        // The owner of another business does not get in by it.
        let elsewhere = make(app, json!({})).await;
        let mut other = thief.clone();
        other["business_name"] = json!("Taller");
        let other = account(app, &elsewhere, &other).await;
        assert_eq!(other.status, 201, "{other:?}");
        let other = signed_in(app, &other);
        assert_eq!(open(&other, &second).await.expect(200)["step"], "sign_in");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_has_an_account_joins_with_its_password_alone() {
    each_database(async |app| {
        let first = make(app, json!({})).await;
        assert_eq!(account(app, &first, &luna()).await.status, 201);
        let second = make(app, json!({})).await;
        let mut guess = luna();
        guess["password"] = json!("quatro gatos rojos");
        account(app, &second, &guess)
            .await
            .expect_problem(401, "sign_in_failed");
        assert_eq!(app.admin().all("/api/v1/admin/tenants").await.len(), 1);
        let mut right = luna();
        right["business_name"] = json!("Segunda");
        let session = account(app, &second, &right).await.expect(201);
        assert_eq!(session["tenants"].as_array().unwrap().len(), 2, "{session}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_page_must_not_wear_is_refused_at_its_field() {
    each_database(async |app| {
        let svg = "PHN2ZyB4bWxucz0naHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmcnLz4=";
        for (field, wrong) in [
            ("return_url", json!("javascript:alert(1)")),
            ("return_url", json!("http://acme.example")),
            ("return_url", json!("https://acme.example@evil.example")),
            ("colour", json!("#ffff00")),
            ("colour", json!("red;background:url(//evil.example)")),
            ("logo", json!(svg)),
            ("logo", json!("not base64!")),
            ("language", json!("xx")),
            ("days", json!(0)),
            ("days", json!(61)),
            ("tenant_id", json!("ten_nobody")),
            ("for", json!(" ")),
        ] {
            let mut body = json!({ "for": "Luna" });
            body[field] = wrong.clone();
            let problem = app.admin().post(LINKS, &body).await;
            let problem = problem.expect_problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], field, "{wrong}: {problem}");
        }
        assert!(app.admin().all(LINKS).await.is_empty());
        let link = make(app, json!({})).await;
        for (field, wrong) in [
            ("email", "luna"),
            ("password", "short"),
            ("name", ""),
            ("business_name", " "),
        ] {
            let mut body = luna();
            body[field] = json!(wrong);
            let problem = account(app, &link, &body)
                .await
                .expect_problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        }
        assert!(app.admin().all("/api/v1/admin/tenants").await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_links_is_slowed_down_and_another_site_makes_no_account() {
    each_database(async |app| {
        let link = make(app, json!({})).await;
        let path = format!("/api/v1/setup/{}/account", link.token);
        let request = app
            .anybody()
            .request(Method::POST, &path)
            .header("sec-fetch-site", "cross-site");
        let answer = Answer::of(request.json(&luna())).await;
        answer.expect_problem(403, "forbidden");
        for n in 0..20 {
            let guess = Link {
                id: String::new(),
                token: format!("{n:064x}"),
            };
            open(&app.anybody(), &guess)
                .await
                .expect_problem(404, "not_found");
        }
        let guess = Link {
            id: String::new(),
            token: "f".repeat(64),
        };
        let answer = open(&app.anybody(), &guess).await;
        assert!(answer.headers.contains_key("retry-after"), "{answer:?}");
        answer.expect_problem(429, "too_many_guesses");
        // Whoever has a good one is not shut out by those who guess.
        open(&app.anybody(), &link).await.expect(200);
    })
    .await;
}
