//! Media: upload, look-up, bytes, deletion, and the two lives.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::stage::{ANA, NUMBER, OTHER_NUMBER, OTHER_TOKEN, Stage, TOKEN, text, values};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";

async fn upload(stage: &Stage, mime_type: &str, bytes: &[u8]) -> (u16, Value) {
    let part = Part::bytes(bytes.to_vec())
        .file_name("file")
        .mime_str(mime_type)
        .expect("a type");
    let form = Form::new()
        .text("messaging_product", "whatsapp")
        .text("type", mime_type.to_owned())
        .part("file", part);
    let url = format!("{}/v24.0/{NUMBER}/media", stage.url);
    let answer = stage
        .client
        .post(url)
        .bearer_auth(TOKEN)
        .multipart(form)
        .send()
        .await
        .expect("an answer");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

async fn bytes(stage: &Stage, url: &str, token: Option<&str>) -> (u16, Vec<u8>) {
    let mut request = stage.client.get(url);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.expect("an answer");
    (
        answer.status().as_u16(),
        answer.bytes().await.expect("bytes").to_vec(),
    )
}

#[tokio::test]
async fn an_upload_is_found_fetched_sent_and_deleted() {
    let stage = Stage::new().await;
    stage.ana_writes("Hola").await;
    let (status, answer) = upload(&stage, "image/png", PNG).await;
    assert_eq!(status, 200, "{answer}");
    let id = text(&answer["id"]);
    let (status, found) = stage
        .call(
            "GET",
            &format!("/v24.0/{id}?phone_number_id={NUMBER}"),
            None,
        )
        .await;
    assert_eq!(status, 200, "{found}");
    assert_eq!(found["file_size"], PNG.len());
    assert_eq!(found["sha256"].as_str().map(str::len), Some(64));
    let url = text(&found["url"]);
    assert_eq!(bytes(&stage, &url, Some(TOKEN)).await, (200, PNG.to_vec()));
    assert_eq!(
        bytes(&stage, &url, Some(OTHER_TOKEN)).await.0,
        404,
        "another account's token got the bytes"
    );
    assert_ne!(
        bytes(&stage, &url, None).await.0,
        200,
        "no token got the bytes"
    );
    stage.accepted(json!({"messaging_product": "whatsapp", "to": ANA, "type": "image", "image": {"id": id}})).await;
    let (status, _) = stage
        .call(
            "GET",
            &format!("/v24.0/{id}?phone_number_id={OTHER_NUMBER}"),
            None,
        )
        .await;
    assert_eq!(status, 400, "another number's media was found");
    assert_eq!(
        stage
            .call_as(OTHER_TOKEN, "GET", &format!("/v24.0/{id}"), None)
            .await
            .1["error"]["error_subcode"],
        33
    );
    assert_eq!(
        stage.call("DELETE", &format!("/v24.0/{id}"), None).await.1,
        json!({"success": true})
    );
    assert_eq!(
        stage.call("GET", &format!("/v24.0/{id}"), None).await.1["error"]["error_subcode"],
        33
    );
}

#[tokio::test]
async fn a_url_lives_five_minutes_and_an_upload_30_days() {
    let stage = Stage::new().await;
    let id = text(&upload(&stage, "image/png", PNG).await.1["id"]);
    let path = format!("/v24.0/{id}");
    let url = text(&stage.call("GET", &path, None).await.1["url"]);
    stage
        .control("clock", json!({"advance_ms": 5 * 60 * 1_000 + 1_000}))
        .await;
    assert_eq!(
        bytes(&stage, &url, Some(TOKEN)).await.0,
        404,
        "the URL outlived five minutes"
    );
    let fresh = text(&stage.call("GET", &path, None).await.1["url"]);
    assert_eq!(bytes(&stage, &fresh, Some(TOKEN)).await.0, 200);
    stage
        .control("clock", json!({"advance_ms": 30_u64 * 24 * 3_600 * 1_000}))
        .await;
    assert_eq!(
        stage.call("GET", &path, None).await.1["error"]["error_subcode"],
        33,
        "the id outlived 30 days"
    );
}

#[tokio::test]
async fn wrong_types_and_sizes_are_refused() {
    let stage = Stage::new().await;
    let (status, answer) = upload(&stage, "application/x-msdownload", b"MZ").await;
    assert_eq!(
        (status, answer["error"]["code"].as_i64()),
        (400, Some(100)),
        "{answer}"
    );
    let (_, answer) = upload(&stage, "image/png", b"no picture").await;
    assert_eq!(answer["error"]["code"], 100, "{answer}");
    let mut large = PNG.to_vec();
    large.resize(5 * 1024 * 1024 + 1, 0);
    let (_, answer) = upload(&stage, "image/png", &large).await;
    assert_eq!(answer["error"]["code"], 131053, "{answer}");
    let url = format!("{}/v24.0/{NUMBER}/media", stage.url);
    let form = Form::new().text("messaging_product", "whatsapp");
    let answer = stage
        .client
        .post(url)
        .bearer_auth(TOKEN)
        .multipart(form)
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 400);
}

#[tokio::test]
async fn incoming_media_has_id_url_hash_and_real_bytes() {
    let stage = Stage::new().await;
    let kinds = [
        ("image", &b"\x89PNG"[..]),
        ("audio", b"OggS"),
        ("document", b"%PDF-1."),
        ("sticker", b"RIFF"),
        ("video", b"\0\0\0"),
    ];
    for (kind, start) in kinds {
        let seen = stage.receiver.so_far().len();
        let message = json!({"type": kind, kind: {}});
        stage
            .control(
                "inbound",
                json!({"phone_number_id": NUMBER, "from": ANA, "message": message}),
            )
            .await;
        let received = stage
            .receiver
            .until(kind, |received| received.len() > seen)
            .await;
        let content = values(&received[seen..])[0]["messages"][0][kind].clone();
        let (status, file) = bytes(&stage, &text(&content["url"]), Some(TOKEN)).await;
        assert_eq!(status, 200, "{kind}: {content}");
        assert!(
            file.starts_with(start),
            "{kind} has other bytes: {:?}",
            &file[..8]
        );
        assert!(
            content["sha256"].is_string() && content["mime_type"].is_string(),
            "{content}"
        );
        let (status, found) = stage
            .call("GET", &format!("/{}", text(&content["id"])), None)
            .await;
        assert_eq!(status, 200, "{found}");
        assert_eq!(found["file_size"], file.len());
    }
}

#[tokio::test]
async fn a_download_fails_breaks_off_or_comes_damaged_when_that_is_asked_for() {
    let stage = Stage::new().await;
    let id = text(&upload(&stage, "image/png", PNG).await.1["id"]);
    let path = format!("/v24.0/{id}");
    let url = text(&stage.call("GET", &path, None).await.1["url"]);
    stage
        .control("faults", json!({ "media_error_rate": 1.0 }))
        .await;
    assert_eq!(
        stage.call("GET", &path, None).await.1["error"]["code"],
        131000
    );
    assert_eq!(bytes(&stage, &url, Some(TOKEN)).await.0, 500);
    stage
        .control(
            "faults",
            json!({ "media_error_rate": 0.0, "media_corrupt_rate": 1.0 }),
        )
        .await;
    let (status, damaged) = bytes(&stage, &url, Some(TOKEN)).await;
    assert_eq!((status, damaged.len()), (200, PNG.len()));
    assert_ne!(damaged, PNG, "no byte is wrong");
    stage
        .control(
            "faults",
            json!({ "media_corrupt_rate": 0.0, "media_cut_rate": 1.0 }),
        )
        .await;
    let cut = stage.client.get(&url).bearer_auth(TOKEN).send().await;
    let cut = cut.expect("headers come");
    assert_eq!(cut.content_length(), Some(PNG.len() as u64));
    assert!(cut.bytes().await.is_err(), "all of it came");
    stage
        .control("faults", json!({ "media_cut_rate": 0.0 }))
        .await;
    assert_eq!(bytes(&stage, &url, Some(TOKEN)).await, (200, PNG.to_vec()));
}

#[tokio::test]
async fn a_sticker_that_does_not_move_may_have_100_kilobytes() {
    let stage = Stage::new().await;
    let sticker = |start: &[u8], size: usize| {
        let mut file = start.to_vec();
        file.resize(size, 0);
        file
    };
    let still = sticker(b"RIFF\0\0\0\0WEBPVP8 ", 100 * 1024 + 1);
    let (_, answer) = upload(&stage, "image/webp", &still).await;
    assert_eq!(answer["error"]["code"], 131053, "{answer}");
    let moving = sticker(b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x02", 100 * 1024 + 1);
    assert_eq!(upload(&stage, "image/webp", &moving).await.0, 200);
}
