//! What Meta says about WABA and numbers: names, currency, time zone, review, limits, throughput.

use store::connections::{self, tokens};

use super::cause::Stop;
use super::work::{Ended, Work};

pub(super) async fn act(work: &mut Work) -> Result<Ended, Stop> {
    let (token, graph) = (work.token().await?, work.graph());
    let waba_id = work.waba()?.to_owned();
    let waba = graph.waba(&token, &waba_id).await?;
    let numbers = graph.phone_numbers(&token, &waba_id).await?;
    let now = work.engine.clock.now();
    let mut tx = work.begin().await?;
    let row = connections::lock(&mut tx, work.connection.tenant_id, work.connection.id).await?;
    let mut row = row.ok_or(Stop::Gone)?;
    let owner = waba.owner_business_info.unwrap_or_default();
    row.business_id = owner.id.clone().or(row.business_id);
    row.business_name = owner.name.or(row.business_name);
    row.coexistence = numbers.iter().any(|number| work.is_on_app(number));
    connections::update(&mut tx, &row, now).await?;
    let facts = tokens::Facts {
        name: waba.name,
        business_id: owner.id,
        currency: waba.currency.clone(),
        timezone_id: waba.timezone_id,
        template_namespace: waba.message_template_namespace,
        review_status: waba.account_review_status,
    };
    tokens::any_tenant_set_facts(&mut tx, &waba_id, &facts).await?;
    super::numbers::take(&mut tx, work, &waba_id, &numbers, now).await?;
    tx.commit().await?;
    work.engine.wake.jobs.notify_one();
    work.connection = row;
    let shown: Vec<_> = numbers
        .iter()
        .filter_map(|number| number.display_phone_number.clone())
        .collect();
    let currency = waba.currency.unwrap_or_default();
    Ok(Ended::done(
        format!("{} {currency}", shown.join(", ")).trim().to_owned(),
    ))
}
