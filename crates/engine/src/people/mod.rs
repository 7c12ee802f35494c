//! People: how they come in (`invite`), sign in (`sign_in`: password, code, throttle), stay signed in
//! (`sessions`), change what is theirs (`account`) and get back in (`reset`).

pub mod account;
pub mod invite;
pub mod members;
mod password;
pub mod reset;
pub mod sessions;
pub mod sign_in;
mod throttle;
pub mod totp;

pub use password::{Weak, check_password, hash_password};
pub(crate) use throttle::{FORGOTTEN, network};

/// An address as it is kept: lower case, without space around it. `None` when it is no address.
pub fn address(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (local, host) = text.split_once('@')?;
    let plain = |part: &str| {
        !part.is_empty()
            && !part.contains(|c: char| {
                c.is_whitespace() || c.is_control() || "@<>,;:\"\\()".contains(c)
            })
    };
    let dotted = host.contains('.') || host == "localhost";
    (text.len() <= 254
        && plain(local)
        && plain(host)
        && dotted
        && !host.starts_with('.')
        && !host.ends_with('.'))
    .then_some(text)
}

/// A name without the space around it. `None` when it is empty or longer than 100 characters.
pub fn person_name(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty() && text.chars().count() <= 100 && !text.contains(char::is_control))
        .then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_in_lower_case_and_what_is_none_is_refused() {
        assert_eq!(
            address(" Maria@Example.COM ").as_deref(),
            Some("maria@example.com")
        );
        for wrong in [
            "",
            "maria",
            "@example.com",
            "maria@",
            "a b@example.com",
            "a@b",
            "a@.com",
            "a@b.",
            "a@b@c.com",
            "a@b.com\r\nBcc: x@y.z",
        ] {
            assert_eq!(address(wrong), None, "{wrong:?}");
        }
    }
}
