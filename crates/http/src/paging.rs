//! Lists page by cursor: `{"data":[…],"next":cursor|null}`, newest first.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use store::page::Page;
use utoipa::{IntoParams, ToSchema};

use crate::problem::{Problem, Result};

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// The rows, newest first.
    pub(crate) data: Vec<T>,
    /// Give this as `cursor` to get the next page; null on the last one.
    pub(crate) next: Option<String>,
}

/// Which page is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// The `next` of the page before.
    cursor: Option<String>,
    /// How many rows: 1 to 200, 50 when not given.
    limit: Option<i64>,
}

const DEFAULT_LIMIT: i64 = 50;

impl Wanted {
    pub(crate) fn page<C: FromStr>(&self) -> Result<Page<C>> {
        self.page_by(|text| text.parse().ok())
    }

    pub(crate) fn page_by<C>(&self, parse: impl Fn(&str) -> Option<C>) -> Result<Page<C>> {
        let after = match self.cursor.as_deref() {
            None | Some("") => None,
            Some(text) => Some(
                parse(text)
                    .ok_or_else(|| Problem::invalid("cursor", "is not one that this list gave"))?,
            ),
        };
        Ok(Page::new(after, self.limit()?))
    }

    /// The `next` of the page before.
    pub(crate) fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// How many rows.
    pub(crate) fn limit(&self) -> Result<i64> {
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=store::page::MAX_LIMIT).contains(&limit) {
            return Err(Problem::invalid("limit", "must be 1 to 200"));
        }
        Ok(limit)
    }
}

impl<T> List<T> {
    /// A page of rows; `cursor` names the last one when there may be more.
    pub(crate) fn of<R>(
        rows: Vec<R>,
        limit: i64,
        cursor: impl Fn(&R) -> String,
        view: impl FnMut(R) -> T,
    ) -> Self {
        let full = i64::try_from(rows.len()).is_ok_and(|count| count >= limit);
        let next = rows.last().filter(|_| full).map(cursor);
        Self {
            data: rows.into_iter().map(view).collect(),
            next,
        }
    }

    /// A list that has one page.
    pub(crate) fn whole(data: Vec<T>) -> Self {
        Self { data, next: None }
    }
}
