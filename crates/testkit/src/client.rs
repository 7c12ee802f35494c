//! A client of the API in a role: a bearer key, a signed-in person, or nobody.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::Value;

/// A picture of one pixel.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde\
    \0\0\0\x0cIDATx\x9cc\xf8\x7f&\r\0\x04\xff\x022\x02\x91\xa0\x9b\0\0\0\0IEND\xaeB`\x82";

/// Speaks to the server in one role.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    key: Option<String>,
    headers: reqwest::header::HeaderMap,
}

/// What the server answered, read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The content type, without parameters.
    pub content_type: String,
    /// All headers.
    pub headers: reqwest::header::HeaderMap,
    /// The body as text.
    pub text: String,
    /// The body as JSON; null when it is none.
    pub json: Value,
    asked: String,
}

/// An HTTP client with the ring provider installed.
///
/// # Panics
/// When it cannot be built.
pub fn http_client() -> reqwest::Client {
    // Somebody else may have installed a provider already: then theirs serves as well.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("an HTTP client with the ring provider can be built")
}

impl Client {
    /// A client of the server at `base`.
    pub fn new(http: reqwest::Client, base: &str, key: Option<&str>) -> Self {
        Self {
            http,
            base: base.to_owned(),
            key: key.map(str::to_owned),
            headers: reqwest::header::HeaderMap::new(),
        }
    }

    /// The same client, sending one more header with everything.
    ///
    /// # Panics
    /// When it is no header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        let value = value.parse().expect("a header's value");
        self.headers.insert(name, value);
        self
    }

    /// A request that can still be changed: headers, body.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.base);
        let request = self.http.request(method, url).headers(self.headers.clone());
        match &self.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(body)).await
    }

    /// PUT with a JSON body.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::PUT, path).json(body)).await
    }

    /// PATCH with a JSON body.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::PATCH, path).json(body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path)).await
    }

    /// `POST /api/v1/messages` with an `Idempotency-Key`.
    pub async fn send_with_key(&self, key: &str, body: &Value) -> Answer {
        let request = self.request(Method::POST, "/api/v1/messages");
        Answer::of(request.header("Idempotency-Key", key).json(body)).await
    }

    /// Sends a message that must be taken, and gives its id.
    pub async fn send(&self, body: &Value) -> String {
        let created = self.post("/api/v1/messages", body).await.expect(202);
        text(&created["id"])
    }

    /// Uploads a file.
    ///
    /// # Panics
    /// When the type is none.
    pub async fn upload(&self, name: &str, mime_type: &str, bytes: Vec<u8>) -> Answer {
        let part = Part::bytes(bytes)
            .file_name(name.to_owned())
            .mime_str(mime_type)
            .expect("a type of files");
        let form = Form::new().part("file", part);
        Answer::of(self.request(Method::POST, "/api/v1/media").multipart(form)).await
    }

    /// One of the tenant's messages.
    pub async fn message(&self, id: &str) -> Value {
        self.get(&format!("/api/v1/messages/{id}"))
            .await
            .expect(200)
    }

    /// Every row of a list, all pages.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let sign = if path.contains('?') { '&' } else { '?' };
        let mut rows = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self
                .get(&format!("{path}{sign}limit=200{cursor}"))
                .await
                .expect(200);
            rows.extend(page["data"].as_array().cloned().unwrap_or_default());
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return rows,
            }
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Answer {
    /// Carries a request out.
    ///
    /// # Panics
    /// When the server cannot be reached.
    pub async fn of(request: reqwest::RequestBuilder) -> Self {
        let (client, request) = request.build_split();
        let request = request.expect("the request can be written");
        let asked = format!("{} {}", request.method(), request.url().path());
        let answer = client
            .execute(request)
            .await
            .unwrap_or_else(|error| panic!("{asked}: no answer: {error:?}"));
        let status = answer.status().as_u16();
        let content_type = answer
            .headers()
            .get("content-type")
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .unwrap_or_default()
            .to_owned();
        let headers = answer.headers().clone();
        let text = answer.text().await.unwrap_or_default();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self {
            status,
            content_type,
            headers,
            text,
            json,
            asked,
        }
    }

    /// The JSON body of an answer that must have this status.
    ///
    /// # Panics
    /// When it has another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(
            self.status, status,
            "{} answered {}: {}",
            self.asked, self.status, self.text
        );
        self.json
    }

    /// A refusal: this status, a problem document, and this code.
    ///
    /// # Panics
    /// When it is another answer.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Value {
        let (asked, content_type) = (self.asked.clone(), self.content_type.clone());
        let problem = self.expect(status);
        assert_eq!(content_type, "application/problem+json", "{asked}");
        assert_eq!(problem["code"], code, "{asked}: {problem}");
        assert!(
            problem["detail"]
                .as_str()
                .is_some_and(|text| text.len() > 10),
            "{asked}: the problem explains nothing: {problem}"
        );
        problem
    }
}
