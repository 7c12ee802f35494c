//! `trunkline sim` as Meta's side of `send` and `mixed`.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::Context;
use serde_json::{Value, json};

use crate::api::{Api, address_of};
use crate::limit::APP_SECRET;
use crate::process::Process;
use crate::traffic::Number;

const WABA_ID: &str = "104996122399160";
const TOKEN: &str = "bench-system-user-token";

/// The WhatsApp account that the server works for.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) graph_url: String,
    pub(crate) waba_id: String,
    pub(crate) token: String,
}

impl Account {
    /// Without a simulator: nobody listens on the discard port, and nothing should be sent.
    pub(crate) fn silent() -> Self {
        Self {
            graph_url: "http://127.0.0.1:9".to_owned(),
            waba_id: WABA_ID.to_owned(),
            token: TOKEN.to_owned(),
        }
    }
}

/// What the simulator accepted.
#[derive(Clone, Copy)]
pub(crate) struct Summary {
    /// Messages accepted.
    pub(crate) accepted: u64,
    /// Most identical sends of one message; 1 is right.
    pub(crate) most_identical: u64,
}

/// What the simulator's list of the last calls told; it remembers a thousand, so it is read often.
#[derive(Clone, Copy, Default)]
pub(crate) struct Refusals {
    /// Number of the last call that was seen.
    last: u64,
    /// Sends refused with 130429, over the number's throughput.
    pub(crate) over_throughput: u64,
    /// Sends refused with 131056, over the pair rate.
    pub(crate) over_pair_rate: u64,
    /// Calls that were forgotten before they were read; 0, or the count above is too low.
    pub(crate) unseen_calls: u64,
}

/// A running simulator.
pub(crate) struct Simulator {
    _process: Process,
    control: Api,
    pub(crate) account: Account,
}

impl Simulator {
    /// Starts it; webhooks go to the server that will listen on `server`.
    pub(crate) async fn start(
        binary: &Path,
        folder: &Path,
        server: SocketAddr,
        seed: u64,
    ) -> anyhow::Result<Self> {
        let ready_file = folder.join("sim-ready.json");
        let mut command = Command::new(binary);
        command.args(["sim", "--listen", "127.0.0.1:0", "--quiet-phones"]);
        command.args(["--callback-url", &format!("http://{server}/webhooks/meta")]);
        command.args([
            "--app-secret",
            APP_SECRET,
            "--token",
            TOKEN,
            "--waba-id",
            WABA_ID,
        ]);
        command
            .args(["--seed", &seed.to_string()])
            .arg("--ready-file")
            .arg(&ready_file)
            .current_dir(folder);
        let mut process = Process::start(&mut command, &folder.join("sim.log"))?;
        let ready = process.ready(&ready_file).await?;
        let url = ready["sim_url"]
            .as_str()
            .or_else(|| ready["url"].as_str())
            .context("the simulator told no address")?;
        let control = Api::new(address_of(url)?, None);
        let account = Account {
            graph_url: url.trim_end_matches('/').to_owned(),
            waba_id: WABA_ID.to_owned(),
            token: TOKEN.to_owned(),
        };
        Ok(Self {
            _process: process,
            control,
            account,
        })
    }

    /// Adds a number with this throughput, in messages a second.
    pub(crate) async fn put_number(&self, number: &Number, mps: u64) -> anyhow::Result<()> {
        let body = json!({
            "phone_number_id": number.phone_number_id,
            "display_phone_number": format!("+{}", number.display_phone_number),
            "waba_id": self.account.waba_id,
            "mps": mps,
            "messaging_limit": "TIER_UNLIMITED",
        });
        self.control.post("/_sim/numbers", &body).await.map(drop)
    }

    /// Changes its faults; those not named stay.
    pub(crate) async fn faults(&self, faults: &Value) -> anyhow::Result<()> {
        self.control.post("/_sim/faults", faults).await.map(drop)
    }

    /// What was accepted since its start.
    pub(crate) async fn summary(&self) -> anyhow::Result<Summary> {
        let summary = self.control.get("/_sim/outbound/summary").await?;
        let read = |name: &str| {
            summary
                .get(name)
                .and_then(Value::as_u64)
                .with_context(|| format!("the summary has no `{name}`: {summary}"))
        };
        Ok(Summary {
            accepted: read("total")?,
            most_identical: read("max_identical_sends")?,
        })
    }

    /// Reads on in the list of calls.
    pub(crate) async fn read_refusals(&self, refusals: &mut Refusals) -> anyhow::Result<()> {
        let calls = self
            .control
            .get(&format!("/_sim/calls?since={}", refusals.last))
            .await?;
        for call in calls["data"].as_array().into_iter().flatten() {
            let number = call["number"].as_u64().unwrap_or(refusals.last + 1);
            refusals.unseen_calls += number.saturating_sub(refusals.last + 1);
            refusals.last = number;
            refusals.over_throughput += u64::from(call["code"].as_i64() == Some(130_429));
            refusals.over_pair_rate += u64::from(call["code"].as_i64() == Some(131_056));
        }
        Ok(())
    }
}
