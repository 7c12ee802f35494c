//! A solution partner's line of credit pays for the WABA: the system user may manage the WABA, the line is shared with
//! the portfolio (once for all of its WABAs), attached to this one, and Meta's word for it is read back.

use domain::connection::Way;
use meta::graph::{Allocation, GraphCallError};
use secrecy::SecretString;
use store::connections;

use super::cause::{Cause, Stop, said};
use super::disconnect::was_cut_short;
use super::work::{Ended, Work};

/// What a solution partner needs at hand.
struct Partner {
    system: SecretString,
    line: String,
    business: String,
    receiver: String,
}

fn partner(work: &Work) -> Result<Partner, Stop> {
    let missing = || {
        Stop::failed(
            Cause::SystemUserMissing,
            "the platform's settings are not whole",
        )
    };
    let unknown = || {
        Stop::failed(
            Cause::CreditRefused,
            "WhatsApp does not name the owner of the account",
        )
    };
    Ok(Partner {
        system: work.known.system_user_token.clone().ok_or_else(missing)?,
        line: work.known.credit_line_id.clone().ok_or_else(missing)?,
        business: work.known.business_id.clone().ok_or_else(missing)?,
        receiver: work.connection.business_id.clone().ok_or_else(unknown)?,
    })
}

pub(super) async fn act(work: &mut Work) -> Result<Ended, Stop> {
    if work.connection.way()? != Way::SolutionPartner {
        return give_back(work).await;
    }
    let partner = partner(work)?;
    let graph = work.graph();
    let token = work.token().await?;
    let waba = work.waba()?.to_owned();
    let known = live(
        graph
            .allocations(&partner.system, &partner.line, &partner.receiver)
            .await?,
    );
    let funded_by = graph.primary_funding(&token, &waba).await?;
    if let Some(pays) = known.iter().find(|one| is(one, funded_by.as_deref())) {
        keep(work, pays.id.clone()).await?;
        return Ok(Ended::done("the platform's line of credit pays already"));
    }
    assign_system_user(work, &partner, &token).await?;
    let facts = graph.waba(&token, &waba).await?;
    let currency = facts.currency.as_deref().unwrap_or("USD");
    let allocation = match known.into_iter().find_map(|one| one.id) {
        // Shared for another WABA of the portfolio, or before a crash: attached only.
        Some(allocation) => {
            graph
                .attach_credit(&token, &partner.line, &waba, currency)
                .await
                .map_err(refused)?;
            allocation
        }
        None => graph
            .share_and_attach_credit(&partner.system, &partner.line, &waba, currency)
            .await
            .map_err(refused)?,
    };
    keep(work, Some(allocation.clone())).await?;
    let credential = graph.allocation(&partner.system, &allocation).await?;
    let funded_by = graph.primary_funding(&token, &waba).await?;
    if !is(&credential, funded_by.as_deref()) {
        let by = funded_by.unwrap_or_else(|| "nothing".to_owned());
        let detail = format!("allocation {allocation}; the account is paid by {by}");
        return Err(Stop::failed(Cause::CreditNotAttached, detail));
    }
    Ok(Ended::done(format!("the platform pays, in {currency}")))
}

/// A WABA that the platform paid for and does not any more.
async fn give_back(work: &mut Work) -> Result<Ended, Stop> {
    let mut all: Vec<_> = work.connection.allocation_id.iter().cloned().collect();
    if was_cut_short(&work.engine, &work.connection, Some(work.run.id)).await? {
        // An earlier run asked for it, and did not hear what came of that.
        let partner = partner(work)?;
        let there = work
            .graph()
            .allocations(&partner.system, &partner.line, &partner.receiver)
            .await?;
        all.extend(live(there).into_iter().filter_map(|one| one.id));
        all.dedup();
    }
    if all.is_empty() {
        return Ok(Ended::skipped("only on the way of a solution partner"));
    }
    for allocation in &all {
        revoke(work, allocation).await?;
    }
    keep(work, None).await?;
    Ok(Ended::skipped(
        "the platform's line of credit was taken back",
    ))
}

/// Takes an allocation back unless another connection lives on it.
pub(super) async fn revoke(work: &Work, allocation: &str) -> Result<(), Stop> {
    let sharers =
        connections::any_tenant_sharers(&work.engine.db, allocation, work.connection.id).await?;
    let Some(system) = work.known.system_user_token.clone() else {
        return Err(Stop::failed(Cause::SystemUserMissing, allocation));
    };
    if sharers > 0 {
        return Ok(());
    }
    let graph = work.graph();
    if graph.allocation(&system, allocation).await?.is_revoked() {
        return Ok(());
    }
    Ok(graph.revoke_allocation(&system, allocation).await?)
}

async fn assign_system_user(
    work: &Work,
    partner: &Partner,
    token: &SecretString,
) -> Result<(), Stop> {
    let waba = work.waba()?;
    let graph = work.graph();
    let me = graph.debug_token(&partner.system, &partner.system).await?;
    let Some(me) = me.user_id else {
        let why = "WhatsApp does not name the system user of the platform's token";
        return Err(Stop::failed(Cause::SystemUserMissing, why));
    };
    let users = graph.assigned_users(token, waba, &partner.business).await?;
    if users.iter().any(|user| user.id.as_deref() == Some(&me)) {
        return Ok(());
    }
    Ok(graph.assign_user(token, waba, &me).await?)
}

async fn keep(work: &mut Work, allocation: Option<String>) -> Result<(), Stop> {
    if work.connection.allocation_id == allocation {
        return Ok(());
    }
    let mut tx = work.begin().await?;
    let row = connections::lock(&mut tx, work.connection.tenant_id, work.connection.id).await?;
    let mut row = row.ok_or(Stop::Gone)?;
    row.allocation_id = allocation;
    connections::update(&mut tx, &row, work.engine.clock.now()).await?;
    tx.commit().await?;
    work.connection = row;
    Ok(())
}

fn live(all: Vec<Allocation>) -> Vec<Allocation> {
    all.into_iter().filter(|one| !one.is_revoked()).collect()
}

fn is(allocation: &Allocation, funded_by: Option<&str>) -> bool {
    funded_by.is_some() && allocation.credential() == funded_by
}

/// What Meta does not like about the account or its currency has a name of its own.
fn refused(error: GraphCallError) -> Stop {
    match &error {
        GraphCallError::Refused(refused) if refused.code == 100 && refused.subcode != Some(33) => {
            Stop::failed(Cause::CreditRefused, said(refused))
        }
        _ => error.into(),
    }
}
