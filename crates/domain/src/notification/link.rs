//! Addresses of files, which WhatsApp fetches from the open internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address must be, after "an address".
pub(super) const FETCHED: &str = "that WhatsApp can fetch: it begins with https:// or http://, has no user name or password, and its host is on the open internet";

/// Whether WhatsApp could fetch it, as far as the text tells.
pub(super) fn is_link(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let is_web = ["https", "http"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known));
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    is_web
        && !text.contains(char::is_whitespace)
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
    let is_inner = ["localhost", "local", "internal", "lan", "home", "test"].contains(&end);
    host.contains('.') && !is_number && !is_inner
}

/// Addresses of this machine, of a network of one's own, or of nobody.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_broadcast()
                || v4.is_multicast()
                || a == 0
                || (a == 100 && (64..128).contains(&b))
        }
        IpAddr::V6(v6) => {
            let inner = v6.to_ipv4_mapped().map(IpAddr::V4);
            v6 == Ipv6Addr::UNSPECIFIED
                || v6.is_loopback()
                || v6.is_multicast()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
                || inner.is_some_and(is_private)
        }
    }
}
