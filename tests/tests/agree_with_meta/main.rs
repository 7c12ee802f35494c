//! What is checked here before Meta, against a judge that shares no line with it: the simulator, which was written after
//! Meta's documents alone. What is let go there is accepted; what is refused there is refused here, with the same code.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where it cannot go on, and speaks"
)]

mod corpus;
mod windows;

use futures::StreamExt as _;
use meta::graph::Template;
use meta::graph::outbound::definition::Definition;
use meta::graph::outbound::{Problem, check, without_nulls};
use serde_json::{Value, json};
use sim::{LinkCheck, NumberSpec, Seed, Sim, SimConfig, TemplateSpec};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const WABA: &str = "200000000000001";
const NUMBER: &str = "100000000000001";
const TOKEN: &str = "EAAAGREE";

struct Judge {
    http: reqwest::Client,
    url: String,
}

impl Judge {
    async fn start(templates: &[Value]) -> Self {
        let mut seed = Seed::new()
            .add_waba(WABA, "Judge", &[TOKEN])
            .add_number(NumberSpec {
                waba_id: WABA.to_owned(),
                phone_number_id: NUMBER.to_owned(),
                display_phone_number: "+34 612 000 001".to_owned(),
                mps: 1_000_000,
                messaging_limit: "TIER_UNLIMITED".to_owned(),
                ..NumberSpec::default()
            });
        for template in templates {
            let spec: TemplateSpec = serde_json::from_value(template.clone()).unwrap();
            seed = seed.add_template(WABA, spec);
        }
        let config = SimConfig {
            pair_limit: false,
            quiet_phones: true,
            link_check: LinkCheck::Never,
            ..SimConfig::default()
        };
        let sim = Sim::new(config, seed);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(sim.serve(listener, CancellationToken::new()));
        Self {
            http: testkit::http_client(),
            url,
        }
    }

    /// The code of the refusal; none when it is accepted.
    async fn verdict(&self, kind: &str, content: &Value) -> Option<i64> {
        let body = json!({ "messaging_product": "whatsapp", "to": "+34600000001", "type": kind, kind: content });
        let url = format!("{}/v22.0/{NUMBER}/messages", self.url);
        let request = self.http.post(url).bearer_auth(TOKEN).json(&body);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        match answer["error"]["code"].as_i64() {
            Some(code) => Some(code),
            None => {
                assert!(answer["messages"][0]["id"].is_string(), "{answer}");
                None
            }
        }
    }
}

fn ours(kind: &str, content: &Value, definitions: &[Definition]) -> Vec<Problem> {
    let problems = check(kind, content);
    if kind != "template" || !problems.is_empty() {
        return problems;
    }
    let found = definitions.iter().find(|definition| {
        content["name"] == definition.name.as_str()
            && content["language"]["code"] == definition.language.as_str()
    });
    found.map_or_else(
        || vec![meta::graph::outbound::definition::unknown("", "")],
        |definition| definition.judge(content),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_let_go_meta_takes_and_whatever_meta_refuses_is_refused_with_its_code() {
    let templates = corpus::templates();
    let judge = Judge::start(&templates).await;
    let definitions: Vec<_> = templates
        .iter()
        .map(|template| serde_json::from_value::<Template>(template.clone()).unwrap())
        .filter_map(|template| Definition::read(&template))
        .collect();
    let bases = corpus::messages();
    for (kind, content) in &bases {
        let problems = ours(kind, content, &definitions);
        assert!(problems.is_empty(), "{kind} {content}: {problems:?}");
        let verdict = judge.verdict(kind, content).await;
        assert_eq!(verdict, None, "Meta takes this: {kind} {content}");
    }
    let cases: Vec<_> = bases
        .iter()
        .flat_map(|(kind, content)| {
            corpus::changed(content)
                .into_iter()
                .map(move |(what, content)| (*kind, what, content))
        })
        .collect();
    let all = cases.len();
    let (judge, definitions) = (&judge, &definitions);
    let verdicts: Vec<_> = futures::stream::iter(cases)
        .map(|(kind, what, content)| async move {
            // As it would leave.
            let content = without_nulls(content);
            let theirs = judge.verdict(kind, &content).await;
            let ours = ours(kind, &content, definitions);
            (kind, what, content, theirs, ours)
        })
        .buffered(16)
        .collect()
        .await;
    let (mut refused, mut stricter, mut wrong) = (0, 0, Vec::new());
    for (kind, what, content, theirs, ours) in verdicts {
        let fits = match theirs {
            None => {
                stricter += usize::from(!ours.is_empty());
                true
            }
            Some(code) => {
                refused += 1;
                ours.iter().any(|problem| problem.code == code)
            }
        };
        if !fits {
            let shown: String = content.to_string().chars().take(300).collect();
            wrong.push(format!(
                "{kind}, {what}: Meta {theirs:?}, here {ours:?}: {shown}"
            ));
        }
    }
    println!("{all} messages: Meta refuses {refused}; {stricter} more are refused here alone");
    assert!(
        wrong.is_empty(),
        "{} of {all}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(
        all > 1_500 && refused > 800,
        "the corpus is not empty: {all}, {refused}"
    );
}
