//! Message templates of a WABA (pages "templates/overview", "templates/template-management"): `list` reads them,
//! `change` makes, edits and takes them away, `library` is what Meta has ready, `upload` brings the sample of a header.

mod change;
mod library;
mod list;
mod upload;

pub use change::{CreatedTemplate, LibraryChoice, NewTemplate, TemplateEdit};
pub use library::{LibraryFilter, LibraryTemplate};
pub use upload::{UploadSession, Uploading};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::webhook::lenient;

/// What is read of a template.
const FIELDS: &str = "id,name,language,category,status,parameter_format,components,rejected_reason,quality_score,\
                      correct_category,previous_category,message_send_ttl_seconds,library_template_name";

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
    /// `NAMED` or `POSITIONAL`.
    #[serde(deserialize_with = "lenient::text")]
    pub parameter_format: Option<String>,
    /// Meta's own JSON.
    pub components: Option<Box<RawValue>>,
    /// Why a rejected one was rejected: `ABUSIVE_CONTENT`, `INVALID_FORMAT`, `NONE` …
    #[serde(deserialize_with = "lenient::text")]
    pub rejected_reason: Option<String>,
    /// What people make of it.
    #[serde(deserialize_with = "lenient::part")]
    pub quality_score: Option<QualityScore>,
    /// The category that Meta announced.
    #[serde(deserialize_with = "lenient::text")]
    pub correct_category: Option<String>,
    /// The category before Meta changed it.
    #[serde(deserialize_with = "lenient::text")]
    pub previous_category: Option<String>,
    /// How long Meta tries to deliver it, in seconds; −1 for thirty days.
    #[serde(deserialize_with = "lenient::integer")]
    pub message_send_ttl_seconds: Option<i64>,
    /// The one of Meta's library that it was made of.
    #[serde(deserialize_with = "lenient::text")]
    pub library_template_name: Option<String>,
}

/// `quality_score`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct QualityScore {
    /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
    #[serde(deserialize_with = "lenient::text")]
    pub score: Option<String>,
}

#[derive(Deserialize)]
struct Page<T> {
    #[serde(
        default = "Vec::new",
        deserialize_with = "lenient::list",
        bound(deserialize = "T: serde::de::DeserializeOwned")
    )]
    data: Vec<T>,
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

impl<T> Page<T> {
    /// Where the next page begins; none on the last one. `next` is an address that Meta wrote; its cursor is enough,
    /// and the token stays on our own host.
    fn after(self) -> (Vec<T>, Option<String>) {
        let next = self.paging.filter(|paging| paging.next.is_some());
        let cursor = next
            .and_then(|paging| paging.cursors)
            .and_then(|cursors| cursors.after);
        (self.data, cursor)
    }
}
