//! Contacts, then history, of the WhatsApp Business app: each is asked for once, within 24 hours of connecting. Meta
//! tells that something was asked for already only by refusing to be asked again (2593107), which is as good.

use domain::connection::Step;
use meta::graph::{GraphCallError, GraphClient, PhoneSync};
use secrecy::SecretString;

use super::cause::{Cause, Stop, said};
use super::work::{Ended, Work};

const ASKED_ALREADY: i64 = 2_593_107;
const TOO_LATE: i64 = 2_593_108;

enum Asked {
    Yes,
    /// It cannot be had: the connection works without.
    Never(Cause, String),
}

pub(super) async fn act(work: &Work) -> Result<Ended, Stop> {
    if !work.connection.coexistence {
        return Ok(Ended::skipped("only with the WhatsApp Business app"));
    }
    let (token, graph) = (work.token().await?, work.graph());
    let all = graph.phone_numbers(&token, work.waba()?).await?;
    let on_app = all
        .iter()
        .filter(|number| number.is_on_biz_app == Some(true));
    let ids: Vec<_> = on_app.map(|number| number.id.clone()).collect();
    let mut missing = None;
    for id in &ids {
        // History may be had where contacts may not, so both are asked for.
        for what in [PhoneSync::Contacts, PhoneSync::History] {
            if let Asked::Never(cause, detail) = ask(&graph, &token, id, what).await? {
                missing = missing.or(Some((cause, detail)));
            }
        }
    }
    if let Some((cause, detail)) = missing {
        return Ok(Ended::skipped(detail).because(cause));
    }
    tracing::info!(connection = %work.connection.id, numbers = ids.len(), step = Step::SyncPhone.as_str(), "contacts and history were asked for");
    Ok(Ended::done("contacts and history come in the background"))
}

async fn ask(
    graph: &GraphClient,
    token: &SecretString,
    number: &str,
    what: PhoneSync,
) -> Result<Asked, Stop> {
    let error = match graph.sync_phone(token, number, what).await {
        Ok(_) => return Ok(Asked::Yes),
        Err(GraphCallError::Refused(error)) => error,
        Err(error) => return Err(error.into()),
    };
    let is = |wanted| error.code == wanted || error.subcode == Some(wanted);
    if is(ASKED_ALREADY) {
        return Ok(Asked::Yes);
    }
    if is(TOO_LATE) {
        return Ok(Asked::Never(Cause::PhoneSyncLate, said(&error)));
    }
    match Stop::from(GraphCallError::Refused(error)) {
        Stop::Failed {
            cause: Cause::MetaRefused,
            detail,
        } => Ok(Asked::Never(Cause::PhoneSyncRefused, detail)),
        stop => Err(stop),
    }
}
