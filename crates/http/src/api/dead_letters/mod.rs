//! `/api/v1/dead-letters`: messages that failed, expired or were cancelled.

pub(crate) mod dismiss;
pub(crate) mod export;
pub(crate) mod list;
pub(crate) mod summary;

use domain::Timestamp;
use serde::{Deserialize, Serialize};
use store::dead_letters::{DONE, Filter, OPEN};
use utoipa::{IntoParams, ToSchema};

use crate::problem::{Problem, Result};

/// Which dead letters are wanted; what is left out narrows nothing.
#[derive(Debug, Clone, Default, Deserialize, Serialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Narrow {
    /// `open`: nobody has dealt with it yet; `done`: sent again, dismissed, or cancelled by a person.
    state: Option<String>,
    /// `failed`, `expired`, `cancelled`.
    status: Option<String>,
    /// Meta's error code; 0 where the product itself gave the message up.
    code: Option<i64>,
    /// One of your numbers.
    phone_number_id: Option<String>,
    /// Meta's message type.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// The label that the messages were sent under.
    batch: Option<String>,
    /// Died not before this time.
    from: Option<String>,
    /// Died not after this time.
    to: Option<String>,
}

impl Narrow {
    pub(crate) fn has_empty_word(&self) -> bool {
        let words = [
            &self.state,
            &self.status,
            &self.phone_number_id,
            &self.kind,
            &self.batch,
            &self.from,
            &self.to,
        ];
        words.into_iter().flatten().any(String::is_empty)
    }

    pub(crate) fn filter(self) -> Result<Filter> {
        one_of("state", self.state.as_deref(), &[OPEN, DONE])?;
        one_of(
            "status",
            self.status.as_deref(),
            &["failed", "expired", "cancelled"],
        )?;
        let word = |text: Option<String>| text.filter(|text| !text.is_empty());
        Ok(Filter {
            state: self.state,
            status: self.status,
            code: self.code,
            phone_number_id: word(self.phone_number_id),
            kind: word(self.kind),
            batch: word(self.batch),
            from: time("from", self.from.as_deref())?,
            to: time("to", self.to.as_deref())?,
        })
    }
}

fn one_of(field: &str, word: Option<&str>, words: &[&str]) -> Result<()> {
    match word {
        Some(word) if !words.contains(&word) => Err(Problem::invalid(
            field,
            format!("must be one of {}", words.join(", ")),
        )),
        _ => Ok(()),
    }
}

fn time(field: &str, text: Option<&str>) -> Result<Option<Timestamp>> {
    text.filter(|text| !text.is_empty())
        .map(|text| {
            Timestamp::parse(text).ok_or_else(|| {
                Problem::invalid(field, "must be a time such as 2027-01-31T00:00:00Z")
            })
        })
        .transpose()
}
