//! Guesses are slowed down: a pair of account and address first, then the account from anywhere, then
//! the address against any account. The limits differ, so that a stranger's guesses do not lock out
//! the owner, who comes from another address.

use std::time::Duration;

use domain::Timestamp;
use store::Db;
use store::people::guesses;

/// Guesses that are free: of one address at one account, at one account, of one address.
const FREE: [i64; 3] = [5, 50, 100];
/// The first wait; each further wrong guess doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(15);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// After so long without a guess the count begins anew.
pub(crate) const FORGOTTEN: Duration = Duration::from_secs(3_600);

pub(super) struct Throttle {
    subjects: [String; 3],
}

impl Throttle {
    pub(super) fn new(email: &str, ip: Option<&str>) -> Self {
        let ip = ip.unwrap_or("unknown");
        Self {
            subjects: [
                format!("pair:{email} {ip}"),
                format!("account:{email}"),
                format!("from:{ip}"),
            ],
        }
    }

    /// How long the next guess has to wait, if at all.
    pub(super) async fn wait(&self, db: &Db, now: Timestamp) -> store::Result<Option<Duration>> {
        let mut longest = None;
        for (subject, free) in self.subjects.iter().zip(FREE) {
            let known = guesses::get(db, subject).await?;
            let since = now.since(Timestamp(known.last_at));
            let over = u32::try_from(known.failures - free).unwrap_or(0).min(10);
            if known.failures >= free && since < FORGOTTEN {
                let wait = FIRST_WAIT.saturating_mul(1 << over).min(LONGEST_WAIT);
                longest = longest.max(wait.checked_sub(since).filter(|left| !left.is_zero()));
            }
        }
        Ok(longest)
    }

    /// Counts a guess; before it is looked at, so that guesses sent at the same moment count each.
    pub(super) async fn count(&self, db: &Db, now: Timestamp) -> store::Result<()> {
        for subject in &self.subjects {
            guesses::count(db, subject, now, now.minus(FORGOTTEN)).await?;
        }
        Ok(())
    }

    /// The guess was right. What came from the same address before stays counted: somebody with an
    /// account of their own must not be able to start anew on others.
    pub(super) async fn forgive(&self, db: &Db) -> store::Result<()> {
        let [pair, account, from] = &self.subjects;
        guesses::forget(db, pair).await?;
        guesses::forget(db, account).await?;
        guesses::uncount(db, from).await
    }
}
