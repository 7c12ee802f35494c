//! The code of Embedded Signup becomes a token. A code lives for 30 seconds and is taken once; if the program ends
//! between Meta's answer and the row that holds the token, both are lost, and the person connects again.

use std::time::Duration;

use meta::graph::GraphCallError;
use store::connections::runs;

use super::cause::{Cause, Stop, said};
use super::work::{Ended, Work};

/// Longer than Meta takes, shorter than until the job looks after it (`super::begin::RESCUE`).
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) async fn done(work: &Work) -> Result<Option<Ended>, Stop> {
    let token = runs::token(&work.engine.db, &work.engine.sealer, &work.run).await?;
    Ok(token.map(|_| Ended::done("the access is here")))
}

pub(super) async fn act(work: &Work) -> Result<Ended, Stop> {
    let (db, sealer) = (&work.engine.db, &work.engine.sealer);
    let code = runs::code(db, sealer, &work.run)
        .await?
        .ok_or_else(|| Stop::failed(Cause::CodeUsed, "the code is not here any more"))?;
    let app_id = work
        .known
        .app_id
        .as_deref()
        .ok_or_else(|| Stop::failed(Cause::AppRefused, "the platform has no app id"))?;
    let app_secret = work
        .known
        .app_secret
        .as_ref()
        .ok_or_else(|| Stop::failed(Cause::AppRefused, "the platform has no app secret"))?;
    let asked = work.engine.graph.exchange_code(app_id, app_secret, &code);
    let exchanged = match tokio::time::timeout(PATIENCE, asked).await {
        Ok(answer) => answer.map_err(refused)?,
        Err(_) => {
            let slow = format!("no answer within {} s", PATIENCE.as_secs());
            return Err(GraphCallError::Transport(slow).into());
        }
    };
    let mut tx = work.begin().await?;
    runs::keep_token(&mut tx, sealer, &work.run, &exchanged.access_token).await?;
    tx.commit().await?;
    Ok(Ended::done("the code became an access token"))
}

fn refused(error: GraphCallError) -> Stop {
    let GraphCallError::Refused(refused) = &error else {
        return error.into();
    };
    let about_secret = refused.message.contains("client secret");
    let cause = match (refused.code, refused.subcode) {
        (100, Some(36_009)) => Cause::CodeUsed,
        (100, Some(36_007)) => Cause::CodeLate,
        (101, _) => Cause::AppRefused,
        (1, _) if about_secret => Cause::AppRefused,
        (100, _) => Cause::CodeRefused,
        _ => return error.into(),
    };
    Stop::failed(cause, said(refused))
}
