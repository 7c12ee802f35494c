//! The templates that sends are judged by: an account's rows, held in memory and read again when they have changed.
//!
//! A send costs a look into the memory. Whether the rows have changed is asked of the database once a second and at
//! once after a change by this process. What was approved a moment ago may not be on file yet, so before something is
//! refused Meta is asked once more, seldom. Where nothing is on file and Meta cannot be asked the send is let go: Meta
//! judges it again in any case.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::{TenantId, Timestamp};
use meta::graph::Template as Wire;
use meta::graph::outbound::Problem;
use meta::graph::outbound::definition::{self, Definition};
use serde_json::Value;
use serde_json::value::RawValue;
use store::numbers::PhoneNumber;
use store::templates::{self, Template, books, library};
use store::wabas;

use super::library::by_name;
use super::sync;
use crate::Engine;
use crate::outbound::request::Offer;
use crate::shared_account::Unreached;

/// How long the rows are believed not to have changed.
const BELIEVED: Duration = Duration::from_secs(1);
/// How old what is on file may be by which something is refused.
const REFUSES: Duration = Duration::from_secs(5);
/// How often Meta is asked about an account within a minute because of refusals.
const ASKS: usize = 10;
/// How long a request waits for Meta.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long nobody asks again after Meta did not answer.
const REST: Duration = Duration::from_secs(10);
/// Accounts that nobody sends from are forgotten.
const FORGOTTEN: Duration = Duration::from_secs(600);
/// Templates that are offered where nothing else can be sent.
const OFFERS: usize = 50;

/// Remembers the templates of accounts.
#[derive(Debug, Default)]
pub struct Templates {
    known: Mutex<HashMap<String, Remembered>>,
    /// Who asks Meta, one request at a time, and what was asked lately.
    asked: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Asked>>>>,
}

#[derive(Debug, Clone)]
struct Remembered {
    known: Arc<Known>,
    synced_at: Option<Timestamp>,
    generation: u64,
    checked: Instant,
}

#[derive(Debug, Default)]
struct Asked {
    names: Vec<(String, Timestamp)>,
    failed_at: Option<Timestamp>,
}

/// An account's templates.
#[derive(Debug)]
pub(crate) struct Known {
    version: i64,
    by_name: HashMap<String, HashMap<String, One>>,
}

#[derive(Debug)]
struct One {
    definition: Definition,
    owner: Option<TenantId>,
}

/// What is known of a template send.
pub(crate) enum Judged {
    /// The account's templates are on file.
    Known {
        /// `MARKETING`, `UTILITY`, `AUTHENTICATION`; empty where there is no such template.
        category: String,
        /// What Meta would refuse.
        problems: Vec<Problem>,
    },
    /// Nothing is on file, and Meta could not be asked.
    Unknown,
}

impl Templates {
    /// What Meta would say to this template from this number.
    pub(crate) async fn judge(
        &self,
        engine: &Engine,
        tenant: TenantId,
        number: &PhoneNumber,
        sent: &Value,
    ) -> store::Result<Judged> {
        let waba_id = &number.waba_id;
        let mut seen = self.current(engine, waba_id).await?;
        let name = sent["name"].as_str().unwrap_or_default();
        let now = engine.clock.now();
        let judged = seen.known.judge(tenant, sent);
        let refused = matches!(&judged, Judged::Known { problems, .. } if !problems.is_empty());
        let fresh = |at: Timestamp| now.since(at) < REFUSES && at <= now;
        if seen.synced_at.is_some() && (!refused || seen.synced_at.is_some_and(fresh)) {
            return Ok(judged);
        }
        let asked = self
            .ask_in_turn(engine, waba_id, name, seen.synced_at, now)
            .await;
        seen = self.current(engine, waba_id).await?;
        if !asked && seen.synced_at.is_none() {
            return Ok(Judged::Unknown);
        }
        Ok(seen.known.judge(tenant, sent))
    }

    /// An account's templates, for who looks at many. With a name what is on file of it is Meta's word of this moment,
    /// where Meta can be asked. `None` when nothing is on file and Meta does not answer.
    pub(crate) async fn of_account(
        &self,
        engine: &Engine,
        waba_id: &str,
        name: Option<&str>,
    ) -> store::Result<Option<Arc<Known>>> {
        let mut seen = self.current(engine, waba_id).await?;
        let now = engine.clock.now();
        let fresh = |at: Timestamp| now.since(at) < REFUSES && at <= now;
        let wanted = match name {
            None => seen.synced_at.is_none(),
            Some(_) => !seen.synced_at.is_some_and(fresh),
        };
        if wanted {
            let name = name.unwrap_or_default();
            self.ask_in_turn(engine, waba_id, name, seen.synced_at, now)
                .await;
            seen = self.current(engine, waba_id).await?;
        }
        Ok(seen.synced_at.map(|_| seen.known))
    }

    /// Approved templates that can be sent to somebody whose window is closed. Empty when nothing is known.
    pub(crate) async fn offers(
        &self,
        engine: &Engine,
        tenant: TenantId,
        number: &PhoneNumber,
    ) -> store::Result<Vec<Offer>> {
        let waba_id = &number.waba_id;
        let mut seen = self.current(engine, waba_id).await?;
        if seen.synced_at.is_none() {
            let now = engine.clock.now();
            self.ask_in_turn(engine, waba_id, "", None, now).await;
            seen = self.current(engine, waba_id).await?;
        }
        let mut offers: Vec<_> = seen
            .known
            .by_name
            .values()
            .flat_map(HashMap::values)
            .filter(|one| one.owner.is_none_or(|owner| owner == tenant))
            .map(|one| &one.definition)
            .filter(|template| template.is_approved() && template.category != "AUTHENTICATION")
            .map(|template| Offer {
                name: template.name.clone(),
                language: template.language.clone(),
                category: template.category.clone(),
            })
            .collect();
        offers.sort_by(|a, b| (&a.name, &a.language).cmp(&(&b.name, &b.language)));
        offers.truncate(OFFERS);
        Ok(offers)
    }

    /// Sees to it that the templates of all accounts that a tenant sends from are on file.
    ///
    /// # Errors
    /// [`Unreached`], also where there is no such account.
    pub async fn ensure(&self, engine: &Engine, tenant: TenantId) -> Result<(), Unreached> {
        let accounts = templates::accounts(&engine.db, tenant).await?;
        if accounts.is_empty() {
            return Err(Unreached::NoNumber);
        }
        for waba_id in accounts {
            let book = books::any_tenant_get(&engine.db, &waba_id).await?;
            if book.synced_at.is_none() {
                sync::sync(engine, &waba_id).await?;
            }
        }
        Ok(())
    }

    /// What is on file, as it was a second ago at most.
    async fn current(&self, engine: &Engine, waba_id: &str) -> store::Result<Remembered> {
        let generation = engine.wake.templates.load(Ordering::Acquire);
        let before = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.get(waba_id).cloned()
        };
        if let Some(seen) = &before
            && seen.generation == generation
            && seen.checked.elapsed() < BELIEVED
        {
            return Ok(seen.clone());
        }
        // The version first: what changes between the two readings is read again the next time.
        let book = books::any_tenant_get(&engine.db, waba_id).await?;
        let known = match before {
            Some(seen) if seen.known.version == book.version => seen.known,
            _ => {
                let rows = templates::any_tenant_of_waba(&engine.db, waba_id).await?;
                let types = library::any_tenant_of_waba(&engine.db, waba_id).await?;
                Arc::new(Known::of(book.version, &rows, &by_name(types)))
            }
        };
        let seen = Remembered {
            known,
            synced_at: book.synced_at.map(Timestamp),
            generation,
            checked: Instant::now(),
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, other| other.checked.elapsed() < FORGOTTEN);
        known.insert(waba_id.to_owned(), seen.clone());
        Ok(seen)
    }

    /// Asks Meta unless somebody else just did, or just failed to. Whether what is on file is Meta's word of now.
    async fn ask_in_turn(
        &self,
        engine: &Engine,
        waba_id: &str,
        name: &str,
        synced_at: Option<Timestamp>,
        now: Timestamp,
    ) -> bool {
        let asked = {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            asked.entry(waba_id.to_owned()).or_default().clone()
        };
        let mut asked = asked.lock().await;
        let minute = Duration::from_secs(60);
        asked.names.retain(|(_, at)| now.since(*at) < minute);
        let known = |(known, at): &(String, Timestamp)| {
            (known == name || known.is_empty()) && now.since(*at) < REFUSES
        };
        if asked.names.iter().any(known) {
            return true;
        }
        let resting = asked.failed_at.is_some_and(|at| now.since(at) < REST);
        if resting || asked.names.len() >= ASKS {
            return false;
        }
        let whole = synced_at.is_none();
        let answer = async {
            if whole {
                return sync::sync(engine, waba_id).await.map(drop);
            }
            let token = wabas::any_tenant_token(&engine.db, &engine.sealer, waba_id).await?;
            let token = token.ok_or(Unreached::NoToken)?;
            sync::named(engine, &token, waba_id, name).await.map(drop)
        };
        let why = match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(())) => {
                let name = if whole {
                    String::new()
                } else {
                    name.to_owned()
                };
                asked.names.push((name, now));
                asked.failed_at = None;
                return true;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer in time".to_owned(),
        };
        tracing::warn!(why, waba = waba_id, "templates cannot be asked for");
        asked.failed_at = Some(now);
        false
    }
}

impl Known {
    fn of(version: i64, rows: &[Template], types: &HashMap<(String, String), Vec<String>>) -> Self {
        let mut by_name: HashMap<String, HashMap<String, One>> = HashMap::new();
        for row in rows {
            let wire = Wire {
                name: Some(row.name.clone()),
                language: Some(row.language.clone()),
                category: Some(row.category.clone()),
                status: Some(row.status.clone()),
                parameter_format: Some(row.parameter_format.clone()),
                components: RawValue::from_string(row.components.clone()).ok(),
                ..Wire::default()
            };
            if let Some(mut definition) = Definition::read(&wire) {
                if let Some(name) = &row.library_name {
                    let key = (name.clone(), row.language.clone());
                    let known = types.get(&key).cloned().unwrap_or_default();
                    definition = definition.with_types(known);
                }
                let owner = row.owner_tenant.map(TenantId);
                let languages = by_name.entry(row.name.clone()).or_default();
                languages.insert(row.language.clone(), One { definition, owner });
            }
        }
        Self { version, by_name }
    }

    /// A template in one language, where the tenant may use it.
    pub(crate) fn get(&self, tenant: TenantId, name: &str, language: &str) -> Option<&Definition> {
        let one = self.by_name.get(name)?.get(language)?;
        let theirs = one.owner.is_none_or(|owner| owner == tenant);
        theirs.then_some(&one.definition)
    }

    /// A template in all its languages.
    pub(crate) fn all(&self, tenant: TenantId, name: &str) -> Vec<&Definition> {
        let languages = self.by_name.get(name).into_iter().flat_map(HashMap::values);
        languages
            .filter(|one| one.owner.is_none_or(|owner| owner == tenant))
            .map(|one| &one.definition)
            .collect()
    }

    /// The names of all templates that the tenant may use.
    pub(crate) fn names(&self, tenant: TenantId) -> Vec<&str> {
        let names = self.by_name.keys().map(String::as_str);
        names
            .filter(|name| !self.all(tenant, name).is_empty())
            .collect()
    }

    fn judge(&self, tenant: TenantId, sent: &Value) -> Judged {
        let name = sent["name"].as_str().unwrap_or_default();
        let language = sent["language"]["code"].as_str().unwrap_or_default();
        let found = self
            .by_name
            .get(name)
            .and_then(|languages| languages.get(language))
            // What another tenant has on the same account is not there.
            .filter(|one| one.owner.is_none_or(|owner| owner == tenant));
        match found {
            Some(one) => Judged::Known {
                category: one.definition.category.clone(),
                problems: one.definition.judge(sent),
            },
            None => Judged::Known {
                category: String::new(),
                problems: vec![definition::unknown(name, language)],
            },
        }
    }
}
