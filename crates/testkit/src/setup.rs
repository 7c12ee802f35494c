//! How an app is set up for a story.

use std::time::Duration;

use domain::Clock;

/// How an app is set up; the default suits most stories.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The product's time.
    pub clock: Clock,
    /// Virtual seconds of the simulator per second.
    pub speed: f64,
    /// How long a send of unknown outcome waits for its status.
    pub settle: Duration,
    /// How often a refused send is tried in all.
    pub max_attempts: i64,
    /// How long a call to Meta may take.
    pub graph_timeout: Duration,
    /// Webhook posts that may wait for projection.
    pub max_backlog: i64,
    /// The mail server, such as `smtp://127.0.0.1:2525`; none sends nothing.
    pub smtp_url: String,
    /// Bytes of files that a tenant may keep; none: any number.
    pub quota: Option<u64>,
    /// Whether a proxy stands in front, whose header tells where a request comes from.
    pub behind_proxy: bool,
    /// Nothing of Meta is configured: the story types it on the page.
    pub bare: bool,
    /// Whether the workers run; without them a story steps them by itself.
    pub workers: bool,
    /// Whom the pages name for help; empty names nobody.
    pub support: String,
    /// Whether the platform has a line of credit, as a solution partner has.
    pub partner: bool,
    /// Accounts that are there at Meta besides the platform's own, each with one number; see [`account`](crate::account).
    pub accounts: usize,
}

impl Setup {
    /// With a clock that the story moves; it stands where the simulator's begins.
    pub fn by_hand() -> Self {
        Self {
            clock: Clock::manual(Clock::system().now()),
            ..Self::default()
        }
    }
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            clock: Clock::system(),
            speed: 50.0,
            settle: Duration::from_secs(600),
            max_attempts: 8,
            graph_timeout: Duration::from_secs(5),
            max_backlog: 8_192,
            smtp_url: String::new(),
            quota: None,
            behind_proxy: false,
            bare: false,
            workers: true,
            support: String::new(),
            partner: false,
            accounts: 0,
        }
    }
}
