//! What an outgoing message looks like in a list, and what it can be found by.

use meta::graph::outbound::{Content, OutMedia, Parameter, Template};

/// The text by which it can be found.
pub(super) fn searchable(content: &Content) -> Option<String> {
    match content {
        Content::Text(text) => Some(text.body.clone()),
        Content::Image(media) | Content::Video(media) | Content::Document(media) => {
            media.caption.clone()
        }
        Content::Template(template) => Some(template_words(template)),
        Content::Interactive(value) => value
            .pointer("/body/text")
            .and_then(|text| text.as_str())
            .map(str::to_owned),
        Content::Location(place) => place.name.clone(),
        Content::Reaction(reaction) => Some(reaction.emoji.clone()),
        Content::Audio(_) | Content::Sticker(_) | Content::Contacts(_) | Content::Other { .. } => {
            None
        }
    }
}

/// One line for the conversation list.
pub(super) fn preview(content: &Content) -> String {
    let line = match content {
        Content::Text(text) => text.body.clone(),
        Content::Image(media) => with_caption("📷", media),
        Content::Video(media) => with_caption("🎬", media),
        Content::Audio(_) => "🎤".to_owned(),
        Content::Document(media) => match &media.filename {
            Some(name) => format!("📄 {name}"),
            None => with_caption("📄", media),
        },
        Content::Sticker(_) => "🏷️".to_owned(),
        Content::Location(place) => format!("📍 {}", place.name.as_deref().unwrap_or_default()),
        Content::Contacts(_) => "👤".to_owned(),
        Content::Reaction(reaction) => reaction.emoji.clone(),
        Content::Interactive(_) => searchable(content).unwrap_or_else(|| "interactive".to_owned()),
        Content::Template(template) => format!("📋 {}", template_words(template)),
        Content::Other { kind, .. } => kind.clone(),
    };
    one_line(&line)
}

fn with_caption(sign: &str, media: &OutMedia) -> String {
    format!("{sign} {}", media.caption.as_deref().unwrap_or_default())
}

/// A template's name and what fills it: its text is Meta's and is not on file yet.
fn template_words(template: &Template) -> String {
    let mut words = template.name.clone();
    for parameter in template
        .components
        .iter()
        .flat_map(|component| &component.parameters)
    {
        if let Parameter::Text { text, .. } = parameter {
            words.push_str(" · ");
            words.push_str(text);
        }
    }
    words
}

fn one_line(text: &str) -> String {
    const LONGEST: usize = 120;
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if folded.chars().count() <= LONGEST {
        return folded;
    }
    folded.chars().take(LONGEST - 1).chain(['…']).collect()
}
