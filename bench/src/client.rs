//! Keep-alive HTTP/1.1 by hyper's own client, one connection each. It is what a real sender would use; a bare
//! socket loop costs a third of it and would lift the bare server's rate far more than any other server's.

use std::net::SocketAddr;

use anyhow::Context;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// A request that is ready to be sent many times.
#[derive(Clone)]
pub(crate) struct Ready {
    method: Method,
    path: String,
    headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Ready {
    pub(crate) fn new(method: Method, path: &str, body: impl Into<Bytes>) -> Self {
        Self {
            method,
            path: path.to_owned(),
            headers: HeaderMap::new(),
            body: body.into(),
        }
    }

    /// Adds a header.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> anyhow::Result<Self> {
        let value = HeaderValue::from_str(value).with_context(|| format!("the header {name}"))?;
        self.headers.insert(HeaderName::from_static(name), value);
        Ok(self)
    }

    /// Adds a header whose value never changes.
    pub(crate) fn with_static(mut self, name: &'static str, value: &'static str) -> Self {
        let value = HeaderValue::from_static(value);
        self.headers.insert(HeaderName::from_static(name), value);
        self
    }

    /// Adds a header of a prefix and bytes in hex.
    pub(crate) fn with_hex(mut self, name: &'static str, prefix: &str, bytes: &[u8]) -> Self {
        let text = format!("{prefix}{}", hex::encode(bytes));
        if let Ok(value) = HeaderValue::from_str(&text) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    #[cfg(test)]
    pub(crate) fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.get(name).map(HeaderValue::as_bytes)
    }
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
}

/// One connection, opened when it is first used and again when the server closed it.
pub(crate) struct Connection {
    client: Client<HttpConnector, Full<Bytes>>,
    address: SocketAddr,
}

impl Connection {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(1)
            .build(connector);
        Self { client, address }
    }

    /// Sends a whole request and reads the whole answer.
    pub(crate) async fn exchange(&self, ready: &Ready) -> anyhow::Result<Answer> {
        let uri = Uri::builder()
            .scheme("http")
            .authority(self.address.to_string())
            .path_and_query(ready.path.as_str())
            .build()?;
        let mut request = Request::new(Full::new(ready.body.clone()));
        *request.method_mut() = ready.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = ready.headers.clone();
        let answer = self.client.request(request).await?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await?.to_bytes();
        Ok(Answer { status, body })
    }
}
