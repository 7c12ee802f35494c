//! API keys: made, shown once, recognised.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use domain::{ApiKeyId, TenantId, Timestamp};
use sha2::{Digest as _, Sha256};
use store::{Db, api_keys};
use subtle::ConstantTimeEq as _;

/// Whom a key speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal {
    /// The platform's administration.
    Platform,
    /// One tenant.
    Tenant(TenantId),
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

#[derive(Debug, Clone, Copy)]
struct Known {
    id: ApiKeyId,
    principal: Principal,
    at: Timestamp,
    noted: Timestamp,
}

/// Makes a key for a tenant, or for the platform.
///
/// # Errors
/// When the database refuses.
pub async fn create(
    db: &Db,
    tenant: Option<TenantId>,
    name: &str,
    now: Timestamp,
) -> store::Result<NewKey> {
    let id = ApiKeyId::new(now);
    let owner = if tenant.is_some() { "tlt" } else { "tlp" };
    let prefix = format!("{owner}_{:012x}", rand::random::<u64>() >> 16);
    let secret = format!("{prefix}_{}", hex::encode(rand::random::<[u8; 32]>()));
    api_keys::insert(db, tenant, id, name, &prefix, hash(&secret).to_vec(), now).await?;
    Ok(NewKey { id, prefix, secret })
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
    ) -> store::Result<Option<Principal>> {
        let digest = hash(presented);
        let known = self
            .known
            .lock()
            .ok()
            .and_then(|known| known.get(&digest).copied());
        if let Some(known) = known.filter(|known| now.since(known.at) < BELIEVED) {
            return Ok(Some(known.principal));
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
        let principal = row.tenant_id.map_or(Principal::Platform, |tenant| {
            Principal::Tenant(TenantId(tenant))
        });
        let before = known.map_or(Timestamp(row.last_used_at.unwrap_or(0)), |known| {
            known.noted
        });
        let note = now.since(before) >= NOTED;
        if let Ok(mut all) = self.known.lock() {
            all.retain(|_, known| now.since(known.at) < BELIEVED);
            all.insert(
                digest,
                Known {
                    id: row.id,
                    principal,
                    at: now,
                    noted: if note { now } else { before },
                },
            );
        }
        if note {
            api_keys::touch(db, row.id, now).await?;
        }
        Ok(Some(principal))
    }

    /// Forgets a key that was revoked.
    pub fn forget(&self, id: ApiKeyId) {
        if let Ok(mut all) = self.known.lock() {
            all.retain(|_, known| known.id != id);
        }
    }
}
