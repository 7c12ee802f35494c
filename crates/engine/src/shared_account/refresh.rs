//! What Meta says about the platform's numbers, asked live and kept.

use meta::graph::{GraphCallError, PhoneNumber};
use meta::limits;
use secrecy::SecretString;
use store::numbers::{self, Facts};
use store::wabas;

use crate::Engine;

/// Why the live list could not be had. What is stored is still there.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// Meta refused or could not be reached.
    #[error("WhatsApp did not answer with the numbers of WABA {waba_id}: {source}")]
    Graph {
        /// Which WABA.
        waba_id: String,
        /// What Meta said.
        source: GraphCallError,
    },
    /// The database refused.
    #[error(transparent)]
    Store(#[from] store::DbError),
}

/// Makes a WABA of the platform known, with the token that reaches it (sealed at once).
///
/// # Errors
/// When the database refuses.
pub async fn register_waba(
    engine: &Engine,
    waba_id: &str,
    name: &str,
    token: Option<&SecretString>,
) -> store::Result<()> {
    wabas::upsert(
        &engine.db,
        &engine.sealer,
        waba_id,
        None,
        name,
        token,
        engine.clock.now(),
    )
    .await
}

/// Asks Meta for the numbers of every WABA that we hold a token for, and keeps the answers. New numbers
/// enter the pool. Says for which WABAs that failed; the others are refreshed all the same.
///
/// # Errors
/// When the database refuses.
pub async fn refresh(engine: &Engine) -> Result<Vec<RefreshError>, store::DbError> {
    let mut failures = Vec::new();
    for waba in wabas::any_tenant_list(&engine.db).await? {
        let Some(token) =
            wabas::any_tenant_token(&engine.db, &engine.sealer, &waba.waba_id).await?
        else {
            continue;
        };
        match engine.graph.phone_numbers(&token, &waba.waba_id).await {
            Ok(list) => {
                for number in list {
                    let now = engine.clock.now();
                    numbers::any_tenant_upsert_facts(
                        &engine.db,
                        &number.id,
                        &waba.waba_id,
                        &facts(&number),
                        now,
                    )
                    .await?;
                }
            }
            Err(source) => {
                crate::health::tokens::heed(engine, &waba.waba_id, &source);
                failures.push(RefreshError::Graph {
                    waba_id: waba.waba_id,
                    source,
                });
            }
        }
    }
    Ok(failures)
}

pub(crate) fn facts(number: &PhoneNumber) -> Facts {
    let level = number
        .throughput
        .as_ref()
        .and_then(|throughput| throughput.level.clone());
    let coexistence = number.is_on_biz_app.unwrap_or(false);
    let per_second = match level.as_deref() {
        _ if coexistence => limits::THROUGHPUT_COEXISTENCE_MPS,
        Some("HIGH") => limits::THROUGHPUT_HIGH_MPS,
        _ => limits::THROUGHPUT_STANDARD_MPS,
    };
    Facts {
        display_phone_number: number
            .display_phone_number
            .clone()
            .unwrap_or_else(|| number.id.clone()),
        verified_name: number.verified_name.clone(),
        code_verification_status: number.code_verification_status.clone(),
        quality_rating: number.quality_rating.clone(),
        messaging_limit: number.whatsapp_business_manager_messaging_limit.clone(),
        throughput_level: level,
        status: number.status.clone(),
        messages_per_second: i64::from(per_second),
    }
}
