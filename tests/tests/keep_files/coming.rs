//! What customers send.

use std::time::Duration;

use reqwest::Method;
use secrecy::SecretString;
use serde_json::json;
use testkit::{Answer, TOKEN, WABA, each_database_with, until};

use crate::stage::{comes_to, id, later, lying, sends, still};

const FILES: usize = 30;
const KINDS: [&str; 5] = ["image", "video", "audio", "document", "sticker"];

#[tokio::test(flavor = "multi_thread")]
async fn with_failing_fetches_and_an_outage_every_file_is_kept_or_shown_as_tried_again() {
    each_database_with(still, async |app| {
        let shop = app.tenant(1).await;
        app.faults(
            &json!({ "media_error_rate": 0.3, "media_cut_rate": 0.1, "media_corrupt_rate": 0.1 }),
        )
        .await;
        let mut messages = Vec::new();
        for n in 0..FILES {
            if n == FILES / 2 {
                app.faults(&json!({ "offline": true })).await;
            }
            if n < FILES / 2 {
                messages.push(id(&sends(app, &shop, n, KINDS[n % 5], None).await));
                continue;
            }
            // Meta is away: what it delivered before is there, its files are not.
            app.faults(&json!({ "offline": false, "only_path": "nowhere" }))
                .await;
            let message = sends(app, &shop, n, KINDS[n % 5], None).await;
            messages.push(id(&message));
            app.faults(&json!({ "offline": true })).await;
        }
        // Five minutes without Meta.
        for _ in 0..10 {
            later(app, Duration::from_secs(30));
            tokio::task::yield_now().await;
        }
        let rows = shop.api.all("/api/v1/messages?direction=inbound").await;
        for row in &rows {
            let state = row["media"]["state"].as_str().unwrap_or_default();
            assert!(
                ["waiting", "retrying", "stored"].contains(&state),
                "a file is neither kept nor tried again: {row}"
            );
        }
        assert_eq!(rows.len(), FILES);
        app.faults(&json!({ "offline": false, "only_path": "" }))
            .await;
        until("every file is kept", async || {
            later(app, Duration::from_secs(60));
            let rows = shop.api.all("/api/v1/messages?direction=inbound").await;
            let left: Vec<_> = rows
                .iter()
                .filter(|row| row["media"]["state"] != "stored")
                .collect();
            match left.first() {
                None => Ok(()),
                Some(first) => Err(format!("{} left, such as {}", left.len(), first["media"])),
            }
        })
        .await;
        // What is said to be kept is what Meta had, to the byte.
        for message in &messages {
            let row = shop.api.message(message).await;
            let path = format!("/api/v1/messages/{message}/media");
            let answer = shop.api.request(Method::GET, &path).send().await.unwrap();
            assert_eq!(answer.status().as_u16(), 200, "{row}");
            let bytes = answer.bytes().await.unwrap();
            assert_eq!(row["media"]["bytes"], bytes.len(), "{row}");
            let kind = row["type"].as_str().unwrap();
            let path = format!("/v24.0/{}", row["content"][kind]["id"].as_str().unwrap());
            app.faults(&json!({ "media_error_rate": 0.0 })).await;
            let known = Answer::of(app.meta().request(Method::GET, &path).bearer_auth(TOKEN)).await;
            assert_eq!(row["media"]["sha256"], known.expect(200)["sha256"], "{row}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_meta_forgot_is_gone_and_says_so_and_can_be_tried_again() {
    each_database_with(still, async |app| {
        let shop = app.tenant(1).await;
        app.faults(&json!({ "media_error_rate": 1.0 })).await;
        let message = sends(app, &shop, 1, "image", None).await;
        let (message, medium) = (
            id(&message),
            message["content"]["image"]["id"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
        let tried = comes_to(&shop.api, &message, "retrying").await;
        assert!(
            tried["media"]["next_try_at"].is_string() && tried["media"]["detail"].is_string(),
            "{tried}"
        );
        app.faults(&json!({ "media_error_rate": 0.0 })).await;
        let delete = app
            .meta()
            .request(Method::DELETE, &format!("/v24.0/{medium}"))
            .bearer_auth(TOKEN);
        Answer::of(delete).await.expect(200);
        let mut stream = shop.api.listen(None).await;
        until("Meta was asked often enough to be believed", async || {
            later(app, Duration::from_secs(600));
            let found = shop.api.message(&message).await;
            if found["media"]["state"] == "gone" {
                Ok(())
            } else {
                Err(found["media"].to_string())
            }
        })
        .await;
        let event = stream.next_of("message.media").await;
        assert_eq!(
            (&event.data["message_id"], &event.data["state"]),
            (&json!(message), &json!("gone"))
        );
        let path = format!("/api/v1/messages/{message}/media");
        shop.api.get(&path).await.expect_problem(410, "media_gone");
        let missing = shop.api.all("/api/v1/media/missing").await;
        assert_eq!(
            (missing.len(), &missing[0]["state"]),
            (1, &json!("gone")),
            "{missing:?}"
        );
        let again = shop
            .api
            .post(&format!("{path}/retry"), &json!({}))
            .await
            .expect(200);
        assert_eq!(again["media"]["state"], "waiting", "{again}");
        comes_to(&shop.api, &message, "retrying").await;
        // What was kept, and what is no file, cannot be fetched again.
        let kept = sends(app, &shop, 1, "image", None).await;
        comes_to(&shop.api, &id(&kept), "stored").await;
        let retry = format!("/api/v1/messages/{}/media/retry", id(&kept));
        shop.api
            .post(&retry, &json!({}))
            .await
            .expect_problem(409, "nothing_to_fetch");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_dead_token_a_file_waits_until_somebody_mends_it() {
    each_database_with(still, async |app| {
        let shop = app.tenant(1).await;
        let set = async |token: &str| {
            let token = SecretString::from(token.to_owned());
            engine::shared_account::register_waba(&app.engine, WABA, "Stories", Some(&token))
                .await
                .unwrap();
        };
        set("EAADEAD").await;
        let message = id(&sends(app, &shop, 1, "image", None).await);
        let waits = comes_to(&shop.api, &message, "retrying").await;
        assert!(
            waits["media"]["detail"].as_str().unwrap().contains("token"),
            "{waits}"
        );
        for _ in 0..40 {
            later(app, Duration::from_secs(3_600));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(
            shop.api.message(&message).await["media"]["state"],
            "retrying"
        );
        set(TOKEN).await;
        until("the file is kept", async || {
            later(app, Duration::from_secs(900));
            let found = shop.api.message(&message).await;
            if found["media"]["state"] == "stored" {
                Ok(())
            } else {
                Err(found["media"].to_string())
            }
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_file_is_kept_once_for_a_tenant_and_never_shared() {
    each_database_with(still, async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let file = b"%PDF-1.7 the same for everybody".as_slice();
        for (tenant, n) in [(&shop, 1), (&shop, 2), (&other, 3)] {
            let message = id(&sends(app, tenant, n, "document", Some(file)).await);
            comes_to(&tenant.api, &message, "stored").await;
        }
        let usage = shop.api.get("/api/v1/media/usage").await.expect(200);
        assert_eq!(
            (&usage["bytes"], &usage["files"]),
            (&json!(file.len()), &json!(1)),
            "{usage}"
        );
        assert_eq!(lying(app), 2, "one for each tenant");
        let all = app.admin().all("/api/v1/admin/media").await;
        let bytes: Vec<_> = all.iter().map(|row| row["bytes"].clone()).collect();
        assert_eq!(bytes, [json!(file.len()), json!(file.len())], "{all:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_one_tenant_does_not_hold_up_another() {
    each_database_with(
        || testkit::Setup {
            workers: false,
            ..still()
        },
        async |app| {
            let (loud, quiet) = (app.tenant(1).await, app.tenant(2).await);
            for n in 0..40 {
                app.customer_writes(
                    &loud.number,
                    &crate::stage::customer(n),
                    json!({ "type": "image", "image": {} }),
                );
            }
            let last = app.customer_writes(
                &quiet.number,
                &crate::stage::customer(50),
                json!({ "type": "image", "image": {} }),
            );
            until("all are projected", async || {
                engine::inbound::projector::step(&app.engine).await.unwrap();
                let count = loud.api.all("/api/v1/messages").await.len()
                    + quiet.api.all("/api/v1/messages").await.len();
                if count == 41 {
                    Ok(())
                } else {
                    Err(format!("{count}, {last}"))
                }
            })
            .await;
            let now = app.engine.clock.now();
            let due = store::media::of_messages::any_tenant_due(&app.engine.db, now, 16, 16)
                .await
                .unwrap();
            let place = due
                .iter()
                .position(|due| due.phone_number_id == quiet.number);
            assert!(
                place.is_some_and(|place| place < 2),
                "the other tenant's file is at {place:?} of {}",
                due.len()
            );
            assert_eq!(engine::media::step(&app.engine).await.unwrap(), 41);
        },
    )
    .await;
}
