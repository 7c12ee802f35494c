//! The portfolio's messaging limit: how many people may be written to outside service windows in 24 hours.
//!
//! People are counted when they are about to be written to, in the transaction that claims the message; who was
//! counted within the last 24 hours costs nothing more, and counts from now.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use domain::Timestamp;
use store::budget::{self, Spent};
use store::db::Db;

/// The time over which Meta counts (page "messaging-limits").
pub(super) const DAY: Duration = Duration::from_secs(24 * 3_600);

/// How many people a tier admits; none when it sets no limit, or is a word that is not known.
pub(super) fn limit_of(tier: &str) -> Option<i64> {
    let digits = tier.strip_prefix("TIER_").unwrap_or(tier);
    let (number, unit) = match digits.strip_suffix('K') {
        Some(thousands) => (thousands, 1_000),
        None => (digits, 1),
    };
    number.parse::<i64>().ok().map(|number| number * unit)
}

/// Whom one portfolio has written to.
#[derive(Debug, Default)]
pub(super) struct Window {
    last: HashMap<String, Timestamp>,
    order: BTreeSet<(Timestamp, String)>,
}

impl Window {
    /// How many count at this moment.
    pub(super) fn used(&mut self, now: Timestamp) -> i64 {
        while let Some((at, _)) = self.order.first() {
            if now.since(*at) < DAY {
                break;
            }
            if let Some((_, person)) = self.order.pop_first() {
                self.last.remove(&person);
            }
        }
        i64::try_from(self.order.len()).unwrap_or(i64::MAX)
    }

    /// Whether a person counts already.
    pub(super) fn holds(&self, person: &str) -> bool {
        self.last.contains_key(person)
    }

    /// A person is written to.
    pub(super) fn spend(&mut self, person: &str, at: Timestamp) {
        if let Some(before) = self.last.insert(person.to_owned(), at) {
            self.order.remove(&(before, person.to_owned()));
        }
        self.order.insert((at, person.to_owned()));
    }

    /// When the first one falls out.
    pub(super) fn frees_at(&self) -> Option<Timestamp> {
        self.order.first().map(|(at, _)| at.plus(DAY))
    }
}

/// The windows of all portfolios that have a limit.
#[derive(Debug, Default)]
pub(super) struct Budgets {
    windows: HashMap<String, Window>,
}

impl Budgets {
    /// The window of a portfolio, read from the database when it is first asked for.
    pub(super) async fn window(
        &mut self,
        db: &Db,
        portfolio: &str,
        now: Timestamp,
    ) -> store::Result<&mut Window> {
        if !self.windows.contains_key(portfolio) {
            let since = now.minus(DAY);
            budget::any_tenant_forget(db, portfolio, since).await?;
            let mut window = Window::default();
            for spent in budget::any_tenant_since(db, portfolio, since).await? {
                window.spend(&spent.recipient, Timestamp(spent.at));
            }
            self.windows.insert(portfolio.to_owned(), window);
        }
        Ok(self.windows.entry(portfolio.to_owned()).or_default())
    }

    /// What was counted and not committed is not counted: the windows are read again.
    pub(super) fn forget(&mut self) {
        self.windows.clear();
    }
}

/// The row of one person.
pub(super) fn spent(portfolio: &str, recipient: &str, at: Timestamp) -> Spent {
    Spent {
        portfolio: portfolio.to_owned(),
        recipient: recipient.to_owned(),
        at: at.0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tiers_are_numbers_of_people() {
        for (tier, limit) in [
            ("TIER_50", Some(50)),
            ("TIER_250", Some(250)),
            ("TIER_2K", Some(2_000)),
            ("TIER_100K", Some(100_000)),
            ("TIER_UNLIMITED", None),
            ("UNTIERED", None),
        ] {
            assert_eq!(limit_of(tier), limit, "{tier}");
        }
    }

    proptest! {
        #[test]
        fn the_window_counts_as_a_count_from_the_start_does(
            sends in prop::collection::vec((0_u8..12, 0_i64..20), 1..120)
        ) {
            let hour = 3_600_000_000_i64;
            let (mut window, mut now, mut all) = (Window::default(), 0_i64, Vec::new());
            for (person, hours) in sends {
                now += hours * hour / 2;
                window.spend(&person.to_string(), Timestamp(now));
                all.push((person, now));
                let day = i64::try_from(DAY.as_micros()).unwrap_or_default();
                let counted: std::collections::HashSet<_> =
                    all.iter().filter(|(_, at)| now - at < day).map(|(person, _)| *person).collect();
                prop_assert_eq!(window.used(Timestamp(now)), counted.len() as i64);
                for person in 0..12_u8 {
                    prop_assert_eq!(window.holds(&person.to_string()), counted.contains(&person));
                }
                let frees = window.frees_at().unwrap_or_default();
                prop_assert!(frees.0 > now);
                let mut later = Window { last: window.last.clone(), order: window.order.clone() };
                prop_assert!(later.used(frees) < counted.len() as i64, "somebody falls out then");
            }
        }
    }
}
