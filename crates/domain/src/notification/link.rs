//! Addresses of files, which WhatsApp fetches from the open internet.

use std::net::{IpAddr, Ipv4Addr};

/// What an address must be, after "an address".
pub(super) const FETCHED: &str = "that WhatsApp can fetch: it begins with https:// or http://, has no user name, password or backslash, and its host is on the open internet";

/// Ends of names that are nobody's on the open internet (RFC 6761, RFC 6762, ICANN's list of collisions).
const INNER: [&str; 10] = [
    "corp",
    "home",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "test",
];

/// Whether WhatsApp could fetch it, as far as the text tells.
pub(super) fn is_link(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let is_web = ["https", "http"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    is_web
        && !text.contains(char::is_whitespace)
        // For some a \\ ends the host, for others it does not.
        && !text.contains('\\')
        && !text.contains(char::is_control)
        && !authority.contains('@')
        && is_open(authority)
}

/// Whether a host, with or without its port, is one that everybody can reach.
fn is_open(authority: &str) -> bool {
    if let Some(rest) = authority.strip_prefix('[') {
        let address = rest.split_once(']').map(|(address, _)| address);
        return address
            .and_then(|address| address.parse().ok())
            .is_some_and(|address| !is_private(IpAddr::V6(address)));
    }
    let host = authority.split(':').next().unwrap_or_default();
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return !is_private(IpAddr::V4(address));
    }
    // What is no name either: 127.1 and 0x7f000001 are addresses for many programs.
    let end = host.rsplit('.').next().unwrap_or_default();
    let is_number = end.starts_with("0x") || end.bytes().all(|sign| sign.is_ascii_digit());
    let is_whole = host.contains('.') && host.split('.').all(|label| !label.is_empty());
    is_whole && !is_number && !INNER.contains(&end)
}

/// Addresses of this machine, of a network of one's own, or of nobody (the registries of RFC 6890).
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_documentation()
                || v4.is_multicast()
                || matches!(
                    v4.octets(),
                    [0, ..]
                        | [100, 64..=127, ..]
                        | [192, 0, 0, _]
                        | [192, 88, 99, _]
                        | [198, 18..=19, ..]
                        | [240..=255, ..]
                )
        }
        // Open are those that are given out, 2000::/3, without what stands for IPv4 or for nobody.
        IpAddr::V6(v6) => match v6.segments() {
            [0, 0, 0, 0, 0, 0xffff, ..] => v6
                .to_ipv4_mapped()
                .is_none_or(|v4| is_private(IpAddr::V4(v4))),
            [0x2001, 0..=0x01ff | 0x0db8, ..] | [0x2002, ..] | [0x3fff, ..] => true,
            [first, ..] => first & 0xe000 != 0x2000,
        },
    }
}
