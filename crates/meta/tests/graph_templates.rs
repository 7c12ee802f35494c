//! Template calls of the Graph client against a server that answers as Meta does, badly, or breaks off.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests may fail the test and speak"
)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::routing::{any, post};
use meta::graph::{GraphCallError, GraphClient, NewTemplate, TemplateEdit, Uploading};
use secrecy::SecretString;
use serde_json::value::RawValue;
use serde_json::{Value, json};

const WABA: &str = "200000000000001";

fn token() -> SecretString {
    SecretString::from("EAAsecret".to_owned())
}

async fn serve(router: Router) -> GraphClient {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let http = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_millis(500))
        .build()
        .unwrap();
    GraphClient::new(http, format!("http://{address}"), "v24.0".to_owned())
}

type Heard = Arc<Mutex<Vec<(String, Value)>>>;

/// Answers everything alike, and writes down what was asked.
async fn hearing(status: u16, answer: Value) -> (GraphClient, Heard) {
    let heard = Heard::default();
    let ears = heard.clone();
    let router = Router::new().fallback(any(move |request: Request| async move {
        let line = format!("{} {}", request.method(), request.uri());
        let body = axum::body::to_bytes(request.into_body(), 1 << 20).await;
        let body = serde_json::from_slice(&body.unwrap()).unwrap_or(Value::Null);
        ears.lock().unwrap().push((line, body));
        (
            StatusCode::from_u16(status).unwrap(),
            axum::Json(answer.clone()),
        )
    }));
    (serve(router).await, heard)
}

#[tokio::test]
async fn a_template_is_made_edited_unpaused_and_deleted_as_meta_documents_it() {
    let components = RawValue::from_string(r#"[{"type":"BODY","text":"Hola"}]"#.to_owned());
    let components = components.unwrap();
    let answer = json!({ "id": 900_000_000_000_001_u64, "status": "APPROVED", "category": "MARKETING", "success": true });
    let (client, heard) = hearing(200, answer).await;
    let new = NewTemplate {
        name: "pedido",
        language: "es",
        category: "UTILITY",
        parameter_format: Some("NAMED"),
        components: Some(&components),
        ..NewTemplate::default()
    };
    let made = client.create_template(&token(), WABA, &new).await.unwrap();
    assert_eq!(
        (
            made.id.as_str(),
            made.status.as_str(),
            made.category.as_deref()
        ),
        ("900000000000001", "APPROVED", Some("MARKETING"))
    );
    let edit = TemplateEdit {
        components: Some(&components),
        message_send_ttl_seconds: Some(60),
        ..TemplateEdit::default()
    };
    client.edit_template(&token(), "9", &edit).await.unwrap();
    client.unpause_template(&token(), "9").await.unwrap();
    client
        .delete_template(&token(), WABA, "pedido", Some("9"))
        .await
        .unwrap();
    client
        .delete_template(&token(), WABA, "pedido", None)
        .await
        .unwrap();
    let body = json!([{ "type": "BODY", "text": "Hola" }]);
    let expected = [
        (
            format!("POST /v24.0/{WABA}/message_templates"),
            json!({ "name": "pedido", "language": "es", "category": "UTILITY", "parameter_format": "NAMED", "components": body }),
        ),
        (
            "POST /v24.0/9".to_owned(),
            json!({ "components": body, "message_send_ttl_seconds": 60 }),
        ),
        ("POST /v24.0/9/unpause".to_owned(), Value::Null),
        (
            format!("DELETE /v24.0/{WABA}/message_templates?name=pedido&hsm_id=9"),
            Value::Null,
        ),
        (
            format!("DELETE /v24.0/{WABA}/message_templates?name=pedido"),
            Value::Null,
        ),
    ];
    assert_eq!(*heard.lock().unwrap(), expected);
    let astray = client.edit_template(&token(), "../1", &edit).await;
    assert!(
        matches!(astray, Err(GraphCallError::NotAllowed(_))),
        "{astray:?}"
    );
}

#[tokio::test]
async fn a_refusal_of_a_template_keeps_what_meta_says_to_a_person() {
    let answer = json!({ "error": {
        "message": "Invalid parameter", "type": "OAuthException", "code": 100, "error_subcode": 2_388_299,
        "error_user_title": "Variables can't be at the start or end",
        "error_user_msg": "The template body text can't start or end with a variable.", "fbtrace_id": "A1",
    }});
    let (client, _) = hearing(400, answer).await;
    let refused = client
        .create_template(&token(), WABA, &NewTemplate::default())
        .await;
    let Err(GraphCallError::Refused(error)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!((error.code, error.subcode), (100, Some(2_388_299)));
    assert_eq!(
        (error.user_title.as_deref(), error.user_message.as_deref()),
        (
            Some("Variables can't be at the start or end"),
            Some("The template body text can't start or end with a variable.")
        )
    );
}

#[tokio::test]
async fn of_the_names_that_contain_one_only_that_one_is_found() {
    let answer = json!({ "data": [
        { "id": "1", "name": "pedido_listo", "language": "es" },
        { "id": "2", "name": "pedido", "language": "es", "quality_score": { "score": "RED" },
          "rejected_reason": "NONE", "message_send_ttl_seconds": 600 },
    ]});
    let (client, heard) = hearing(200, answer).await;
    let found = client
        .templates_named(&token(), WABA, "pedido")
        .await
        .unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].id.as_deref(), Some("2"));
    let quality = found[0].quality_score.as_ref().unwrap();
    assert_eq!(quality.score.as_deref(), Some("RED"));
    assert_eq!(found[0].message_send_ttl_seconds, Some(600));
    assert!(heard.lock().unwrap()[0].0.contains("name=pedido"));
}

#[tokio::test]
async fn an_upload_that_broke_off_goes_on_where_meta_stands() {
    let session = "upload:MTphd=?sig=ARb-1";
    let router = Router::new()
        .route(
            "/v24.0/{id}/uploads",
            post(move |uri: Uri| async move {
                let query = uri.query().unwrap_or_default().to_owned();
                assert_eq!(query, "file_name=a.png&file_length=6&file_type=image%2Fpng");
                axum::Json(json!({ "id": session }))
            }),
        )
        .route(
            "/v24.0/upload:MTphd=",
            post(|headers: HeaderMap, uri: Uri, body: Bytes| async move {
                assert_eq!(uri.query(), Some("sig=ARb-1"));
                assert_eq!(headers["authorization"], "OAuth EAAsecret");
                match (headers["file_offset"].to_str().unwrap(), &body[..]) {
                    ("0", b"abcdef") => (
                        StatusCode::SERVICE_UNAVAILABLE,
                        axum::Json(json!({ "error": { "code": 2, "message": "later" } })),
                    ),
                    ("4", b"ef") => (StatusCode::OK, axum::Json(json!({ "h": "4::aW:x" }))),
                    other => panic!("{other:?}"),
                }
            })
            .get(move || async move { axum::Json(json!({ "id": session, "file_offset": 4 })) }),
        );
    let client = serve(router).await;
    let begun = client
        .begin_upload(&token(), "7", "a.png", "image/png", 6)
        .await
        .unwrap();
    let limit = Duration::from_secs(1);
    let whole = Bytes::from_static(b"abcdef");
    let broken = client
        .go_on_uploading(&token(), &begun, 0, whole.clone(), limit)
        .await;
    assert!(
        matches!(broken, Err(GraphCallError::Refused(_))),
        "{broken:?}"
    );
    let at = client.upload_stands(&token(), &begun).await.unwrap();
    assert_eq!(at, Uploading::At(4));
    let done = client
        .go_on_uploading(&token(), &begun, 4, whole.slice(4..), limit)
        .await
        .unwrap();
    assert_eq!(done, Uploading::Done("4::aW:x".to_owned()));
}

#[tokio::test]
async fn an_upload_leads_nowhere_but_to_an_upload() {
    for id in [
        "9/messages",
        "upload:a/../b",
        "upload:a#b",
        "upload:a b",
        "",
    ] {
        let (client, _) = hearing(200, json!({ "id": id })).await;
        let begun = client
            .begin_upload(&token(), "7", "a", "image/png", 1)
            .await;
        assert!(
            matches!(begun, Err(GraphCallError::NotMeta { .. })),
            "{id}: {begun:?}"
        );
    }
}
