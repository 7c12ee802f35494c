//! How Meta signs webhooks. Written apart from the product's own checker, so that one proves the other.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;

/// The value of `X-Hub-Signature-256` for the raw bytes of a body: `sha256=` and lower-case hex.
#[must_use]
pub fn sign(app_secret: &str, body: &[u8]) -> String {
    format!("sha256={}", hex::encode(hmac_sha256(app_secret, body)))
}

/// The older `X-Hub-Signature`, which Meta still sends.
pub(crate) fn sign_sha1(app_secret: &str, body: &[u8]) -> String {
    let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(app_secret.as_bytes())
        .expect("HMAC takes a key of any length (RFC 2104)");
    mac.update(body);
    format!("sha1={}", hex::encode(mac.finalize().into_bytes()))
}

pub(crate) fn hmac_sha256(key: &str, body: &[u8]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key.as_bytes())
        .expect("HMAC takes a key of any length (RFC 2104)");
    mac.update(body);
    mac.finalize().into_bytes().into()
}

/// JSON text with everything outside ASCII as lower-case `\uXXXX`, as Meta puts it on the wire before signing.
#[must_use]
pub fn ascii_escape(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len() + 16);
    let mut units = [0_u16; 2];
    for character in json.chars() {
        if character.is_ascii() {
            escaped.push(character);
        } else {
            for unit in character.encode_utf16(&mut units) {
                // Writing to a String cannot fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        }
    }
    escaped
}
