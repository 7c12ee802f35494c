//! The WABA's templates are read: they are shown and sends are judged by them.

use super::cause::Stop;
use super::work::{Ended, Work};
use crate::shared_account::Unreached;
use crate::templates;

pub(super) async fn act(work: &Work) -> Result<Ended, Stop> {
    let (token, graph) = (work.token().await?, work.graph());
    let waba_id = work.waba()?;
    let read = templates::sync_with(&work.engine, &graph, &token, waba_id).await;
    match read {
        Ok(_) => {}
        Err(Unreached::Meta(error)) => return Err(error.into()),
        Err(Unreached::Store(error)) => return Err(error.into()),
        Err(Unreached::NoNumber | Unreached::NoToken) => {}
    }
    let rows = store::templates::any_tenant_of_waba(&work.engine.db, waba_id).await?;
    let approved = rows.iter().filter(|row| row.status == "APPROVED").count();
    Ok(Ended::done(format!(
        "{} templates, {approved} approved",
        rows.len()
    )))
}
