//! Items → tables: a whole batch in one transaction, one statement per table.

mod account;
mod book;
mod calls;
mod limits;
mod messages;
mod parked;
pub(crate) mod people;
mod preferences;
mod statuses;

use std::collections::{HashMap, HashSet};

use domain::automation::Rules;
use domain::{TenantId, Timestamp};
use store::{Tx, event_log, numbers};

use super::normalise::{Change, InboundItem, Normalised};
use parked::Parking;

/// One POST, read.
pub(crate) struct Read {
    /// When it came.
    pub(crate) received_at: Timestamp,
    /// Its bytes, for the case that nothing else can be kept.
    pub(crate) body: bytes::Bytes,
    /// What it says.
    pub(crate) says: Normalised,
}

/// Whom the numbers and WABAs of a batch belong to, as the transaction sees it.
pub(crate) struct Routes {
    numbers: HashMap<String, Option<TenantId>>,
    wabas: HashMap<String, Option<TenantId>>,
    rules: HashMap<TenantId, Rules>,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) projected: i64,
    pub(crate) parked: i64,
    pub(crate) duplicates: i64,
    /// Something was put into the outbox.
    pub(crate) enqueued: bool,
    /// There are files to fetch.
    pub(crate) media: bool,
    /// Meta told of templates.
    pub(crate) templates: bool,
    /// Meta told how an account or a number stands.
    pub(crate) told: bool,
}

/// A message item with the tenant that it belongs to.
pub(crate) struct Routed<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) number: &'a str,
    pub(crate) message: &'a super::MessageItem,
}

/// A status item with the number that it came for.
pub(crate) struct RoutedStatus<'a> {
    /// Who has the number now; the message may belong to whoever had it before.
    pub(crate) tenant: Option<TenantId>,
    pub(crate) change: &'a Change,
    pub(crate) number: &'a str,
    pub(crate) received_at: Timestamp,
    pub(crate) status: &'a super::StatusItem,
}

/// What a replay of one parked row did.
pub(crate) struct ProjectedAgain {
    pub(crate) counts: Counts,
    /// Something of it would be parked again for the same reason: the row stays.
    pub(crate) stays: bool,
}

/// Projects a batch. The caller commits, together with the position.
pub(crate) async fn project(tx: &mut Tx, batch: &[Read], now: Timestamp) -> store::Result<Counts> {
    project_into(tx, batch, &mut Parking::new(now), now).await
}

/// Projects what was parked before for `reason`. The caller commits.
pub(crate) async fn project_again(
    tx: &mut Tx,
    post: &Read,
    reason: &str,
    now: Timestamp,
) -> store::Result<ProjectedAgain> {
    let mut parking = Parking::new(now);
    let counts = project_into(tx, std::slice::from_ref(post), &mut parking, now).await?;
    Ok(ProjectedAgain {
        counts,
        stays: parking.has(reason),
    })
}

async fn project_into(
    tx: &mut Tx,
    batch: &[Read],
    parking: &mut Parking,
    now: Timestamp,
) -> store::Result<Counts> {
    let routes = Routes::load(tx, batch).await?;
    let (mut book, mut progress) = (Vec::new(), Vec::new());
    let (mut found_messages, mut found_statuses, mut accounts, mut callers, mut choices) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for post in batch {
        if let Some(why) = &post.says.unreadable {
            parking.body(post, why);
        }
        for change in &post.says.changes {
            if let Some(why) = &change.unreadable {
                parking.change(change, post.received_at, why.0, &why.1, why.2);
            }
            let owner = change.number.as_deref().and_then(|number| {
                let tenant = routes.numbers.get(number).copied().flatten()?;
                Some((tenant, number))
            });
            callers.extend(owner.into_iter().flat_map(|(tenant, number)| {
                let here = change.callers.iter();
                here.map(move |(person, at)| (tenant, number, person, *at))
            }));
            let is_account = |item: &InboundItem| matches!(item, InboundItem::Account { .. });
            if !change.told.is_empty() && !change.items.iter().any(is_account) {
                progress.push((change, post.received_at));
            }
            let (mut homeless, mut why) = (0, "no_number");
            for item in &change.items {
                match (item, change.number.as_deref()) {
                    (InboundItem::Account { event }, _) => {
                        accounts.push((change, post.received_at, event.as_deref()));
                    }
                    (InboundItem::Book(person), Some(number)) => {
                        let owner = routes.numbers.get(number).copied().flatten();
                        book.extend(owner.map(|tenant| (tenant, number, person)));
                    }
                    (InboundItem::Book(_), None) => {}
                    (InboundItem::Preference(choice), number) => {
                        let owner = number.and_then(|number| *routes.numbers.get(number)?);
                        choices.extend(owner.map(|tenant| (tenant, choice)));
                    }
                    (InboundItem::Message(_) | InboundItem::Status(_), None) => homeless += 1,
                    (InboundItem::Message(message), Some(number)) => {
                        match routes.numbers.get(number) {
                            Some(Some(tenant)) => found_messages.push(Routed {
                                tenant: *tenant,
                                number,
                                message,
                            }),
                            owner => {
                                homeless += 1;
                                why = if owner.is_some() {
                                    "unassigned_number"
                                } else {
                                    "unknown_number"
                                };
                            }
                        }
                    }
                    (InboundItem::Status(status), Some(number)) => match routes.numbers.get(number)
                    {
                        Some(tenant) => found_statuses.push(RoutedStatus {
                            tenant: *tenant,
                            change,
                            number,
                            received_at: post.received_at,
                            status,
                        }),
                        None => {
                            homeless += 1;
                            why = "unknown_number";
                        }
                    },
                }
            }
            if homeless > 0 {
                let sentence = match (why, change.number.as_deref()) {
                    ("no_number", _) | (_, None) => "the webhook names no number".to_owned(),
                    ("unassigned_number", Some(number)) => {
                        format!("the number {number} is in the pool and belongs to no tenant")
                    }
                    (_, Some(number)) => format!("no number {number} is known here"),
                };
                parking.change(change, post.received_at, why, &sentence, homeless);
            }
        }
    }

    let mut counts = Counts::default();
    let mut events = Vec::new();
    messages::project(tx, &routes, &found_messages, &mut counts, &mut events, now).await?;
    book::project(tx, &book, now).await?;
    calls::project(tx, &callers, now).await?;
    statuses::project(tx, &found_statuses, parking, &mut counts, &mut events, now).await?;
    preferences::project(tx, &choices).await?;
    account::project(
        tx,
        &routes,
        &accounts,
        &progress,
        &mut counts,
        &mut events,
        now,
    )
    .await?;
    parking.write(tx, &mut counts).await?;
    event_log::append(tx, &events).await?;
    Ok(counts)
}

impl Routes {
    async fn load(tx: &mut Tx, batch: &[Read]) -> store::Result<Self> {
        let changes = || batch.iter().flat_map(|post| &post.says.changes);
        let wanted: HashSet<&str> = changes()
            .filter_map(|change| change.number.as_deref())
            .collect();
        let wanted: Vec<&str> = wanted.into_iter().collect();
        let found = if wanted.is_empty() {
            Vec::new()
        } else {
            numbers::any_tenant_routes(tx, &wanted).await?
        };
        let has_accounts = changes().any(|change| {
            change
                .items
                .iter()
                .any(|item| matches!(item, InboundItem::Account { .. }))
        });
        let wabas = if has_accounts {
            numbers::any_tenant_waba_owners(tx).await?
        } else {
            Vec::new()
        };
        let rules = found
            .iter()
            .filter(|route| route.tenant_status.as_deref() == Some("active"))
            .filter_map(|route| {
                let rules = Rules {
                    welcome_text: route.welcome_text.clone(),
                };
                Some((TenantId(route.tenant_id?), rules))
            })
            .collect();
        Ok(Self {
            numbers: found
                .into_iter()
                .map(|route| (route.phone_number_id, route.tenant_id.map(TenantId)))
                .collect(),
            wabas: wabas
                .into_iter()
                .map(|route| (route.waba_id, route.tenant_id.map(TenantId)))
                .collect(),
            rules,
        })
    }
}
