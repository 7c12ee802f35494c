//! Ids: UUIDv7 newtypes shown with a prefix that says what they name (`msg_0193…`).
//!
//! They sort by the time they were made, strictly within one process, so that a listing by id is a
//! listing by age and the primary key's index grows at its end.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::clock::Timestamp;

/// The text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an id such as {prefix}_0193a5c47d1e7c3f8a2b4c5d6e7f8091")]
pub struct NotAnId {
    /// The prefix that was expected.
    pub prefix: &'static str,
}

/// Makes a UUIDv7 for `at`. The 12 bits after the milliseconds count within the process, so ids made
/// one after the other sort in that order even within one microsecond.
fn uuid_v7(at: Timestamp) -> Uuid {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let micros = u64::try_from(at.micros()).unwrap_or(0);
    let wanted = ((micros / 1_000) << 12) | ((micros % 1_000) * 4);
    let before = LAST
        .fetch_update(Ordering::AcqRel, Ordering::Acquire, |last| {
            Some(wanted.max(last + 1))
        })
        .unwrap_or(wanted);
    let stamp = wanted.max(before + 1);
    let high = ((stamp >> 12) << 16) | 0x7000 | (stamp & 0x0fff);
    let low = (rand::random::<u64>() & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000;
    Uuid::from_u64_pair(high, low)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl $name {
            /// What stands before the underscore in the shown form.
            pub const PREFIX: &'static str = $prefix;

            /// A new id that sorts by `at`.
            pub fn new(at: Timestamp) -> Self {
                Self(uuid_v7(at))
            }

            /// Sorts before every id that is made at `at` or later, and after those made earlier.
            pub fn first_at(at: Timestamp) -> Self {
                let millis = u64::try_from(at.millis()).unwrap_or(0).min((1 << 48) - 1);
                Self(Uuid::from_u64_pair(millis << 16, 0))
            }

            /// When it was made, to the millisecond.
            pub fn made_at(self) -> Timestamp {
                let millis = i64::try_from(self.0.as_u64_pair().0 >> 16).unwrap_or(i64::MAX);
                Timestamp(millis.saturating_mul(1_000))
            }

            /// 32 hex digits, as the batches that go to the database write it.
            pub fn hex(self) -> String {
                self.0.simple().to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                text.strip_prefix(concat!($prefix, "_"))
                    .filter(|rest| rest.len() == 32)
                    .and_then(|rest| Uuid::try_parse(rest).ok())
                    .map(Self)
                    .ok_or(NotAnId { prefix: $prefix })
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )* };
}

ids! {
    /// One customer business of the platform.
    TenantId = "ten";
    /// A person who writes to a tenant.
    ContactId = "con";
    /// A tenant's number × a contact.
    ConversationId = "cnv";
    /// A message in either direction; for an outgoing one it is also the outbox entry's id and what
    /// Meta is given as `biz_opaque_callback_data`.
    MessageId = "msg";
    /// A file that was uploaded for sending.
    MediaId = "med";
    /// An API key of a tenant or of the platform.
    ApiKeyId = "key";
    /// A background job.
    JobId = "job";
    /// A tenant's way to WhatsApp.
    ConnectionId = "conn";
    /// One attempt to connect.
    RunId = "run";
    /// Something from a webhook that could not be routed or understood.
    ParkedId = "prk";
    /// A person who signs in.
    UserId = "usr";
    /// A signed-in browser.
    SessionId = "ses";
    /// An invitation into a tenant or into the platform's administration.
    InvitationId = "inv";
    /// A link by which a business sets itself up.
    SetupLinkId = "link";
    /// A text that members send often.
    QuickReplyId = "qr";
    /// Something that Meta told about an account.
    AccountEventId = "evt";
    /// Something that somebody should know of.
    AlertId = "alr";
    /// A message template in one language, of one WABA.
    TemplateId = "tpl";
    /// A template that the platform writes once for many.
    GlobalTemplateId = "gtp";
    /// Something that another system reported.
    EventId = "ev";
    /// A rule by which events become messages.
    RuleId = "rule";
    /// An address at which another system reports events.
    EventSourceId = "src";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_in_the_order_they_were_made() {
        let at = Timestamp::from_seconds(1_764_500_000);
        let ids: Vec<_> = (0..10_000).map(|_| MessageId::new(at)).collect();
        assert!(
            ids.windows(2).all(|pair| pair[0] < pair[1]),
            "ids made one after the other do not sort so"
        );
        assert_eq!(ids[0].0.get_version_num(), 7);
    }

    #[test]
    fn an_id_knows_when_it_was_made() {
        let at = Timestamp(1_964_500_000_123_456);
        let id = MessageId::new(at);
        assert_eq!(id.made_at(), Timestamp(1_964_500_000_123_000));
        assert!(MessageId::first_at(at) < id, "{id}");
        assert!(id < MessageId::first_at(Timestamp(at.0 + 1_000)), "{id}");
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let tenant = TenantId::new(Timestamp::from_seconds(1));
        assert_eq!(tenant.to_string().parse::<TenantId>(), Ok(tenant));
        assert!(tenant.to_string().parse::<MessageId>().is_err());
        assert!("ten_123".parse::<TenantId>().is_err());
    }
}
