//! Lines of a thread that never leave: notes, and what was done with the conversation.

use domain::message::{Direction, Origin};
use domain::{ConversationId, MessageId, TenantId, Timestamp, UserId};
use serde_json::Value;
use store::conversations::work::Held;
use store::{event_log, messages};

use crate::events;

/// Who did something in the inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// One of the tenant's people.
    Person(UserId),
    /// A system of the tenant with an API key.
    Key,
    /// The product itself.
    System,
}

impl Author {
    const fn origin(self) -> Origin {
        match self {
            Self::Person(_) => Origin::Member,
            Self::Key => Origin::Api,
            Self::System => Origin::System,
        }
    }

    fn user(self) -> Option<UserId> {
        match self {
            Self::Person(user) => Some(user),
            Self::Key | Self::System => None,
        }
    }
}

/// A line in a conversation.
pub(super) struct Line<'a> {
    pub(super) held: &'a Held,
    pub(super) author: Author,
    /// `note` or `activity`.
    pub(super) kind: &'static str,
    pub(super) text: Option<&'a str>,
    pub(super) preview: &'a str,
    pub(super) content: Value,
}

impl Line<'_> {
    /// Its id and its row. Nothing else is written: no last message, no unread count, no outbox.
    pub(super) fn row(&self, now: Timestamp) -> (MessageId, messages::New) {
        let id = MessageId::new(now);
        let row = messages::New {
            id: id.hex(),
            tenant: self.held.tenant_id.hex(),
            conversation: self.held.id.hex(),
            contact: self.held.contact_id.hex(),
            number: self.held.phone_number_id.clone(),
            direction: Direction::Internal.as_str(),
            origin: self.author.origin().as_str(),
            kind: self.kind.to_owned(),
            wamid: None,
            text: self.text.map(str::to_owned),
            preview: self.preview.to_owned(),
            content: self.content.to_string(),
            reply_to: None,
            status: "recorded",
            occurred_at: now.0,
            at: now.0,
            author: self.author.user().map(UserId::hex),
            batch: None,
            retry_of: None,
            terms: None,
        };
        (id, row)
    }
}

/// What was done with a conversation, as a line.
pub(super) fn activity(
    held: &Held,
    author: Author,
    word: &'static str,
    mut content: Value,
    now: Timestamp,
) -> messages::New {
    content["activity"] = Value::from(word);
    let line = Line {
        held,
        author,
        kind: "activity",
        text: None,
        preview: word,
        content,
    };
    line.row(now).1
}

/// The event that somebody else has a conversation now, or nobody.
pub(crate) fn moved(
    tenant: TenantId,
    id: ConversationId,
    from: Option<UserId>,
    to: Option<UserId>,
    now: Timestamp,
) -> event_log::New {
    event_log::of(
        tenant,
        "conversation.updated",
        events::moved(id, from, to),
        now,
    )
}

/// The event that a conversation is not as it was.
pub(super) fn updated(tenant: TenantId, id: ConversationId, now: Timestamp) -> event_log::New {
    let data = format!(r#"{{"conversation_id":"{id}"}}"#);
    event_log::of(tenant, "conversation.updated", data, now)
}
