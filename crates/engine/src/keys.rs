//! API keys: made, shown once, recognised.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::access::Scopes;
use domain::{ApiKeyId, TenantId, Timestamp, UserId};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use store::audit::{self, Act, Target, Who};
use store::{Db, Tx, api_keys};
use subtle::ConstantTimeEq as _;

/// A recognised key: whom it speaks for and what it may do.
#[derive(Debug, Clone)]
pub struct Key {
    /// Its id.
    pub id: ApiKeyId,
    /// What its maker called it.
    pub name: Arc<str>,
    /// The tenant that it speaks for; none for the platform.
    pub tenant: Option<TenantId>,
    /// What it may do.
    pub scopes: Scopes,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// A key to make.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// For which tenant; none for the platform.
    pub tenant: Option<TenantId>,
    /// What it is for.
    pub name: &'a str,
    /// What it may do.
    pub scopes: Scopes,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// Who makes it, where it is a user.
    pub created_by: Option<UserId>,
}

/// A key that was just made. Its text is shown once and not kept.
#[derive(Debug)]
pub struct NewKey {
    /// Its id.
    pub id: ApiKeyId,
    /// The beginning that stays visible.
    pub prefix: String,
    /// The whole key.
    pub secret: String,
}

/// How long a recognised key is believed without asking the database again. A revocation in this
/// process takes effect at once, one made on another node after this time.
const BELIEVED: Duration = Duration::from_secs(10);
/// Last use is noted at most this often.
const NOTED: Duration = Duration::from_secs(60);

/// Makes and recognises keys.
#[derive(Debug, Default)]
pub struct Keys {
    known: Mutex<HashMap<[u8; 32], Known>>,
}

#[derive(Debug, Clone)]
struct Known {
    key: Key,
    at: Timestamp,
    noted: Timestamp,
}

/// Makes a key with every right of a tenant, or of the platform.
///
/// # Errors
/// When the database refuses.
pub async fn create(
    db: &Db,
    tenant: Option<TenantId>,
    name: &str,
    who: &Who,
    now: Timestamp,
) -> store::Result<NewKey> {
    let wanted = Wanted {
        tenant,
        name,
        scopes: if tenant.is_some() {
            Scopes::of_tenant()
        } else {
            Scopes::of_platform()
        },
        expires_at: None,
        created_by: None,
    };
    let mut tx = db.begin().await?;
    let key = make(&mut tx, &wanted, who, now).await?;
    tx.commit().await?;
    Ok(key)
}

/// Makes a key.
///
/// # Errors
/// When the database refuses.
pub async fn make(
    tx: &mut Tx,
    wanted: &Wanted<'_>,
    who: &Who,
    now: Timestamp,
) -> store::Result<NewKey> {
    let id = ApiKeyId::new(now);
    let owner = if wanted.tenant.is_some() {
        "tlt"
    } else {
        "tlp"
    };
    let prefix = format!("{owner}_{:012x}", rand::random::<u64>() >> 16);
    let secret = format!("{prefix}_{}", hex::encode(rand::random::<[u8; 32]>()));
    let row = api_keys::ApiKey {
        id,
        tenant_id: wanted.tenant.map(Into::into),
        name: wanted.name.to_owned(),
        prefix: prefix.clone(),
        hash: hash(&secret).to_vec(),
        created_at: now.0,
        last_used_at: None,
        scopes: wanted.scopes.to_string(),
        expires_at: wanted.expires_at.map(|at| at.0),
        created_by: wanted.created_by.map(Into::into),
    };
    api_keys::insert(tx, &row).await?;
    let act = Act {
        tenant: wanted.tenant,
        action: "api_key.create",
        target: Target {
            kind: "api_key",
            id: Some(id.to_string()),
            name: Some(wanted.name),
        },
        before: None,
        after: Some(json!({
            "name": wanted.name,
            "prefix": prefix,
            "scopes": row.scopes,
            "expires_at": wanted.expires_at.map(Timestamp::rfc3339),
        })),
    };
    audit::append(tx, who, act, now).await?;
    Ok(NewKey { id, prefix, secret })
}

/// Revokes a key of a tenant, or of the platform. False when there is none such.
///
/// # Errors
/// When the database refuses.
pub async fn revoke(
    db: &Db,
    tenant: Option<TenantId>,
    id: ApiKeyId,
    who: &Who,
    now: Timestamp,
) -> store::Result<bool> {
    let known = api_keys::list(db, tenant).await?;
    let name = known
        .into_iter()
        .find(|key| key.id == id)
        .map(|key| key.name);
    let mut tx = db.begin().await?;
    if !api_keys::revoke(&mut tx, tenant, id, now).await? {
        return Ok(false);
    }
    let act = Act {
        tenant,
        action: "api_key.revoke",
        target: Target {
            kind: "api_key",
            id: Some(id.to_string()),
            name: name.as_deref(),
        },
        before: None,
        after: None,
    };
    audit::append(&mut tx, who, act, now).await?;
    tx.commit().await?;
    Ok(true)
}

fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret).into()
}

impl Keys {
    /// Whom a presented key speaks for; `None` when it is nobody's.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn recognise(
        &self,
        db: &Db,
        presented: &str,
        now: Timestamp,
    ) -> store::Result<Option<Key>> {
        let digest = hash(presented);
        let known = self
            .known
            .lock()
            .ok()
            .and_then(|known| known.get(&digest).cloned());
        if let Some(known) = &known
            && now.since(known.at) < BELIEVED
        {
            let ended = known.key.expires_at.is_some_and(|end| end <= now);
            return Ok((!ended).then(|| known.key.clone()));
        }
        // `tlt_` + 12 hex digits + `_` + secret.
        let Some(prefix) = presented
            .get(..16)
            .filter(|_| presented.len() == 81 && presented.is_ascii())
        else {
            return Ok(None);
        };
        let Some(row) = api_keys::any_tenant_by_prefix(db, prefix).await? else {
            return Ok(None);
        };
        if !bool::from(row.hash.ct_eq(&digest)) {
            return Ok(None);
        }
        let expires_at = row.expires_at.map(Timestamp);
        if expires_at.is_some_and(|end| end <= now) {
            return Ok(None);
        }
        let key = Key {
            id: row.id,
            name: row.name.into(),
            tenant: row.tenant_id.map(TenantId),
            scopes: Scopes::read(&row.scopes),
            expires_at,
        };
        let before = known.map_or(Timestamp(row.last_used_at.unwrap_or(0)), |known| {
            known.noted
        });
        let note = now.since(before) >= NOTED;
        if let Ok(mut all) = self.known.lock() {
            all.retain(|_, known| now.since(known.at) < BELIEVED);
            all.insert(
                digest,
                Known {
                    key: key.clone(),
                    at: now,
                    noted: if note { now } else { before },
                },
            );
        }
        if note {
            api_keys::touch(db, row.id, now).await?;
        }
        Ok(Some(key))
    }

    /// Whether a key that was recognised before still opens anything.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn still_stands(&self, db: &Db, id: ApiKeyId, now: Timestamp) -> store::Result<bool> {
        api_keys::any_tenant_stands(db, id, now).await
    }

    /// Forgets a key that was revoked.
    pub fn forget(&self, id: ApiKeyId) {
        if let Ok(mut all) = self.known.lock() {
            all.retain(|_, known| known.key.id != id);
        }
    }
}
