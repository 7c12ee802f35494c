//! The account that somebody makes with a link: a tenant and its owner.

use domain::TenantId;
use domain::access::Role;
use domain::sight::Reach;
use serde_json::json;
use store::people::members::Standing as MemberStanding;
use store::people::{members, users};
use store::setup_links::{self, Standing};
use store::tenants::{self, Tenant};
use store::{audit, event_log};

use super::link::{self, Opened, Step};
use crate::Engine;
use crate::people::sign_in::{self, Guess, SignInError};
use crate::people::{self, sessions};
use crate::texts::Language;

/// What is typed.
#[derive(Clone, Copy)]
pub struct Account<'a> {
    /// The person's name.
    pub name: &'a str,
    /// The business's name; not asked for where the tenant is there already.
    pub business: &'a str,
    /// The language of both.
    pub language: Language,
    /// Address and password.
    pub guess: Guess<'a>,
}

/// Why no account was made.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// No such link.
    #[error("there is no such link")]
    Unknown,
    /// It no longer works.
    #[error("this link no longer works; ask for a new one")]
    Gone(Standing),
    /// An account was made with it already.
    #[error("the account of this link is there already; sign in to go on")]
    Made,
    /// A field is wrong: its name, and the key of the text that explains it.
    #[error("{0} is wrong")]
    Field(&'static str, &'static str),
    /// Too many guesses, or the password of an account that the address has is not right.
    #[error(transparent)]
    SignIn(#[from] SignInError),
}

impl From<store::DbError> for AccountError {
    fn from(error: store::DbError) -> Self {
        Self::SignIn(error.into())
    }
}

/// Makes the account and signs its owner in; gives the session's secret. An address that has an account here joins with
/// its password.
///
/// # Errors
/// [`AccountError`]; then nothing changed.
pub async fn account(
    engine: &Engine,
    token: &str,
    wanted: Account<'_>,
) -> Result<String, AccountError> {
    let guess = wanted.guess;
    let link = match link::opened(engine, token, guess.ip, None).await? {
        Opened::Unknown => return Err(AccountError::Unknown),
        Opened::TooMany(wait) => return Err(SignInError::TooMany(wait).into()),
        Opened::Link(link, step) => {
            let standing = link.standing(engine.clock.now());
            if standing != Standing::Open {
                return Err(AccountError::Gone(standing));
            }
            if step != Step::Account {
                return Err(AccountError::Made);
            }
            link
        }
    };
    let business = wanted.business.trim();
    if link.tenant_id.is_none()
        && (business.is_empty()
            || business.chars().count() > 200
            || business.contains(char::is_control))
    {
        return Err(AccountError::Field("business_name", "business-wrong"));
    }
    let email = people::address(guess.email).ok_or(AccountError::Field("email", "email-wrong"))?;
    let guess = Guess {
        email: &email,
        ..guess
    };
    let known = users::by_email(&engine.db, &email).await?.is_some();
    let (user, signed_in) = if known {
        let (user, secret) = sign_in::sign_in(engine, guess).await?;
        (user, Some(secret))
    } else {
        let name =
            people::person_name(wanted.name).ok_or(AccountError::Field("name", "name-wrong"))?;
        people::check_password(guess.password, &email)
            .map_err(|weak| AccountError::Field("password", weak.key()))?;
        let hash = people::hash_password(guess.password).await;
        let mut user = users::User::new(&email, name, hash, engine.clock.now());
        wanted.language.code().clone_into(&mut user.language);
        (user, None)
    };
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    // Of two who use the link at the same moment one makes the account.
    let mut link = setup_links::any_tenant_lock(&mut tx, link.id)
        .await?
        .ok_or(AccountError::Unknown)?;
    match link.standing(now) {
        Standing::Open if link.account_at.is_none() => {}
        Standing::Open => return Err(AccountError::Made),
        standing => return Err(AccountError::Gone(standing)),
    }
    let is_new = link.tenant_id.is_none();
    let tenant = match link.tenant_id {
        Some(tenant) => {
            let tenant = TenantId(tenant);
            if !members::lock_owners(&mut tx, tenant).await?.is_empty() {
                return Err(AccountError::Made);
            }
            tenant
        }
        None => {
            let tenant = Tenant::new(business, wanted.language.code(), now);
            tenants::insert(&mut tx, &tenant).await?;
            tenant.id
        }
    };
    link.tenant_id = Some(tenant.into());
    if !known && !users::insert(&mut tx, &user).await? {
        return Err(AccountError::Field("email", "email-taken"));
    }
    let standing = MemberStanding {
        role: Role::Owner,
        conversations: Reach::All,
    };
    members::add(&mut tx, tenant, user.id, standing, now).await?;
    setup_links::account(&mut tx, tenant, link.id, now).await?;
    let secret = match signed_in {
        Some(secret) => secret,
        None => {
            let (ip, agent) = (
                guess.ip.map(str::to_owned),
                guess.user_agent.map(str::to_owned),
            );
            sessions::replace(&mut tx, guess.cookie).await?;
            let secret = sessions::begin(engine, &mut tx, user.id, ip, agent).await?;
            users::signed_in(&mut tx, user.id, now).await?;
            secret
        }
    };
    let who = sign_in::who(&user, guess);
    let after = json!({ "owner": user.email, "new_tenant": is_new });
    let act = link::act("setup_link.account", &link, Some(after));
    audit::append(&mut tx, &who, act, now).await?;
    let kind = if is_new {
        "tenant.created"
    } else {
        "tenant.updated"
    };
    let data = json!({ "tenant_id": tenant.to_string() }).to_string();
    let event = event_log::of(tenant, kind, data, now);
    event_log::append(&mut tx, &[event]).await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    Ok(secret)
}
