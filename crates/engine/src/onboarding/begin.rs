//! Beginning a run: what was said is written down as a claim, a job is put into the connection's lane, and a code is
//! exchanged at once, because it lives for 30 seconds.

use std::time::Duration;

use domain::connection::{ConnectionState, RunKind, Step, StepState, Way};
use domain::{ConnectionId, SetupLinkId, TenantId, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use store::audit::{self, Act, Target, Who};
use store::connections::runs::{self, Outcome, Run};
use store::connections::{self, Connection};
use store::{DbError, Tx, jobs, setup_links, tenants};

use super::run::{advance, tell};
use super::work::Claims;
use crate::Engine;
use crate::people::sessions;

/// When the job looks after a code that the request was to exchange: the request has given up by then.
const RESCUE: Duration = Duration::from_secs(25);

/// What Embedded Signup gave to the browser.
#[derive(Debug)]
pub struct SignUp {
    /// Lives for 30 seconds and works once.
    pub code: SecretString,
    /// The WABA that it is said to be for.
    pub waba_id: Option<String>,
    /// The number that it is said to be for.
    pub phone_number_id: Option<String>,
    /// The portfolio that it is said to be for.
    pub business_id: Option<String>,
    /// Whether the WhatsApp Business app stays in use.
    pub coexistence: bool,
    /// The secret of the setup link whose page this was.
    pub setup_link: Option<SecretString>,
}

/// Somebody's own access.
#[derive(Debug)]
pub struct Credentials {
    /// A token of a system user, or any other that reaches the WABA.
    pub access_token: SecretString,
    /// The WABA.
    pub waba_id: String,
    /// The number; all of them when there is none.
    pub phone_number_id: Option<String>,
    /// The secret of the setup link whose page this was.
    pub setup_link: Option<SecretString>,
}

/// Why nothing was begun.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// No such tenant or connection.
    #[error("there is no such connection")]
    NoConnection,
    /// The platform has not said which app it is.
    #[error("the platform is not set up for this yet: {0} is missing; its operators can set it")]
    NotSetUp(&'static str),
    /// What was given is not what it should be.
    #[error("{field} {problem}")]
    Wrong {
        /// Which member.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Another business has used the code.
    #[error("this code has been used already; connect again")]
    CodeUsed,
    /// There is nothing to go on with.
    #[error("this connection has to be connected again: there is no access to go on with")]
    CodeNeeded,
    /// It is at work.
    #[error("this connection is being made; wait until it stops")]
    AtWork,
    /// The database refused.
    #[error(transparent)]
    Store(#[from] DbError),
}

/// Begins, or begins again, with what Embedded Signup gave. The same code twice is the same run.
///
/// # Errors
/// [`BeginError`]; then nothing was begun.
pub async fn embedded_signup(
    engine: &Engine,
    tenant: TenantId,
    wanted: SignUp,
    of: Option<ConnectionId>,
    who: &Who,
) -> Result<ConnectionId, BeginError> {
    let known = engine.platform.now();
    if known.app_id.is_none() {
        return Err(BeginError::NotSetUp("meta.app_id"));
    }
    let code = wanted.code.expose_secret();
    if code.trim().is_empty() || code.len() > 4_096 {
        return Err(BeginError::Wrong {
            field: "code",
            problem: "must be the code that the sign-up gave",
        });
    }
    id_or_none("waba_id", wanted.waba_id.as_deref())?;
    id_or_none("phone_number_id", wanted.phone_number_id.as_deref())?;
    id_or_none("business_id", wanted.business_id.as_deref())?;
    let digest = hex::encode(Sha256::digest(code));
    if let Some(same) = known_code(engine, tenant, &digest).await? {
        return Ok(same);
    }
    let way = if known.credit_line_id.is_some() && known.system_user_token.is_some() {
        Way::SolutionPartner
    } else {
        Way::TechProvider
    };
    let claims = Claims {
        waba_id: wanted.waba_id,
        phone_number_id: wanted.phone_number_id,
        business_id: wanted.business_id,
        coexistence: wanted.coexistence,
        way: Some(way.to_string()),
        further: None,
        by_link: wanted.setup_link.is_some(),
        setup_link: setup_link(engine, tenant, wanted.setup_link.as_ref()).await?,
    };
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let begun = begin(&mut tx, tenant, way, &claims, of, who, now).await?;
    let (connection, run) = begun;
    let code = Some((digest.as_str(), &wanted.code));
    if !runs::insert(&mut tx, &engine.sealer, &run, Step::ALL, code, None).await? {
        // Somebody sent the same code at the same moment.
        drop(tx);
        let same = known_code(engine, tenant, &digest).await?;
        return same.ok_or(BeginError::CodeUsed);
    }
    let later = now.plus(RESCUE);
    let lane = connection.id.to_string();
    let payload = run.id.to_string();
    jobs::add(&mut tx, crate::jobs::CONNECT, &lane, &payload, later, now).await?;
    write_down(&mut tx, who, &connection, "connection.connect", now).await?;
    tell(&mut tx, &connection, Some(run.id), None, now).await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    advance(engine, run.id, Step::ExchangeCode).await?;
    jobs::hurry(&engine.db, &lane, &payload, engine.clock.now()).await?;
    engine.wake.jobs.notify_one();
    Ok(connection.id)
}

/// Begins with somebody's own token.
///
/// # Errors
/// [`BeginError`]; then nothing was begun.
pub async fn own_credentials(
    engine: &Engine,
    tenant: TenantId,
    wanted: Credentials,
    who: &Who,
) -> Result<ConnectionId, BeginError> {
    let token = wanted.access_token.expose_secret();
    let visible = token.bytes().all(|byte| byte.is_ascii_graphic());
    if token.is_empty() || token.len() > 4_096 || !visible {
        return Err(BeginError::Wrong {
            field: "access_token",
            problem: "must be a token of WhatsApp's, without spaces",
        });
    }
    id_or_none("waba_id", Some(&wanted.waba_id))?;
    id_or_none("phone_number_id", wanted.phone_number_id.as_deref())?;
    let claims = Claims {
        waba_id: Some(wanted.waba_id),
        phone_number_id: wanted.phone_number_id,
        way: Some(Way::OwnCredentials.to_string()),
        by_link: wanted.setup_link.is_some(),
        setup_link: setup_link(engine, tenant, wanted.setup_link.as_ref()).await?,
        ..Claims::default()
    };
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let way = Way::OwnCredentials;
    let (connection, run) = begin(&mut tx, tenant, way, &claims, None, who, now).await?;
    let token = Some(&wanted.access_token);
    runs::insert(&mut tx, &engine.sealer, &run, Step::ALL, None, token).await?;
    skip_exchange(&mut tx, &run, "the access was typed in", now).await?;
    add_job(&mut tx, &connection, &run, now).await?;
    write_down(&mut tx, who, &connection, "connection.connect", now).await?;
    tell(&mut tx, &connection, Some(run.id), None, now).await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    engine.wake.jobs.notify_one();
    Ok(connection.id)
}

/// The tenant's setup link of a secret, where it still works. Who connects is signed in, so that one which does not is
/// no obstacle.
async fn setup_link(
    engine: &Engine,
    tenant: TenantId,
    secret: Option<&SecretString>,
) -> store::Result<Option<SetupLinkId>> {
    let Some(secret) = secret else {
        return Ok(None);
    };
    let now = engine.clock.now();
    let link = setup_links::by_hash(&engine.db, sessions::hashed(secret.expose_secret())).await?;
    let link = link.filter(|link| link.tenant_id == Some(tenant.into()));
    Ok(link
        .filter(|link| link.standing(now) == setup_links::Standing::Open)
        .map(|link| link.id))
}

pub(super) fn written(claims: &Claims) -> store::Result<String> {
    serde_json::to_string(claims).map_err(|error| DbError::Corrupt(error.to_string()))
}

/// The tenant's connection that a code belongs to, when the code was given before.
async fn known_code(
    engine: &Engine,
    tenant: TenantId,
    digest: &str,
) -> Result<Option<ConnectionId>, BeginError> {
    match runs::any_tenant_of_code(&engine.db, digest).await? {
        Some(run) if run.tenant_id == tenant => Ok(Some(run.connection_id)),
        Some(_) => Err(BeginError::CodeUsed),
        None => Ok(None),
    }
}

/// The connection that this is about, or a new one: that of the claimed WABA, or one that never came that far.
async fn begin(
    tx: &mut Tx,
    tenant: TenantId,
    way: Way,
    claims: &Claims,
    of: Option<ConnectionId>,
    who: &Who,
    now: Timestamp,
) -> Result<(Connection, Run), BeginError> {
    tenants::lock(tx, tenant)
        .await?
        .ok_or(BeginError::NoConnection)?;
    let all = connections::list_in(tx, tenant).await?;
    let of_waba = |row: &&Connection| row.waba_id.is_some() && row.waba_id == claims.waba_id;
    let mut unfinished = None;
    for row in all.iter().filter(|row| row.waba_id.is_none()) {
        // One that is at work is another account's.
        let last = runs::latest_in(tx, tenant, row.id).await?;
        if !last.is_some_and(|last| last.is_running()) {
            unfinished = Some(row);
            break;
        }
    }
    let found = match of {
        Some(id) => Some(
            all.iter()
                .find(|row| row.id == id)
                .ok_or(BeginError::NoConnection)?,
        ),
        None => all.iter().find(of_waba).or(unfinished),
    };
    let kind = match found {
        Some(row) if row.waba_id.is_some() => RunKind::Reconnect,
        Some(_) | None => RunKind::Connect,
    };
    let connection = match found {
        None => {
            let row = Connection::new(tenant, way, claims.coexistence, now);
            connections::insert(tx, &row).await?;
            row
        }
        Some(found) => {
            let mut row = connections::lock(tx, tenant, found.id)
                .await?
                .ok_or(BeginError::NoConnection)?;
            runs::cancel(tx, row.id, now).await?;
            // What an earlier run was given is not gone on with any more.
            runs::forget_all(tx, row.id).await?;
            if row.waba_id.is_none() {
                // Nothing hangs on it yet. What works goes its new way once that is proved.
                row.set_way(way)?;
                row.coexistence = claims.coexistence;
            }
            if !row.is(ConnectionState::Connected) {
                row.set_state(ConnectionState::Connecting);
                row.problem = None;
            }
            connections::update(tx, &row, now).await?;
            row
        }
    };
    let claims = written(claims)?;
    let run = Run::new((tenant, connection.id), kind, claims, &who.name, now);
    Ok((connection, run))
}

pub(super) async fn skip_exchange(
    tx: &mut Tx,
    run: &Run,
    why: &str,
    now: Timestamp,
) -> store::Result<()> {
    let outcome = Outcome {
        state: StepState::Skipped,
        cause: None,
        detail: Some(why.to_owned()),
        result: None,
    };
    runs::end_step(tx, run.id, Step::ExchangeCode, &outcome, now).await
}

pub(super) async fn add_job(
    tx: &mut Tx,
    connection: &Connection,
    run: &Run,
    now: Timestamp,
) -> store::Result<()> {
    let (lane, payload) = (connection.id.to_string(), run.id.to_string());
    jobs::add(tx, crate::jobs::CONNECT, &lane, &payload, now, now)
        .await
        .map(drop)
}

pub(super) async fn write_down(
    tx: &mut Tx,
    who: &Who,
    row: &Connection,
    action: &'static str,
    now: Timestamp,
) -> store::Result<()> {
    let act = Act {
        tenant: Some(row.tenant_id),
        action,
        target: Target {
            kind: "connection",
            id: Some(row.id.to_string()),
            name: row.business_name.as_deref(),
        },
        before: None,
        after: Some(json!({ "way": row.way, "waba_id": row.waba_id, "state": row.state })),
    };
    audit::append(tx, who, act, now).await
}

/// Meta's ids are digits.
fn id_or_none(field: &'static str, id: Option<&str>) -> Result<(), BeginError> {
    let good =
        |id: &str| (5..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit());
    if id.is_none_or(good) {
        return Ok(());
    }
    Err(BeginError::Wrong {
        field,
        problem: "must be an id of WhatsApp's: 5 to 20 digits",
    })
}
