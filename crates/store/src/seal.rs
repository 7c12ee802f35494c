//! Secrets at rest: AES-256-GCM, one key ring, every sealed value bound to the place where it stands.
//!
//! A sealed value is `key id (8 bytes) ‖ nonce (12) ‖ ciphertext and tag`. The associated data names
//! tenant, table, column and row, so a sealed token that is copied to another row does not open.

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// A value could not be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The configured key is not usable.
    #[error(
        "secrets.key must be 64 hex digits (32 random bytes), for example from `openssl rand -hex 32`"
    )]
    BadKey,
    /// No key of the ring has the id that the value was sealed with.
    #[error("a secret was sealed with a key that is not configured; put the old key back")]
    UnknownKey,
    /// The value is damaged, or stands where it was not sealed.
    #[error("a sealed secret does not open: it is damaged or was moved")]
    Damaged,
}

/// Where a sealed value stands.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The tenant that owns it, or `platform`.
    pub owner: &'a str,
    /// The table.
    pub table: &'a str,
    /// The column.
    pub column: &'a str,
    /// The row's key.
    pub row: &'a str,
}

impl Place<'_> {
    fn associated_data(&self) -> Vec<u8> {
        // Lengths before the parts: no two places give the same bytes.
        let mut data = Vec::new();
        for part in [self.owner, self.table, self.column, self.row] {
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part.as_bytes());
        }
        data
    }
}

/// The keys: the first seals, all open.
#[derive(Clone)]
pub struct Sealer {
    keys: Vec<([u8; 8], Aes256Gcm)>,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealer({} keys)", self.keys.len())
    }
}

const HEAD: usize = 8;
const NONCE: usize = 12;

impl Sealer {
    /// A ring from hex keys, the one that seals first.
    ///
    /// # Errors
    /// [`SealError::BadKey`] when a key is not 32 bytes of hex or there is none.
    pub fn new<'a>(keys: impl IntoIterator<Item = &'a str>) -> Result<Self, SealError> {
        let mut ring = Vec::new();
        for text in keys {
            let bytes = Zeroizing::new(hex::decode(text.trim()).map_err(|_| SealError::BadKey)?);
            let key =
                <&Key<Aes256Gcm>>::try_from(bytes.as_slice()).map_err(|_| SealError::BadKey)?;
            let digest = Sha256::digest(bytes.as_slice());
            let mut id = [0; HEAD];
            id.copy_from_slice(&digest[..HEAD]);
            ring.push((id, Aes256Gcm::new(key)));
        }
        if ring.is_empty() {
            Err(SealError::BadKey)
        } else {
            Ok(Self { keys: ring })
        }
    }

    /// Seals a secret for one place.
    ///
    /// # Errors
    /// Never for values that fit in memory.
    pub fn seal(&self, place: Place<'_>, secret: &str) -> Result<Vec<u8>, SealError> {
        let (id, cipher) = self.keys.first().ok_or(SealError::UnknownKey)?;
        let nonce_bytes: [u8; NONCE] = rand::random();
        let payload = Payload {
            msg: secret.as_bytes(),
            aad: &place.associated_data(),
        };
        let sealed = cipher
            .encrypt(&Nonce::from(nonce_bytes), payload)
            .map_err(|_| SealError::Damaged)?;
        Ok([id.as_slice(), &nonce_bytes, &sealed].concat())
    }

    /// Opens what [`Sealer::seal`] made for the same place.
    ///
    /// # Errors
    /// When the key is missing, or the value is damaged or was moved.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<SecretString, SealError> {
        let (id, rest) = sealed.split_at_checked(HEAD).ok_or(SealError::Damaged)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE).ok_or(SealError::Damaged)?;
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| SealError::Damaged)?;
        let (_, cipher) = self
            .keys
            .iter()
            .find(|(key, _)| key == id)
            .ok_or(SealError::UnknownKey)?;
        let payload = Payload {
            msg: sealed,
            aad: &place.associated_data(),
        };
        let plain = Zeroizing::new(
            cipher
                .decrypt(&Nonce::from(nonce), payload)
                .map_err(|_| SealError::Damaged)?,
        );
        let text = std::str::from_utf8(&plain).map_err(|_| SealError::Damaged)?;
        Ok(SecretString::from(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    const OLD: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    const NEW: &str = "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    fn place(row: &str) -> Place<'_> {
        Place {
            owner: "platform",
            table: "wabas",
            column: "access_token",
            row,
        }
    }

    #[test]
    fn a_secret_opens_only_where_it_was_sealed() {
        let sealer = Sealer::new([OLD]).unwrap();
        let sealed = sealer.seal(place("1"), "EAAB-token").unwrap();
        assert!(!sealed.windows(5).any(|window| window == b"token"));
        assert_eq!(
            sealer.open(place("1"), &sealed).unwrap().expose_secret(),
            "EAAB-token"
        );
        assert_eq!(
            sealer.open(place("2"), &sealed).unwrap_err(),
            SealError::Damaged
        );
    }

    #[test]
    fn an_old_key_still_opens_after_a_new_one_seals() {
        let sealed = Sealer::new([OLD]).unwrap().seal(place("1"), "t").unwrap();
        assert!(
            Sealer::new([NEW, OLD])
                .unwrap()
                .open(place("1"), &sealed)
                .is_ok()
        );
        assert_eq!(
            Sealer::new([NEW])
                .unwrap()
                .open(place("1"), &sealed)
                .unwrap_err(),
            SealError::UnknownKey
        );
        assert!(
            Sealer::new([OLD])
                .unwrap()
                .open(place("1"), &sealed[..10])
                .is_err()
        );
    }
}
