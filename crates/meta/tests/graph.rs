//! The Graph client against a server that answers as Meta does, badly, or not at all.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests may fail the test and speak"
)]

use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, Request};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use meta::graph::outbound::{Content, OutboundMessage};
use meta::graph::{GraphCallError, GraphClient, SendError};
use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const NUMBER: &str = "100000000000001";

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/meta/graph")
        .join(format!("{name}.json"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn token() -> SecretString {
    SecretString::from("EAAsecret".to_owned())
}

fn client(address: &str) -> GraphClient {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_millis(500))
        .build()
        .unwrap();
    GraphClient::new(http, format!("http://{address}"), "v24.0".to_owned())
}

async fn serve(router: Router) -> GraphClient {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, router).await });
    client(&address)
}

async fn answering(status: u16, body: String) -> GraphClient {
    let status = StatusCode::from_u16(status).unwrap();
    let answer =
        move || async move { (status, [(header::CONTENT_TYPE, "application/json")], body) };
    serve(Router::new().fallback(answer)).await
}

async fn send(client: &GraphClient) -> Result<meta::graph::Accepted, SendError> {
    client
        .send_message(
            &token(),
            NUMBER,
            &OutboundMessage::to("+34600000001", Content::text("hola")),
        )
        .await
}

/// A server that reads the request, writes `bytes` and closes.
async fn raw_server(bytes: &'static [u8]) -> GraphClient {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer).await;
            let _ = stream.write_all(bytes).await;
        }
    });
    client(&address)
}

#[tokio::test]
async fn an_accepted_send_gives_the_wamid_and_whom_it_went_to() {
    let client = answering(200, fixture("send.accepted")).await;
    let accepted = send(&client).await.unwrap();
    assert_eq!(accepted.wamid, "wamid.TRUNKLINEOUT1==");
    assert_eq!(accepted.wa_id.as_deref(), Some("34600000001"));
    assert_eq!(accepted.message_status, None);
    let held = send(&answering(200, fixture("send.accepted+held")).await)
        .await
        .unwrap();
    assert_eq!(
        held.message_status.as_deref(),
        Some("held_for_quality_assessment")
    );
    let bsuid = send(&answering(200, fixture("send.accepted+bsuid")).await)
        .await
        .unwrap();
    assert_eq!(
        (bsuid.wa_id, bsuid.user_id.as_deref()),
        (None, Some("ES.1700000000000000001"))
    );
}

#[tokio::test]
async fn every_error_envelope_is_a_refusal_with_its_code() {
    for (name, status, code, subcode) in [
        ("error.400.131030", 400, 131_030, None),
        ("error.400.131056", 400, 131_056, None),
        ("error.401.190", 401, 190, Some(463)),
        ("error.400.100.33", 400, 100, Some(33)),
        ("error.404.132001", 404, 132_001, None),
        ("error.500.131000", 500, 131_000, None),
        ("error.503.2", 503, 2, None),
    ] {
        let refused = send(&answering(status, fixture(name)).await)
            .await
            .unwrap_err();
        let SendError::Refused(error) = refused else {
            panic!("{name}: {refused:?}")
        };
        assert_eq!(
            (error.http_status, error.code, error.subcode),
            (status, code, subcode),
            "{name}"
        );
        assert_eq!(
            error.fbtrace_id.as_deref(),
            Some("ATrunkline0001"),
            "{name}"
        );
        assert!(error.row().known, "{name}");
    }
}

#[tokio::test]
async fn a_closed_port_is_certainly_not_sent() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let outcome = send(&client(&address)).await;
    assert!(matches!(outcome, Err(SendError::NotSent(_))), "{outcome:?}");
    let outcome = client(&address)
        .send_message(&token(), "../1/messages", &serde_json::json!({}))
        .await;
    assert!(
        matches!(outcome, Err(SendError::NotSent(_))),
        "a path for an id: {outcome:?}"
    );
}

#[tokio::test]
async fn a_request_that_may_have_been_heard_has_an_unknown_outcome() {
    for (what, bytes) in [
        ("closed without an answer", &b""[..]),
        (
            "a body cut short",
            b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"messages\":",
        ),
        ("no HTTP", b"SMTP ready\r\n\r\n"),
        (
            "2xx of somebody else",
            b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
        ),
        (
            "2xx without message id",
            b"HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n{\"messages\":[]}",
        ),
        (
            "5xx of a proxy",
            b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 3\r\n\r\nbad",
        ),
        (
            "408 of a proxy",
            b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n",
        ),
    ] {
        let outcome = send(&raw_server(bytes).await).await;
        assert!(
            matches!(outcome, Err(SendError::Unknown(_))),
            "{what}: {outcome:?}"
        );
    }
    let silent = serve(Router::new().fallback(std::future::pending::<()>)).await;
    let outcome = send(&silent).await;
    assert!(
        matches!(outcome, Err(SendError::Unknown(_))),
        "no answer in time: {outcome:?}"
    );
}

#[tokio::test]
async fn a_4xx_of_a_proxy_is_a_refusal_without_a_code() {
    let outcome = send(&answering(413, "too large".to_owned()).await).await;
    let Err(SendError::Refused(error)) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!((error.http_status, error.code), (413, -1));
    assert!(!error.row().known);
}

#[tokio::test]
async fn the_token_goes_in_the_header_and_never_into_an_error_or_debug() {
    let router = Router::new().route(
        "/v24.0/{id}/messages",
        post(|request: Request| async move {
            let header = request
                .headers()
                .get(header::AUTHORIZATION)
                .and_then(|value| value.to_str().ok());
            assert_eq!(header, Some("Bearer EAAsecret"));
            fixture("send.accepted")
        }),
    );
    let client = serve(router).await;
    send(&client).await.unwrap();
    let failed = raw_server(b"")
        .await
        .debug_token(&token(), &SecretString::from("EAAinput".to_owned()))
        .await;
    let shown = format!("{failed:?} {client:?} {:?}", token());
    assert!(!shown.contains("EAA"), "{shown}");
}

#[tokio::test]
async fn numbers_are_read_over_all_pages() {
    #[derive(serde::Deserialize)]
    struct Cursor {
        after: Option<String>,
        fields: String,
    }
    let router = Router::new().route(
        "/v24.0/200000000000001/phone_numbers",
        get(|Query(cursor): Query<Cursor>| async move {
            assert!(
                cursor
                    .fields
                    .contains("whatsapp_business_manager_messaging_limit"),
                "{}",
                cursor.fields
            );
            match cursor.after.as_deref() {
                None => fixture("phone_numbers.page1"),
                Some("QVFIafter") => fixture("phone_numbers.page2"),
                Some(other) => panic!("asked for page {other}"),
            }
        }),
    );
    let numbers = serve(router)
        .await
        .phone_numbers(&token(), "200000000000001")
        .await
        .unwrap();
    let ids: Vec<_> = numbers.iter().map(|number| number.id.as_str()).collect();
    assert_eq!(ids, [NUMBER, "100000000000002"]);
    assert_eq!(
        numbers[0].throughput.as_ref().unwrap().level.as_deref(),
        Some("STANDARD")
    );
    assert_eq!(
        numbers[0]
            .whatsapp_business_manager_messaging_limit
            .as_deref(),
        Some("TIER_2K")
    );
    assert_eq!(numbers[1].status.as_deref(), Some("A_NEW_STATUS"));
}

#[tokio::test]
async fn management_calls_read_their_answers() {
    let number = answering(200, fixture("phone_number"))
        .await
        .phone_number(&token(), NUMBER)
        .await
        .unwrap();
    assert_eq!(number.verified_name.as_deref(), Some("Panadería San Juan"));
    let apps = answering(200, fixture("subscribed_apps"))
        .await
        .subscribed_apps(&token(), "2")
        .await
        .unwrap();
    assert_eq!(apps[0].name.as_deref(), Some("Trunkline"));
    let debug = answering(200, fixture("debug_token"))
        .await
        .debug_token(&token(), &token())
        .await
        .unwrap();
    assert_eq!(debug.granular_scopes[0].target_ids, ["200000000000001"]);
    assert_eq!(
        (debug.is_valid, debug.expires_at, debug.scopes.len()),
        (Some(true), Some(0), 2)
    );
    answering(200, fixture("success"))
        .await
        .mark_read(&token(), NUMBER, "wamid.1", true)
        .await
        .unwrap();
    let refused = answering(400, fixture("error.400.100.33"))
        .await
        .phone_number(&token(), NUMBER)
        .await;
    assert!(
        matches!(&refused, Err(GraphCallError::Refused(error)) if error.subcode == Some(33)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn media_goes_up_and_comes_down_with_a_limit_and_only_from_metas_hosts() {
    let router = Router::new()
        .route(
            "/v24.0/{id}/media",
            post(|| async { r#"{"id":"600000000000001"}"# }),
        )
        .route(
            "/bytes",
            get(|| async {
                ([(header::CONTENT_TYPE, "image/jpeg")], vec![7_u8; 1000]).into_response()
            }),
        )
        .route("/gone", get(|| async { StatusCode::NOT_FOUND }));
    let client = serve(router).await;
    let bytes = bytes::Bytes::from_static(b"jpeg");
    let id = client
        .upload_media(&token(), NUMBER, "a.jpg", "image/jpeg", bytes)
        .await
        .unwrap();
    assert_eq!(id, "600000000000001");
    let url = answering(200, fixture("media_url"))
        .await
        .media_url(&token(), &id, Some(NUMBER))
        .await
        .unwrap();
    assert_eq!(
        (url.file_size, url.sha256.as_deref()),
        (Some(48_213), Some("00ff"))
    );

    let at = |path: &str| format!("{}/{path}", client.base_url());
    let downloaded = client
        .download_media(&token(), &at("bytes"), 1000)
        .await
        .unwrap();
    assert_eq!(
        (downloaded.bytes.len(), downloaded.content_type.as_deref()),
        (1000, Some("image/jpeg"))
    );
    let too_big = client.download_media(&token(), &at("bytes"), 999).await;
    assert!(
        matches!(too_big, Err(GraphCallError::NotAllowed(_))),
        "{too_big:?}"
    );
    let gone = client.download_media(&token(), &at("gone"), 999).await;
    assert_eq!(gone, Err(GraphCallError::NotMeta { http_status: 404 }));
    for url in [
        "http://127.0.0.1:1/x",
        "https://evilfbsbx.com/x",
        "http://lookaside.fbsbx.com/x",
        "file:///etc/passwd",
    ] {
        let outcome = client.download_media(&token(), url, 999).await;
        assert!(
            matches!(outcome, Err(GraphCallError::NotAllowed(_))),
            "{url}: {outcome:?}"
        );
    }
}
