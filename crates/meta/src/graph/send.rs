//! `POST /{phone_number_id}/messages` (page "messages").

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::proof::{self, Provable};
use super::{GraphCallError, GraphClient, GraphError, call, describe, segment};
use crate::webhook::lenient;

/// Meta took the message. That is not yet delivery: everything later comes as statuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The message id that every status will carry.
    pub wamid: String,
    /// The receiver's WhatsApp id; absent when sent to a BSUID.
    pub wa_id: Option<String>,
    /// The receiver's BSUID, when sent to one.
    pub user_id: Option<String>,
    /// Of template sends: `accepted`, `held_for_quality_assessment`, `paused`.
    pub message_status: Option<String>,
}

/// Why a send was not accepted; see the module [`super`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Certainly never reached Meta: safe to send again.
    #[error("the message was not sent: {0}")]
    NotSent(String),
    /// May have reached Meta or not: never send again blindly.
    #[error("the outcome of the send is unknown: {0}")]
    Unknown(String),
    /// Meta refused: certainly not accepted.
    #[error(transparent)]
    Refused(Box<GraphError>),
}

impl From<GraphError> for SendError {
    fn from(refused: GraphError) -> Self {
        Self::Refused(Box::new(refused))
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SendAnswer {
    #[serde(deserialize_with = "lenient::list")]
    contacts: Vec<AnswerContact>,
    #[serde(deserialize_with = "lenient::list")]
    messages: Vec<AnswerMessage>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AnswerContact {
    #[serde(deserialize_with = "lenient::text")]
    wa_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    user_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AnswerMessage {
    #[serde(deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    message_status: Option<String>,
}

#[derive(Serialize)]
struct MarkRead<'a> {
    messaging_product: &'static str,
    status: &'static str,
    message_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    typing_indicator: Option<TypingIndicator>,
}

#[derive(Serialize)]
struct TypingIndicator {
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Deserialize)]
pub(super) struct Success {
    pub(super) success: bool,
}

impl GraphClient {
    /// Sends one message. `body` is anything that serialises to Meta's form: [`super::outbound::OutboundMessage`], a
    /// `serde_json::value::RawValue`, a `Value`.
    ///
    /// # Errors
    /// See [`SendError`].
    pub async fn send_message<B: Serialize + ?Sized>(
        &self,
        token: &SecretString,
        phone_number_id: &str,
        body: &B,
    ) -> Result<Accepted, SendError> {
        let body =
            serde_json::to_vec(body).map_err(|error| SendError::NotSent(error.to_string()))?;
        self.send_message_bytes(token, phone_number_id, Bytes::from(body))
            .await
    }

    /// As [`Self::send_message`], with a body that is JSON text already.
    ///
    /// # Errors
    /// See [`SendError`].
    pub async fn send_message_bytes(
        &self,
        token: &SecretString,
        phone_number_id: &str,
        body: Bytes,
    ) -> Result<Accepted, SendError> {
        self.send_bytes_to(token, phone_number_id, "messages", body)
            .await
    }

    /// As [`Self::send_message_bytes`], through another endpoint of the number: `marketing_messages` (page
    /// "marketing-messages").
    ///
    /// # Errors
    /// See [`SendError`].
    pub async fn send_bytes_to(
        &self,
        token: &SecretString,
        phone_number_id: &str,
        endpoint: &str,
        body: Bytes,
    ) -> Result<Accepted, SendError> {
        let url = self.url(&format!(
            "{}/{}",
            segment(phone_number_id).map_err(SendError::NotSent)?,
            segment(endpoint).map_err(SendError::NotSent)?
        ));
        let request = self
            .request(Method::POST, &url, token)
            .map_err(SendError::NotSent)?
            .header(CONTENT_TYPE, "application/json")
            .body(body);
        let request =
            Provable::new(request).map_err(|error| SendError::NotSent(describe(error)))?;
        let Some(proof) = request.proof() else {
            return post(request).await;
        };
        let unproven = request.unproven();
        match (post(request).await, unproven) {
            (Err(SendError::Refused(error)), Some(unproven)) if proof::is_refused(&error) => {
                self.prover.refused(proof);
                post(unproven).await
            }
            (answer, _) => answer,
        }
    }

    /// Marks a message and all before it as read (two blue ticks); `typing` also shows the typing bubble, until the
    /// answer or for 25 s.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn mark_read(
        &self,
        token: &SecretString,
        phone_number_id: &str,
        wamid: &str,
        typing: bool,
    ) -> Result<(), GraphCallError> {
        let path = format!(
            "{}/messages",
            segment(phone_number_id).map_err(GraphCallError::NotAllowed)?
        );
        let body = MarkRead {
            messaging_product: "whatsapp",
            status: "read",
            message_id: wamid,
            typing_indicator: typing.then_some(TypingIndicator { kind: "text" }),
        };
        let request = self
            .request(Method::POST, &self.url(&path), token)
            .map_err(GraphCallError::NotAllowed)?
            .json(&body);
        success(call(request).await?)
    }
}

/// One try. Refused is only what certainly was not carried out.
async fn post(request: Provable) -> Result<Accepted, SendError> {
    let response = request.send().await.map_err(|error| {
        // A builder error is ours, a connect error is before the first byte; all else may have been heard.
        let never_left = error.is_builder() || error.is_connect();
        let text = describe(error);
        if never_left {
            SendError::NotSent(text)
        } else {
            SendError::Unknown(text)
        }
    })?;
    let status = response.status();
    let headers = if status.is_success() {
        reqwest::header::HeaderMap::new()
    } else {
        response.headers().clone()
    };
    let answer = response.bytes().await.map_err(|error| {
        SendError::Unknown(format!(
            "HTTP {}, then the body broke off: {}",
            status.as_u16(),
            describe(error)
        ))
    })?;
    match read_answer(status.as_u16(), &answer) {
        Err(SendError::Refused(error)) => Err(error.with_headers(&headers).into()),
        answer => answer,
    }
}

pub(super) fn success(answer: Success) -> Result<(), GraphCallError> {
    if answer.success {
        Ok(())
    } else {
        Err(GraphCallError::NotMeta { http_status: 200 })
    }
}

fn read_answer(http_status: u16, body: &[u8]) -> Result<Accepted, SendError> {
    if let Some(error) = GraphError::from_body(http_status, body) {
        return Err(error.into());
    }
    match http_status {
        200..=299 => {}
        // 408 is a proxy that lost patience after it may have passed the request on.
        400..=407 | 409..=499 => {
            return Err(GraphError::without_envelope(http_status).into());
        }
        _ => {
            return Err(SendError::Unknown(format!(
                "HTTP {http_status}, and the body is not Meta's"
            )));
        }
    }
    let not_meta = || {
        SendError::Unknown(format!(
            "HTTP {http_status}, and the body holds no message id"
        ))
    };
    let answer: SendAnswer = serde_json::from_slice(body).map_err(|_| not_meta())?;
    let message = answer.messages.into_iter().next().unwrap_or_default();
    let contact = answer.contacts.into_iter().next().unwrap_or_default();
    Ok(Accepted {
        wamid: message
            .id
            .filter(|id| !id.is_empty())
            .ok_or_else(not_meta)?,
        wa_id: contact.wa_id,
        user_id: contact.user_id,
        message_status: message.message_status,
    })
}
