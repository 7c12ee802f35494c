//! What Meta does to a webhook address, done by ourselves: the verification, and a signed post. So an installation finds
//! out whether it can be reached before Meta does (page "webhooks/create-webhook-endpoint").

use reqwest::header::CONTENT_TYPE;
use secrecy::{ExposeSecret as _, SecretString};

use super::{GraphClient, describe};
use crate::signature;

/// More of an answer is not looked at.
const LOOKED_AT: usize = 4_096;

/// What a webhook address answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The beginning of the body.
    pub body: String,
    /// The header that was asked for.
    pub header: Option<String>,
}

impl GraphClient {
    /// Asks a webhook address as Meta does when it is saved. `header` names a header of the answer that is wanted too.
    ///
    /// # Errors
    /// Why there was no answer.
    pub async fn verify_callback(
        &self,
        url: &str,
        verify_token: &SecretString,
        challenge: &str,
        header: &str,
    ) -> Result<CallbackAnswer, String> {
        let query = [
            ("hub.mode", "subscribe"),
            ("hub.challenge", challenge),
            ("hub.verify_token", verify_token.expose_secret()),
        ];
        answer(self.http.get(url).query(&query), header).await
    }

    /// Posts a body to a webhook address, signed as Meta signs.
    ///
    /// # Errors
    /// Why there was no answer.
    pub async fn post_callback(
        &self,
        url: &str,
        app_secret: &SecretString,
        body: String,
    ) -> Result<CallbackAnswer, String> {
        let signature = signature::sign(app_secret.expose_secret().as_bytes(), body.as_bytes());
        let request = self
            .http
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header(signature::HEADER, signature)
            .body(body);
        answer(request, CONTENT_TYPE.as_str()).await
    }
}

async fn answer(request: reqwest::RequestBuilder, header: &str) -> Result<CallbackAnswer, String> {
    let mut response = request.send().await.map_err(describe)?;
    let status = response.status().as_u16();
    let named = response.headers().get(header);
    let header = named
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let mut body = Vec::new();
    while body.len() < LOOKED_AT
        && let Some(piece) = response.chunk().await.map_err(describe)?
    {
        body.extend_from_slice(&piece);
    }
    body.truncate(LOOKED_AT);
    let body = String::from_utf8_lossy(&body).into_owned();
    Ok(CallbackAnswer {
        status,
        body,
        header,
    })
}

/// How a body of ours begins that says nothing; its mark follows.
const NOTHING: &str = r#"{"object":"whatsapp_business_account","entry":[],"trunkline_check":""#;

/// A body in Meta's form that says nothing, but for a mark (hex digits) by which it is found again.
#[must_use]
pub fn empty_webhook(mark: &str) -> String {
    format!("{NOTHING}{mark}\"}}")
}

/// Whether a body is one of [`empty_webhook`]: there is nothing in it to be read, and nothing to wonder at.
#[must_use]
pub fn is_empty_webhook(body: &[u8]) -> bool {
    let mark = body
        .strip_prefix(NOTHING.as_bytes())
        .and_then(|rest| rest.strip_suffix(br#""}"#));
    mark.is_some_and(|mark| mark.iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_says_nothing_is_known_and_one_that_says_something_is_not() {
        assert!(is_empty_webhook(empty_webhook("0a1b").as_bytes()));
        for other in [
            r#"{"object":"whatsapp_business_account","entry":[]}"#,
            r#"{"object":"whatsapp_business_account","entry":[],"trunkline_check":"0a","entry":[{}]}"#,
            "",
        ] {
            assert!(!is_empty_webhook(other.as_bytes()), "{other}");
        }
    }
}
