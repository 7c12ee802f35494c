//! What Meta's webhooks say about how much may be sent: a number's throughput, a portfolio's messaging limit.
//!
//! They are rare, so each is one or two statements of its own.

use meta::limits::THROUGHPUT_HIGH_MPS;
use serde::Deserialize;
use store::{Tx, numbers, outbox};

use crate::inbound::Change;

#[derive(Debug, Deserialize)]
struct Wire {
    value: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Value {
    display_phone_number: Option<String>,
    event: Option<String>,
    /// `TIER_2K`, or a number.
    max_daily_conversations_per_business: Option<serde_json::Value>,
}

/// Learns from one change. Whether something may leave now that could not before.
pub(super) async fn learn(tx: &mut Tx, change: &Change) -> store::Result<bool> {
    let is_number = change.field == "phone_number_quality_update";
    if !is_number && change.field != "business_capability_update" {
        return Ok(false);
    }
    let Ok(Wire { value }) = serde_json::from_slice::<Wire>(&change.raw) else {
        return Ok(false);
    };
    let mut freed = false;
    if let Some(tier) = value
        .max_daily_conversations_per_business
        .as_ref()
        .and_then(tier)
    {
        // It is the portfolio's: it holds for every number of it.
        if let Some(portfolio) = numbers::any_tenant_set_limit(tx, &change.waba_id, &tier).await? {
            freed |= outbox::stop::any_tenant_unhold_budget(tx, &portfolio).await? > 0;
        }
    }
    if is_number
        && value.event.as_deref() == Some("THROUGHPUT_UPGRADE")
        && let Some(display) = value.display_phone_number
    {
        let wanted = digits(&display);
        let of_waba = numbers::any_tenant_of_waba(tx, &change.waba_id).await?;
        for number in of_waba {
            if digits(&number.display_phone_number) == wanted {
                let mps = i64::from(THROUGHPUT_HIGH_MPS);
                numbers::any_tenant_set_throughput(tx, &number.phone_number_id, mps, "HIGH")
                    .await?;
            }
        }
    }
    Ok(freed)
}

/// Meta's word for a limit; a plain number becomes one.
fn tier(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(word)
            if word.bytes().all(|byte| byte.is_ascii_digit()) && !word.is_empty() =>
        {
            Some(format!("TIER_{word}"))
        }
        serde_json::Value::String(word) if word.starts_with("TIER_") => Some(word.clone()),
        serde_json::Value::Number(number) if number.as_i64().is_some_and(|number| number < 0) => {
            Some("TIER_UNLIMITED".to_owned())
        }
        serde_json::Value::Number(number) => Some(format!("TIER_{number}")),
        _ => None,
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_limit_is_a_word_or_a_number() {
        for (value, word) in [
            (json!("TIER_2K"), Some("TIER_2K")),
            (json!("2000"), Some("TIER_2000")),
            (json!(2000), Some("TIER_2000")),
            (json!(-1), Some("TIER_UNLIMITED")),
            (json!("soon"), None),
            (json!(null), None),
        ] {
            assert_eq!(tier(&value).as_deref(), word, "{value}");
        }
    }
}
