//! Guesses are slowed down: a pair of account and address first, then the account from anywhere, then
//! the address against any account. An address from which the owner is signed in does not wait for what
//! strangers guess elsewhere.

use std::net::IpAddr;
use std::time::Duration;

use domain::Timestamp;
use store::Db;
use store::people::guesses;

/// Guesses that are free: of one address at one account, at one account, of one address.
const FREE: [i64; 3] = [5, 50, 100];
/// After so long without a guess the count begins anew.
pub(crate) const FORGOTTEN: Duration = Duration::from_secs(3_600);

pub(super) struct Throttle {
    subjects: [String; 3],
}

/// A network that one party holds: an IPv4 address, or the first half of an IPv6 one.
pub(crate) fn network(ip: Option<&str>) -> String {
    match ip.and_then(|ip| ip.parse().ok()) {
        Some(IpAddr::V6(v6)) if v6.to_ipv4_mapped().is_none() => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Some(address) => address.to_canonical().to_string(),
        None => "unknown".to_owned(),
    }
}

impl Throttle {
    pub(super) fn new(email: &str, ip: Option<&str>) -> Self {
        let from = network(ip);
        Self {
            subjects: [
                format!("pair:{email} {from}"),
                format!("account:{email}"),
                format!("from:{from}"),
            ],
        }
    }

    /// Counts a guess before it is looked at. When it has to wait instead, says how long. `known`: the owner
    /// is signed in from the same address, so that guesses from elsewhere do not count against it.
    pub(super) async fn count(
        &self,
        db: &Db,
        now: Timestamp,
        known: bool,
    ) -> store::Result<Option<Duration>> {
        let since = now.minus(FORGOTTEN);
        for (n, (subject, free)) in self.subjects.iter().zip(FREE).enumerate() {
            if known && n == 1 {
                continue;
            }
            if !guesses::count(db, subject, free, now, since).await? {
                let before = guesses::get(db, subject).await?;
                let wait = guesses::wait(before.failures, free);
                let left = wait.saturating_sub(now.since(Timestamp(before.last_at)));
                return Ok(Some(left.max(Duration::from_secs(1))));
            }
        }
        Ok(None)
    }

    /// The guess was right. What came from the same address before stays counted for the most part: somebody
    /// with an account of their own must not be able to start anew on others.
    pub(super) async fn forgive(&self, db: &Db) -> store::Result<()> {
        let [pair, account, from] = &self.subjects;
        guesses::forget(db, pair).await?;
        guesses::forget(db, account).await?;
        guesses::uncount(db, from).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_address_counts_by_its_network() {
        assert_eq!(network(Some("2001:db8:1:2:3:4:5:6")), "2001:db8:1:2::/64");
        assert_eq!(network(Some("::ffff:192.0.2.1")), "192.0.2.1");
        assert_eq!(network(Some("192.0.2.1")), "192.0.2.1");
        assert_eq!(network(None), "unknown");
    }
}
