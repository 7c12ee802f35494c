//! What members and programs send.

use std::io::Cursor;
use std::time::Duration;

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use testkit::{Answer, PNG, TOKEN, TestApp, each_database_with};

use crate::stage::{calls, comes_to, customer, later, sends, still, upload};

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_given_to_meta_once_until_its_id_ends_or_meta_forgets_it() {
    each_database_with(still, async |app| {
        let shop = app.tenant(1).await;
        for n in 1..=3 {
            sends(app, &shop, n, "image", None).await;
        }
        let file = upload(&shop.api, "pan.png", "image/png", PNG.to_vec())
            .await
            .expect(201);
        assert!(
            file["id"].as_str().unwrap().starts_with("med_") && file["meta_id"].is_string(),
            "{file}"
        );
        let send = async |n: usize| {
            let body = json!({ "to": format!("+{}", customer(n)), "image": { "id": file["id"] } });
            let message = shop.api.send(&body).await;
            app.status_of(&shop, &message, "delivered").await;
            message
        };
        let first = send(1).await;
        send(2).await;
        assert_eq!(calls(app, "POST", "/media").await, 1, "one upload for all");
        let sent = app
            .meta()
            .get(&format!("/_sim/outbound?phone_number_id={}", shop.number))
            .await
            .expect(200)
            .to_string();
        assert!(
            sent.contains(file["meta_id"].as_str().unwrap()) && !sent.contains("med_"),
            "{sent}"
        );
        // What was sent is kept with the message.
        comes_to(&shop.api, &first, "stored").await;
        // Meta forgets it: the message goes all the same, with a new id.
        let forgotten = format!("/v24.0/{}", file["meta_id"].as_str().unwrap());
        Answer::of(
            app.meta()
                .request(Method::DELETE, &forgotten)
                .bearer_auth(TOKEN),
        )
        .await
        .expect(200);
        send(3).await;
        assert_eq!(
            calls(app, "POST", "/media").await,
            2,
            "uploaded again because Meta had forgotten it"
        );
        later(app, Duration::from_secs(31 * 24 * 3_600));
        app.sim.advance_ms(31 * 24 * 3_600_000);
        sends(app, &shop, 1, "image", None).await;
        let body = json!({ "to": format!("+{}", customer(1)), "image": { "id": file["id"] } });
        let message = shop.api.send(&body).await;
        app.status_of(&shop, &message, "delivered").await;
        assert_eq!(
            calls(app, "POST", "/media").await,
            3,
            "uploaded again because its id had ended"
        );
        // A client that knows only Meta's ids goes on working.
        let file = upload(&shop.api, "otro.png", "image/png", [PNG, b"!"].concat())
            .await
            .expect(201);
        let body = json!({ "to": format!("+{}", customer(1)), "image": { "id": file["meta_id"] } });
        let message = shop.api.send(&body).await;
        app.status_of(&shop, &message, "delivered").await;
        comes_to(&shop.api, &message, "stored").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_came_while_meta_was_away_is_given_to_it_when_it_is_sent() {
    each_database_with(still, async |app| {
        let shop = app.tenant(1).await;
        sends(app, &shop, 1, "image", None).await;
        app.faults(&json!({ "offline": true })).await;
        let file = upload(&shop.api, "pan.png", "image/png", PNG.to_vec())
            .await
            .expect(201);
        assert_eq!(file["meta_id"], serde_json::Value::Null, "{file}");
        let body = json!({ "to": format!("+{}", customer(1)), "image": { "id": file["id"] } });
        let message = shop.api.send(&body).await;
        app.faults(&json!({ "offline": false })).await;
        testkit::until("the message has left", async || {
            later(app, Duration::from_secs(5));
            let found = shop.api.message(&message).await;
            if found["status"] == "delivered" {
                Ok(())
            } else {
                Err(found.to_string())
            }
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_another_tenant_or_kind_is_refused_before_it_is_sent() {
    each_database_with(still, async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        sends(app, &shop, 1, "image", None).await;
        let file = upload(&other.api, "pan.png", "image/png", PNG.to_vec())
            .await
            .expect(201);
        let own = upload(&shop.api, "pan.png", "image/png", PNG.to_vec())
            .await
            .expect(201);
        for (kind, medium) in [
            ("image", &file["id"]),
            ("video", &own["id"]),
            ("image", &json!("med_1")),
        ] {
            let body = json!({ "to": format!("+{}", customer(1)), kind: { "id": medium } });
            let problem = shop
                .api
                .post("/api/v1/messages", &body)
                .await
                .expect_problem(422, "invalid");
            assert_eq!(
                problem["errors"][0]["field"],
                format!("{kind}.id"),
                "{problem}"
            );
        }
    })
    .await;
}

/// What Meta has on a shared account it would take from each of its tenants: only who is known to have it names it.
#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_metas_is_taken_on_a_shared_account_only_where_it_is_known_to_be_the_tenants() {
    each_database_with(still, async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let came = sends(app, &shop, 1, "image", None).await;
        let theirs = sends(app, &other, 2, "image", None).await;
        let by_hand = put_at_meta(app, &other.number).await;
        let send = async |id: &Value| {
            let body = json!({ "to": format!("+{}", customer(1)), "image": { "id": id } });
            shop.api.post("/api/v1/messages", &body).await
        };
        let id_of = |message: &Value| message["content"]["image"]["id"].clone();
        for foreign in [&id_of(&theirs), &by_hand, &json!("1")] {
            let problem = send(foreign).await.expect_problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], "image.id", "{problem}");
        }
        // What a customer sent can be sent on.
        send(&id_of(&came)).await.expect(202);
    })
    .await;
}

/// Uploads a picture at Meta past the product; gives Meta's id.
async fn put_at_meta(app: &TestApp, number: &str) -> Value {
    let part = Part::bytes(PNG.to_vec()).mime_str("image/png").unwrap();
    let form = Form::new()
        .text("messaging_product", "whatsapp")
        .text("type", "image/png")
        .part("file", part.file_name("a.png"));
    let request = app
        .meta()
        .request(Method::POST, &format!("/v24.0/{number}/media"))
        .bearer_auth(TOKEN);
    let put = Answer::of(request.multipart(form)).await.expect(200);
    put["id"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_whatsapp_does_not_take_is_refused_with_what_to_do() {
    each_database_with(still, async |app| {
        let shop = app.tenant(1).await;
        let heic = upload(
            &shop.api,
            "IMG_1.HEIC",
            "image/heic",
            b"\0\0\0\x18ftypheic\0\0\0\0".to_vec(),
        )
        .await;
        let heic = heic.expect_problem(422, "invalid");
        assert!(
            heic["errors"][0]["problem"]
                .as_str()
                .unwrap()
                .contains("save it as JPEG"),
            "{heic}"
        );
        // A PNG that calls itself a JPEG is a PNG, and is called so.
        let png = upload(&shop.api, "pan.jpg", "image/jpeg", PNG.to_vec())
            .await
            .expect(201);
        assert_eq!(
            (&png["mime_type"], &png["filename"]),
            (&json!("image/png"), &json!("pan.png"))
        );
        for (change, status, code) in [
            (json!({ "status": "suspended" }), 403, "suspended"),
            (json!({ "status": "active" }), 201, ""),
        ] {
            app.change_tenant(&shop, &change).await;
            let answer = upload(&shop.api, "pan.png", "image/png", PNG.to_vec()).await;
            if status == 201 {
                answer.expect(201);
            } else {
                answer.expect_problem(status, code);
            }
        }
        let owner = app.person(&shop, "Olga", "owner").await;
        owner
            .api
            .patch("/api/v1/settings", &json!({ "whatsapp_enabled": false }))
            .await
            .expect(200);
        upload(&shop.api, "pan.png", "image/png", PNG.to_vec())
            .await
            .expect_problem(409, "whatsapp_off");
        assert_eq!(
            calls(app, "POST", "/media").await,
            1,
            "only what may be sent is given to Meta, and once"
        );
        owner
            .api
            .patch("/api/v1/settings", &json!({ "whatsapp_enabled": true }))
            .await
            .expect(200);
        // 101 MB: refused before it has all come, and never held. (It ends its connection, so it comes last.)
        let mut large = b"%PDF-1.7\n".to_vec();
        large.resize(101 * 1024 * 1024, 0);
        let large = upload(&shop.api, "catalogo.pdf", "application/pdf", large).await;
        let large = large.expect_problem(413, "file_too_large");
        assert!(
            large["detail"].as_str().unwrap().contains("104857600"),
            "{large}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_is_too_large_becomes_smaller() {
    each_database_with(still, async |app| {
        let shop = app.tenant(1).await;
        // Noise does not compress: about 6 MB.
        let noise = image::RgbImage::from_fn(1_400, 1_400, |_, _| image::Rgb(rand::random()));
        let mut png = Cursor::new(Vec::new());
        noise.write_to(&mut png, image::ImageFormat::Png).unwrap();
        let made = upload(&shop.api, "foto.png", "image/png", png.into_inner())
            .await
            .expect(201);
        assert_eq!(
            (&made["mime_type"], &made["filename"], &made["converted"]),
            (&json!("image/jpeg"), &json!("foto.jpg"), &json!(true))
        );
        assert!(
            made["bytes"].as_u64().unwrap() <= 5 * 1024 * 1024 && made["meta_id"].is_string(),
            "{made}"
        );
        // 16 bits a channel: Meta takes 8.
        let deep = image::ImageBuffer::<image::Rgb<u16>, Vec<u16>>::new(20, 20);
        let mut png = Cursor::new(Vec::new());
        deep.write_to(&mut png, image::ImageFormat::Png).unwrap();
        let made = upload(&shop.api, "foto.png", "image/png", png.into_inner())
            .await
            .expect(201);
        assert_eq!(
            (&made["mime_type"], &made["converted"]),
            (&json!("image/png"), &json!(true)),
            "{made}"
        );
    })
    .await;
}
