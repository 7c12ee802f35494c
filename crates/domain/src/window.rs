//! The customer service window: 24 hours from a person's last message. Outside of it only templates
//! may be sent (Meta answers free-form with error 131047, later, as a failed status).

use std::time::Duration;

use crate::clock::Timestamp;

/// How long the window stays open after the last inbound message.
pub const CUSTOMER_SERVICE_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// When the window closes, if it was ever opened.
pub fn closes_at(last_inbound_at: Option<Timestamp>) -> Option<Timestamp> {
    last_inbound_at.map(|at| at.plus(CUSTOMER_SERVICE_WINDOW))
}

/// Whether free-form messages may be sent at `now`.
pub fn is_open(last_inbound_at: Option<Timestamp>, now: Timestamp) -> bool {
    closes_at(last_inbound_at).is_some_and(|end| now < end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_closes_24_hours_after_the_last_inbound_message() {
        let wrote = Timestamp::from_seconds(1_000_000);
        assert!(is_open(
            Some(wrote),
            wrote
                .plus(CUSTOMER_SERVICE_WINDOW)
                .minus(Duration::from_secs(1))
        ));
        assert!(!is_open(Some(wrote), wrote.plus(CUSTOMER_SERVICE_WINDOW)));
        assert!(!is_open(None, wrote));
    }
}
