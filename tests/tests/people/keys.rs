//! API keys hold scopes, may end, and are never worth more than their maker.

use std::time::Duration;

use domain::Clock;
use serde_json::json;
use testkit::{Setup, each_database, each_database_with};

#[tokio::test(flavor = "multi_thread")]
async fn a_key_opens_what_its_scopes_say_and_nothing_else() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let owner = app.member(&shop.id, "owner", "marta@example.com").await;
        let body = json!({ "name": "pantalla", "scopes": ["inbox:read"] });
        let made = owner.post("/api/v1/api-keys", &body).await.expect(201);
        let key = app.client(made["api_key"].as_str());
        key.get("/api/v1/conversations").await.expect(200);
        let refused = key
            .post(
                "/api/v1/messages",
                &json!({ "to": "+34600000001", "text": "x" }),
            )
            .await
            .expect_problem(403, "forbidden");
        assert!(
            refused["detail"].as_str().unwrap().contains("inbox:write"),
            "{refused}"
        );
        key.get("/api/v1/contacts")
            .await
            .expect_problem(403, "forbidden");
        let listed = owner.all("/api/v1/api-keys").await;
        let row = listed.iter().find(|row| row["id"] == made["id"]).unwrap();
        assert_eq!(row["scopes"], json!(["inbox:read"]));
        assert!(
            row["created_by"].as_str().unwrap().starts_with("usr_"),
            "{row}"
        );
        let one = format!("/api/v1/api-keys/{}", made["id"].as_str().unwrap());
        assert_eq!(owner.delete(&one).await.status, 204);
        key.get("/api/v1/conversations")
            .await
            .expect_problem(401, "unauthorized");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_makes_no_key_that_is_worth_more_than_itself() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let body = json!({ "name": "maker", "scopes": ["inbox:read", "keys:write"] });
        let made = shop.api.post("/api/v1/api-keys", &body).await.expect(201);
        let maker = app.client(made["api_key"].as_str());
        for (scopes, part) in [
            (json!(["inbox:write"]), "cannot be given"),
            (json!(["platform:read"]), "cannot be given"),
            (json!(["fly"]), "is no scope"),
            (json!([]), "at least one"),
        ] {
            let problem = maker
                .post("/api/v1/api-keys", &json!({ "scopes": scopes }))
                .await
                .expect_problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], "scopes");
            assert!(
                problem["detail"].as_str().unwrap().contains(part),
                "{problem}"
            );
        }
        let all = maker.post("/api/v1/api-keys", &json!({})).await.expect(201);
        let child = app.client(all["api_key"].as_str());
        child
            .get("/api/v1/contacts")
            .await
            .expect_problem(403, "forbidden");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_with_an_end_opens_nothing_after_it() {
    let setup = || Setup {
        clock: Clock::manual(domain::Timestamp::from_seconds(1_780_000_000)),
        workers: false,
        ..Setup::default()
    };
    each_database_with(setup, async |app| {
        let admin = app.admin();
        let soon = app
            .engine
            .clock
            .now()
            .plus(Duration::from_secs(5))
            .rfc3339();
        let past = app
            .engine
            .clock
            .now()
            .minus(Duration::from_secs(5))
            .rfc3339();
        for wrong in [past.as_str(), "tomorrow"] {
            let problem = admin
                .post("/api/v1/admin/api-keys", &json!({ "expires_at": wrong }))
                .await
                .expect_problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], "expires_at");
        }
        let body = json!({ "name": "kurz", "expires_at": soon });
        let made = admin
            .post("/api/v1/admin/api-keys", &body)
            .await
            .expect(201);
        let key = app.client(made["api_key"].as_str());
        key.get("/api/v1/admin/tenants").await.expect(200);
        // Within the time that a recognised key is believed.
        app.engine.clock.advance(Duration::from_secs(6));
        key.get("/api/v1/admin/tenants")
            .await
            .expect_problem(401, "unauthorized");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_lets_nobody_in_above_itself() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let ines = app.person(&shop, "Inés", "agent").await;
        let key = async |scopes: serde_json::Value| {
            let made = shop
                .api
                .post("/api/v1/api-keys", &json!({ "scopes": scopes }))
                .await
                .expect(201);
            app.client(made["api_key"].as_str())
        };
        let inviter = key(json!(["members:read", "members:write"])).await;
        for role in ["owner", "viewer"] {
            let body = json!({ "email": "eva@example.com", "role": role });
            inviter
                .post("/api/v1/invitations", &body)
                .await
                .expect_problem(403, "forbidden");
        }
        let member = format!("/api/v1/members/{}", ines.user_id);
        inviter
            .patch(&member, &json!({ "role": "owner" }))
            .await
            .expect_problem(403, "forbidden");
        inviter
            .delete(&member)
            .await
            .expect_problem(403, "forbidden");
        let viewers = key(json!(["members:write", "inbox:read", "contacts:read"])).await;
        let body = json!({ "email": "eva@example.com", "role": "viewer" });
        viewers.post("/api/v1/invitations", &body).await.expect(201);
        viewers
            .delete(&member)
            .await
            .expect_problem(403, "forbidden");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_the_platform_makes_itself_no_more_powerful_and_lasts_no_longer() {
    each_database(async |app| {
        let admin = app.admin();
        let end = "2099-01-01T00:00:00Z";
        let body = json!({ "scopes": ["platform:write", "platform:people"], "expires_at": end });
        let made = admin
            .post("/api/v1/admin/api-keys", &body)
            .await
            .expect(201);
        let key = app.client(made["api_key"].as_str());
        let wanted = json!({ "scopes": ["platform:audit"] });
        key.post("/api/v1/admin/api-keys", &wanted)
            .await
            .expect_problem(422, "invalid");
        let child = key
            .post("/api/v1/admin/api-keys", &json!({ "name": "child" }))
            .await
            .expect(201);
        let listed = admin.all("/api/v1/admin/api-keys").await;
        let row = listed.iter().find(|row| row["id"] == child["id"]).unwrap();
        assert_eq!(row["scopes"], json!(["platform:write", "platform:people"]));
        assert_eq!(row["expires_at"], end, "it ends with the key that made it");
        let body = json!({ "email": "eva@example.com" });
        key.post("/api/v1/admin/invitations", &body)
            .await
            .expect_problem(403, "forbidden");
        let iker = app.administrator("iker@example.com").await;
        let id = iker.get("/api/v1/session").await.expect(200)["user"]["id"].clone();
        let user = format!("/api/v1/admin/users/{}", id.as_str().unwrap());
        key.patch(&user, &json!({ "platform_admin": true }))
            .await
            .expect_problem(403, "forbidden");
        key.post(&format!("{user}/reset-password"), &json!({}))
            .await
            .expect_problem(403, "forbidden");
    })
    .await;
}
