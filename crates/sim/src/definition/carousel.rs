//! Carousels: two to ten cards of one shape.

use serde_json::Value;

use super::{Around, BODY_OF_CARD, buttons, headers, kind, lacks, refused};
use crate::error::{GraphError, GraphResult};

const TITLE: &str = "Carousel is not valid";

pub(super) fn check(component: &Value, around: &Around<'_>) -> GraphResult<()> {
    let Some(cards) = component["cards"].as_array() else {
        return lacks("CAROUSEL", "cards");
    };
    if !(2..=10).contains(&cards.len()) {
        return refused(
            None,
            TITLE,
            format!("A carousel has two to ten cards, not {}.", cards.len()),
        );
    }
    let mut first: Option<Vec<String>> = None;
    for card in cards {
        let Some(components) = card["components"].as_array() else {
            return lacks("CAROUSEL", "components");
        };
        let shape = one(components, around)?;
        match &first {
            None => first = Some(shape),
            Some(first) if *first == shape => {}
            Some(_) => {
                return refused(
                    None,
                    TITLE,
                    "All cards of a carousel must have the same components and buttons.",
                );
            }
        }
    }
    Ok(())
}

/// Judges a card; its shape in words.
fn one(components: &[Value], around: &Around<'_>) -> GraphResult<Vec<String>> {
    let mut shape = Vec::new();
    for component in components {
        let kind = kind(component);
        match kind.as_str() {
            "HEADER" => {
                let format = component["format"]
                    .as_str()
                    .unwrap_or_default()
                    .to_uppercase();
                match format.as_str() {
                    "IMAGE" | "VIDEO" => headers::sample(component, &format, around)?,
                    "PRODUCT" => {}
                    _ => {
                        return refused(
                            None,
                            TITLE,
                            "The header of a card is an IMAGE, a VIDEO or a PRODUCT.",
                        );
                    }
                }
                shape.push(format!("HEADER {format}"));
            }
            "BODY" => {
                super::body(component, around, BODY_OF_CARD)?;
                shape.push(kind);
            }
            "BUTTONS" => {
                buttons::check(component, 2)?;
                let list = component["buttons"].as_array().into_iter().flatten();
                shape.extend(list.map(|button| format!("BUTTON {}", buttons::kind(button))));
            }
            other => {
                return Err(GraphError::parameter(format!(
                    "Param cards['components']['type'] must be one of {{HEADER, BODY, BUTTONS}} - got \"{other}\"."
                )));
            }
        }
    }
    if !shape.iter().any(|part| part.starts_with("HEADER")) {
        return lacks("CAROUSEL", "header");
    }
    shape.sort();
    Ok(shape)
}
