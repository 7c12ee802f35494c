//! Signed webhook requests.

use hmac::{Hmac, KeyInit, Mac};
use hyper::Method;
use sha2::Sha256;

use crate::client::Ready;

/// A whole HTTP request, and how many webhook items its body holds.
pub(crate) struct Request {
    pub(crate) http: Ready,
    pub(crate) items: u64,
    /// Messages whose fate is followed: the index of the number, and the wamid.
    pub(crate) watched: Vec<(usize, String)>,
}

/// Puts a signed head before bodies.
pub(crate) struct Signer {
    key: Hmac<Sha256>,
}

impl Signer {
    pub(crate) fn new(app_secret: &str) -> anyhow::Result<Self> {
        Ok(Self {
            key: key(app_secret)?,
        })
    }

    /// As Meta posts it: the signature is over the raw body.
    pub(crate) fn request(&self, body: &str, items: u64) -> Request {
        let mut mac = self.key.clone();
        mac.update(body.as_bytes());
        let signature = mac.finalize().into_bytes();
        let http = Ready::new(Method::POST, "/webhooks/meta", body.to_owned())
            .with_static("user-agent", "facebookexternalua")
            .with_static("accept", "*/*")
            .with_static("content-type", "application/json")
            .with_hex("x-hub-signature-256", "sha256=", &signature);
        Request {
            http,
            items,
            watched: Vec::new(),
        }
    }
}

/// The keyed state, to be cloned for each body.
pub(crate) fn key(app_secret: &str) -> anyhow::Result<Hmac<Sha256>> {
    Hmac::new_from_slice(app_secret.as_bytes())
        .map_err(|error| anyhow::anyhow!("the app secret is no key: {error}"))
}

/// Whether the value of `X-Hub-Signature-256` fits the body; in constant time.
pub(crate) fn fits(key: &Hmac<Sha256>, header: &[u8], body: &[u8]) -> bool {
    let Some(digits) = header.strip_prefix(b"sha256=") else {
        return false;
    };
    let mut claimed = [0_u8; 32];
    if hex::decode_to_slice(digits, &mut claimed).is_err() {
        return false;
    }
    let mut mac = key.clone();
    mac.update(body);
    mac.verify_slice(&claimed).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_carries_a_signature_that_fits_its_body_and_no_other() {
        let request = Signer::new("secret").unwrap().request(r#"{"a":1}"#, 1);
        let signature = request.http.header("x-hub-signature-256").unwrap();
        let key = key("secret").unwrap();
        assert!(
            fits(&key, signature, br#"{"a":1}"#),
            "the body that was signed"
        );
        assert!(!fits(&key, signature, br#"{"a":2}"#), "another body");
        assert_eq!(request.http.body.as_ref(), br#"{"a":1}"#);
    }
}
