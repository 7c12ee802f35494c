//! What a simulator is told at its start.

use std::time::Duration;

use crate::templates::ReviewPolicy;

/// Which media links of outgoing messages are really fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkCheck {
    /// Links to this machine are fetched; others count as reachable, save for hosts under `.invalid`.
    Loopback,
    /// No link is fetched; only hosts under `.invalid` are dead.
    Never,
}

/// Settings of a simulator; [`SimConfig::default`] suits tests.
#[derive(Debug, Clone)]
pub struct SimConfig {
    /// Every id and every choice is drawn from this number.
    pub seed: u64,
    /// Virtual milliseconds per real millisecond; 1.0 is real time. Back-off, statuses, windows and lives follow it.
    pub speed: f64,
    /// The simulated customers say nothing by themselves (they still receive, and may read).
    pub quiet_phones: bool,
    /// The app that calls and that receives the webhooks.
    pub app_id: String,
    /// The app's name, shown by `subscribed_apps`.
    pub app_name: String,
    /// Key of the webhook signature.
    pub app_secret: String,
    /// Sent in the verification GET.
    pub verify_token: String,
    /// Where webhooks go; without one they wait until [`crate::Sim::set_callback_url`].
    pub callback_url: Option<String>,
    /// The portfolio that owns the accounts; user ids (BSUID) are scoped to it.
    pub business_id: String,
    /// Its name.
    pub business_name: String,
    /// The credit line of that business; a tech provider has none.
    pub credit_line_id: Option<String>,
    /// Login configurations of the app that sign people up.
    pub config_ids: Vec<String>,
    /// Base of the media URLs; taken from the listener when absent.
    pub public_url: Option<String>,
    /// Gaps between delivery attempts, in virtual time; the last one repeats until the horizon.
    pub webhook_backoff: Vec<Duration>,
    /// Age (virtual time) after which an undelivered webhook is dropped; Meta says 7 days.
    pub webhook_horizon: Duration,
    /// Real time given to the receiver of a webhook.
    pub webhook_timeout: Duration,
    /// Deliveries in flight at most.
    pub webhook_concurrency: usize,
    /// Whether the pair rate (one number to one user) is enforced.
    pub pair_limit: bool,
    /// Free-form outside the window is refused at once (HTTP 400) instead of failing later.
    pub window_refusal: bool,
    /// Which media links are fetched.
    pub link_check: LinkCheck,
    /// Write `/` as `\/` in webhook bodies, as Meta may.
    pub escape_slashes: bool,
    /// How new and edited templates are reviewed; [`ReviewPolicy::default`] leaves it to people.
    pub template_review: ReviewPolicy,
    /// How many accepted messages are remembered, in messages; the counts of the summary go on.
    pub outbound_limit: usize,
    /// How many bytes of media are kept; the oldest go first.
    pub media_bytes_limit: usize,
}

impl Default for SimConfig {
    fn default() -> Self {
        let seconds = [0, 10, 30, 120, 600, 3_600, 21_600];
        Self {
            seed: 1,
            speed: 1.0,
            quiet_phones: true,
            app_id: "670843887433847".to_owned(),
            app_name: "Simulated App".to_owned(),
            app_secret: "5ec2e7f0a1b94c3d8e6f7a2b1c0d9e8f".to_owned(),
            verify_token: "simulated-verify-token".to_owned(),
            callback_url: None,
            business_id: "506914307656634".to_owned(),
            business_name: "Simulated Partner".to_owned(),
            credit_line_id: Some("1972385232742146".to_owned()),
            config_ids: vec!["1268390000000001".to_owned()],
            public_url: None,
            webhook_backoff: seconds.into_iter().map(Duration::from_secs).collect(),
            webhook_horizon: Duration::from_secs(7 * 24 * 3_600),
            webhook_timeout: Duration::from_secs(10),
            webhook_concurrency: 32,
            pair_limit: true,
            window_refusal: false,
            link_check: LinkCheck::Loopback,
            escape_slashes: true,
            template_review: ReviewPolicy::default(),
            outbound_limit: 1_000_000,
            media_bytes_limit: 256 * 1024 * 1024,
        }
    }
}
