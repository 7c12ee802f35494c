//! `trunkline sim`: Meta's side alone.

use std::path::PathBuf;

use serde_json::json;
use sim::{CustomerSpec, NumberSpec, ReviewMode, ReviewPolicy, Seed, Sim, SimConfig};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// What `trunkline sim` is told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where to listen; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:8090")]
    listen: String,
    /// Where webhooks go.
    #[arg(long)]
    callback_url: Option<String>,
    /// Every id and choice is drawn from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Virtual seconds per second.
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// The simulated customers say nothing by themselves.
    #[arg(long)]
    quiet_phones: bool,
    /// Key of the webhook signatures.
    #[arg(long, default_value = "simulated-app-secret")]
    app_secret: String,
    /// Presented at the verification of a callback URL.
    #[arg(long, default_value = "simulated-verify-token")]
    verify_token: String,
    /// A token that reaches the WABA.
    #[arg(long, default_value = "EAASIMULATED")]
    token: String,
    /// The WABA.
    #[arg(long, default_value = "200000000000001")]
    waba_id: String,
    /// Where to write {"sim_url": …} once it answers.
    #[arg(long)]
    ready_file: Option<PathBuf>,
}

/// Runs until the process is asked to end.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let number = |id: &str, display: &str| NumberSpec {
        waba_id: arguments.waba_id.clone(),
        phone_number_id: id.to_owned(),
        display_phone_number: display.to_owned(),
        ..NumberSpec::default()
    };
    let seed = Seed::new()
        .add_waba(&arguments.waba_id, "Simulated account", &[&arguments.token])
        .add_number(number("100000000000001", "+34 612 345 678"))
        .add_number(number("100000000000002", "+34 623 456 789"))
        .add_customer(CustomerSpec {
            phone: "34600000001".into(),
            profile_name: "Ana".into(),
            ..CustomerSpec::default()
        });
    let sim = Sim::new(
        SimConfig {
            seed: arguments.seed,
            speed: arguments.speed,
            quiet_phones: arguments.quiet_phones,
            template_review: ReviewPolicy {
                mode: ReviewMode::Auto,
                ..ReviewPolicy::default()
            },
            app_secret: arguments.app_secret,
            verify_token: arguments.verify_token,
            callback_url: arguments.callback_url,
            ..SimConfig::default()
        },
        seed,
    );
    let asked_to_end = crate::serve::asked_to_end()?;
    let listener = TcpListener::bind(&arguments.listen).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let stop = CancellationToken::new();
    let serving = tokio::spawn(sim.serve(listener, stop.clone()));
    if let Some(path) = &arguments.ready_file {
        crate::ready::write(path, &json!({ "sim_url": url, "url": url }))?;
    }
    tracing::info!(url = %url, "the simulator answers");
    asked_to_end.await;
    stop.cancel();
    serving.await.ok();
    Ok(())
}
