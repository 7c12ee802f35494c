//! What a step works with.

use std::sync::Arc;

use domain::SetupLinkId;
use domain::connection::{Step, Way};
use meta::graph::{GraphClient, PhoneNumber};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use store::connections::runs::{self, Run, StepRow};
use store::connections::{self, Connection};
use store::{DbError, Tx, tenants, wabas};

use super::cause::{Cause, Stop};
use crate::Engine;
use crate::platform::Known;

/// What the browser, or whoever typed a token in, says. Believed only where Meta says the same.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) waba_id: Option<String>,
    pub(super) phone_number_id: Option<String>,
    pub(super) business_id: Option<String>,
    #[serde(default)]
    pub(super) coexistence: bool,
    /// By which way; the connection's own where the run does not say. The connection takes it over when the account is
    /// claimed, so that a run that proves nothing changes nothing.
    #[serde(default)]
    pub(super) way: Option<String>,
    /// A number that is to be registered as well, of a connection that works: it takes nothing from the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) further: Option<String>,
    /// The setup link that led here, and whether one was named: one that no longer works stands for no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) setup_link: Option<SetupLinkId>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) by_link: bool,
}

/// What `inspect_token` found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Inspected {
    pub(super) waba_id: String,
    pub(super) app_id: Option<String>,
    /// Seconds since 1970; none: never.
    pub(super) expires_at: Option<i64>,
    pub(super) scopes: String,
}

/// A run at work.
pub(super) struct Work {
    pub(super) engine: Engine,
    pub(super) known: Arc<Known>,
    pub(super) run: Run,
    pub(super) connection: Connection,
    pub(super) claims: Claims,
    pub(super) steps: Vec<StepRow>,
}

/// How a step ended well.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) skipped: bool,
    pub(super) cause: Option<Cause>,
    pub(super) detail: Option<String>,
    pub(super) result: Option<String>,
}

impl Ended {
    pub(super) fn done(detail: impl Into<String>) -> Self {
        Self {
            skipped: false,
            cause: None,
            detail: Some(detail.into()),
            result: None,
        }
    }

    pub(super) fn skipped(detail: impl Into<String>) -> Self {
        Self {
            skipped: true,
            ..Self::done(detail)
        }
    }

    pub(super) fn with<T: Serialize>(mut self, result: &T) -> Self {
        self.result = serde_json::to_string(result).ok();
        self
    }

    pub(super) fn because(mut self, cause: Cause) -> Self {
        self.cause = Some(cause);
        self
    }
}

impl Work {
    /// Everything that a run needs; none when there is no such run.
    pub(super) async fn load(engine: &Engine, id: domain::RunId) -> Result<Option<Self>, Stop> {
        let Some(run) = runs::any_tenant_get(&engine.db, id).await? else {
            return Ok(None);
        };
        let connection = connections::get(&engine.db, run.tenant_id, run.connection_id).await?;
        let Some(connection) = connection else {
            return Ok(None);
        };
        let claims = serde_json::from_str(&run.claims)
            .map_err(|error| DbError::Corrupt(error.to_string()))?;
        let steps = runs::steps(&engine.db, id).await?;
        Ok(Some(Self {
            engine: engine.clone(),
            known: engine.platform.now(),
            run,
            connection,
            claims,
            steps,
        }))
    }

    /// The way that this run goes.
    pub(super) fn way(&self) -> Result<Way, Stop> {
        match &self.claims.way {
            Some(word) => {
                let way = word.parse();
                way.map_err(|error: domain::connection::Unknown| {
                    DbError::Corrupt(error.to_string()).into()
                })
            }
            None => Ok(self.connection.way()?),
        }
    }

    /// Whether the number is in the WhatsApp Business app as well. Meta's word counts; the browser's where Meta has
    /// none.
    pub(super) fn is_on_app(&self, number: &PhoneNumber) -> bool {
        number.is_on_biz_app.unwrap_or(self.claims.coexistence)
    }

    /// A transaction in which the run is certainly still at work. As everywhere, the tenant is locked first, then the
    /// connection, then its runs.
    pub(super) async fn begin(&self) -> Result<Tx, Stop> {
        let mut tx = self.engine.db.begin().await?;
        let tenant = self.connection.tenant_id;
        tenants::lock(&mut tx, tenant).await?.ok_or(Stop::Gone)?;
        connections::lock(&mut tx, tenant, self.connection.id).await?;
        match runs::any_tenant_lock(&mut tx, self.run.id).await? {
            Some(run) if run.is_running() => Ok(tx),
            Some(_) | None => Err(Stop::Gone),
        }
    }

    /// What a step left for later ones.
    pub(super) fn result<T: serde::de::DeserializeOwned>(&self, step: Step) -> Option<T> {
        let row = self.steps.iter().find(|row| row.step == step.as_str())?;
        serde_json::from_str(row.result.as_deref()?).ok()
    }

    /// What `inspect_token` found.
    pub(super) fn inspected(&self) -> Result<Inspected, Stop> {
        self.result(Step::InspectToken)
            .ok_or_else(|| Stop::failed(Cause::TokenInvalid, "nothing is known of the token"))
    }

    /// The token of this run, or the one that the WABA has.
    pub(super) async fn token(&self) -> Result<SecretString, Stop> {
        let (db, sealer) = (&self.engine.db, &self.engine.sealer);
        if let Some(token) = runs::token(db, sealer, &self.run).await? {
            return Ok(token);
        }
        let kept = match &self.connection.waba_id {
            Some(waba) => wabas::any_tenant_token(db, sealer, waba).await?,
            None => None,
        };
        kept.ok_or_else(|| Stop::failed(Cause::TokenInvalid, "there is no token any more"))
    }

    /// Whether the run is about a number: the one that was chosen or all of them, and one that was added.
    pub(super) fn is_about(&self, number: &PhoneNumber) -> bool {
        let claims = &self.claims;
        let chosen = claims.phone_number_id.as_ref();
        chosen.is_none_or(|chosen| *chosen == number.id)
            || claims.further.as_ref() == Some(&number.id)
    }

    /// The WABA, once it is claimed.
    pub(super) fn waba(&self) -> Result<&str, Stop> {
        self.connection
            .waba_id
            .as_deref()
            .ok_or_else(|| Stop::failed(Cause::WabaUnclear, "no WhatsApp account is claimed yet"))
    }

    /// The way to Meta.
    pub(super) fn graph(&self) -> GraphClient {
        self.engine.graph.clone()
    }

    /// The token of the app itself.
    pub(super) fn app_token(&self) -> Option<SecretString> {
        let secret = self.known.app_secret.as_ref()?.expose_secret();
        let id = self.known.app_id.as_deref()?;
        Some(SecretString::from(format!("{id}|{secret}")))
    }
}
