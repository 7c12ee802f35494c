//! Calls prove that the caller knows the app's secret; where Meta does not take the proof, they go without.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use meta::graph::outbound::{Content, OutboundMessage};
use meta::graph::{GraphCallError, GraphClient};
use secrecy::SecretString;

const NUMBER: &str = "100000000000001";
/// HMAC-SHA256 of `EAAsecret`, keyed with `the app's secret`.
const PROOF: &str = "b2f932007656ab09f7f15acd0f56e8de3e1223aaa4ba6913a0b2ffb4e462adac";

/// Queries of the calls that came, in their order.
type Seen = Arc<Mutex<Vec<String>>>;

/// Meta, where the token is of an app with another secret.
async fn of_another_app(State(seen): State<Seen>, request: Request) -> Response {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let proven = query.contains("appsecret_proof=");
    seen.lock().unwrap().push(query);
    if proven {
        let body = r#"{"error":{"message":"Invalid appsecret_proof provided in the API argument","type":"GraphMethodException","code":100,"fbtrace_id":"x"}}"#;
        return (StatusCode::BAD_REQUEST, body).into_response();
    }
    r#"{"data":[],"success":true,"id":"1","messages":[{"id":"wamid.A"}]}"#.into_response()
}

async fn of_this_app(State(seen): State<Seen>, request: Request) -> Response {
    let query = request.uri().query().unwrap_or_default().to_owned();
    seen.lock().unwrap().push(query);
    r#"{"data":[],"success":true,"id":"1","messages":[{"id":"wamid.A"}]}"#.into_response()
}

async fn client<H, T>(handler: H) -> (GraphClient, Seen)
where
    H: axum::handler::Handler<T, Seen>,
    T: 'static,
{
    let _ = rustls::crypto::ring::default_provider().install_default();
    let seen = Seen::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(handler).with_state(seen.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let http = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(5))
        .build()
        .unwrap();
    let client = GraphClient::new(http, format!("http://{address}"), "v24.0".to_owned());
    client.prove_with(Some(&SecretString::from("the app's secret")));
    (client, seen)
}

fn token() -> SecretString {
    SecretString::from("EAAsecret")
}

async fn send(client: &GraphClient) -> String {
    let message = OutboundMessage::to("+34600000001", Content::text("hola"));
    let sent = client.send_message(&token(), NUMBER, &message).await;
    sent.unwrap().wamid
}

#[tokio::test]
async fn every_call_carries_the_proof_of_its_token() {
    let (client, seen) = client(of_this_app).await;
    send(&client).await;
    client.message_templates(&token(), "1").await.unwrap();
    client
        .mark_read(&token(), NUMBER, "wamid.B", false)
        .await
        .unwrap();
    let elsewhere = client.clone();
    elsewhere.subscribe_app(&token(), "1").await.unwrap();
    for query in seen.lock().unwrap().iter() {
        assert!(query.contains(PROOF), "{query}");
    }
    client.prove_with(None);
    send(&elsewhere).await;
    let last = seen.lock().unwrap().last().cloned().unwrap();
    assert_eq!(last, "", "a secret that is taken away proves nothing");
}

#[tokio::test]
async fn a_proof_that_meta_does_not_take_is_left_out_at_once_and_from_then_on() {
    let (client, seen) = client(of_another_app).await;
    assert_eq!(send(&client).await, "wamid.A");
    client.message_templates(&token(), "1").await.unwrap();
    let count = |proven: bool| {
        let seen = seen.lock().unwrap();
        seen.iter()
            .filter(|query| query.contains("appsecret_proof") == proven)
            .count()
    };
    assert_eq!((count(true), count(false)), (1, 2), "offered once");
    let kept = seen.lock().unwrap()[2].clone();
    assert!(
        kept.contains("fields="),
        "the rest of a query stays: {kept}"
    );
    // Another token has another proof.
    let other = SecretString::from("EAAother");
    client.message_templates(&other, "1").await.unwrap();
    assert_eq!((count(true), count(false)), (2, 3));
    // So has the same token with another secret.
    client.prove_with(Some(&SecretString::from("typed anew")));
    client.subscribe_app(&token(), "1").await.unwrap();
    assert_eq!((count(true), count(false)), (3, 4));
}

#[tokio::test]
async fn a_file_that_was_refused_with_its_proof_is_given_at_the_next_try() {
    let (client, _) = client(of_another_app).await;
    let give = async || {
        let bytes = bytes::Bytes::from_static(b"x");
        client
            .upload_media(&token(), NUMBER, "x.png", "image/png", bytes)
            .await
    };
    let first = give().await;
    assert!(
        matches!(first, Ok(_) | Err(GraphCallError::Transport(_))),
        "a passing trouble at most: {first:?}"
    );
    assert_eq!(give().await.unwrap(), "1");
}
