//! What a client asks for, checked before anything is recorded.
//!
//! The shape is Meta's own with three comforts: `text` may be a plain string, `reply_to` replaces
//! `context`, and `to` may also be a BSUID or one of our conversation ids.
//!
//! `envelope` reads what stands beside the content, `address` whom it is for and from which number, `content`
//! holds what is sent against Meta's limits. Whether the window is open is looked at when the message is
//! recorded, where its conversation is at hand anyway.

use domain::identity::Person;
use domain::message::{Lane, Origin};
use domain::{Sight, TenantId, Timestamp, UserId};
use meta::graph::outbound::{OutboundMessage, Problem};
use serde_json::{Map, Value};
use store::tenants;

use super::{address, content, envelope};
use crate::Engine;
use crate::outbound::draft::{Terms, addressed};
use crate::templates::Templates;

/// A request to send.
#[derive(Debug, Clone)]
pub struct Request {
    /// The JSON object that the client sent.
    pub body: Map<String, Value>,
    /// `Idempotency-Key`, if it gave one.
    pub idempotency_key: Option<String>,
    /// The person who sends it; none for a system with a key.
    pub author: Option<UserId>,
    /// Which conversations and messages it may name.
    pub sight: Sight,
    /// Who causes it, where that is neither the person nor a system with a key.
    pub origin: Option<Origin>,
    /// Files that stand in which conversations it may name. What is sent again names those of a message that is seen,
    /// whoever uploaded them.
    pub files: Sight,
    /// Whether it waits while quiet hours last, as mailings do.
    pub rests: bool,
}

/// A request that can be recorded.
#[derive(Debug, Clone)]
pub(crate) struct Checked {
    pub(crate) tenant: TenantId,
    pub(crate) number: String,
    pub(crate) person: Person,
    pub(crate) message: OutboundMessage,
    pub(crate) lane: Lane,
    pub(crate) origin: Origin,
    pub(crate) author: Option<UserId>,
    pub(crate) terms: Terms,
    /// Whether it is refused unless the customer service window is known to be open.
    pub(crate) needs_window: bool,
    /// Into which conversations it may go.
    pub(crate) sight: Sight,
}

/// One mistake in a request.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Mistake {
    /// Which member.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
    /// The code that Meta would have answered with, where it has one.
    pub meta_code: Option<i64>,
}

impl Mistake {
    /// A mistake that only we know of.
    pub fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            problem: problem.into(),
            meta_code: None,
        }
    }

    /// A mistake that Meta refuses with this code.
    pub fn of_meta(code: i64, field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            meta_code: Some(code),
            ..Self::new(field, problem)
        }
    }
}

impl From<Problem> for Mistake {
    fn from(problem: Problem) -> Self {
        Self::of_meta(problem.code, problem.field, problem.problem)
    }
}

/// A template that can be sent when nothing else can.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Offer {
    /// By which it is sent.
    pub name: String,
    /// Such as `en_US`.
    pub language: String,
    /// `MARKETING` or `UTILITY`.
    pub category: String,
}

/// Why nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The request is wrong.
    #[error("the message cannot be sent as it is")]
    Invalid(Vec<Mistake>),
    /// The tenant has no number to send from.
    #[error("no WhatsApp number is assigned to this business; ask the platform's support for one")]
    NoNumber,
    /// The named number is not the tenant's.
    #[error("the number {0} is not one of this business's numbers")]
    ForeignNumber(String),
    /// The tenant is suspended.
    #[error("this business is suspended and cannot send")]
    Suspended,
    /// The tenant has switched WhatsApp off.
    #[error("WhatsApp is switched off for this business; it can be switched on in the settings")]
    SwitchedOff,
    /// The person has not written for 24 hours: only templates may be sent.
    #[error(
        "this person has not written in the last 24 hours, so WhatsApp delivers only an approved template to them"
    )]
    WindowClosed {
        /// When the customer service window closed; none when it was never open.
        closed_at: Option<Timestamp>,
        /// What could be sent instead, as far as Meta told.
        templates: Vec<Offer>,
    },
    /// The conversation that it would go into is not there for the person who sends it.
    #[error(
        "a colleague has the conversation with this person; ask them, or whoever manages the inbox, to give it to you"
    )]
    Colleagues,
    /// The database refused.
    #[error(transparent)]
    Store(#[from] store::DbError),
}

pub(super) fn invalid(field: &str, problem: impl Into<String>) -> Refused {
    Refused::Invalid(vec![Mistake::new(field, problem)])
}

pub(super) fn refused_by_meta(code: i64, field: &str, problem: impl Into<String>) -> Refused {
    Refused::Invalid(vec![Mistake::of_meta(code, field, problem)])
}

/// Checks a request against the tenant, its numbers, Meta's limits and the template's definition.
pub(crate) async fn check(
    engine: &Engine,
    templates: &Templates,
    tenant: TenantId,
    request: Request,
) -> Result<Checked, Refused> {
    let Request {
        body,
        author,
        sight,
        origin,
        files,
        rests,
        idempotency_key: _,
    } = request;
    let owner = tenants::get(&engine.db, tenant)
        .await?
        .ok_or(Refused::NoNumber)?;
    if owner.status != "active" {
        return Err(Refused::Suspended);
    }
    if !owner.whatsapp_enabled {
        return Err(Refused::SwitchedOff);
    }
    let kind = envelope::kind_of(&body)?;
    let mut envelope = envelope::read(&body, &kind, engine.clock.now())?;
    envelope.terms.rests = rests;
    let value = content::value(&kind, &body);
    let mut mistakes = content::mistakes(&kind, &value, &envelope);
    let addressee = match address::addressee(engine, tenant, sight, &body).await {
        Ok(addressee) => addressee,
        // Everything that is wrong is told at once.
        Err(Refused::Invalid(more)) => {
            mistakes.splice(0..0, more);
            return Err(Refused::Invalid(mistakes));
        }
        Err(other) => return Err(other),
    };
    if !mistakes.is_empty() {
        return Err(Refused::Invalid(mistakes));
    }
    let (person, talk_number) = addressee;
    let number = address::sender(engine, &owner, body.get("from"), talk_number).await?;
    let content = content::read(engine, tenant, sight, &kind, value.clone()).await?;
    let reply_to = address::reply_to(engine, tenant, sight, &body).await?;
    let mut message = addressed(&person, content).ok_or_else(|| {
        invalid(
            "to",
            "this contact has neither a phone number nor a user id",
        )
    })?;
    message.reply_to = reply_to;
    message.marketing = envelope.marketing;
    message.recipient_identity_key_hash = envelope.identity_key_hash;
    let mut mistakes: Vec<Mistake> = message
        .validate_envelope()
        .into_iter()
        .map(Mistake::from)
        .collect();
    if kind == "template" && mistakes.is_empty() {
        let wanted = content::Wanted {
            template: &value,
            marketing: envelope.terms.marketing,
            by_user_id: message.to.is_none(),
        };
        mistakes = content::against_definition(engine, templates, tenant, &number, &wanted).await?;
    }
    if !mistakes.is_empty() {
        return Err(Refused::Invalid(mistakes));
    }
    let names = crate::media::Names {
        tenant,
        files,
        number: &number,
    };
    let unknown_files = crate::media::sendable(engine, names, &message).await?;
    if !unknown_files.is_empty() {
        return Err(Refused::Invalid(unknown_files));
    }
    Ok(Checked {
        tenant,
        number: number.phone_number_id,
        person,
        message,
        lane: envelope.lane,
        origin: origin.unwrap_or(if author.is_some() {
            Origin::Member
        } else {
            Origin::Api
        }),
        author,
        terms: envelope.terms,
        needs_window: kind != "template",
        sight,
    })
}
