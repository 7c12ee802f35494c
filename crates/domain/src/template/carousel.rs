//! Cards that are swept through: all of one make.

use serde_json::Value;

use super::parts::{Place, kind_of};
use super::{Category, Check, rules};

impl Check {
    pub(super) fn carousel(&mut self, part: &Value, _category: Category, field: &str) {
        let field = format!("{field}.cards");
        let cards = part["cards"].as_array().map_or(&[][..], Vec::as_slice);
        if !(2..=10).contains(&cards.len()) {
            let said = format!("has {} cards; two to ten are allowed", cards.len());
            self.add(rules::CARDS_COUNT, field.as_str(), said);
        }
        let mut first = None;
        for (place, card) in cards.iter().enumerate() {
            let field = format!("{field}[{place}]");
            let make = self.card(card, &field);
            if first.get_or_insert_with(|| make.clone()) != &make {
                self.add(
                    rules::CARDS_ALIKE,
                    field,
                    "must have the same parts and kinds of buttons as the first card",
                );
            }
        }
    }

    /// Checks a card. Gives its make: the kinds of its parts and buttons.
    fn card(&mut self, card: &Value, field: &str) -> Vec<String> {
        let parts = card["components"].as_array().map_or(&[][..], Vec::as_slice);
        let mut make = Vec::new();
        let (mut header, mut buttons) = (false, false);
        for (place, part) in parts.iter().enumerate() {
            let field = format!("{field}.components[{place}]");
            let kind = kind_of(part);
            match kind.as_str() {
                "HEADER" if !header => {
                    header = true;
                    let format = part["format"].as_str().unwrap_or_default().to_uppercase();
                    match format.as_str() {
                        "IMAGE" | "VIDEO" => self.sample(part, &field),
                        "PRODUCT" => {}
                        _ => self.add(
                            rules::CARDS_ALIKE,
                            format!("{field}.format"),
                            "must be IMAGE, VIDEO or PRODUCT on a card",
                        ),
                    }
                    make.push(format!("HEADER {format}"));
                }
                "BODY" if !make.iter().any(|known| known == "BODY") => {
                    self.body(part, Place::Card, &field);
                    make.push(kind);
                }
                "BUTTONS" if !buttons => {
                    buttons = true;
                    let list = part["buttons"].as_array().map_or(&[][..], Vec::as_slice);
                    let field = format!("{field}.buttons");
                    if list.is_empty() {
                        self.add(
                            rules::CARDS_ALIKE,
                            field.as_str(),
                            "must be a list of buttons",
                        );
                    }
                    self.buttons_in(list, 2, &field);
                    for (place, button) in list.iter().enumerate() {
                        let kind = kind_of(button);
                        let on_card =
                            ["QUICK_REPLY", "URL", "PHONE_NUMBER", "SPM"].contains(&kind.as_str());
                        if !on_card {
                            let said = format!("{kind} is no button of a card");
                            self.add(rules::CARDS_ALIKE, format!("{field}[{place}].type"), said);
                        }
                        make.push(format!("BUTTON {kind}"));
                    }
                }
                _ => {
                    let said = format!("{kind} does not belong on a card, or is there already");
                    self.add(rules::CARDS_ALIKE, format!("{field}.type"), said);
                }
            }
        }
        if !header || !buttons {
            self.add(
                rules::CARDS_ALIKE,
                format!("{field}.components"),
                "must have a header and one or two buttons",
            );
        }
        make
    }
}
