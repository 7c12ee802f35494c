//! What Meta's answers to creations and edits mean for the roll-out.

use std::time::Duration;

use meta::graph::{GraphCallError, GraphError};
use store::global_templates::placements::Trouble;

/// How long nobody asks after a limit was met, where Meta does not say.
const REST: Duration = Duration::from_secs(300);

/// What an answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It may have happened all the same: the list tells.
    Doubt(Trouble),
    /// A limit of the account, or of the whole app.
    Rate {
        /// How long nobody asks.
        rest: Duration,
        /// Whether no account is asked.
        whole_app: bool,
        /// What Meta said.
        trouble: Trouble,
    },
    /// The token does not reach the account, or not this.
    Access(Trouble),
    /// There is one of this name and language.
    Exists(Trouble),
    /// The template was edited too often.
    Edited(Trouble),
    /// The same again gives the same answer.
    Final(Trouble),
}

/// Reads an error.
pub(super) fn read(error: &GraphCallError) -> Refusal {
    match error {
        GraphCallError::Transport(why) => Refusal::Doubt(Trouble {
            code: None,
            title: "no_answer".to_owned(),
            what: format!(
                "WhatsApp gave no answer ({why}); it is looked whether it was done, and tried again."
            ),
        }),
        GraphCallError::NotMeta { http_status } => Refusal::Doubt(Trouble {
            code: None,
            title: "no_answer".to_owned(),
            what: format!(
                "Something that is not WhatsApp answered with HTTP {http_status}; it is tried again."
            ),
        }),
        GraphCallError::NotAllowed(why) => Refusal::Final(Trouble {
            code: None,
            title: "not_sent".to_owned(),
            what: why.clone(),
        }),
        GraphCallError::Refused(refused) => refused_by_meta(refused),
    }
}

fn refused_by_meta(error: &GraphError) -> Refusal {
    let trouble = told(error);
    match (error.code, error.subcode) {
        (4 | 17 | 32 | 613, _) => rate(error, true, trouble),
        (80_004 | 80_007 | 80_008, _) => rate(error, false, trouble),
        (10 | 102 | 190 | 200..=299, _) | (100, Some(33)) => Refusal::Access(trouble),
        (_, Some(2_388_024)) => Refusal::Exists(trouble),
        (100, _) if speaks_of_edits(error) => Refusal::Edited(trouble),
        // Meta's own trouble: nobody knows how far it came.
        (1 | 2, _) => Refusal::Doubt(trouble),
        _ if error.is_transient || error.http_status >= 500 => Refusal::Doubt(trouble),
        _ => Refusal::Final(trouble),
    }
}

fn rate(error: &GraphError, whole_app: bool, trouble: Trouble) -> Refusal {
    Refusal::Rate {
        rest: error
            .retry_after
            .unwrap_or(REST)
            .max(Duration::from_secs(60)),
        whole_app,
        trouble,
    }
}

/// What a person is told: Meta's own words to people where it has some, else ours for the code.
fn told(error: &GraphError) -> Trouble {
    let row = error.row();
    let said = error.user_message.as_ref().or(error.details.as_ref());
    let what = match said {
        Some(said) if row.known => format!("{} WhatsApp says: {said}", row.explanation),
        Some(said) => said.clone(),
        None if row.known => row.explanation.to_owned(),
        None => error.message.clone(),
    };
    Trouble {
        code: Some(
            error
                .subcode
                .filter(|subcode| *subcode > 1_000_000)
                .unwrap_or(error.code),
        ),
        title: error
            .user_title
            .clone()
            .unwrap_or_else(|| row.meaning.to_owned()),
        what,
    }
}

/// Whether Meta says that a template was edited too often: by somebody else, or we would have waited. The code of this
/// is documented nowhere, so the words decide; a wrong guess costs an hour's wait.
fn speaks_of_edits(error: &GraphError) -> bool {
    let texts = [
        Some(&error.message),
        error.user_message.as_ref(),
        error.details.as_ref(),
    ];
    texts.into_iter().flatten().any(|text| {
        let text = text.to_lowercase();
        text.contains("edit")
            && ["24 hour", "30 day", "once", "limit", "times", "per day"]
                .iter()
                .any(|word| text.contains(word))
    })
}
