//! Counters can be wrong in the server's favour. So every acknowledged message of a few tenants is looked for,
//! one by one, where the tenant would look: in its list of messages.

use std::collections::HashMap;

use anyhow::Context;

use crate::api::Api;
use crate::report::Case;
use crate::server::Tenant;

/// Tenants whose messages are looked for.
pub(crate) const WATCHED: usize = 3;

/// Messages that were acknowledged, by tenant.
#[derive(Default)]
pub(crate) struct Witness {
    tenants: Vec<Tenant>,
    acked: Vec<Vec<String>>,
}

impl Witness {
    /// The first few tenants, in the order of the traffic's numbers.
    pub(crate) fn new(tenants: Vec<Tenant>) -> Self {
        let acked = tenants.iter().map(|_| Vec::new()).collect();
        Self { tenants, acked }
    }

    /// Remembers acknowledged messages: the index of the number, and the wamid.
    pub(crate) fn saw(&mut self, messages: Vec<(usize, String)>) {
        for (number, wamid) in messages {
            if let Some(acked) = self.acked.get_mut(number) {
                acked.push(wamid);
            }
        }
    }

    /// Reads the lists and enters what is missing or double into the case.
    pub(crate) async fn testify(
        &self,
        address: std::net::SocketAddr,
        case: &mut Case,
    ) -> anyhow::Result<()> {
        let (mut looked_for, mut missing, mut double) = (0_u64, 0_u64, 0_u64);
        for (tenant, acked) in self.tenants.iter().zip(&self.acked) {
            let found = listed(&Api::new(address, Some(tenant.api_key.clone()))).await?;
            for wamid in acked {
                looked_for += 1;
                match found.get(wamid) {
                    None => missing += 1,
                    Some(1) => {}
                    Some(_) => double += 1,
                }
            }
        }
        case.note("messages_looked_for", looked_for);
        case.lost += missing;
        case.duplicated += double;
        Ok(())
    }
}

/// How often each inbound wamid is in the tenant's list.
async fn listed(api: &Api) -> anyhow::Result<HashMap<String, u64>> {
    let mut found = HashMap::new();
    let mut path = "/api/v1/messages?direction=inbound&limit=200".to_owned();
    loop {
        let page = api.get(&path).await?;
        for message in page["data"]
            .as_array()
            .context("a list of messages has no `data`")?
        {
            let wamid = message["wamid"].as_str().unwrap_or_default();
            *found.entry(wamid.to_owned()).or_insert(0) += 1;
        }
        match page["next"].as_str() {
            Some(next) => {
                path = format!("/api/v1/messages?direction=inbound&limit=200&cursor={next}");
            }
            None => return Ok(found),
        }
    }
}
