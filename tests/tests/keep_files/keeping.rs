//! How much and how long.

use std::time::Duration;

use domain::{Clock, TenantId};
use serde_json::{Value, json};
use store::media::files;
use testkit::{Setup, each_database_with, until};

use crate::stage::{comes_to, files_below, id, later, lying, message_id, sends, still, upload};

const DAY: Duration = Duration::from_secs(24 * 3_600);

#[tokio::test(flavor = "multi_thread")]
async fn beyond_its_quota_a_tenant_uploads_nothing_and_what_comes_is_kept_track_of() {
    let little = || Setup {
        quota: Some(1_000),
        ..still()
    };
    each_database_with(little, async |app| {
        let shop = app.tenant(1).await;
        let file = |n: u8| [b"%PDF-1.7 ".as_slice(), &[n; 600]].concat();
        upload(&shop.api, "a.pdf", "application/pdf", file(1))
            .await
            .expect(201);
        let full = upload(&shop.api, "b.pdf", "application/pdf", file(2))
            .await
            .expect_problem(413, "quota_exceeded");
        assert!(
            full["detail"].as_str().unwrap().contains("1000 bytes"),
            "{full}"
        );
        // The same again takes no room.
        upload(&shop.api, "a.pdf", "application/pdf", file(1))
            .await
            .expect(201);
        let message = id(&sends(app, &shop, 1, "document", Some(&file(3))).await);
        let row = comes_to(&shop.api, &message, "over_quota").await;
        assert!(
            row["media"]["detail"]
                .as_str()
                .unwrap()
                .contains("may keep"),
            "{row}"
        );
        // Meta still has it.
        let path = format!("/api/v1/messages/{message}/media");
        let answer = shop
            .api
            .request(reqwest::Method::GET, &path)
            .send()
            .await
            .unwrap();
        assert_eq!(
            (
                answer.status().as_u16(),
                answer.bytes().await.unwrap().to_vec()
            ),
            (200, file(3))
        );
        let usage = shop.api.get("/api/v1/media/usage").await.expect(200);
        assert_eq!(
            (&usage["quota_bytes"], &usage["over_quota"], &usage["bytes"]),
            (&json!(1_000), &json!(1), &json!(609)),
            "{usage}"
        );
        let quota = format!("/api/v1/admin/media/{}", shop.id);
        shop.api
            .patch(&quota, &json!({ "quota_bytes": 5_000 }))
            .await
            .expect_problem(403, "forbidden");
        app.admin()
            .patch(&quota, &json!({ "quota_bytes": -1 }))
            .await
            .expect_problem(422, "invalid");
        let raised = app
            .admin()
            .patch(&quota, &json!({ "quota_bytes": 5_000 }))
            .await
            .expect(200);
        assert_eq!(
            (&raised["quota_bytes"], &raised["bytes"]),
            (&json!(5_000), &json!(609))
        );
        later(app, Duration::from_secs(1_000));
        comes_to(&shop.api, &message, "stored").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_older_than_a_tenant_keeps_them_go_and_their_messages_stay() {
    each_database_with(still, async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let old = id(&sends(app, &shop, 1, "image", None).await);
        let theirs = id(&sends(app, &other, 2, "image", None).await);
        for (tenant, message) in [(&shop, &old), (&other, &theirs)] {
            comes_to(&tenant.api, message, "stored").await;
        }
        upload(&shop.api, "a.pdf", "application/pdf", b"%PDF-1.7".to_vec())
            .await
            .expect(201);
        for wrong in [json!(0), json!(4_000), json!(-1)] {
            let change = json!({ "retention_days": wrong });
            shop.api
                .patch("/api/v1/media/settings", &change)
                .await
                .expect_problem(422, "invalid");
        }
        let set = shop
            .api
            .patch("/api/v1/media/settings", &json!({ "retention_days": 2 }))
            .await
            .expect(200);
        assert_eq!(set["retention_days"], 2);
        later(app, DAY);
        engine::media::tidy(&app.engine).await.unwrap();
        assert_eq!(
            shop.api.message(&old).await["media"]["state"],
            "stored",
            "it is a day old"
        );
        later(app, DAY + Duration::from_secs(60));
        let young = id(&sends(app, &shop, 1, "image", None).await);
        comes_to(&shop.api, &young, "stored").await;
        engine::media::tidy(&app.engine).await.unwrap();
        let gone = shop.api.message(&old).await;
        assert_eq!(
            (&gone["media"]["state"], &gone["media"]["sha256"]),
            (&json!("deleted"), &Value::Null),
            "{gone}"
        );
        let path = format!("/api/v1/messages/{old}/media");
        shop.api
            .get(&path)
            .await
            .expect_problem(410, "media_deleted");
        shop.api
            .post(&format!("{path}/retry"), &json!({}))
            .await
            .expect_problem(409, "nothing_to_fetch");
        for (tenant, message) in [(&shop, &young), (&other, &theirs)] {
            assert_eq!(
                tenant.api.message(message).await["media"]["state"],
                "stored"
            );
        }
        let usage = shop.api.get("/api/v1/media/usage").await.expect(200);
        assert_eq!(usage["files"], 1, "{usage}");
        assert_eq!(lying(app), 4, "two pictures with their thumbnails");
        let acts = app.admin().all("/api/v1/admin/audit?action=media").await;
        assert_eq!(acts.len(), 1, "{acts:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_two_messages_carry_goes_with_the_second() {
    each_database_with(still, async |app| {
        let shop = app.tenant(1).await;
        let file = b"%PDF-1.7 a price list".as_slice();
        let first = id(&sends(app, &shop, 1, "document", Some(file)).await);
        comes_to(&shop.api, &first, "stored").await;
        later(app, DAY);
        let second = id(&sends(app, &shop, 2, "document", Some(file)).await);
        comes_to(&shop.api, &second, "stored").await;
        shop.api
            .patch("/api/v1/media/settings", &json!({ "retention_days": 1 }))
            .await
            .expect(200);
        later(app, Duration::from_secs(60));
        engine::media::tidy(&app.engine).await.unwrap();
        assert_eq!(shop.api.message(&first).await["media"]["state"], "deleted");
        assert_eq!(shop.api.message(&second).await["media"]["state"], "stored");
        assert_eq!(lying(app), 1);
        later(app, DAY);
        engine::media::tidy(&app.engine).await.unwrap();
        assert_eq!(
            (
                lying(app),
                shop.api.message(&second).await["media"]["state"].clone()
            ),
            (0, json!("deleted"))
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_is_removed_and_what_is_needed_stays() {
    let ahead = || Setup {
        clock: Clock::manual(Clock::system().now().plus(3 * DAY)),
        ..Setup::default()
    };
    each_database_with(ahead, async |app| {
        let shop = app.tenant(1).await;
        let message = id(&sends(app, &shop, 1, "image", None).await);
        comes_to(&shop.api, &message, "stored").await;
        let tenant: TenantId = shop.id.parse().unwrap();
        let folder = app.database.folder().join("media").join(tenant.hex());
        // Killed while a file was written: announced, half of it staged.
        let half = [0xab; 32];
        let new = files::New {
            sha256: half,
            kind: "image",
            mime_type: "image/png",
            bytes: 10,
        };
        files::begin(&app.engine.db, tenant, &new, app.engine.clock.now())
            .await
            .unwrap();
        let place = folder.join("ab");
        std::fs::create_dir_all(&place).unwrap();
        std::fs::write(place.join(format!("{}#1", "ab".repeat(32))), b"half").unwrap();
        // And one that the database, restored from a back-up, knows nothing of.
        let stray = folder.join("cd");
        std::fs::create_dir_all(&stray).unwrap();
        std::fs::write(stray.join("cd".repeat(32)), b"whole").unwrap();
        engine::media::tidy(&app.engine).await.unwrap();
        assert_eq!(lying(app), 4, "young ones are left alone");
        later(app, Duration::from_secs(3_700));
        engine::media::tidy(&app.engine).await.unwrap();
        assert_eq!(
            files_below(&place).len(),
            0,
            "what was half written is gone"
        );
        assert_eq!(engine::media::orphans(&app.engine).await.unwrap(), 1);
        assert_eq!(lying(app), 2, "the picture and its thumbnail stay");
        assert_eq!(shop.api.message(&message).await["media"]["state"], "stored");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_vanished_from_the_store_is_fetched_again() {
    each_database_with(still, async |app| {
        let shop = app.tenant(1).await;
        let message = id(&sends(app, &shop, 1, "image", None).await);
        comes_to(&shop.api, &message, "stored").await;
        for file in files_below(&app.database.folder().join("media")) {
            std::fs::remove_file(file).unwrap();
        }
        let path = format!("/api/v1/messages/{message}/media");
        shop.api.get(&path).await.expect_problem(503, "try_again");
        comes_to(&shop.api, &message, "stored").await;
        until("it is served again", async || {
            match shop.api.get(&path).await.status {
                200 => Ok(()),
                status => Err(status.to_string()),
            }
        })
        .await;
        let usage = shop.api.get("/api/v1/media/usage").await.expect(200);
        assert_eq!(usage["files"], 1, "{usage}");
        let seen = store::media::of_messages::seen(
            &app.engine.db,
            shop.id.parse().unwrap(),
            &[message_id(&message)],
        )
        .await
        .unwrap();
        assert_eq!(seen.len(), 1);
    })
    .await;
}
