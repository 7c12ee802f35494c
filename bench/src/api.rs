//! JSON over one connection: the product's API and the simulator's controls.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::client::Connection;

const PATIENCE: Duration = Duration::from_secs(30);

/// A caller with an API key (or none).
pub(crate) struct Api {
    address: SocketAddr,
    key: Option<String>,
    /// Taken out while a call is under way, so that calls at the same time open their own.
    idle: RefCell<Vec<Connection>>,
}

impl Api {
    pub(crate) fn new(address: SocketAddr, key: Option<String>) -> Self {
        Self {
            address,
            key,
            idle: RefCell::new(Vec::new()),
        }
    }

    /// Reads; an answer that is not 2xx is an error.
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.expect(&self.request("GET", path, None, None))
            .await
            .with_context(|| format!("GET {path}"))
    }

    /// Writes; an answer that is not 2xx is an error.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self.request("POST", path, Some(&body.to_string()), None);
        self.expect(&request)
            .await
            .with_context(|| format!("POST {path}"))
    }

    /// A ready request, for calls that are made many times.
    pub(crate) fn request(
        &self,
        method: &str,
        path: &str,
        body: Option<&str>,
        idempotency_key: Option<&str>,
    ) -> Vec<u8> {
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\naccept: application/json\r\n",
            self.address
        );
        if let Some(key) = &self.key {
            head.push_str(&format!("authorization: Bearer {key}\r\n"));
        }
        if let Some(key) = idempotency_key {
            head.push_str(&format!("idempotency-key: {key}\r\n"));
        }
        let body = body.unwrap_or_default();
        if !body.is_empty() {
            head.push_str("content-type: application/json\r\n");
        }
        head.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
        head.into_bytes()
    }

    /// Status and JSON body (`null` when there is none).
    pub(crate) async fn call(&self, request: &[u8]) -> anyhow::Result<(u16, Value)> {
        let idle = self.idle.borrow_mut().pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => Connection::open(self.address).await?,
        };
        let answer = tokio::time::timeout(PATIENCE, connection.exchange(request))
            .await
            .context("no answer in time")??;
        let body = serde_json::from_slice(connection.body(&answer)).unwrap_or(Value::Null);
        if !answer.closes() {
            self.idle.borrow_mut().push(connection);
        }
        Ok((answer.status, body))
    }

    async fn expect(&self, request: &[u8]) -> anyhow::Result<Value> {
        let (status, body) = self.call(request).await?;
        if !(200..300).contains(&status) {
            bail!("answered {status}: {body}");
        }
        Ok(body)
    }
}

/// `http://127.0.0.1:8080/…` as an address.
pub(crate) fn address_of(url: &str) -> anyhow::Result<SocketAddr> {
    let authority = url
        .trim_start_matches("http://")
        .split('/')
        .next()
        .unwrap_or_default();
    authority
        .parse()
        .with_context(|| format!("{url} is not http://IP:PORT"))
}
