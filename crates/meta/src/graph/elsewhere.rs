//! Webhook addresses of single accounts and numbers (page "webhooks/override").

use std::net::IpAddr;

use reqwest::{Method, Url};
use secrecy::SecretString;
use serde_json::json;

use super::send::success;
use super::{GraphCallError, GraphClient, call, segment};

/// Meta takes no longer address.
const LONGEST: usize = 200;

/// Whether Meta may be told to post to an address: HTTPS, by a public name, nothing hidden in it. `local` lets this
/// machine's own addresses pass, for when the Graph API is this machine as well.
///
/// # Errors
/// What is wrong, for a person.
pub fn check_address(text: &str, local: bool) -> Result<(), &'static str> {
    let url =
        Url::parse(text).map_err(|_| "must be an address such as https://example.com/hook")?;
    if text.chars().count() > LONGEST {
        return Err("may have 200 characters");
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err("may hold no name, password or fragment");
    }
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
    let loopback = address.is_some_and(|address| address.is_loopback()) || host == "localhost";
    if local && loopback {
        return Ok(());
    }
    if url.scheme() != "https" {
        return Err("must begin with https://, because Meta posts to nothing else");
    }
    let named = address.is_none() && host.contains('.') && !host.ends_with('.');
    let inner = [".localhost", ".local", ".internal", ".lan", ".home.arpa"];
    if !named || inner.iter().any(|end| host.ends_with(end)) {
        return Err("must name a host that the whole internet can reach");
    }
    Ok(())
}

impl GraphClient {
    /// Sets where the messages of a number are posted; an empty address takes it back. Meta calls the address before
    /// it answers.
    ///
    /// # Errors
    /// See [`GraphCallError`]; 100/2200 when the address does not answer as it should.
    pub async fn set_number_callback(
        &self,
        token: &SecretString,
        phone_number_id: &str,
        address: &str,
        verify_token: &str,
    ) -> Result<(), GraphCallError> {
        let id = segment(phone_number_id).map_err(GraphCallError::NotAllowed)?;
        let mut configuration = json!({ "override_callback_uri": address });
        if !address.is_empty() {
            configuration["verify_token"] = json!(verify_token);
        }
        let request = self
            .request(Method::POST, &self.url(id), token)
            .map_err(GraphCallError::NotAllowed)?;
        let body = json!({ "webhook_configuration": configuration });
        success(call(request.json(&body)).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_given_to_meta() {
        for text in [
            "https://hooks.example.com/meta",
            "https://example.com:8443/a?b=c",
        ] {
            assert_eq!(check_address(text, false), Ok(()), "{text}");
        }
        for text in [
            "http://example.com/",
            "https://127.0.0.1/",
            "https://10.0.0.7/",
            "https://2130706433/",
            "https://[::1]/",
            "https://localhost/",
            "https://db.internal/",
            "https://router/",
            "https://a:b@example.com/",
            "https://example.com/#x",
            "ftp://example.com/",
            "example.com",
            "",
        ] {
            assert!(check_address(text, false).is_err(), "{text}");
        }
        assert!(check_address(&format!("https://example.com/{}", "a".repeat(200)), false).is_err());
        assert_eq!(check_address("http://127.0.0.1:8080/hook", true), Ok(()));
        assert!(check_address("http://192.168.1.1/hook", true).is_err());
    }
}
