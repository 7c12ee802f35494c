//! Signed webhook requests as ready bytes.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A whole HTTP request, and how many webhook items its body holds.
pub(crate) struct Request {
    pub(crate) bytes: Vec<u8>,
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
        let signature = hex::encode(mac.finalize().into_bytes());
        let length = body.len();
        let bytes = format!(
            "POST /webhooks/meta HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: facebookexternalua\r\naccept: */*\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\nx-hub-signature-256: sha256={signature}\r\n\r\n{body}"
        );
        Request {
            bytes: bytes.into_bytes(),
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
        let text = String::from_utf8(request.bytes).unwrap();
        let signature = text
            .lines()
            .find_map(|line| line.strip_prefix("x-hub-signature-256: "))
            .unwrap();
        let key = key("secret").unwrap();
        assert!(
            fits(&key, signature.as_bytes(), br#"{"a":1}"#),
            "the body that was signed"
        );
        assert!(
            !fits(&key, signature.as_bytes(), br#"{"a":2}"#),
            "another body"
        );
        assert!(
            text.ends_with("\r\n\r\n{\"a\":1}") && text.contains("content-length: 7\r\n"),
            "{text}"
        );
    }
}
