//! Hours at which mailings rest where the person lives.
//!
//! The clock that counts is the person's own, as far as their number tells. A country with several time zones is
//! treated carefully: it is quiet there while it is quiet in any of them. Where that would leave no hour of the
//! day, the most populous zone decides; where the country is not known, the tenant's own zone does.

use std::time::Duration;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::zones;

/// From when to when, and whose clock counts where the person's is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// `HH:MM`, when they begin.
    pub from: String,
    /// `HH:MM`, when they end; earlier than `from`, they go past midnight.
    pub to: String,
    /// Such as `Europe/Madrid`.
    pub time_zone: String,
}

/// What is wrong with quiet hours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotQuietHours {
    /// A time is not one.
    #[error("{0:?} is not a time of the day such as 21:00")]
    Time(String),
    /// Nothing of the day is quiet, or all of it.
    #[error("they must end at another time than they begin")]
    Empty,
    /// The zone is not known.
    #[error("{0:?} is not a time zone such as Europe/Madrid")]
    Zone(String),
}

impl QuietHours {
    /// Whether they make sense.
    ///
    /// # Errors
    /// [`NotQuietHours`] says what does not.
    pub fn check(&self) -> Result<(), NotQuietHours> {
        let (from, to) = (time(&self.from)?, time(&self.to)?);
        if from == to {
            return Err(NotQuietHours::Empty);
        }
        zone(&self.time_zone).map(drop)
    }

    /// Reads the JSON that stands in the database; none when it is damaged.
    pub fn parse(text: &str) -> Option<Self> {
        let hours: Self = serde_json::from_str(text).ok()?;
        hours.check().is_ok().then_some(hours)
    }

    /// When it is quiet for this recipient at this moment, the moment at which it no longer is.
    pub fn until(&self, recipient: &str, now: Timestamp) -> Option<Timestamp> {
        let (Ok(from), Ok(to)) = (time(&self.from), time(&self.to)) else {
            return None;
        };
        let names = zones::of_recipient(recipient).unwrap_or(&[]);
        let mut places: Vec<TimeZone> = names.iter().filter_map(|name| zone(name).ok()).collect();
        if places.is_empty() {
            places.extend(zone(&self.time_zone).ok());
        }
        end(&places, from, to, now)
            .or_else(|| end(places.get(..1)?, from, to, now))
            .filter(|until| *until > now)
    }
}

fn time(text: &str) -> Result<Time, NotQuietHours> {
    let wrong = || NotQuietHours::Time(text.to_owned());
    let (hour, minute) = text.split_once(':').ok_or_else(wrong)?;
    if hour.len() != 2 || minute.len() != 2 {
        return Err(wrong());
    }
    let (hour, minute) = (
        hour.parse().map_err(|_| wrong())?,
        minute.parse().map_err(|_| wrong())?,
    );
    Time::new(hour, minute, 0, 0).map_err(|_| wrong())
}

fn zone(name: &str) -> Result<TimeZone, NotQuietHours> {
    TimeZone::get(name).map_err(|_| NotQuietHours::Zone(name.to_owned()))
}

/// The first moment from `now` on at which it is quiet in none of the places; none when there is no such moment in two
/// days.
fn end(places: &[TimeZone], from: Time, to: Time, now: Timestamp) -> Option<Timestamp> {
    let mut at = now;
    while at.since(now) <= Duration::from_secs(48 * 3_600) {
        match places
            .iter()
            .find_map(|place| end_here(place, from, to, at))
        {
            Some(later) if later > at => at = later,
            _ => return Some(at),
        }
    }
    None
}

/// When it is quiet in a place, until when.
fn end_here(place: &TimeZone, from: Time, to: Time, now: Timestamp) -> Option<Timestamp> {
    let local = jiff::Timestamp::from_microsecond(now.0)
        .ok()?
        .to_zoned(place.clone());
    let (date, time) = (local.date(), local.time());
    let day = if from < to {
        (time >= from && time < to).then_some(date)
    } else if time >= from {
        date.tomorrow().ok()
    } else {
        (time < to).then_some(date)
    }?;
    let end = day.to_datetime(to).to_zoned(place.clone()).ok()?;
    Some(Timestamp(end.timestamp().as_microsecond()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hours(from: &str, to: &str) -> QuietHours {
        QuietHours {
            from: from.into(),
            to: to.into(),
            time_zone: "Europe/Madrid".into(),
        }
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap_or_default()
    }

    #[test]
    fn the_persons_own_clock_counts() {
        let night = hours("21:00", "09:00");
        // 20:30 in Berlin and 01:00 of the next day in India.
        let now = at("2026-11-20T19:30:00Z");
        assert_eq!(night.until("4915123456789", now), None);
        assert_eq!(
            night.until("919812345678", now),
            Some(at("2026-11-21T03:30:00Z"))
        );
        // Nobody knows where this is: the tenant's zone, where it is 20:30, too.
        assert_eq!(night.until("XX.123", now), None);
        assert_eq!(
            night.until("XX.123", at("2026-11-20T20:00:00Z")),
            Some(at("2026-11-21T08:00:00Z"))
        );
    }

    #[test]
    fn a_country_with_many_zones_is_quiet_while_any_of_them_is() {
        let night = hours("21:00", "09:00");
        // 10:00 in New York, 05:00 in Honolulu, where the night ends at 19:00Z.
        assert_eq!(
            night.until("+12125551234", at("2026-11-20T15:00:00Z")),
            Some(at("2026-11-20T19:00:00Z"))
        );
        // Evening in New York, afternoon in the west: quiet until Honolulu's next morning.
        assert_eq!(
            night.until("+12125551234", at("2026-11-21T02:30:00Z")),
            Some(at("2026-11-21T19:00:00Z"))
        );
        // Russia: two hours a day in which nobody sleeps, from Kaliningrad's morning to Kamchatka's evening.
        assert_eq!(
            night.until("79261234567", at("2026-11-20T10:00:00Z")),
            Some(at("2026-11-21T07:00:00Z"))
        );
        // With a longer night there is no such hour: Moscow decides.
        let long = hours("19:00", "10:00");
        assert_eq!(long.until("79261234567", at("2026-11-20T10:00:00Z")), None);
        assert_eq!(
            long.until("79261234567", at("2026-11-20T19:00:00Z")),
            Some(at("2026-11-21T07:00:00Z"))
        );
    }

    #[test]
    fn clocks_that_are_put_forward_shorten_the_night() {
        // Germany, 2026-03-29: 02:00 becomes 03:00.
        let night = hours("21:00", "09:00");
        assert_eq!(
            night.until("4915123456789", at("2026-03-28T22:00:00Z")),
            Some(at("2026-03-29T07:00:00Z"))
        );
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert_eq!(
            hours("9:00", "21:00").check(),
            Err(NotQuietHours::Time("9:00".into()))
        );
        assert_eq!(
            hours("25:00", "21:00").check(),
            Err(NotQuietHours::Time("25:00".into()))
        );
        assert_eq!(hours("21:00", "21:00").check(), Err(NotQuietHours::Empty));
        let nowhere = QuietHours {
            time_zone: "Europe/Atlantis".into(),
            ..hours("21:00", "09:00")
        };
        assert_eq!(
            nowhere.check(),
            Err(NotQuietHours::Zone("Europe/Atlantis".into()))
        );
    }

    proptest! {
        #[test]
        fn the_end_of_the_quiet_is_later_and_not_quiet(
            minute in 0_i64..600_000, from in 0_u32..1_440, length in 1_u32..700, person in 0_usize..5
        ) {
            let text = |minutes: u32| format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60);
            let hours = hours(&text(from), &text(from + length));
            prop_assume!(hours.check().is_ok());
            let person = ["34612345678", "919812345678", "5511987654321", "BD.1", "0"][person];
            let now = Timestamp(1_767_225_600_000_000 + minute * 60_000_000);
            if let Some(until) = hours.until(person, now) {
                prop_assert!(until > now && until.since(now) <= Duration::from_secs(49 * 3_600));
                prop_assert_eq!(hours.until(person, until), None, "{:?} {}", hours, person);
            }
        }
    }
}
