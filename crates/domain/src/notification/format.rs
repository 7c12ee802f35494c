//! How a value is shown in the language of the template.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::path::{Path, plain};
use super::reason::{Reason, Wrong};
use super::rule::Flaw;
use super::{dates, money, numbers};

/// What a value is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A text, as it is.
    #[default]
    Text,
    /// An amount of money.
    Money,
    /// A number.
    Number,
    /// A day.
    Date,
    /// A time of the day.
    Time,
    /// Both.
    Datetime,
    /// A text in capitals.
    Upper,
    /// A text in small letters.
    Lower,
}

/// How a value is shown.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Format {
    /// What it is.
    #[serde(default)]
    pub kind: Kind,
    /// Of money: the three letters of the currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Of money: where the event says the currency; `currency` where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency_path: Option<Path>,
    /// Of money and numbers: digits after the point. Money has as many as its currency, a number as many as it came with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u8>,
    /// Of dates: `short`, `medium`, `long` or `full`; `long` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub style: Option<Style>,
    /// Of dates and times: the zone in which they are shown; without one as they are written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// What is no number or no date is shown as it is instead of holding the message.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub or_text: bool,
}

/// How long a date is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// 30/11/26
    Short,
    /// 30 nov 2026
    Medium,
    /// 30 de noviembre de 2026
    #[default]
    Long,
    /// lunes, 30 de noviembre de 2026
    Full,
}

impl Format {
    pub(super) fn check(&self, field: &str, flaws: &mut Vec<Flaw>) {
        let mut flaw =
            |member: &str, said: &str| flaws.push(Flaw::new(format!("{field}.{member}"), said));
        let is_money = self.kind == Kind::Money;
        if is_money && self.currency.is_none() && self.currency_path.is_none() {
            flaw(
                "currency",
                "is missing: an amount of what? Three letters such as EUR, or currency_path",
            );
        }
        if !is_money && (self.currency.is_some() || self.currency_path.is_some()) {
            flaw("currency", "belongs to money only");
        }
        if self
            .currency
            .as_ref()
            .is_some_and(|code| !money::is_currency(code))
        {
            flaw("currency", "must be three letters such as EUR");
        }
        if self.decimals.is_some_and(|decimals| decimals > 6) {
            flaw("decimals", "may be 6 at most");
        }
        if self.decimals.is_some() && !matches!(self.kind, Kind::Money | Kind::Number) {
            flaw("decimals", "belongs to money and numbers only");
        }
        let is_date = matches!(self.kind, Kind::Date | Kind::Time | Kind::Datetime);
        if !is_date && (self.style.is_some() || self.time_zone.is_some()) {
            flaw("style", "and time_zone belong to dates and times only");
        }
        if self
            .time_zone
            .as_ref()
            .is_some_and(|zone| TimeZone::get(zone).is_err())
        {
            flaw("time_zone", "must be a time zone such as Europe/Madrid");
        }
    }

    /// The value as it is shown. `zone` is the tenant's, for moments that are written in UTC.
    ///
    /// # Errors
    /// When the value is not what the format needs.
    pub(super) fn show(
        &self,
        value: &Value,
        event: &Value,
        language: &str,
        zone: Option<&str>,
    ) -> Result<String, Wrong> {
        let shown = match self.kind {
            Kind::Text => Ok(plain(value)),
            Kind::Upper => Ok(plain(value).to_uppercase()),
            Kind::Lower => Ok(plain(value).to_lowercase()),
            Kind::Number => numbers::show(value, self.decimals, language),
            Kind::Money => {
                let currency = self.currency_of(event)?;
                money::show(value, &currency, self.decimals, language)
            }
            Kind::Date | Kind::Time | Kind::Datetime => {
                let zone = self.time_zone.as_deref().or(zone);
                dates::show(
                    value,
                    self.kind,
                    self.style.unwrap_or_default(),
                    zone,
                    language,
                )
            }
        };
        match shown {
            Err(wrong)
                if self.or_text
                    && matches!(wrong.reason, Reason::NotANumber | Reason::NotADate) =>
            {
                Ok(plain(value))
            }
            shown => shown,
        }
    }

    fn currency_of(&self, event: &Value) -> Result<String, Wrong> {
        let from_event = match &self.currency_path {
            Some(path) => path.text(event)?.map(|code| code.to_uppercase()),
            None => None,
        };
        match from_event.or_else(|| self.currency.clone()) {
            Some(code) if money::is_currency(&code) => Ok(code.to_uppercase()),
            Some(code) => Err(Wrong::new(
                Reason::NoCurrency,
                format!("{code:?} is no currency such as EUR"),
            )),
            None => Err(Wrong::new(
                Reason::NoCurrency,
                "the event does not say the currency, and the rule has none",
            )),
        }
    }
}
