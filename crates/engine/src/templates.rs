//! Message templates, live from Meta and remembered for a minute: management calls are counted.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::{TenantId, Timestamp};
use meta::graph::Template;

use crate::Engine;
use crate::shared_account::Unreached;
use crate::shared_account::access;

/// How long Meta's answer is believed.
const BELIEVED: Duration = Duration::from_secs(60);

/// Asks for templates and remembers the answers by WABA.
#[derive(Debug, Default)]
pub struct Templates {
    known: Mutex<HashMap<String, Known>>,
}

/// What Meta answered, and when.
type Known = (Timestamp, Arc<Vec<Template>>);

impl Templates {
    /// The templates that a tenant may send from its number.
    ///
    /// # Errors
    /// [`Unreached`].
    pub async fn list(
        &self,
        engine: &Engine,
        tenant: TenantId,
    ) -> Result<Arc<Vec<Template>>, Unreached> {
        let access = access::of_tenant(engine, tenant).await?;
        let (waba, now) = (&access.number.waba_id, engine.clock.now());
        if let Some(known) = self.remembered(waba, now) {
            return Ok(known);
        }
        let templates = engine.graph.message_templates(&access.token, waba).await?;
        let templates = Arc::new(templates);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, (at, _)| now.since(*at) < BELIEVED);
        known.insert(waba.clone(), (now, templates.clone()));
        Ok(templates)
    }

    fn remembered(&self, waba: &str, now: Timestamp) -> Option<Arc<Vec<Template>>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, templates) = known.get(waba)?;
        (now.since(*at) < BELIEVED).then(|| templates.clone())
    }
}
