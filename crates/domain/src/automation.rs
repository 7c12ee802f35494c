//! Automation as a pure function: what happened → what to do. Effects are data; the engine carries
//! them out in the transaction that projected the event, so an effect happens exactly once.
//!
//! Today there is one rule, the welcome. The rule engine of auto-replies will stand here.

use std::time::Duration;

use crate::clock::Timestamp;

/// A contact counts as new again after this much silence: WhatsApp's own Business app greets "new
/// customers and customers who write after 14 days of no activity".
pub const WELCOME_AFTER_SILENCE: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// An inbound message as automation sees it.
#[derive(Debug, Clone, Copy)]
pub struct Received {
    /// When it was written.
    pub at: Timestamp,
    /// When this conversation last received a message before it, if ever.
    pub previous_inbound_at: Option<Timestamp>,
    /// Whether a person wrote it: reactions, edits, deletions and system notes are not answered.
    pub deserves_answer: bool,
}

/// What a tenant has set up.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Text sent to new contacts; `None` switches it off.
    pub welcome_text: Option<String>,
}

/// Something that the engine should do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Answer in the same conversation.
    Reply {
        /// The text to send.
        text: String,
    },
}

/// Decides what to do about an inbound message.
pub fn react(rules: &Rules, received: Received) -> Vec<Effect> {
    let is_new = received
        .previous_inbound_at
        .is_none_or(|before| received.at.since(before) >= WELCOME_AFTER_SILENCE);
    match &rules.welcome_text {
        Some(text) if is_new && received.deserves_answer => {
            vec![Effect::Reply { text: text.clone() }]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(previous: Option<Timestamp>) -> Received {
        Received {
            at: Timestamp::from_seconds(10_000_000),
            previous_inbound_at: previous,
            deserves_answer: true,
        }
    }

    #[test]
    fn a_new_contact_is_welcomed_once() {
        let rules = Rules {
            welcome_text: Some("Hola".into()),
        };
        assert_eq!(
            react(&rules, received(None)),
            [Effect::Reply {
                text: "Hola".into()
            }]
        );
        let yesterday = Timestamp::from_seconds(10_000_000 - 86_400);
        assert_eq!(react(&rules, received(Some(yesterday))), []);
        let long_ago = Timestamp::from_seconds(10_000_000 - 15 * 86_400);
        assert_eq!(react(&rules, received(Some(long_ago))).len(), 1);
    }

    #[test]
    fn nothing_is_sent_where_no_welcome_is_set_or_nobody_wrote() {
        assert_eq!(react(&Rules::default(), received(None)), []);
        let rules = Rules {
            welcome_text: Some("Hola".into()),
        };
        assert_eq!(
            react(
                &rules,
                Received {
                    deserves_answer: false,
                    ..received(None)
                }
            ),
            []
        );
    }
}
