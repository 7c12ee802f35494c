//! Making, opening and taking back a link.

use std::fmt;
use std::time::Duration;

use domain::access::{Role, Scope};
use domain::{SetupLinkId, TenantId, Timestamp, UserId};
use serde_json::json;
use store::audit::{self, Act, Target, Who};
use store::people::{guesses, members};
use store::setup_links::{self, SetupLink, Standing};
use store::tenants;

use super::{Mistake, brand};
use crate::Engine;
use crate::people::{network, sessions};
use crate::texts::Language;

/// Days that a link may live.
pub const LIVES: std::ops::RangeInclusive<u32> = 1..=60;
/// Links that are not there which one address may ask for before it waits.
const FREE: i64 = 20;

/// A link to make.
#[derive(Clone, Default)]
pub struct Wanted<'a> {
    /// The tenant that connects with it; none: somebody new makes an account first.
    pub tenant: Option<TenantId>,
    /// For whom it is, for the platform's own list.
    pub for_whom: &'a str,
    /// Language of the page.
    pub language: &'a str,
    /// The name on the page.
    pub name: Option<&'a str>,
    /// `#rrggbb` of its buttons.
    pub colour: Option<&'a str>,
    /// A picture in base64.
    pub logo: Option<&'a str>,
    /// Where its user goes at the end.
    pub return_url: Option<&'a str>,
    /// How long it works.
    pub days: u32,
}

/// A link that was made. Its token is not kept.
pub struct Made {
    /// The row.
    pub link: SetupLink,
    /// What stands after `/setup/` in the link.
    pub token: String,
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Made")
            .field("link", &self.link.id)
            .finish_non_exhaustive()
    }
}

/// A name for a page or a list: one line, not empty.
fn line(field: &'static str, text: &str) -> Result<String, Mistake> {
    let text = text.trim();
    let is_right =
        !text.is_empty() && text.chars().count() <= 100 && !text.contains(char::is_control);
    if is_right {
        Ok(text.to_owned())
    } else {
        Err(Mistake::new(field, "must have 1 to 100 characters"))
    }
}

fn checked(wanted: &Wanted<'_>, who: &Who, now: Timestamp) -> Result<SetupLink, Mistake> {
    if Language::exactly(wanted.language).is_none() {
        return Err(Mistake::new("language", "must be en or es"));
    }
    if !LIVES.contains(&wanted.days) {
        return Err(Mistake::new("days", "must be 1 to 60"));
    }
    let life = Duration::from_secs(u64::from(wanted.days) * 86_400);
    Ok(SetupLink {
        id: SetupLinkId::new(now),
        tenant_id: wanted.tenant.map(Into::into),
        for_whom: line("for", wanted.for_whom)?,
        language: wanted.language.to_owned(),
        brand_name: wanted.name.map(|name| line("name", name)).transpose()?,
        brand_colour: wanted.colour.map(brand::colour).transpose()?,
        logo: wanted.logo.map(brand::logo).transpose()?,
        return_url: wanted.return_url.map(brand::return_url).transpose()?,
        created_by: who.name.clone(),
        created_at: now,
        expires_at: now.plus(life),
        account_at: None,
        used_at: None,
        connection_id: None,
        revoked_at: None,
    })
}

/// Makes a link.
///
/// # Errors
/// The database's; inside, what is wrong with what was typed.
pub async fn make(
    engine: &Engine,
    wanted: &Wanted<'_>,
    who: &Who,
) -> store::Result<Result<Made, Mistake>> {
    let now = engine.clock.now();
    let link = match checked(wanted, who, now) {
        Ok(link) => link,
        Err(mistake) => return Ok(Err(mistake)),
    };
    if let Some(tenant) = wanted.tenant
        && tenants::get(&engine.db, tenant).await?.is_none()
    {
        return Ok(Err(Mistake::new("tenant_id", "there is no such tenant")));
    }
    let token = sessions::secret();
    let mut tx = engine.db.begin().await?;
    setup_links::insert(&mut tx, &link, sessions::hashed(&token)).await?;
    let after = json!({
        "for": link.for_whom,
        "name": link.brand_name,
        "return_url": link.return_url,
        "expires_at": link.expires_at.rfc3339(),
    });
    let act = act("setup_link.create", &link, Some(after));
    audit::append(&mut tx, who, act, now).await?;
    tx.commit().await?;
    Ok(Ok(Made { link, token }))
}

/// Mails a link to somebody, in its language. False when there is no mail server, or it did not take it.
pub async fn mail(engine: &Engine, email: &str, url: &str, link: &SetupLink, by: &str) -> bool {
    let language = Language::of(&link.language);
    let product = language.text("product");
    let place = link.brand_name.as_deref().unwrap_or(&product);
    let days = link.expires_at.since(link.created_at).as_secs() / 86_400;
    let with = [
        ("by", by),
        ("place", place),
        ("for", &link.for_whom),
        ("link", url),
        ("days", &days.to_string()),
    ];
    let subject = language.say("mail-setup-link-subject", &with);
    let text = language.say("mail-setup-link", &with);
    engine.mailer.send(email, &subject, text).await
}

pub(super) fn act<'a>(
    action: &'static str,
    link: &'a SetupLink,
    after: Option<serde_json::Value>,
) -> Act<'a> {
    Act {
        tenant: link.tenant_id.map(TenantId),
        action,
        target: Target {
            kind: "setup_link",
            id: Some(link.id.to_string()),
            name: Some(&link.for_whom),
        },
        before: None,
        after,
    }
}

/// Takes a link back. False when there is none such; one that no longer works stays as it is.
///
/// # Errors
/// When the database refuses.
pub async fn revoke(engine: &Engine, id: SetupLinkId, who: &Who) -> store::Result<bool> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let Some(link) = setup_links::any_tenant_lock(&mut tx, id).await? else {
        return Ok(false);
    };
    if link.standing(now) == Standing::Open {
        setup_links::any_tenant_revoke(&mut tx, id, now).await?;
        audit::append(&mut tx, who, act("setup_link.revoke", &link, None), now).await?;
        tx.commit().await?;
    }
    Ok(true)
}

/// What somebody finds who opens a link.
#[derive(Debug)]
pub enum Opened {
    /// No such link.
    Unknown,
    /// Too many that are not there were asked for from this address.
    TooMany(Duration),
    /// The link, wherever it stands, and the next step of who opened it.
    Link(Box<SetupLink>, Step),
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// An account is to be made.
    Account,
    /// There is one: its owner signs in.
    SignIn,
    /// Who asks is signed in and may connect.
    Connect(TenantId),
}

/// Opens a link, for somebody who may be signed in.
///
/// # Errors
/// When the database refuses.
pub async fn opened(
    engine: &Engine,
    token: &str,
    ip: Option<&str>,
    user: Option<UserId>,
) -> store::Result<Opened> {
    // A good one opens whatever others have guessed: nobody guesses 256 bits, and many may come from one address.
    if let Some(link) = setup_links::by_hash(&engine.db, sessions::hashed(token)).await? {
        let step = step(engine, &link, user).await?;
        return Ok(Opened::Link(Box::new(link), step));
    }
    let now = engine.clock.now();
    let subject = format!("setup:{}", network(ip));
    let since = now.minus(crate::people::FORGOTTEN);
    let before = guesses::get(&engine.db, &subject).await?;
    if before.failures >= FREE && Timestamp(before.last_at) > since {
        let wait = guesses::wait(before.failures, FREE);
        let left = wait.saturating_sub(now.since(Timestamp(before.last_at)));
        if !left.is_zero() {
            return Ok(Opened::TooMany(left));
        }
    }
    guesses::count(&engine.db, &subject, FREE, now, since).await?;
    Ok(Opened::Unknown)
}

async fn step(engine: &Engine, link: &SetupLink, user: Option<UserId>) -> store::Result<Step> {
    let Some(tenant) = link.tenant_id.map(TenantId) else {
        return Ok(Step::Account);
    };
    if let Some(user) = user {
        let memberships = members::any_tenant_of_user(&engine.db, user).await?;
        let may = memberships.iter().any(|place| {
            place.tenant_id == tenant
                && place
                    .role
                    .parse::<Role>()
                    .is_ok_and(|role| role.scopes().has(Scope::SettingsWrite))
        });
        if may {
            return Ok(Step::Connect(tenant));
        }
    }
    let mut tx = engine.db.begin().await?;
    let owners = members::lock_owners(&mut tx, tenant).await?;
    tx.rollback().await?;
    Ok(if owners.is_empty() {
        Step::Account
    } else {
        Step::SignIn
    })
}
