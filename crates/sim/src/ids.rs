//! Ids as Meta forms them: opaque to everybody else, drawn from the seed here.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::chance::{Chance, mix};

/// Direction byte inside a `wamid`.
#[derive(Clone, Copy)]
pub(crate) enum Direction {
    FromBusiness,
    FromUser,
}

/// `wamid.` and base64 that holds the peer's number and a hex id.
pub(crate) fn wamid(
    chance: Chance,
    direction: Direction,
    phone_number_id: &str,
    peer: &str,
    count: u64,
) -> String {
    let (stream, marker) = match direction {
        Direction::FromBusiness => ("wamid-out", 0x11),
        Direction::FromUser => ("wamid-in", 0x12),
    };
    let high = chance.nth(stream, phone_number_id, count);
    let hex = format!("{high:016X}{:02X}", mix(high) & 0xff);
    let peer = &peer.as_bytes()[..peer.len().min(32)];
    let mut bytes = Vec::with_capacity(64);
    bytes.extend_from_slice(&[0x1c, 0x18, peer.len() as u8]);
    bytes.extend_from_slice(peer);
    bytes.extend_from_slice(&[0x15, 0x02, 0x00, marker, 0x18, hex.len() as u8]);
    bytes.extend_from_slice(hex.as_bytes());
    bytes.push(0);
    format!("wamid.{}", STANDARD.encode(bytes))
}

/// The business-scoped user id: country, dot, digits; the same user has another one in another portfolio.
pub(crate) fn bsuid(chance: Chance, business_id: &str, phone: &str) -> String {
    let first = chance.bits(business_id, phone.as_bytes());
    format!(
        "{}.{:010}{:09}",
        country(phone),
        1_000_000_000 + first % 8_999_999_999,
        mix(first) % 1_000_000_000
    )
}

/// A decimal id of 15 digits, as media, templates and numbers have.
pub(crate) fn numeric(chance: Chance, kind: &str, subject: &str, count: u64) -> String {
    (100_000_000_000_000 + chance.nth(kind, subject, count) % 900_000_000_000_000).to_string()
}

/// `fbtrace_id`: `A` and 22 characters.
pub(crate) fn trace(chance: Chance, count: u64) -> String {
    let first = chance.nth("trace", "", count);
    let mut bytes = first.to_be_bytes().to_vec();
    bytes.extend_from_slice(&mix(first).to_be_bytes());
    format!("A{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// ISO country of a phone number in digits, by its calling code; `ZZ` when the simulator does not know it.
pub(crate) fn country(phone: &str) -> &'static str {
    const CODES: [(&str, &str); 40] = [
        ("1", "US"),
        ("20", "EG"),
        ("27", "ZA"),
        ("30", "GR"),
        ("31", "NL"),
        ("32", "BE"),
        ("33", "FR"),
        ("34", "ES"),
        ("351", "PT"),
        ("353", "IE"),
        ("39", "IT"),
        ("40", "RO"),
        ("41", "CH"),
        ("43", "AT"),
        ("44", "GB"),
        ("45", "DK"),
        ("46", "SE"),
        ("47", "NO"),
        ("48", "PL"),
        ("49", "DE"),
        ("51", "PE"),
        ("52", "MX"),
        ("54", "AR"),
        ("55", "BR"),
        ("56", "CL"),
        ("57", "CO"),
        ("58", "VE"),
        ("591", "BO"),
        ("593", "EC"),
        ("595", "PY"),
        ("598", "UY"),
        ("502", "GT"),
        ("60", "MY"),
        ("62", "ID"),
        ("65", "SG"),
        ("81", "JP"),
        ("90", "TR"),
        ("91", "IN"),
        ("212", "MA"),
        ("971", "AE"),
    ];
    CODES
        .iter()
        .filter(|(code, _)| phone.starts_with(code))
        .max_by_key(|(code, _)| code.len())
        .map_or("ZZ", |(_, country)| country)
}
