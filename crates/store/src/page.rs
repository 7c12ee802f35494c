//! Keyset paging: newest first, each page after the last row of the one before.

use uuid::Uuid;

/// How many rows a page may hold at the most.
pub const MAX_LIMIT: i64 = 200;

/// Sorts after every id: where a list that runs downwards begins.
pub(crate) const LAST_ID: Uuid = Uuid::max();

/// A request for one page.
#[derive(Debug, Clone, Copy)]
pub struct Page<C> {
    /// Rows that come after this one in the order of the list; `None` for the first page.
    pub after: Option<C>,
    /// How many rows, 1 to [`MAX_LIMIT`].
    pub limit: i64,
}

impl<C> Page<C> {
    /// A page with its limit brought into range.
    pub fn new(after: Option<C>, limit: i64) -> Self {
        Self {
            after,
            limit: limit.clamp(1, MAX_LIMIT),
        }
    }
}

impl<C: Into<Uuid>> Page<C> {
    /// The id below which the page begins.
    pub(crate) fn below(self) -> Uuid {
        self.after.map_or(LAST_ID, Into::into)
    }
}
