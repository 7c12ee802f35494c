//! Files: what messages carry, what was uploaded for sending, what a tenant's files take. The bytes themselves lie
//! in the object store, which `engine::media` keeps; here stands what is there and what is still to be fetched.

pub mod accounts;
pub mod files;
pub mod of_messages;
pub mod uploads;

/// SHA-256 of a content.
pub type Digest = [u8; 32];

/// A digest out of a row.
pub(crate) fn digest(bytes: Vec<u8>) -> Result<Digest, String> {
    <Digest>::try_from(bytes).map_err(|bytes| format!("a digest of {} bytes", bytes.len()))
}
