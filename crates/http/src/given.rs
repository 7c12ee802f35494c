//! Members of a change that may be null, left out, or given.

use serde::{Deserialize, Deserializer};

/// Tells `null` from a member that is not there.
pub(crate) fn given<'de, D: Deserializer<'de>>(
    from: D,
) -> std::result::Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}
