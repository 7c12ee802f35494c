//! Message templates of a WABA (`GET /{waba}/message_templates`, page "templates/overview").

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{GraphCallError, GraphClient, segment};
use crate::webhook::lenient;

const FIELDS: &str = "id,name,language,category,status,components";
/// A WABA has at most 6,000 templates.
const MAX_PAGES: usize = 100;

/// A template as Meta describes it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Template {
    /// Meta's id.
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    /// By which it is sent.
    #[serde(deserialize_with = "lenient::text")]
    pub name: Option<String>,
    /// Such as `en_US`.
    #[serde(deserialize_with = "lenient::text")]
    pub language: Option<String>,
    /// `MARKETING`, `UTILITY`, `AUTHENTICATION`.
    #[serde(deserialize_with = "lenient::text")]
    pub category: Option<String>,
    /// `APPROVED`, `PENDING`, `REJECTED`, `PAUSED`, `DISABLED` …
    #[serde(deserialize_with = "lenient::text")]
    pub status: Option<String>,
    /// Meta's own JSON.
    pub components: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Page {
    #[serde(deserialize_with = "lenient::list")]
    data: Vec<Template>,
    #[serde(default)]
    paging: Option<Paging>,
}

#[derive(Deserialize)]
struct Paging {
    cursors: Option<Cursors>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Cursors {
    after: Option<String>,
}

impl GraphClient {
    /// All templates of a WABA, over all pages.
    ///
    /// # Errors
    /// See [`GraphCallError`]; a failure on any page is a failure of the whole, never half a list.
    pub async fn message_templates(
        &self,
        token: &SecretString,
        waba_id: &str,
    ) -> Result<Vec<Template>, GraphCallError> {
        let path = format!(
            "{}/message_templates",
            segment(waba_id).map_err(GraphCallError::NotAllowed)?
        );
        let mut templates = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let mut query = vec![("fields", FIELDS), ("limit", "100")];
            if let Some(after) = &after {
                query.push(("after", after));
            }
            let page: Page = self.get(token, &path, &query).await?;
            templates.extend(page.data);
            // `next` is an address that Meta wrote; its cursor is enough, and the token stays on our own host.
            let next = page.paging.filter(|paging| paging.next.is_some());
            let cursor = next
                .and_then(|paging| paging.cursors)
                .and_then(|cursors| cursors.after);
            match cursor {
                Some(cursor) if after.as_ref() != Some(&cursor) => after = Some(cursor),
                Some(_) | None => return Ok(templates),
            }
        }
        Err(GraphCallError::NotAllowed(format!(
            "the list of templates has more than {MAX_PAGES} pages"
        )))
    }
}
