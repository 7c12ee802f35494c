//! Dates and times as a language writes them (CLDR, by ICU).

use icu_calendar::{Date, Gregorian};
use icu_datetime::fieldsets::{T, YMD, YMDE};
use icu_datetime::{FixedCalendarDateTimeFormatter, NoCalendarFormatter};
use icu_time::{DateTime, Time};
use jiff::civil;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::format::{Kind, Style};
use super::numbers::locale;
use super::path::{one_line, plain};
use super::reason::{Reason, Wrong};
use crate::clock::Timestamp;

/// A date as it was written.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Written {
    /// A moment, and the clock on which it was read.
    Moment(jiff::Timestamp, civil::DateTime),
    /// A day and a time somewhere.
    Local(civil::DateTime),
    /// A day.
    Day(civil::Date),
}

/// Reads RFC 3339, `2026-11-30T10:00`, `2026-11-30`, or seconds since 1970.
fn read(value: &Value) -> Option<Written> {
    if let Some(seconds) = value.as_i64() {
        // Milliseconds, where seconds would be in the year 5138 or later.
        let at = if seconds.unsigned_abs() >= 100_000_000_000 {
            jiff::Timestamp::from_millisecond(seconds)
        } else {
            jiff::Timestamp::from_second(seconds)
        };
        let at = at.ok()?;
        return Some(Written::Moment(at, at.to_zoned(TimeZone::UTC).datetime()));
    }
    let text = value.as_str()?.trim();
    if let Ok(day) = text.parse::<civil::Date>()
        && text.len() == 10
    {
        return Some(Written::Day(day));
    }
    if let Ok(pieces) = jiff::fmt::temporal::DateTimeParser::new().parse_pieces(text)
        && let Some(time) = pieces.time()
    {
        let local = pieces.date().to_datetime(time);
        return Some(match pieces.to_numeric_offset() {
            Some(offset) => Written::Moment(offset.to_timestamp(local).ok()?, local),
            None => Written::Local(local),
        });
    }
    None
}

/// The moment that a date names; `zone` is where a date without an offset is read, UTC when there is none.
pub(super) fn moment(value: &Value, zone: Option<&str>) -> Option<Timestamp> {
    let local = match read(value)? {
        Written::Moment(at, _) => return Some(Timestamp(at.as_microsecond())),
        Written::Local(local) => local,
        Written::Day(day) => day.to_datetime(civil::Time::midnight()),
    };
    let zone = zone
        .and_then(|zone| TimeZone::get(zone).ok())
        .unwrap_or(TimeZone::UTC);
    let at = local.to_zoned(zone).ok()?.timestamp();
    Some(Timestamp(at.as_microsecond()))
}

/// A date in a language.
pub(super) fn show(
    value: &Value,
    kind: Kind,
    style: Style,
    zone: Option<&str>,
    language: &str,
) -> Result<String, Wrong> {
    let wrong = || {
        let said = format!(
            "{:?} is no date such as 2026-11-30 or 2026-11-30T10:00:00+01:00",
            plain(value)
        );
        Wrong::new(Reason::NotADate, said)
    };
    let zone = zone.and_then(|zone| TimeZone::get(zone).ok());
    let local = match (read(value).ok_or_else(wrong)?, zone) {
        (Written::Moment(at, _), Some(zone)) => at.to_zoned(zone).datetime(),
        (Written::Moment(_, local) | Written::Local(local), _) => local,
        (Written::Day(_), _) if kind == Kind::Time => return Err(wrong()),
        (Written::Day(day), _) => {
            return in_words(
                day.to_datetime(civil::Time::midnight()),
                Kind::Date,
                style,
                language,
            )
            .ok_or_else(wrong);
        }
    };
    in_words(local, kind, style, language).ok_or_else(wrong)
}

fn in_words(at: civil::DateTime, kind: Kind, style: Style, language: &str) -> Option<String> {
    let (month, day) = (u8::try_from(at.month()).ok()?, u8::try_from(at.day()).ok()?);
    let (hour, minute) = (
        u8::try_from(at.hour()).ok()?,
        u8::try_from(at.minute()).ok()?,
    );
    let date: Date<Gregorian> = Date::try_new_gregorian(i32::from(at.year()), month, day).ok()?;
    let time = Time::try_new(hour, minute, 0, 0).ok()?;
    let locale = locale(language);
    let moment = DateTime { date, time };
    macro_rules! written {
        ($fields:expr, $of:expr) => {
            FixedCalendarDateTimeFormatter::<Gregorian, _>::try_new((&locale).into(), $fields)
                .ok()?
                .format($of)
                .to_string()
        };
    }
    let text = match (kind, style) {
        (Kind::Time, _) => NoCalendarFormatter::try_new((&locale).into(), T::hm())
            .ok()?
            .format(&time)
            .to_string(),
        (Kind::Datetime, Style::Short) => written!(YMD::short().with_time_hm(), &moment),
        (Kind::Datetime, Style::Medium) => written!(YMD::medium().with_time_hm(), &moment),
        (Kind::Datetime, Style::Long) => written!(YMD::long().with_time_hm(), &moment),
        (Kind::Datetime, Style::Full) => written!(YMDE::long().with_time_hm(), &moment),
        (_, Style::Short) => written!(YMD::short(), &date),
        (_, Style::Medium) => written!(YMD::medium(), &date),
        (_, Style::Long) => written!(YMD::long(), &date),
        (_, Style::Full) => written!(YMDE::long(), &date),
    };
    // CLDR's narrow blanks become plain ones.
    Some(one_line(&text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_number_that_is_no_moment_is_no_date() {
        for far in [i64::MIN, i64::MIN + 1, i64::MAX] {
            assert_eq!(moment(&json!(far), None), None, "{far}");
        }
        assert_eq!(moment(&json!(1), None), Some(Timestamp(1_000_000)));
    }
}
