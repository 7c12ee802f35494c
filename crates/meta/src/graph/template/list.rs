//! The templates of a WABA, and one by its id.

use secrecy::SecretString;

use super::{FIELDS, Page, Template};
use crate::graph::{GraphCallError, GraphClient, segment};

/// A WABA has at most 6,000 templates.
const MAX_PAGES: usize = 100;

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
        self.templates_like(token, waba_id, &[]).await
    }

    /// The templates of exactly this name, in all their languages.
    ///
    /// # Errors
    /// As [`Self::message_templates`].
    pub async fn templates_named(
        &self,
        token: &SecretString,
        waba_id: &str,
        name: &str,
    ) -> Result<Vec<Template>, GraphCallError> {
        // Meta's filter finds every name that contains this one.
        let mut found = self
            .templates_like(token, waba_id, &[("name", name)])
            .await?;
        found.retain(|template| template.name.as_deref() == Some(name));
        Ok(found)
    }

    /// One template by Meta's id.
    ///
    /// # Errors
    /// See [`GraphCallError`]; code 100 with subcode 33 when it is not there any more.
    pub async fn template(
        &self,
        token: &SecretString,
        template_id: &str,
    ) -> Result<Template, GraphCallError> {
        let id = segment(template_id).map_err(GraphCallError::NotAllowed)?;
        self.get(token, id, &[("fields", FIELDS)]).await
    }

    async fn templates_like(
        &self,
        token: &SecretString,
        waba_id: &str,
        filter: &[(&str, &str)],
    ) -> Result<Vec<Template>, GraphCallError> {
        let path = format!(
            "{}/message_templates",
            segment(waba_id).map_err(GraphCallError::NotAllowed)?
        );
        let mut templates = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let mut query = vec![("fields", FIELDS), ("limit", "100")];
            query.extend_from_slice(filter);
            if let Some(after) = &after {
                query.push(("after", after));
            }
            let page: Page<Template> = self.get(token, &path, &query).await?;
            let (data, cursor) = page.after();
            templates.extend(data);
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
