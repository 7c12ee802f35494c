//! A connection as the API shows it, put together from its rows.

use domain::connection::{ConnectionState, TokenState, Way};
use domain::{ConnectionId, TenantId, Timestamp};
use engine::Engine;
use engine::onboarding::Cause;
use serde::Serialize;
use store::connections::numbers::{self, ConnectedNumber};
use store::connections::runs::{self, Run, StepRow};
use store::connections::tokens::{self, Account};
use store::connections::{self, Connection};
use utoipa::ToSchema;

use crate::problem::{Problem, Result};

/// A way to WhatsApp.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConnectionView {
    /// Its id.
    #[schema(example = "conn_0193a5c47d1e7c3f8a2b4c5d6e7f8091")]
    id: String,
    /// Whose it is.
    tenant_id: String,
    /// `shared`, `solution_partner`, `tech_provider`, `own_credentials`.
    way: String,
    /// `connecting`, `connected`, `action_needed`, `disconnected`.
    state: String,
    /// Meta's id of the WhatsApp account.
    waba_id: Option<String>,
    /// Its name.
    waba_name: Option<String>,
    /// Meta's id of the portfolio that owns it.
    business_id: Option<String>,
    /// Its name.
    business_name: Option<String>,
    /// Whether the WhatsApp Business app is in use as well.
    coexistence: bool,
    /// `direct`: Meta bills the business; `rebilled`: the platform does.
    billing_mode: String,
    /// The access to the account.
    token: TokenView,
    /// Its numbers.
    numbers: Vec<NumberView>,
    /// What is not in order.
    problem: Option<ProblemView>,
    /// When it was begun.
    created_at: String,
    /// Since when it works.
    connected_at: Option<String>,
    /// When it ended.
    disconnected_at: Option<String>,
    /// Why it ended.
    disconnect_reason: Option<String>,
    /// The latest attempt to connect.
    run: Option<RunView>,
}

/// The access to an account; never the token itself.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokenView {
    /// `valid`, `expiring`, `invalid`, `none`.
    state: String,
    /// When it ends; null: never, or not known.
    expires_at: Option<String>,
    /// When WhatsApp was last asked about it.
    checked_at: Option<String>,
}

/// A number of a connection.
#[derive(Debug, Serialize, ToSchema)]
// Names of shapes are the document's, and the settings have a number, too.
#[schema(as = ConnectedNumberView)]
pub(crate) struct NumberView {
    /// Meta's id.
    phone_number_id: String,
    /// As people read it.
    display_phone_number: String,
    /// The name that people see.
    verified_name: Option<String>,
    /// `CONNECTED`, …
    status: Option<String>,
    /// `CONNECTED`, `DISCONNECTED`, `BANNED`, `RESTRICTED`, … as account events told it; null while they told nothing
    /// and `status` counts.
    standing: Option<String>,
    /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
    quality_rating: Option<String>,
    /// `APPROVED`, `PENDING_REVIEW`, …
    name_status: Option<String>,
    /// Such as `TIER_2K`.
    messaging_limit: Option<String>,
    /// `STANDARD`, `HIGH`, `NOT_APPLICABLE`.
    throughput_level: Option<String>,
    /// When it was registered here.
    registered_at: Option<String>,
    /// Whether its PIN is kept here.
    has_pin: bool,
    /// Whether it is in the WhatsApp Business app as well.
    on_business_app: bool,
}

/// What is not in order, and what to do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProblemView {
    /// Stable; branch on this.
    cause: String,
    /// What happened.
    title: String,
    /// What to do.
    action: String,
    /// Who can do it: `tenant`, `platform`, `nobody`.
    who: String,
}

/// An attempt to connect.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RunView {
    /// Its id.
    id: String,
    /// `connect`, `reconnect`, `resume`.
    kind: String,
    /// `running`, `waiting`, `failed`, `done`, `cancelled`.
    state: String,
    /// Why it stopped.
    cause: Option<String>,
    /// Who began it.
    started_by: String,
    /// When.
    started_at: String,
    /// When it ended.
    ended_at: Option<String>,
    /// Its steps, in their order.
    steps: Vec<StepView>,
}

/// A step of an attempt.
#[derive(Debug, Serialize, ToSchema)]
// A message's life has steps, too.
#[schema(as = ConnectionStepView)]
pub(crate) struct StepView {
    /// `exchange_code`, `inspect_token`, `claim_waba`, `subscribe`, `share_credit`, `register_number`, `read_facts`,
    /// `sync_templates`, `sync_phone`, `verify`.
    step: String,
    /// `pending`, `running`, `done`, `skipped`, `failed`.
    state: String,
    /// How often it was begun.
    attempts: i64,
    /// Why it stopped, is tried again, or deserves a look.
    cause: Option<String>,
    /// The cause as a sentence.
    title: Option<String>,
    /// What to do about it.
    action: Option<String>,
    /// What happened, in WhatsApp's words or ours.
    detail: Option<String>,
    /// When it was first begun.
    began_at: Option<String>,
    /// When it ended.
    ended_at: Option<String>,
}

fn at(micros: Option<i64>) -> Option<String> {
    micros.map(|micros| Timestamp(micros).rfc3339())
}

impl ProblemView {
    fn of(word: String) -> Self {
        let cause = Cause::read(&word);
        let text = |of: fn(Cause) -> &'static str| cause.map(of).unwrap_or_default().to_owned();
        Self {
            title: text(Cause::title),
            action: text(Cause::action),
            who: cause
                .map_or("platform", |cause| cause.who().as_str())
                .to_owned(),
            cause: word,
        }
    }
}

impl From<StepRow> for StepView {
    fn from(row: StepRow) -> Self {
        let cause = row.cause.as_deref().and_then(Cause::read);
        Self {
            step: row.step,
            state: row.state,
            attempts: row.attempts,
            title: cause.map(|cause| cause.title().to_owned()),
            action: cause.map(|cause| cause.action().to_owned()),
            cause: row.cause,
            detail: row.detail,
            began_at: at(row.began_at),
            ended_at: at(row.ended_at),
        }
    }
}

impl RunView {
    pub(crate) fn of(run: Run, steps: Vec<StepRow>) -> Self {
        Self {
            id: run.id.to_string(),
            kind: run.kind,
            state: run.state,
            cause: run.cause,
            started_by: run.started_by,
            started_at: Timestamp(run.started_at).rfc3339(),
            ended_at: at(run.ended_at),
            steps: steps.into_iter().map(StepView::from).collect(),
        }
    }
}

impl From<ConnectedNumber> for NumberView {
    fn from(row: ConnectedNumber) -> Self {
        Self {
            phone_number_id: row.phone_number_id,
            display_phone_number: row.display_phone_number,
            verified_name: row.verified_name,
            status: row.status,
            standing: row.standing,
            quality_rating: row.quality_rating,
            name_status: row.name_status,
            messaging_limit: row.messaging_limit,
            throughput_level: row.throughput_level,
            registered_at: at(row.registered_at),
            has_pin: row.has_pin,
            on_business_app: row.on_business_app.unwrap_or(false),
        }
    }
}

fn token(account: Option<&Account>) -> TokenView {
    let none = TokenState::None.as_str();
    TokenView {
        state: account
            .and_then(|account| account.token_state.clone())
            .unwrap_or_else(|| none.to_owned()),
        expires_at: at(account.and_then(|account| account.token_expires_at)),
        checked_at: at(account.and_then(|account| account.token_checked_at)),
    }
}

/// One, with all that is shown of it.
pub(crate) async fn whole(engine: &Engine, row: Connection) -> Result<ConnectionView> {
    // The run first: whoever sees it at its end also sees the connection as it left it.
    let latest = runs::list(&engine.db, row.tenant_id, row.id, 1)
        .await?
        .pop();
    let run = match latest {
        Some(run) => {
            let steps = runs::steps(&engine.db, run.id).await?;
            Some(RunView::of(run, steps))
        }
        None => None,
    };
    let row = connections::any_tenant_get(&engine.db, row.id)
        .await?
        .unwrap_or(row);
    let (account, mut own) = match &row.waba_id {
        Some(waba) => (
            tokens::any_tenant_get(&engine.db, waba).await?,
            numbers::any_tenant_of_waba(&engine.db, waba).await?,
        ),
        None => (None, Vec::new()),
    };
    // The WABA may be another tenant's by now; then its numbers and its token are no business of this one.
    let theirs = uuid_of(row.tenant_id);
    let account = account.filter(|account| account.tenant_id == Some(theirs));
    own.retain(|number| {
        number.tenant_id == Some(theirs) || (number.tenant_id.is_none() && account.is_some())
    });
    Ok(ConnectionView {
        id: row.id.to_string(),
        tenant_id: row.tenant_id.to_string(),
        way: row.way,
        state: row.state,
        waba_id: row.waba_id,
        waba_name: account.as_ref().map(|account| account.name.clone()),
        business_id: row.business_id,
        business_name: row.business_name,
        coexistence: row.coexistence,
        billing_mode: row.billing_mode,
        token: token(account.as_ref()),
        numbers: own.into_iter().map(NumberView::from).collect(),
        problem: row.problem.map(ProblemView::of),
        created_at: Timestamp(row.created_at).rfc3339(),
        connected_at: at(row.connected_at),
        disconnected_at: at(row.disconnected_at),
        disconnect_reason: row.disconnect_reason,
        run,
    })
}

fn uuid_of(tenant: TenantId) -> uuid::Uuid {
    tenant.into()
}

/// A number of the platform's own WABA is a connection, too. It has no row: it is the tenant's by assignment, and its
/// id is made of the tenant's.
pub(crate) async fn shared(engine: &Engine, tenant: TenantId) -> Result<Option<ConnectionView>> {
    let mut own = Vec::new();
    let mut account = None;
    for number in numbers::of_tenant(&engine.db, tenant).await? {
        let waba = tokens::any_tenant_get(&engine.db, &number.waba_id).await?;
        if let Some(waba) = waba.filter(|waba| waba.tenant_id.is_none()) {
            account = Some(waba);
            own.push(number);
        }
    }
    let Some(account) = account else {
        return Ok(None);
    };
    let since = store::numbers::of_tenant(&engine.db, tenant)
        .await?
        .into_iter()
        .filter(|number| number.waba_id == account.waba_id)
        .filter_map(|number| number.assigned_at)
        .min();
    let begun = Timestamp(since.unwrap_or_default()).rfc3339();
    Ok(Some(ConnectionView {
        id: ConnectionId::from(uuid_of(tenant)).to_string(),
        tenant_id: tenant.to_string(),
        way: Way::Shared.as_str().to_owned(),
        state: ConnectionState::Connected.as_str().to_owned(),
        waba_id: Some(account.waba_id),
        waba_name: Some(account.name),
        business_id: account.business_id,
        business_name: None,
        coexistence: false,
        billing_mode: Way::Shared.usual_billing().as_str().to_owned(),
        // The platform's own access is the platform's business.
        token: TokenView {
            state: TokenState::Valid.as_str().to_owned(),
            expires_at: None,
            checked_at: None,
        },
        numbers: own.into_iter().map(NumberView::from).collect(),
        problem: None,
        connected_at: Some(begun.clone()),
        created_at: begun,
        disconnected_at: None,
        disconnect_reason: None,
        run: None,
    }))
}

/// One of a tenant's, by its id.
pub(crate) async fn one(
    engine: &Engine,
    tenant: TenantId,
    id: ConnectionId,
) -> Result<ConnectionView> {
    if let Some(row) = connections::get(&engine.db, tenant, id).await? {
        return whole(engine, row).await;
    }
    let derived = if id == ConnectionId::from(uuid_of(tenant)) {
        shared(engine, tenant).await?
    } else {
        None
    };
    derived.ok_or_else(|| Problem::not_found("connection"))
}
