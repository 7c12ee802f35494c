//! Which version of the Graph API answers: a removed one is served by the oldest that is left.

use crate::error::{GraphError, GraphResult};

/// The newest version that Meta has.
const NEWEST: u32 = 26;
/// The oldest that is left, when nobody says otherwise: two years are promised.
pub(crate) const OLDEST: u32 = 22;

/// The version that serves a call of the path's `asked`, `oldest` being the oldest that is left.
pub(super) fn served(asked: Option<&str>, oldest: u32) -> u32 {
    let number = asked.and_then(|asked| asked.strip_prefix('v')?.split('.').next()?.parse().ok());
    // Without a version an app gets the oldest that it could have been made with.
    number.unwrap_or(oldest).clamp(oldest, NEWEST)
}

/// A version that does not exist yet is no version but a path.
pub(super) fn exists(asked: Option<&str>) -> GraphResult<()> {
    let Some(asked) = asked else {
        return Ok(());
    };
    let digits = asked.trim_start_matches('v').split('.').next();
    let number: Option<u32> = digits.and_then(|digits| digits.parse().ok());
    if number.is_some_and(|number| number <= NEWEST) {
        Ok(())
    } else {
        Err(GraphError::unknown_path(asked))
    }
}

/// Whether this may be named the oldest version.
pub(crate) fn is_known(number: u32) -> bool {
    (2..=NEWEST).contains(&number)
}

#[cfg(test)]
mod tests {
    use super::{exists, served};

    #[test]
    fn a_removed_version_is_served_by_the_oldest_left() {
        assert_eq!(served(Some("v24.0"), 22), 24);
        assert_eq!(served(Some("v19.0"), 22), 22);
        assert_eq!(served(None, 23), 23);
        assert!(exists(Some("v26.0")).is_ok());
        assert!(exists(Some("v99.0")).is_err());
        assert!(exists(Some("v99999999999999.0")).is_err());
    }
}
