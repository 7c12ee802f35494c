//! Business phone numbers (page "business-phone-numbers/phone-numbers").

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::{GraphCallError, GraphClient, segment};
use crate::webhook::lenient;

/// The fields that are asked for.
const FIELDS: &str = "id,display_phone_number,verified_name,code_verification_status,quality_rating,throughput,status,\
name_status,whatsapp_business_manager_messaging_limit,platform_type,account_mode,is_on_biz_app";

/// Pages beyond this are a loop on the other side, not numbers.
const MAX_PAGES: usize = 200;

/// A business phone number. Words of Meta's stay words: new ones come without notice.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PhoneNumber {
    /// The phone number id.
    #[serde(deserialize_with = "lenient_id")]
    pub id: String,
    /// For people: `+1 631-555-5555`.
    #[serde(deserialize_with = "lenient::text")]
    pub display_phone_number: Option<String>,
    /// Display name; no proof of its approval.
    #[serde(deserialize_with = "lenient::text")]
    pub verified_name: Option<String>,
    /// `VERIFIED`, `NOT_VERIFIED`, `EXPIRED`.
    #[serde(deserialize_with = "lenient::text")]
    pub code_verification_status: Option<String>,
    /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
    #[serde(deserialize_with = "lenient::text")]
    pub quality_rating: Option<String>,
    /// `throughput.level`.
    #[serde(deserialize_with = "lenient::part")]
    pub throughput: Option<Throughput>,
    /// `CONNECTED` is the only one that can send.
    #[serde(deserialize_with = "lenient::text")]
    pub status: Option<String>,
    /// `APPROVED`, `DECLINED`, `PENDING_REVIEW` …
    #[serde(deserialize_with = "lenient::text")]
    pub name_status: Option<String>,
    /// `TIER_250` … `TIER_UNLIMITED`: of the whole portfolio.
    #[serde(deserialize_with = "lenient::text")]
    pub whatsapp_business_manager_messaging_limit: Option<String>,
    /// `CLOUD_API`, `ON_PREMISE`, `NOT_APPLICABLE`.
    #[serde(deserialize_with = "lenient::text")]
    pub platform_type: Option<String>,
    /// `LIVE`, `SANDBOX`.
    #[serde(deserialize_with = "lenient::text")]
    pub account_mode: Option<String>,
    /// Whether it is also in the WhatsApp Business app (coexistence).
    #[serde(deserialize_with = "lenient::flag")]
    pub is_on_biz_app: Option<bool>,
}

/// `throughput`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Throughput {
    /// `STANDARD`, `HIGH`, `NOT_APPLICABLE`.
    #[serde(deserialize_with = "lenient::text")]
    pub level: Option<String>,
}

fn lenient_id<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(lenient::text(deserializer)?.unwrap_or_default())
}

#[derive(Deserialize)]
struct Page {
    data: Vec<PhoneNumber>,
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
    /// All numbers of a WABA, over all pages.
    ///
    /// # Errors
    /// See [`GraphCallError`]; a failure on any page is a failure of the whole, never half a list.
    pub async fn phone_numbers(
        &self,
        token: &SecretString,
        waba_id: &str,
    ) -> Result<Vec<PhoneNumber>, GraphCallError> {
        let path = format!(
            "{}/phone_numbers",
            segment(waba_id).map_err(GraphCallError::NotAllowed)?
        );
        let mut numbers = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let mut query = vec![("fields", FIELDS), ("limit", "100")];
            if let Some(after) = &after {
                query.push(("after", after));
            }
            let page: Page = self.get(token, &path, &query).await?;
            numbers.extend(page.data);
            // `next` is an address that Meta wrote; its cursor is enough, and the token stays on our own host.
            let next = page.paging.filter(|paging| paging.next.is_some());
            let Some(cursor) = next
                .and_then(|paging| paging.cursors)
                .and_then(|cursors| cursors.after)
            else {
                return Ok(numbers);
            };
            if after.as_ref() == Some(&cursor) {
                return Ok(numbers);
            }
            after = Some(cursor);
        }
        Err(GraphCallError::NotAllowed(format!(
            "the list of numbers has more than {MAX_PAGES} pages"
        )))
    }

    /// One number.
    ///
    /// # Errors
    /// See [`GraphCallError`].
    pub async fn phone_number(
        &self,
        token: &SecretString,
        id: &str,
    ) -> Result<PhoneNumber, GraphCallError> {
        self.get(
            token,
            segment(id).map_err(GraphCallError::NotAllowed)?,
            &[("fields", FIELDS)],
        )
        .await
    }
}
