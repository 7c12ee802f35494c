//! Pages of messages: of a list, or of a search.

use std::collections::{HashMap, HashSet};

use domain::{ContactId, MessageId, Sight, TenantId};
use store::messages::count::Counted;
use store::messages::{self, Message};
use store::page::Page;
use store::search::hits;

use uuid::Uuid;

use super::narrow::{Narrowed, Words};
use super::view::ContactName;
use crate::App;
use crate::problem::{Problem, Result};

/// A page, and the cursor of the next one.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) rows: Vec<Message>,
    pub(super) next: Option<String>,
}

impl Narrowed {
    /// The page behind the cursor, newest first. It may have fewer rows than it could though there are more.
    pub(super) async fn page(
        &self,
        app: &App,
        tenant: TenantId,
        sight: Sight,
        cursor: Option<&str>,
        limit: i64,
    ) -> Result<Rows> {
        let db = &app.engine.db;
        let cursor = cursor.filter(|text| !text.is_empty());
        match &self.words {
            Words::Nowhere => Ok(Rows::default()),
            Words::Any => {
                let page = Page::new(read::<MessageId>(cursor)?, limit);
                let listed = messages::list::list(db, tenant, sight, &self.filter, page).await?;
                Ok(Rows {
                    rows: listed.rows,
                    next: listed.next.map(|id| id.to_string()),
                })
            }
            Words::Of(query) => {
                let before = read::<i64>(cursor)?;
                let found =
                    hits::find(db, tenant, sight, query, &self.filter, before, limit).await?;
                Ok(Rows {
                    rows: found.rows,
                    next: found.next.map(|seq| seq.to_string()),
                })
            }
        }
    }

    /// How many there are, as far as that can be said quickly.
    pub(super) async fn count(&self, app: &App, tenant: TenantId, sight: Sight) -> Result<Counted> {
        let db = &app.engine.db;
        Ok(match &self.words {
            Words::Nowhere => Counted {
                count: 0,
                is_all: true,
            },
            Words::Any => messages::count::count(db, tenant, sight, &self.filter).await?,
            Words::Of(query) => hits::count(db, tenant, sight, query, &self.filter).await?,
        })
    }

    /// The line of a message in which it stands, marked.
    pub(super) fn highlight(&self, row: &Message) -> Option<String> {
        let Words::Of(query) = &self.words else {
            return None;
        };
        hits::highlight(query, row).or_else(|| {
            let texts = engine::search::texts(&row.kind, None, Some(&row.content));
            texts
                .iter()
                .find_map(|text| domain::search::excerpt(text, query))
        })
    }
}

/// What the contacts of these messages are called.
pub(super) async fn names(
    app: &App,
    tenant: TenantId,
    rows: &[Message],
) -> Result<HashMap<Uuid, ContactName>> {
    let ids: HashSet<_> = rows.iter().map(|row| ContactId(row.contact_id)).collect();
    let ids: Vec<_> = ids.into_iter().collect();
    let contacts = store::contacts::some(&app.engine.db, tenant, &ids).await?;
    let pair = |row: store::contacts::Contact| (row.id.0, ContactName::from(row));
    Ok(contacts.into_iter().map(pair).collect())
}

fn read<T: std::str::FromStr>(cursor: Option<&str>) -> Result<Option<T>> {
    cursor
        .map(|text| {
            text.parse()
                .map_err(|_| Problem::invalid("cursor", "is not one that this list gave"))
        })
        .transpose()
}
