//! A simulator on a free port and a webhook receiver that keeps what it gets.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use serde_json::{Value, json};
use sim::{CustomerSpec, NumberSpec, Seed, Sim, SimConfig};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

pub(crate) const TOKEN: &str = "EAAtoken1";
pub(crate) const OTHER_TOKEN: &str = "EAAtoken2";
pub(crate) const WABA: &str = "100000000000001";
pub(crate) const OTHER_WABA: &str = "100000000000002";
pub(crate) const NUMBER: &str = "200000000000001";
pub(crate) const OTHER_NUMBER: &str = "200000000000002";
pub(crate) const ANA: &str = "34600000001";

/// One webhook as it came.
#[derive(Clone)]
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Received {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a webhook is JSON")
    }
}

#[derive(Default)]
pub(crate) struct Receiver {
    received: Mutex<Vec<Received>>,
    /// Statuses to answer with, first to last; 200 when empty.
    answers: Mutex<VecDeque<u16>>,
    came: Notify,
}

impl Receiver {
    /// What came so far.
    pub(crate) fn so_far(&self) -> Vec<Received> {
        self.received
            .lock()
            .expect("no holder of this lock panicked")
            .clone()
    }

    /// Answers the next webhooks with these statuses.
    pub(crate) fn will_answer(&self, statuses: impl IntoIterator<Item = u16>) {
        self.answers
            .lock()
            .expect("no holder of this lock panicked")
            .extend(statuses);
    }

    /// Waits until `enough` holds for what came, at most ten seconds.
    pub(crate) async fn until(
        &self,
        what: &str,
        enough: impl Fn(&[Received]) -> bool,
    ) -> Vec<Received> {
        let waiting = async {
            loop {
                let came = self.came.notified();
                let received = self
                    .received
                    .lock()
                    .expect("no holder of this lock panicked")
                    .clone();
                if enough(&received) {
                    return received;
                }
                came.await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), waiting)
            .await
            .unwrap_or_else(|_| {
                let bodies: Vec<String> = self
                    .received
                    .lock()
                    .expect("no holder of this lock panicked")
                    .iter()
                    .map(|one| one.json().to_string())
                    .collect();
                panic!("waited ten seconds for {what}; came: {bodies:#?}")
            })
    }

    /// Every status so far as (wamid, status).
    pub(crate) fn statuses(received: &[Received]) -> Vec<(String, String)> {
        values(received)
            .iter()
            .flat_map(|value| value["statuses"].as_array().cloned().unwrap_or_default())
            .map(|status| (text(&status["id"]), text(&status["status"])))
            .collect()
    }
}

/// Every `value` of every change of every entry.
pub(crate) fn values(received: &[Received]) -> Vec<Value> {
    let mut values = Vec::new();
    for one in received {
        for entry in one.json()["entry"].as_array().expect("entry is an array") {
            for change in entry["changes"].as_array().expect("changes is an array") {
                values.push(change["value"].clone());
            }
        }
    }
    values
}

pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

/// The stage: simulator, receiver, client.
pub(crate) struct Stage {
    pub(crate) sim: Sim,
    pub(crate) url: String,
    pub(crate) receiver: Arc<Receiver>,
    pub(crate) receiver_url: String,
    pub(crate) client: reqwest::Client,
    shutdown: CancellationToken,
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

pub(crate) fn seed() -> Seed {
    Seed::new()
        .add_waba(WABA, "Panadería San Juan", &[TOKEN])
        .add_waba(OTHER_WABA, "Ferretería Luna", &[OTHER_TOKEN])
        .add_number(NumberSpec {
            waba_id: WABA.to_owned(),
            phone_number_id: NUMBER.to_owned(),
            display_phone_number: "+34 612 345 678".to_owned(),
            verified_name: "Panadería San Juan".to_owned(),
            ..NumberSpec::default()
        })
        .add_number(NumberSpec {
            waba_id: OTHER_WABA.to_owned(),
            phone_number_id: OTHER_NUMBER.to_owned(),
            display_phone_number: "+34 612 345 679".to_owned(),
            ..NumberSpec::default()
        })
        .add_customer(CustomerSpec {
            phone: ANA.to_owned(),
            profile_name: "Ana Muñoz 🥖".to_owned(),
            ..CustomerSpec::default()
        })
}

/// Fast: a virtual minute takes 0.6 seconds, retries wait tens of milliseconds.
pub(crate) fn config() -> SimConfig {
    SimConfig {
        seed: 42,
        speed: 100.0,
        webhook_backoff: [0, 1, 2, 5].into_iter().map(Duration::from_secs).collect(),
        ..SimConfig::default()
    }
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(config(), seed()).await
    }

    pub(crate) async fn with(config: SimConfig, seed: Seed) -> Self {
        let shutdown = CancellationToken::new();
        let receiver = Arc::new(Receiver::default());
        let receiver_listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let receiver_url = format!(
            "http://{}/webhooks",
            receiver_listener.local_addr().expect("an address")
        );
        let router = Router::new()
            .route("/webhooks", get(verify).post(receive))
            .with_state(Arc::clone(&receiver));
        let stop = shutdown.clone();
        tokio::spawn(async move {
            axum::serve(receiver_listener, router)
                .with_graceful_shutdown(stop.cancelled_owned())
                .await
        });
        let sim = Sim::new(config, seed);
        sim.set_callback_url(&receiver_url);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(sim.clone().serve(listener, shutdown.clone()));
        #[expect(clippy::disallowed_methods, reason = "a test is its own start")]
        let client = reqwest::Client::new();
        Self {
            sim,
            url,
            receiver,
            receiver_url,
            client,
            shutdown,
        }
    }

    /// A Graph call with the first token; status and body.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        self.call_as(TOKEN, method, path, body).await
    }

    pub(crate) async fn call_as(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let method = method.parse().expect("a method");
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or_default())
    }

    pub(crate) async fn send(&self, body: Value) -> (u16, Value) {
        self.call("POST", &format!("/v24.0/{NUMBER}/messages"), Some(body))
            .await
    }

    /// Sends and expects acceptance; the wamid.
    pub(crate) async fn accepted(&self, body: Value) -> String {
        let (status, answer) = self.send(body).await;
        assert_eq!(status, 200, "{answer}");
        text(&answer["messages"][0]["id"])
    }

    /// A control call that must succeed.
    pub(crate) async fn control(&self, path: &str, body: Value) -> Value {
        let url = format!("{}/_sim/{path}", self.url);
        let answer = self
            .client
            .post(url)
            .json(&body)
            .send()
            .await
            .expect("an answer");
        let status = answer.status();
        let value: Value = answer.json().await.expect("JSON");
        assert!(status.is_success(), "{path}: {status} {value}");
        value
    }

    pub(crate) async fn look(&self, path: &str) -> Value {
        let answer = self
            .client
            .get(format!("{}/_sim/{path}", self.url))
            .send()
            .await
            .expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.expect("JSON")
    }

    /// Ana writes, which opens her window.
    pub(crate) async fn ana_writes(&self, words: &str) -> String {
        let message = json!({"type": "text", "text": {"body": words}});
        let answer = self
            .control(
                "inbound",
                json!({"phone_number_id": NUMBER, "from": ANA, "message": message}),
            )
            .await;
        text(&answer["wamid"])
    }
}

async fn receive(
    State(receiver): State<Arc<Receiver>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let answer = receiver
        .answers
        .lock()
        .expect("no holder of this lock panicked")
        .pop_front()
        .unwrap_or(200);
    receiver
        .received
        .lock()
        .expect("no holder of this lock panicked")
        .push(Received { headers, body });
    receiver.came.notify_waiters();
    StatusCode::from_u16(answer).expect("a status")
}

async fn verify(Query(query): Query<Vec<(String, String)>>) -> (StatusCode, String) {
    let get = |key: &str| {
        query
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.clone())
    };
    if get("hub.verify_token").as_deref() == Some("good-token") {
        (StatusCode::OK, get("hub.challenge").unwrap_or_default())
    } else {
        (StatusCode::FORBIDDEN, "no".to_owned())
    }
}

pub(crate) fn text_to(to: &str, words: &str) -> Value {
    json!({"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": words}})
}

pub(crate) fn template_to(to: &str, name: &str, language: &str, values: &[&str]) -> Value {
    let parameters: Vec<Value> = values
        .iter()
        .map(|value| json!({"type": "text", "text": value}))
        .collect();
    let mut template = json!({"name": name, "language": {"code": language}});
    if !parameters.is_empty() {
        template["components"] = json!([{"type": "body", "parameters": parameters}]);
    }
    json!({"messaging_product": "whatsapp", "to": to, "type": "template", "template": template})
}
