//! What is judged of a global template before Meta sees it: by the same rules as a tenant's own.

use std::collections::BTreeMap;

use domain::template::{Definition, check};
use serde_json::json;

use super::write::Written;
use crate::outbound::request::Mistake;

/// Languages of one version at the most: more than Meta has.
const MOST_LANGUAGES: usize = 100;

/// What is wrong with a name and a category.
pub(super) fn head(name: &str, category: &str) -> Vec<Mistake> {
    let sound = Definition {
        name: name.to_owned(),
        language: "en".to_owned(),
        category: category.to_owned(),
        components: json!([]),
        ..Definition::default()
    };
    let problems = check(&sound).into_iter();
    problems
        .filter(|problem| matches!(problem.field.as_str(), "name" | "category"))
        .map(|problem| Mistake::of_meta(problem.code, problem.field, problem.problem))
        .collect()
}

/// What is wrong with a version, as a whole.
pub(super) fn version(
    name: &str,
    category: &str,
    languages: &BTreeMap<String, Written>,
) -> Vec<Mistake> {
    if languages.is_empty() || languages.len() > MOST_LANGUAGES {
        return vec![Mistake::new(
            "languages",
            "must hold at least one language and at most 100",
        )];
    }
    let mut mistakes = head(name, category);
    for (language, written) in languages {
        let definition = Definition {
            name: name.to_owned(),
            language: language.clone(),
            category: category.to_owned(),
            parameter_format: Some(written.parameter_format.clone()),
            components: written.components.clone(),
            ttl_seconds: written.ttl_seconds,
        };
        for problem in check(&definition) {
            // These were told once, for all languages.
            if matches!(problem.field.as_str(), "name" | "category") {
                continue;
            }
            // What stands in Meta's library is Meta's to judge; what was put into its buttons is not.
            let given = matches!(
                problem.rule,
                "language.known" | "button.url" | "button.url_example" | "button.phone"
            );
            if written.library.is_some() && !given {
                continue;
            }
            let field = match problem.field.as_str() {
                "language" => format!("languages.{language}"),
                field => format!("languages.{language}.{field}"),
            };
            mistakes.push(Mistake::of_meta(problem.code, field, problem.problem));
        }
    }
    mistakes
}
