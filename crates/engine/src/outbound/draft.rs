//! A message that is about to be recorded and put into the outbox.

use domain::identity::Person;
use domain::message::{Direction, Lane, Origin};
use domain::status::MessageStatus;
use domain::{MessageId, TenantId, Timestamp, UserId};
use meta::graph::outbound::{Content, OutboundMessage};
use store::{messages, outbox};

use crate::inbound::Talk;
use crate::outbound::words;

/// A message with everything that its rows need.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) id: MessageId,
    pub(crate) tenant: TenantId,
    pub(crate) number: String,
    pub(crate) talk: Talk,
    pub(crate) recipient: String,
    pub(crate) kind: String,
    pub(crate) text: Option<String>,
    pub(crate) preview: String,
    pub(crate) reply_to: Option<String>,
    pub(crate) body: String,
    pub(crate) lane: Lane,
    pub(crate) origin: Origin,
    /// The user who wrote it, where it was one.
    pub(crate) author: Option<UserId>,
    /// The template, `name/language`, where it is one.
    pub(crate) template: Option<String>,
    pub(crate) terms: Terms,
    pub(crate) at: Timestamp,
}

/// When a message may leave, under which label, and by which door.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Terms {
    /// Not before.
    pub(crate) send_at: Option<Timestamp>,
    /// Not after.
    pub(crate) send_before: Option<Timestamp>,
    /// The label by which it can be paused and cancelled.
    pub(crate) batch: Option<String>,
    /// Whether it goes through Meta's endpoint for marketing.
    pub(crate) marketing: bool,
    /// Whether it waits while quiet hours last, as mailings do.
    pub(crate) rests: bool,
}

impl Draft {
    /// An answer in a conversation. `None` when the person has no address to which one can send.
    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of one message, given once"
    )]
    pub(crate) fn reply(
        tenant: TenantId,
        number: &str,
        person: &Person,
        talk: Talk,
        text: &str,
        lane: Lane,
        origin: Origin,
        now: Timestamp,
    ) -> Option<Self> {
        let message = addressed(person, Content::text(text))?;
        Self::new(tenant, number, talk, message, lane, origin, now)
    }

    /// A message as Meta will be sent it. `None` when it cannot be written as JSON.
    pub(crate) fn new(
        tenant: TenantId,
        number: &str,
        talk: Talk,
        message: OutboundMessage,
        lane: Lane,
        origin: Origin,
        now: Timestamp,
    ) -> Option<Self> {
        let id = MessageId::new(now);
        let recipient = message.to.clone().or_else(|| message.recipient.clone())?;
        let reply_to = match &message.content {
            Content::Reaction(reaction) => Some(reaction.message_id.clone()),
            _ => message.reply_to.clone(),
        };
        let kind = message.content.as_str().to_owned();
        let template = match &message.content {
            Content::Template(template) => {
                Some(format!("{}/{}", template.name, template.language.code))
            }
            _ => None,
        };
        let (text, preview) = (
            words::searchable(&message.content),
            words::preview(&message.content),
        );
        let body = serde_json::to_string(&message.with_callback_data(id.to_string())).ok()?;
        Some(Self {
            id,
            tenant,
            number: number.to_owned(),
            talk,
            recipient,
            kind,
            text,
            preview,
            reply_to,
            body,
            lane,
            origin,
            author: None,
            template,
            terms: Terms::default(),
            at: now,
        })
    }

    pub(crate) fn message_row(&self) -> messages::New {
        messages::New {
            id: self.id.hex(),
            tenant: self.tenant.hex(),
            conversation: self.talk.id.hex(),
            contact: self.talk.contact.hex(),
            number: self.number.clone(),
            direction: Direction::Outbound.as_str(),
            origin: self.origin.as_str(),
            kind: self.kind.clone(),
            wamid: None,
            text: self.text.clone(),
            preview: self.preview.clone(),
            content: self.body.clone(),
            reply_to: self.reply_to.clone(),
            status: MessageStatus::Queued.as_str(),
            occurred_at: self.at.0,
            at: self.at.0,
            author: self.author.map(UserId::hex),
            batch: self.terms.batch.clone(),
            retry_of: None,
            terms: super::terms::kept(&self.kind, self.lane, &self.terms),
        }
    }

    /// The file that it carries, where it names one.
    pub(crate) fn file(&self) -> Option<store::media::of_messages::Sent> {
        let (content, talk) = ((self.kind.as_str(), self.body.as_str()), self.talk.id);
        crate::media::references(self.id, self.tenant, talk, &self.number, content, self.at)
    }

    pub(crate) fn outbox_row(&self) -> outbox::New {
        outbox::New {
            id: self.id.hex(),
            tenant: self.tenant.hex(),
            number: self.number.clone(),
            conversation: self.talk.id.hex(),
            recipient: self.recipient.clone(),
            lane: self.lane.rank(),
            body: self.body.clone(),
            template: self.template.clone(),
            endpoint: self.terms.marketing.then_some("marketing_messages"),
            batch: self.terms.batch.clone(),
            next_at: self.terms.send_at.map_or(self.at, |at| at.max(self.at)).0,
            rests: self.terms.rests,
            send_before: self.terms.send_before.map(Timestamp::micros),
            at: self.at.0,
        }
    }
}

/// A message to a person: by phone number where there is one (Meta wants the `+`), else by BSUID.
pub(crate) fn addressed(person: &Person, content: Content) -> Option<OutboundMessage> {
    match (person.phone(), &person.bsuid) {
        (Some(phone), _) => Some(OutboundMessage::to(format!("+{phone}"), content)),
        (None, Some(bsuid)) => Some(OutboundMessage::to_recipient(bsuid.clone(), content)),
        (None, None) => None,
    }
}

impl Draft {
    /// What the event log says about it.
    pub(crate) fn event_data(&self) -> String {
        format!(
            r#"{{"message_id":"{}","conversation_id":"{}"}}"#,
            self.id, self.talk.id
        )
    }
}
