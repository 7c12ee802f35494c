//! Typing settings: checked, sealed, written down, and in force at once.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};
use store::audit::{self, Act, Target, Who};
use store::event_log;
use store::platform_settings::{self, Typed};
use store::wabas;

use super::{Setting, Source, load};
use crate::{Engine, shared_account};

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// A value is wrong.
    #[error("{} {why}", setting.name())]
    Wrong {
        /// Of which setting.
        setting: Setting,
        /// What it must be.
        why: &'static str,
    },
    /// The configuration says it, and wins.
    #[error("{} is set in the configuration; change it there", .0.name())]
    InConfig(Setting),
    /// The WABA is a tenant's own: its numbers are not the platform's to share out.
    #[error("this WhatsApp account is connected by one of your tenants")]
    OfATenant,
    /// The database refused.
    #[error(transparent)]
    Store(#[from] store::DbError),
}

/// A secret as people may see it: its last four characters, where that leaves enough unseen.
pub fn masked(secret: &str) -> String {
    let length = secret.chars().count();
    let shown = if length >= 12 { 4 } else { 0 };
    let end: String = secret.chars().skip(length - shown).collect();
    format!("••••{end}")
}

/// Sets settings, or empties them. What a secret was or is stands nowhere but in its place.
///
/// # Errors
/// [`ChangeError`]; then nothing changed.
pub async fn change(
    engine: &Engine,
    changes: &[(Setting, Option<String>)],
    who: &Who,
) -> Result<(), ChangeError> {
    let known = engine.platform.now();
    let (mut before, mut after) = (Map::new(), Map::new());
    let mut changed = Vec::new();
    for (setting, value) in changes {
        let value = value.as_deref().map(str::trim).filter(|it| !it.is_empty());
        let present = setting.of(&known);
        if present.as_deref() == value {
            continue;
        }
        if engine.platform.source(*setting) == Source::Config {
            return Err(ChangeError::InConfig(*setting));
        }
        if let Some(value) = value {
            let setting = *setting;
            setting
                .check(value)
                .map_err(|why| ChangeError::Wrong { setting, why })?;
        }
        let shown = |value: Option<&str>| match value {
            Some(secret) if setting.is_secret() => Value::from(masked(secret)),
            value => Value::from(value),
        };
        before.insert(setting.name().to_owned(), shown(present.as_deref()));
        after.insert(setting.name().to_owned(), shown(value));
        changed.push((*setting, value.map(str::to_owned)));
    }
    if changed.is_empty() {
        return Ok(());
    }
    for (setting, value) in &changed {
        if let (Setting::WabaId, Some(waba)) = (setting, value) {
            let all = wabas::any_tenant_list(&engine.db).await?;
            if all
                .iter()
                .any(|row| row.waba_id == *waba && row.tenant_id.is_some())
            {
                return Err(ChangeError::OfATenant);
            }
        }
    }
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    for (setting, value) in &changed {
        let typed = match value {
            None => Typed::Nothing,
            Some(value) if setting.is_secret() => Typed::Secret(SecretString::from(value.clone())),
            Some(value) => Typed::Plain(value.clone()),
        };
        platform_settings::set(&mut tx, &engine.sealer, setting.name(), typed, now).await?;
    }
    let is_emptied = |(setting, value): &(Setting, Option<String>)| {
        *setting == Setting::SystemUserToken && value.is_none()
    };
    if changed.iter().any(is_emptied) {
        // The platform's own accounts were reached with it; a copy would go on working.
        wabas::any_tenant_destroy_platforms(&mut tx).await?;
    }
    let act = Act {
        tenant: None,
        action: "platform.update",
        target: Target {
            kind: "platform",
            id: None,
            name: None,
        },
        before: Some(Value::Object(before)),
        after: Some(Value::Object(after)),
    };
    audit::append(&mut tx, who, act, now).await?;
    let event = event_log::New {
        tenant: None,
        kind: "platform.updated",
        data: "{}".to_owned(),
        at: now.0,
    };
    event_log::append(&mut tx, &[event]).await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    load(engine).await?;
    if changed
        .iter()
        .any(|(setting, _)| matches!(setting, Setting::WabaId | Setting::SystemUserToken))
    {
        share_out(engine).await?;
    }
    Ok(())
}

/// The numbers of the platform's own WABA are asked for with its token from now on.
async fn share_out(engine: &Engine) -> store::Result<()> {
    let known = engine.platform.now();
    if let Some(waba_id) = &known.waba_id {
        let token = known.system_user_token.as_ref();
        shared_account::register_waba(engine, waba_id, "Shared account", token).await?;
    }
    Ok(())
}

/// What the verification of the webhook address presents, made where there is none yet.
///
/// # Errors
/// [`ChangeError`].
pub async fn verify_token(engine: &Engine, who: &Who) -> Result<SecretString, ChangeError> {
    if let Some(token) = &engine.platform.now().verify_token {
        return Ok(token.clone());
    }
    let token = SecretString::from(hex::encode(rand::random::<[u8; 16]>()));
    let change_to = Some(token.expose_secret().to_owned());
    change(engine, &[(Setting::VerifyToken, change_to)], who).await?;
    Ok(token)
}

/// The same for somebody who copies it; that they saw it is written down.
///
/// # Errors
/// [`ChangeError`].
pub async fn reveal_verify_token(engine: &Engine, who: &Who) -> Result<SecretString, ChangeError> {
    let token = verify_token(engine, who).await?;
    note(engine, "platform.verify_token", None, who).await?;
    Ok(token)
}

/// Writes an act on the platform down that changes nothing here.
pub(super) async fn note(
    engine: &Engine,
    action: &'static str,
    after: Option<Value>,
    who: &Who,
) -> store::Result<()> {
    let mut tx = engine.db.begin().await?;
    let target = Target {
        kind: "platform",
        id: None,
        name: None,
    };
    let act = Act {
        tenant: None,
        action,
        target,
        before: None,
        after,
    };
    audit::append(&mut tx, who, act, engine.clock.now()).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_shows_the_end_of_long_secrets_only() {
        assert_eq!(masked("0123456789abcdef"), "••••cdef");
        assert_eq!(masked("0123456789a"), "••••");
        assert_eq!(masked(""), "••••");
    }
}
