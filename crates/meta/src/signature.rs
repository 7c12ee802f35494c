//! `X-Hub-Signature-256`: proof that a webhook body was written by Meta.
//!
//! Meta signs the raw bytes with the app secret; the text on the wire is ASCII (`\uXXXX`), so re-serialised JSON has
//! another signature. Check before parsing, over the bytes as they came.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Name of the header, in the form that HTTP libraries look up.
pub const HEADER: &str = "x-hub-signature-256";

const PREFIX: &[u8] = b"sha256=";
const HEX: &[u8; 16] = b"0123456789abcdef";

/// The header value Meta would send for `body`: `sha256=` and 64 lower-case hex digits.
#[must_use]
pub fn sign(secret: &[u8], body: &[u8]) -> String {
    let digest = digest(secret, body);
    let mut header = String::with_capacity(PREFIX.len() + 64);
    header.push_str("sha256=");
    for byte in digest {
        header.push(char::from(HEX[usize::from(byte >> 4)]));
        header.push(char::from(HEX[usize::from(byte & 15)]));
    }
    header
}

/// Whether `header` is Meta's signature of `body`.
///
/// Compares in constant time, allocates nothing, and accepts only the exact form that Meta sends: `sha256=` and 64
/// lower-case hex digits, no spaces. An empty secret never verifies: it would make every forgery valid.
#[must_use]
pub fn verify(secret: &[u8], header: &str, body: &[u8]) -> bool {
    let Some(hex) = header.as_bytes().strip_prefix(PREFIX) else {
        return false;
    };
    if hex.len() != 64 || secret.is_empty() {
        return false;
    }
    let digest = digest(secret, body);
    let mut expected = [0_u8; 64];
    for (pair, byte) in expected.chunks_exact_mut(2).zip(digest) {
        pair[0] = HEX[usize::from(byte >> 4)];
        pair[1] = HEX[usize::from(byte & 15)];
    }
    bool::from(expected.as_slice().ct_eq(hex))
}

fn digest(secret: &[u8], body: &[u8]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret)
        .expect("HMAC takes a key of any length (RFC 2104)");
    mac.update(body);
    mac.finalize().into_bytes().into()
}

/// Rewrites JSON text as Meta puts it on the wire: everything outside ASCII as lower-case `\uXXXX`, characters above
/// U+FFFF as a surrogate pair. Sign the result, not the input.
#[must_use]
pub fn ascii_escape(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len() + json.len() / 4);
    let mut units = [0_u16; 2];
    for character in json.chars() {
        if character.is_ascii() {
            escaped.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut units) {
            escaped.push_str("\\u");
            for shift in [12_u16, 8, 4, 0] {
                escaped.push(char::from(HEX[usize::from((*unit >> shift) & 15)]));
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    const KNOWN: &str = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    const BODY: &[u8] = b"what do ya want for nothing?";

    #[test]
    fn the_known_vector_of_rfc_4231_is_signed_and_verified() {
        assert_eq!(sign(b"Jefe", BODY), KNOWN);
        assert!(verify(b"Jefe", KNOWN, BODY), "the known vector must verify");
    }

    #[test]
    fn any_single_flipped_bit_of_the_body_is_refused() {
        for bit in 0..BODY.len() * 8 {
            let mut body = BODY.to_vec();
            body[bit / 8] ^= 1 << (bit % 8);
            assert!(
                !verify(b"Jefe", KNOWN, &body),
                "bit {bit} was flipped and the signature still held"
            );
        }
    }

    #[test]
    fn any_single_flipped_bit_of_the_header_is_refused() {
        for bit in 0..KNOWN.len() * 8 {
            let mut header = KNOWN.as_bytes().to_vec();
            header[bit / 8] ^= 1 << (bit % 8);
            let Ok(header) = String::from_utf8(header) else {
                continue;
            };
            assert!(
                !verify(b"Jefe", &header, BODY),
                "header {header:?} was accepted"
            );
        }
    }

    #[test]
    fn nothing_but_the_exact_form_is_accepted() {
        let hex = &KNOWN["sha256=".len()..];
        let upper = format!("sha256={}", hex.to_uppercase());
        let sha1 = format!("sha1={hex}");
        let spaced = format!(" {KNOWN}");
        let longer = format!("{KNOWN}00");
        for header in [
            "",
            "sha256=",
            hex,
            &upper,
            &sha1,
            &spaced,
            &longer,
            &KNOWN[..KNOWN.len() - 2],
        ] {
            assert!(
                !verify(b"Jefe", header, BODY),
                "header {header:?} was accepted"
            );
        }
        assert!(
            !verify(b"", &sign(b"", BODY), BODY),
            "an empty secret must never verify"
        );
    }

    #[test]
    fn text_outside_ascii_is_escaped_as_on_the_wire() {
        assert_eq!(
            ascii_escape("{\"a\":\"ñ 👍\"}"),
            "{\"a\":\"\\u00f1 \\ud83d\\udc4d\"}"
        );
        assert_eq!(ascii_escape("plain \\u00f1 / text"), "plain \\u00f1 / text");
    }
}
