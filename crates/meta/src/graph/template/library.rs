//! Templates that Meta has ready (`GET /message_template_library`, page "templates/template-library").

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Page;
use crate::graph::{GraphCallError, GraphClient};
use crate::webhook::lenient;

/// The library is read in pages of this many …
const PAGE: &str = "100";
/// … and so many of them at most: the library is a few hundred.
const MAX_PAGES: usize = 20;

/// What is looked for in the library; absent members narrow nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct LibraryFilter<'a> {
    /// Words of the text.
    pub search: Option<&'a str>,
    /// `ORDER_MANAGEMENT` …
    pub topic: Option<&'a str>,
    /// `SHIPMENT_CONFIRMATION` …
    pub usecase: Option<&'a str>,
    /// `E_COMMERCE` …
    pub industry: Option<&'a str>,
    /// Such as `en_US`.
    pub language: Option<&'a str>,
}

/// A template of the library.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct LibraryTemplate {
    /// Meta's id.
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    /// Its name there.
    #[serde(deserialize_with = "lenient::text")]
    pub name: Option<String>,
    /// Such as `en_US`.
    #[serde(deserialize_with = "lenient::text")]
    pub language: Option<String>,
    /// `UTILITY` or `AUTHENTICATION`.
    #[serde(deserialize_with = "lenient::text")]
    pub category: Option<String>,
    /// What it is about.
    #[serde(deserialize_with = "lenient::text")]
    pub topic: Option<String>,
    /// What it is for.
    #[serde(deserialize_with = "lenient::text")]
    pub usecase: Option<String>,
    /// For whom it is.
    pub industry: Option<Box<RawValue>>,
    /// Its header.
    #[serde(deserialize_with = "lenient::text")]
    pub header: Option<String>,
    /// Its text, with placeholders.
    #[serde(deserialize_with = "lenient::text")]
    pub body: Option<String>,
    /// Examples of its values, as Meta's JSON.
    pub body_params: Option<Box<RawValue>>,
    /// Kinds of its values (`TEXT`, `AMOUNT`, `DATE` …), as Meta's JSON.
    pub body_param_types: Option<Box<RawValue>>,
    /// Its buttons, as Meta's JSON.
    pub buttons: Option<Box<RawValue>>,
}

impl GraphClient {
    /// Templates that Meta has ready.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn template_library(
        &self,
        token: &SecretString,
        filter: &LibraryFilter<'_>,
    ) -> Result<Vec<LibraryTemplate>, GraphCallError> {
        let wanted = [
            ("search", filter.search),
            ("topic", filter.topic),
            ("usecase", filter.usecase),
            ("industry", filter.industry),
            ("language", filter.language),
        ];
        let wanted = wanted
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        let wanted: Vec<_> = wanted.chain([("limit", PAGE)]).collect();
        let mut templates = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let mut query = wanted.clone();
            if let Some(after) = &after {
                query.push(("after", after));
            }
            let page: Page<LibraryTemplate> =
                self.get(token, "message_template_library", &query).await?;
            let (data, cursor) = page.after();
            templates.extend(data);
            match cursor {
                Some(cursor) if after.as_ref() != Some(&cursor) => after = Some(cursor),
                Some(_) | None => break,
            }
        }
        Ok(templates)
    }
}
