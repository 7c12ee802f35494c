//! What lists, counts and files of messages are narrowed to.

use domain::Timestamp;
use domain::search::Query;
use serde::Deserialize;
use store::messages::Filter;
use utoipa::IntoParams;

use crate::problem::{Problem, Result};

/// Filters; all of them combine.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Narrow {
    /// Words, of which the last may be the beginning of one; words in quotes must follow each other. Found are text, captions, titles of buttons, names of files and notes. At most 200 characters.
    q: Option<String>,
    /// Meta's id.
    wamid: Option<String>,
    /// `inbound` or `outbound`.
    direction: Option<String>,
    /// A status as messages show it: `held` and `sending` as well.
    status: Option<String>,
    /// Meta's message type, as `text` or `image`; `note` of internal ones.
    #[serde(rename = "type")]
    #[param(rename = "type")]
    kind: Option<String>,
    /// One conversation.
    conversation_id: Option<String>,
    /// One contact.
    contact_id: Option<String>,
    /// One of the tenant's numbers.
    phone_number_id: Option<String>,
    /// Those that we had at this moment or later (RFC 3339).
    from: Option<String>,
    /// Those that we had before this moment (RFC 3339).
    to: Option<String>,
    /// The label under which they were sent.
    batch: Option<String>,
    /// Notes and activity of the tenant's people, too (`direction` `internal`).
    internal: Option<bool>,
}

/// What was asked for, understood.
#[derive(Debug)]
pub(super) struct Narrowed {
    pub(super) filter: Filter,
    /// Words that are looked for.
    pub(super) words: Words,
}

/// Words that are looked for.
#[derive(Debug, Clone)]
pub(crate) enum Words {
    /// None: everything fits.
    Any,
    /// Signs without a word in them, which stand nowhere.
    Nowhere,
    /// These.
    Of(Query),
}

/// Characters that may be looked for.
const LONGEST_QUERY: usize = 200;
/// Meta's words for types are shorter.
const LONGEST_WORD: usize = 64;

impl Words {
    /// Reads what was typed. Nothing but its length can be wrong with it.
    pub(crate) fn read(typed: Option<&str>) -> Result<Self> {
        let Some(typed) = typed.map(str::trim).filter(|typed| !typed.is_empty()) else {
            return Ok(Self::Any);
        };
        if typed.chars().count() > LONGEST_QUERY {
            return Err(Problem::invalid("q", "may have at most 200 characters"));
        }
        Ok(Query::parse(typed).map_or(Self::Nowhere, Self::Of))
    }
}

impl Narrow {
    pub(super) fn read(self) -> Result<Narrowed> {
        let words = Words::read(self.q.as_deref())?;
        if let Some(word) = self.direction.as_deref()
            && !matches!(word, "inbound" | "outbound")
        {
            return Err(Problem::invalid("direction", "must be inbound or outbound"));
        }
        if let Some(word) = self.status.as_deref()
            && word != "held"
            && domain::status::MessageStatus::parse(word).is_none()
        {
            return Err(Problem::invalid(
                "status",
                "is not a status that messages have",
            ));
        }
        if self
            .kind
            .as_ref()
            .is_some_and(|kind| kind.len() > LONGEST_WORD)
        {
            return Err(Problem::invalid("type", "is not a type that messages have"));
        }
        let conversation = id(self.conversation_id.as_deref(), || {
            Problem::invalid("conversation_id", "is not a conversation's id")
        })?;
        let contact = id(self.contact_id.as_deref(), || {
            Problem::invalid("contact_id", "is not a contact's id")
        })?;
        let (from, to) = (moment("from", self.from)?, moment("to", self.to)?);
        if let (Some(from), Some(to)) = (from, to)
            && from >= to
        {
            return Err(Problem::invalid("to", "must be later than `from`"));
        }
        Ok(Narrowed {
            filter: Filter {
                wamid: self.wamid,
                direction: self.direction,
                status: self.status,
                conversation,
                contact,
                number: self.phone_number_id,
                batch: self.batch,
                kind: self.kind,
                from,
                to,
                internal: self.internal.unwrap_or(false),
            },
            words,
        })
    }
}

fn id<T: std::str::FromStr>(
    text: Option<&str>,
    problem: impl Fn() -> Problem,
) -> Result<Option<T>> {
    text.filter(|text| !text.is_empty())
        .map(|text| text.parse().map_err(|_| problem()))
        .transpose()
}

fn moment(field: &'static str, text: Option<String>) -> Result<Option<Timestamp>> {
    text.filter(|text| !text.is_empty())
        .map(|text| {
            Timestamp::parse(&text).ok_or_else(|| {
                Problem::invalid(field, "is not a moment such as 2026-05-01T00:00:00Z")
            })
        })
        .transpose()
}
