//! `/api/v1/conversations`.

pub(crate) mod counts;
pub(crate) mod list;
pub(crate) mod note;
pub(crate) mod presence;
pub(crate) mod read;
pub(crate) mod show;
pub(crate) mod update;
mod view;

use engine::inbox::{Author, NotChanged};

use crate::auth::Caller;
use crate::problem::Problem;

pub(crate) use view::{Colleague, ConversationView};

/// Who writes a line into a conversation.
fn author(caller: &Caller) -> Author {
    caller
        .user()
        .map_or(Author::Key, |user| Author::Person(user.user_id))
}

impl From<NotChanged> for Problem {
    fn from(error: NotChanged) -> Self {
        match error {
            NotChanged::Missing => Self::not_found("conversation"),
            NotChanged::Invalid(mistake) => Self::mistakes(vec![mistake]),
            NotChanged::KeyReused => {
                Self::conflict("idempotency_key_reused", NotChanged::KeyReused.to_string())
            }
            NotChanged::Store(error) => error.into(),
        }
    }
}
