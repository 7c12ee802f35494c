//! Files: up to WhatsApp, and down again to whoever may see the message. And templates, which live there, too.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use testkit::{Answer, Client, PNG, each_database};

use crate::{customer, talk};

async fn upload(client: &Client, name: &str, mime: &str, bytes: Vec<u8>) -> Answer {
    let part = Part::bytes(bytes)
        .file_name(name.to_owned())
        .mime_str(mime)
        .unwrap();
    let form = Form::new()
        .text("comment", "before the file")
        .part("file", part);
    Answer::of(
        client
            .request(Method::POST, "/api/v1/media")
            .multipart(form),
    )
    .await
}

struct Got {
    status: u16,
    headers: reqwest::header::HeaderMap,
    bytes: Vec<u8>,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

async fn media(client: &Client, message: &str, query: &str) -> Got {
    let path = format!("/api/v1/messages/{message}/media{query}");
    let answer = client.request(Method::GET, &path).send().await.unwrap();
    Got {
        status: answer.status().as_u16(),
        headers: answer.headers().clone(),
        bytes: answer.bytes().await.unwrap().to_vec(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_up_is_sent_and_comes_down_again() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let ana = app.person(&shop, "Ana", "agent").await;
        let eva = app.person(&shop, "Eva", "viewer").await;
        let id = talk(app, &shop, &customer(1), "Hola").await;
        let image = upload(&ana.api, "pan.png", "image/png", PNG.to_vec())
            .await
            .expect(201);
        assert_eq!(
            (
                &image["kind"],
                &image["mime_type"],
                &image["filename"],
                &image["bytes"]
            ),
            (
                &json!("image"),
                &json!("image/png"),
                &json!("pan.png"),
                &json!(PNG.len())
            )
        );
        let sent = ana
            .api
            .send(&json!({ "to": id, "image": { "id": image["id"] } }))
            .await;
        let got = media(&eva.api, &sent, "").await;
        assert_eq!((got.status, got.bytes.as_slice()), (200, PNG));
        assert_eq!(got.header("content-type"), "image/png");
        assert_eq!(got.header("x-content-type-options"), "nosniff");
        assert!(
            got.header("content-disposition").starts_with("inline"),
            "{:?}",
            got.headers
        );
        let saved = media(&eva.api, &sent, "?download=1").await;
        assert!(
            saved
                .header("content-disposition")
                .starts_with("attachment"),
            "{:?}",
            saved.headers
        );
        assert_eq!(media(&other.api, &sent, "").await.status, 404);
        assert_eq!(media(&app.anybody(), &sent, "").await.status, 401);

        // A page is not taken, whatever it calls itself; what is, a browser only ever saves.
        let html = "<script>alert(1)</script>";
        for (name, said) in [("a.html", "text/html"), ("a.txt", "text/plain")] {
            upload(&ana.api, name, said, html.into())
                .await
                .expect_problem(422, "invalid");
        }
        let text = "alert(1)";
        let page = upload(&ana.api, "año \"1\".txt", "text/html", text.into())
            .await
            .expect(201);
        assert_eq!(
            (&page["kind"], &page["mime_type"]),
            (&json!("document"), &json!("text/plain"))
        );
        let document = json!({ "id": page["id"], "filename": page["filename"] });
        let sent = ana
            .api
            .send(&json!({ "to": id, "document": document }))
            .await;
        let got = media(&ana.api, &sent, "").await;
        assert_eq!(got.bytes, text.as_bytes());
        assert_eq!(got.header("content-type"), "application/octet-stream");
        let disposition = got.header("content-disposition");
        assert!(
            disposition.starts_with("attachment; ")
                && disposition.contains("filename*=UTF-8''a%C3%B1o%20%221%22.txt"),
            "{disposition}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_whatsapp_does_not_take_never_gets_there() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let agent = app.person(&shop, "Ana", "agent").await;
        let viewer = app.person(&shop, "Eva", "viewer").await;
        let nobody = app.new_tenant("Sin número").await;
        let large = |start: &[u8], bytes: usize| {
            let mut file = start.to_vec();
            file.resize(bytes, 0);
            file
        };
        for (name, mime, bytes) in [
            ("virus.png", "image/png", b"MZ\x90\x00\x03".to_vec()),
            ("a.gif", "image/gif", b"GIF89a\x01\x00\x00".to_vec()),
            ("a.zip", "application/zip", b"PK\x03\x04....".to_vec()),
            (
                "zip.docx",
                "application/octet-stream",
                b"PK\x03\x04....".to_vec(),
            ),
            ("medio.png", "image/png", PNG[..PNG.len() - 8].to_vec()),
            ("empty.txt", "text/plain", Vec::new()),
            (
                "grande.png",
                "image/png",
                large(&PNG[..33], 5 * 1024 * 1024 + 1),
            ),
            (
                "grande.webp",
                "image/webp",
                large(b"RIFF\0\0\0\0WEBPVP8 ", 100 * 1024 + 1),
            ),
        ] {
            let problem = upload(&agent.api, name, mime, bytes)
                .await
                .expect_problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], "file", "{name}");
        }
        let none = Form::new().text("comment", "nothing");
        let request = agent
            .api
            .request(Method::POST, "/api/v1/media")
            .multipart(none);
        Answer::of(request).await.expect_problem(422, "invalid");
        agent
            .api
            .post("/api/v1/media", &json!({}))
            .await
            .expect_problem(400, "bad_body");
        upload(&viewer.api, "pan.png", "image/png", PNG.to_vec())
            .await
            .expect_problem(403, "forbidden");
        upload(&nobody.api, "pan.png", "image/png", PNG.to_vec())
            .await
            .expect_problem(409, "no_number");
        let calls = app.meta().get("/_sim/calls").await.expect(200).to_string();
        assert!(!calls.contains("/media"), "Meta was asked: {calls}");
        // A document may be much larger than what is held in memory.
        let big = upload(
            &agent.api,
            "catalogo.pdf",
            "application/pdf",
            large(b"%PDF-1.7\n", 20 * 1024 * 1024),
        )
        .await
        .expect(201);
        assert_eq!(
            (&big["kind"], &big["bytes"]),
            (&json!("document"), &json!(20 * 1024 * 1024))
        );
        app.faults(&json!({ "offline": true })).await;
        // It is kept all the same, and given to Meta when it is sent.
        let kept = upload(&agent.api, "pan.png", "image/png", PNG.to_vec())
            .await
            .expect(201);
        assert_eq!(kept["meta_id"], Value::Null, "{kept}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_customer_sends_can_be_looked_at_whether_meta_answers_or_not() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let id = talk(app, &shop, &customer(1), "Hola").await;
        let api = &shop.api;
        let text = api
            .all(&format!("/api/v1/messages?conversation_id={id}"))
            .await
            .remove(0);
        let no_media = api
            .get(&format!(
                "/api/v1/messages/{}/media",
                text["id"].as_str().unwrap()
            ))
            .await;
        no_media.expect_problem(404, "no_media");
        app.customer_writes(
            &shop.number,
            &customer(1),
            json!({ "type": "image", "image": { "caption": "Mira" } }),
        );
        let image = testkit::until("the image is there", async || {
            let rows = api
                .all(&format!("/api/v1/messages?conversation_id={id}"))
                .await;
            rows.into_iter()
                .find(|row| row["type"] == "image")
                .ok_or_else(|| "no image".to_owned())
        })
        .await;
        let message = image["id"].as_str().unwrap();
        let got = media(api, message, "").await;
        assert_eq!(
            got.status,
            200,
            "{image}: {}",
            String::from_utf8_lossy(&got.bytes)
        );
        assert!(
            got.header("content-type").starts_with("image/"),
            "{:?}",
            got.headers
        );
        assert!(!got.bytes.is_empty());
        testkit::until("the picture is kept", async || {
            match &api.message(message).await["media"]["state"] {
                state if state == "stored" => Ok(()),
                state => Err(state.to_string()),
            }
        })
        .await;
        // Whether Meta answers is all the same once it is kept.
        app.faults(&json!({ "offline": true })).await;
        assert_eq!(media(api, message, "").await.status, 200);
        app.faults(&json!({ "offline": false })).await;
        let link = json!({ "to": id, "image": { "link": "https://example.com/a.jpg" } });
        let sent = api.send(&link).await;
        let linked = api
            .get(&format!("/api/v1/messages/{sent}/media"))
            .await
            .expect_problem(409, "media_by_link");
        assert!(
            linked["detail"]
                .as_str()
                .unwrap()
                .contains("https://example.com/a.jpg"),
            "{linked}"
        );
    })
    .await;
}

async fn template_calls(client: &Client) -> usize {
    let calls = client.get("/_sim/calls").await.expect(200).to_string();
    calls.matches("/message_templates").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_are_metas_own_and_asked_for_once_a_minute() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        for n in 0..30 {
            let body = json!({
                "name": format!("aviso_{n}"), "language": "es", "category": "UTILITY",
                "components": [{ "type": "BODY", "text": "Su pedido está listo" }],
            });
            let path = format!("/v24.0/{}/message_templates", testkit::WABA);
            let request = app
                .meta()
                .request(Method::POST, &path)
                .bearer_auth(testkit::TOKEN)
                .json(&body);
            Answer::of(request).await.expect(200);
        }
        let before = template_calls(&app.meta()).await;
        let seen = shop.api.get("/api/v1/templates").await.expect(200);
        let rows = seen["data"].as_array().unwrap();
        let ours: Vec<&Value> = rows
            .iter()
            .filter(|row| row["name"].as_str().unwrap().starts_with("aviso_"))
            .collect();
        assert_eq!(ours.len(), 30, "{seen}");
        let one = ours[0];
        assert_eq!(
            (&one["language"], &one["category"], &one["status"]),
            (&json!("es"), &json!("UTILITY"), &json!("PENDING"))
        );
        assert_eq!(one["components"][0]["text"], "Su pedido está listo");
        assert!(one["id"].is_string(), "{one}");
        let asked = template_calls(&app.meta()).await;
        assert!(asked > before, "Meta was not asked");
        for api in [&shop.api, &other.api, &shop.api] {
            api.get("/api/v1/templates").await.expect(200);
        }
        assert_eq!(
            template_calls(&app.meta()).await,
            asked,
            "the same account was asked again"
        );
        let nobody = app.new_tenant("Sin número").await;
        nobody
            .api
            .get("/api/v1/templates")
            .await
            .expect_problem(409, "no_number");
    })
    .await;
}
