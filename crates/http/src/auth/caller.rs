//! Who asks: an API key or a signed-in person, found once for a request.

use std::fmt;
use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use domain::access::{Role, Scope, Scopes};
use domain::{Sight, TenantId};
use engine::keys::Key;
use engine::people::sessions;
use store::audit::Who;
use store::people::members::Membership;
use store::people::sessions::SignedIn;
use subtle::ConstantTimeEq as _;

use super::{cookie, presented};
use crate::App;
use crate::problem::{Problem, Result};

/// Who asks, and from where.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) identity: Identity,
    pub(crate) ip: Option<String>,
    pub(crate) user_agent: Option<String>,
}

/// Whom a request speaks for.
#[derive(Debug, Clone)]
pub(crate) enum Identity {
    /// An API key.
    Key(Key),
    /// A signed-in person.
    Person(Known),
}

/// A signed-in person and where they belong.
#[derive(Clone)]
pub(crate) struct Known {
    pub(crate) session: SignedIn,
    pub(crate) memberships: Vec<Membership>,
    /// The cookie's secret, for asking again later.
    pub(crate) secret: String,
}

/// Without the secret: callers are logged.
impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known")
            .field("session", &self.session)
            .field("memberships", &self.memberships)
            .finish_non_exhaustive()
    }
}

impl Known {
    /// What they may do in a tenant; `None` when they do not belong there.
    pub(crate) fn scopes_in(&self, tenant: TenantId) -> Option<Scopes> {
        let role = |membership: &Membership| membership.role.parse::<Role>().ok();
        self.membership(tenant).and_then(role).map(Role::scopes)
    }

    /// Which conversations of a tenant they see; `None` when they do not belong there.
    pub(crate) fn sight_in(&self, tenant: TenantId) -> Option<Sight> {
        let sight = |membership: &Membership| membership.sight(self.session.user_id);
        self.membership(tenant).map(sight)
    }

    fn membership(&self, tenant: TenantId) -> Option<&Membership> {
        self.memberships
            .iter()
            .find(|membership| membership.tenant_id == tenant)
    }
}

impl Caller {
    /// As the audit log names them.
    pub(crate) fn who(&self) -> Who {
        let (kind, id, name) = match &self.identity {
            Identity::Key(key) => ("api_key", key.id.to_string(), key.name.to_string()),
            Identity::Person(known) => (
                "user",
                known.session.user_id.to_string(),
                known.session.name.clone(),
            ),
        };
        Who {
            kind,
            id: Some(id),
            name,
            ip: self.ip.clone(),
            user_agent: self.user_agent.clone(),
        }
    }

    /// The user, where it is a person.
    pub(crate) fn user(&self) -> Option<&SignedIn> {
        match &self.identity {
            Identity::Key(_) => None,
            Identity::Person(known) => Some(&known.session),
        }
    }

    /// All that they may do to the platform.
    pub(crate) fn platform_scopes(&self) -> Scopes {
        match &self.identity {
            Identity::Key(key) if key.tenant.is_none() => key.scopes,
            Identity::Person(known) if known.session.platform_admin => Scopes::of_platform(),
            Identity::Key(_) | Identity::Person(_) => Scopes::default(),
        }
    }

    /// When what they may do ends by itself: only keys have an end of their own.
    pub(crate) fn ends_at(&self) -> Option<domain::Timestamp> {
        match &self.identity {
            Identity::Key(key) => key.expires_at,
            Identity::Person(_) => None,
        }
    }

    /// Whether they may do something to the platform.
    pub(crate) fn has_platform(&self, scope: Scope) -> bool {
        self.platform_scopes().has(scope)
    }
}

/// Where a request comes from, as far as the connection tells.
pub(crate) fn ip_of(parts: &Parts, app: &App) -> Option<String> {
    // Anybody can write the header; it counts only where the operator put a proxy in front.
    // What the proxy itself added stands last, in the last line of that name; what stands before it is anybody's.
    if app.web.behind_proxy
        && let Some(line) = parts.headers.get_all("x-forwarded-for").iter().next_back()
        && let Some(last) = line.to_str().ok().and_then(|list| list.rsplit(',').next())
        && let Ok(address) = last.trim().parse::<std::net::IpAddr>()
    {
        return Some(address.to_canonical().to_string());
    }
    parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(address)| address.ip().to_string())
}

/// What the client calls itself, kept short.
pub(crate) fn user_agent_of(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::USER_AGENT)?.to_str().ok()?;
    Some(text.chars().take(200).collect())
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let now = app.engine.clock.now();
        let identity = if let Some(key) = presented(&parts.headers) {
            let found = app.keys.recognise(&app.engine.db, key, now).await?;
            Identity::Key(found.ok_or_else(|| {
                Problem::unauthorized("this API key is not known here, has ended, or was revoked")
            })?)
        } else {
            let secret = cookie::secret_of(&parts.headers).ok_or_else(|| {
                Problem::unauthorized(
                    "sign in, or send your API key as `Authorization: Bearer <key>`",
                )
            })?;
            let session = sessions::recognise(&app.engine, &secret).await?;
            let session = session
                .ok_or_else(|| Problem::unauthorized("this session has ended; sign in again"))?;
            made_by_us(parts, &secret)?;
            let memberships =
                store::people::members::any_tenant_of_user(&app.engine.db, session.user_id).await?;
            Identity::Person(Known {
                session,
                memberships,
                secret,
            })
        };
        let caller = Self {
            identity,
            ip: ip_of(parts, app),
            user_agent: user_agent_of(&parts.headers),
        };
        parts.extensions.insert(caller.clone());
        Ok(caller)
    }
}

/// A browser sends the cookie with any request; the header only our own pages can send.
fn made_by_us(parts: &Parts, secret: &str) -> Result<()> {
    if matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let sent = parts.headers.get("trunkline-csrf");
    let right =
        sent.is_some_and(|sent| bool::from(sent.as_bytes().ct_eq(cookie::csrf(secret).as_bytes())));
    if right {
        return Ok(());
    }
    Err(Problem::new(
        axum::http::StatusCode::FORBIDDEN,
        "csrf",
        "Not allowed",
        "with a session, send `csrf` of GET /api/v1/session as the header Trunkline-CSRF",
    ))
}
