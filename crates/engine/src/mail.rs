//! E-mail, where the operator set a server. Without one, links are shown in the page instead.

use std::time::Duration;

use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use secrecy::{ExposeSecret as _, SecretString};

/// Why e-mail cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The address of the server is wrong.
    #[error("mail.smtp_url must look like smtps://user:password@mail.example.com ({0})")]
    Server(String),
    /// The sender's address is wrong.
    #[error("mail.from must be an address such as Trunkline <no-reply@example.com>")]
    From,
}

/// Sends e-mail, or knows that nobody does.
#[derive(Clone, Default)]
pub struct Mailer(Option<(AsyncSmtpTransport<Tokio1Executor>, Mailbox)>);

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_on() {
            "Mailer(on)"
        } else {
            "Mailer(off)"
        })
    }
}

/// How long a mail server may take: a person waits for the answer.
const PATIENCE: Duration = Duration::from_secs(10);

impl Mailer {
    /// Through a server: `smtps://…`, or `smtp://…?tls=required` for STARTTLS.
    ///
    /// # Errors
    /// [`MailError`].
    pub fn smtp(url: &SecretString, from: &str) -> Result<Self, MailError> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())
            .map_err(|error| MailError::Server(error.to_string()))?
            .timeout(Some(PATIENCE))
            .build();
        let from = from.parse().map_err(|_| MailError::From)?;
        Ok(Self(Some((transport, from))))
    }

    /// Whether there is a server.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Sends a text. False when there is no server, or it refused; the log then says why.
    pub async fn send(&self, to: &str, subject: &str, text: String) -> bool {
        let Some((transport, from)) = &self.0 else {
            return false;
        };
        let Ok(to) = to.parse::<Mailbox>() else {
            return false;
        };
        let message = Message::builder()
            .from(from.clone())
            .to(to)
            .subject(subject)
            .body(text);
        let message = match message {
            Ok(message) => message,
            Err(error) => {
                tracing::warn!(error = %error, "an e-mail could not be written");
                return false;
            }
        };
        match tokio::time::timeout(PATIENCE, transport.send(message)).await {
            Ok(Ok(_)) => true,
            Ok(Err(error)) => {
                tracing::warn!(error = %error, "the mail server did not take an e-mail");
                false
            }
            Err(_) => {
                tracing::warn!("the mail server did not answer in time");
                false
            }
        }
    }
}
