//! Making, editing and deleting templates. A call whose answer was lost may have been carried out: whoever repeats it
//! looks at the list first ([`GraphClient::templates_named`]).

use reqwest::Method;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::graph::send::success;
use crate::graph::{GraphCallError, GraphClient, call, segment};
use crate::webhook::lenient;

/// A template that is to be made.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NewTemplate<'a> {
    /// Small letters, digits and `_`.
    pub name: &'a str,
    /// Such as `en_US`.
    pub language: &'a str,
    /// `MARKETING`, `UTILITY`, `AUTHENTICATION`.
    pub category: &'a str,
    /// `NAMED` or `POSITIONAL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter_format: Option<&'a str>,
    /// Meta's JSON; none for one out of the library.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub components: Option<&'a RawValue>,
    /// How long Meta tries to deliver it, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_send_ttl_seconds: Option<i64>,
    /// The one of Meta's library that it is made of.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub library: Option<LibraryChoice<'a>>,
}

/// A template of Meta's library with what is ours in it.
#[derive(Debug, Clone, Serialize)]
pub struct LibraryChoice<'a> {
    /// Its name there.
    pub library_template_name: &'a str,
    /// Meta's JSON: addresses and phone numbers of its buttons.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub library_template_button_inputs: Option<&'a RawValue>,
    /// Meta's JSON: the choices in its body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub library_template_body_inputs: Option<&'a RawValue>,
}

/// What Meta made of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CreatedTemplate {
    /// Meta's id.
    pub id: String,
    /// `PENDING`, `APPROVED`, `REJECTED`.
    pub status: String,
    /// May be another than was asked for.
    pub category: Option<String>,
}

/// What is to be changed. Components are replaced as a whole.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct TemplateEdit<'a> {
    /// Of an approved template it cannot be changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<&'a str>,
    /// Meta's JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub components: Option<&'a RawValue>,
    /// `NAMED` or `POSITIONAL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter_format: Option<&'a str>,
    /// How long Meta tries to deliver it, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_send_ttl_seconds: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CreateAnswer {
    #[serde(deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    status: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    category: Option<String>,
}

impl GraphClient {
    /// Makes a template; Meta reviews it afterwards.
    ///
    /// # Errors
    /// See [`GraphCallError`]; 100/2388024 when there is one of this name and language already.
    pub async fn create_template(
        &self,
        token: &SecretString,
        waba_id: &str,
        template: &NewTemplate<'_>,
    ) -> Result<CreatedTemplate, GraphCallError> {
        let path = format!(
            "{}/message_templates",
            segment(waba_id).map_err(GraphCallError::NotAllowed)?
        );
        let request = self
            .request(Method::POST, &self.url(&path), token)
            .map_err(GraphCallError::NotAllowed)?;
        let answer: CreateAnswer = call(request.json(template)).await?;
        Ok(CreatedTemplate {
            id: answer
                .id
                .filter(|id| !id.is_empty())
                .ok_or(GraphCallError::NotMeta { http_status: 200 })?,
            status: answer.status.unwrap_or_else(|| "PENDING".to_owned()),
            category: answer.category,
        })
    }

    /// Changes a template; it goes back into review. Doing it twice is harmless, but counts twice against Meta's limit
    /// of edits.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn edit_template(
        &self,
        token: &SecretString,
        template_id: &str,
        edit: &TemplateEdit<'_>,
    ) -> Result<(), GraphCallError> {
        let id = segment(template_id).map_err(GraphCallError::NotAllowed)?;
        let request = self
            .request(Method::POST, &self.url(id), token)
            .map_err(GraphCallError::NotAllowed)?;
        success(call(request.json(edit)).await?)
    }

    /// Deletes a template: in one language by its id, or in all of them. An approved name is locked for thirty days.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn delete_template(
        &self,
        token: &SecretString,
        waba_id: &str,
        name: &str,
        template_id: Option<&str>,
    ) -> Result<(), GraphCallError> {
        let path = format!(
            "{}/message_templates",
            segment(waba_id).map_err(GraphCallError::NotAllowed)?
        );
        let mut query = vec![("name", name)];
        if let Some(id) = template_id {
            query.push(("hsm_id", segment(id).map_err(GraphCallError::NotAllowed)?));
        }
        let request = self
            .request(Method::DELETE, &self.url(&path), token)
            .map_err(GraphCallError::NotAllowed)?;
        success(call(request.query(&query)).await?)
    }

    /// Lets a paused template be sent again; needed after a pause that pacing brought.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn unpause_template(
        &self,
        token: &SecretString,
        template_id: &str,
    ) -> Result<(), GraphCallError> {
        let path = format!(
            "{}/unpause",
            segment(template_id).map_err(GraphCallError::NotAllowed)?
        );
        let request = self
            .request(Method::POST, &self.url(&path), token)
            .map_err(GraphCallError::NotAllowed)?;
        success(call(request).await?)
    }
}
