//! JSON over one connection: the product's API and the simulator's controls.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, bail};
use hyper::Method;
use serde_json::Value;

use crate::client::{Connection, Ready};

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
        self.expect(&self.request(Method::GET, path, None, None)?)
            .await
            .with_context(|| format!("GET {path}"))
    }

    /// Writes; an answer that is not 2xx is an error.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self.request(Method::POST, path, Some(&body.to_string()), None)?;
        self.expect(&request)
            .await
            .with_context(|| format!("POST {path}"))
    }

    /// A ready request, for calls that are made many times.
    pub(crate) fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<&str>,
        idempotency_key: Option<&str>,
    ) -> anyhow::Result<Ready> {
        let body = body.unwrap_or_default();
        let mut ready =
            Ready::new(method, path, body.to_owned()).with("accept", "application/json")?;
        if let Some(key) = &self.key {
            ready = ready.with("authorization", &format!("Bearer {key}"))?;
        }
        if let Some(key) = idempotency_key {
            ready = ready.with("idempotency-key", key)?;
        }
        if !body.is_empty() {
            ready = ready.with("content-type", "application/json")?;
        }
        Ok(ready)
    }

    /// Status and JSON body (`null` when there is none).
    pub(crate) async fn call(&self, request: &Ready) -> anyhow::Result<(u16, Value)> {
        let idle = self.idle.borrow_mut().pop();
        let connection = idle.unwrap_or_else(|| Connection::new(self.address));
        let answer = tokio::time::timeout(PATIENCE, connection.exchange(request))
            .await
            .context("no answer in time")??;
        let body = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        self.idle.borrow_mut().push(connection);
        Ok((answer.status, body))
    }

    async fn expect(&self, request: &Ready) -> anyhow::Result<Value> {
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
