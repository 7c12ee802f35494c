//! Whether Meta answers us, with the tokens that we hold.

use std::time::Duration;

use store::wabas;

use super::refresh;
use crate::Engine;

/// An answer that takes longer is none, to somebody who looks at a page.
pub const SLOWEST: Duration = Duration::from_secs(5);

/// What asking Meta led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Every WABA's token was taken.
    Answered {
        /// How many WABAs were asked for.
        wabas: usize,
    },
    /// There is no token to ask with.
    NoToken,
    /// At least one did not work.
    Failed {
        /// What happened, for a person.
        why: String,
    },
}

/// Asks for the numbers of every WABA that we hold a token for, and keeps the answers.
///
/// # Errors
/// When the database refuses.
pub async fn reach(engine: &Engine) -> store::Result<Reach> {
    let mut with_token = 0;
    for waba in wabas::any_tenant_list(&engine.db).await? {
        let token = wabas::any_tenant_token(&engine.db, &engine.sealer, &waba.waba_id).await?;
        with_token += usize::from(token.is_some());
    }
    if with_token == 0 {
        return Ok(Reach::NoToken);
    }
    let Ok(failures) = tokio::time::timeout(SLOWEST, refresh(engine)).await else {
        let why = format!("WhatsApp did not answer within {} s", SLOWEST.as_secs());
        return Ok(Reach::Failed { why });
    };
    let failures: Vec<_> = failures?.iter().map(ToString::to_string).collect();
    if failures.is_empty() {
        return Ok(Reach::Answered { wabas: with_token });
    }
    Ok(Reach::Failed {
        why: failures.join("; "),
    })
}
