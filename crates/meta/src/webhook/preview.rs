//! One line for the conversation list, and the text that search finds.

use super::content::{Interactive, Media, SharedContact, SystemKind};
use super::message::{InboundMessage, MessageKind};

/// Longest preview, in characters.
const MAX_CHARS: usize = 120;

impl InboundMessage {
    /// One line for people: at most 120 characters, line breaks folded, as free of language as signs allow.
    #[must_use]
    pub fn preview(&self) -> String {
        fold(&self.kind.preview())
    }

    /// What a search should find: body, caption, title of the pressed button ….
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.kind.text()
    }
}

impl MessageKind {
    /// See [`InboundMessage::text`].
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        let text = match self {
            Self::Text(text) => text.body.as_deref(),
            Self::Image(media) | Self::Video(media) | Self::Audio(media) | Self::Sticker(media) => {
                media.caption.as_deref()
            }
            Self::Document(media) => media.caption.as_deref().or(media.filename.as_deref()),
            Self::Location(location) => location.name.as_deref().or(location.address.as_deref()),
            Self::Contacts(cards) => cards.iter().find_map(card_name),
            Self::Button(button) => button.text.as_deref().or(button.payload.as_deref()),
            Self::Interactive(interactive) => match interactive {
                Interactive::ButtonReply { title, .. } | Interactive::ListReply { title, .. } => {
                    title.as_deref()
                }
                Interactive::NfmReply { body, .. } => body.as_deref(),
                Interactive::CallPermissionReply { .. } | Interactive::Other { .. } => None,
            },
            Self::Order(order) => order.text.as_deref(),
            Self::Reaction(reaction) => reaction.emoji.as_deref(),
            Self::System(system) => system.body.as_deref(),
            Self::Edit(edit) => edit.content.text(),
            Self::RequestWelcome
            | Self::Revoke(_)
            | Self::Unsupported(_)
            | Self::Unknown(_)
            | Self::MediaPlaceholder
            | Self::Other { .. } => None,
        };
        text.filter(|text| !text.trim().is_empty())
    }

    fn preview(&self) -> String {
        match self {
            Self::Text(text) => text.body.clone().unwrap_or_default(),
            Self::Image(media) => captioned("📷 Photo", media.caption.as_deref()),
            Self::Video(media) => captioned("🎥 Video", media.caption.as_deref()),
            Self::Audio(media) if media.voice == Some(true) => "🎤 Voice message".to_owned(),
            Self::Audio(_) => "🎵 Audio".to_owned(),
            Self::Document(media) => document(media),
            Self::Sticker(_) => "💟 Sticker".to_owned(),
            Self::Location(location) => {
                let place = location
                    .name
                    .as_deref()
                    .or(location.address.as_deref())
                    .map(str::to_owned);
                let degrees = location.latitude.zip(location.longitude);
                let degrees = || {
                    degrees.map(|(latitude, longitude)| format!("{latitude:.5}, {longitude:.5}"))
                };
                format!(
                    "📍 {}",
                    place
                        .or_else(degrees)
                        .unwrap_or_else(|| "Location".to_owned())
                )
            }
            Self::Contacts(cards) => {
                let name = cards.iter().find_map(card_name).unwrap_or("Contact");
                match cards.len() {
                    0 | 1 => format!("👤 {name}"),
                    count => format!("👤 {name} +{}", count - 1),
                }
            }
            Self::Button(_) => self.text().unwrap_or("🔘").to_owned(),
            Self::Interactive(interactive) => match interactive {
                Interactive::ButtonReply { id, title } => {
                    title.clone().or_else(|| id.clone()).unwrap_or_default()
                }
                Interactive::ListReply {
                    id,
                    title,
                    description,
                } => captioned(
                    title.as_deref().or(id.as_deref()).unwrap_or("☰"),
                    description.as_deref(),
                ),
                Interactive::NfmReply { name, body, .. } => {
                    captioned("📝 Form", body.as_deref().or(name.as_deref()))
                }
                Interactive::CallPermissionReply { response, .. } => match response.as_deref() {
                    Some("accept") => "📞 ✅ Call permission".to_owned(),
                    Some("reject") => "📞 ❌ Call permission".to_owned(),
                    _ => "📞 Call permission".to_owned(),
                },
                Interactive::Other { kind, .. } => unknown(kind),
            },
            Self::Order(order) => {
                let pieces: i64 = order.product_items.iter().fold(0, |sum, item| {
                    sum.saturating_add(item.quantity.unwrap_or(1))
                });
                captioned(&format!("🛒 Order ({pieces})"), order.text.as_deref())
            }
            Self::Reaction(reaction) => {
                match reaction.emoji.as_deref().filter(|emoji| !emoji.is_empty()) {
                    Some(emoji) => format!("Reacted {emoji}"),
                    None => "Reaction removed".to_owned(),
                }
            }
            Self::System(system) => {
                let sentence = match &system.kind {
                    Some(SystemKind::UserChangedNumber | SystemKind::CustomerChangedNumber) => {
                        "Number changed"
                    }
                    Some(SystemKind::UserChangedUserId) => "User id changed",
                    Some(SystemKind::CustomerIdentityChanged) => "Identity changed",
                    Some(SystemKind::Other(_)) | None => "System message",
                };
                format!("ℹ️ {}", system.body.as_deref().unwrap_or(sentence))
            }
            Self::RequestWelcome => "👋".to_owned(),
            Self::Edit(edit) => format!("✏️ {}", edit.content.preview()),
            Self::Revoke(_) => "🚫 Message deleted".to_owned(),
            Self::Unsupported(unsupported) | Self::Unknown(unsupported) => {
                unknown(unsupported.kind.as_deref().unwrap_or_default())
            }
            Self::MediaPlaceholder => "📎 Media".to_owned(),
            Self::Other { kind, .. } => unknown(kind),
        }
    }
}

fn captioned(what: &str, caption: Option<&str>) -> String {
    match caption.map(str::trim).filter(|caption| !caption.is_empty()) {
        Some(caption) => format!("{what} · {caption}"),
        None => what.to_owned(),
    }
}

fn document(media: &Media) -> String {
    captioned(
        &format!("📄 {}", media.filename.as_deref().unwrap_or("Document")),
        media.caption.as_deref(),
    )
}

fn unknown(kind: &str) -> String {
    captioned("⚠️ Unsupported message", Some(kind))
}

fn card_name(card: &SharedContact) -> Option<&str> {
    let name = card.name.as_ref()?;
    name.formatted_name
        .as_deref()
        .or(name.first_name.as_deref())
        .or(name.last_name.as_deref())
}

/// White space to single spaces, and cut with an ellipsis.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len().min(4 * MAX_CHARS));
    let mut count = 0;
    for word in text.split(|character: char| character.is_whitespace() || character.is_control()) {
        if word.is_empty() {
            continue;
        }
        if count > 0 {
            folded.push(' ');
            count += 1;
        }
        for character in word.chars() {
            if count + 1 >= MAX_CHARS {
                let kept = folded.trim_end().len();
                folded.truncate(kept);
                folded.push('…');
                return folded;
            }
            folded.push(character);
            count += 1;
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_is_one_line_of_at_most_120_characters() {
        assert_eq!(fold(" two\r\nlines \t here "), "two lines here");
        let long = fold(&"ñandú ".repeat(60));
        assert_eq!(long.chars().count(), 120, "{long}");
        assert!(long.ends_with('…'), "{long}");
        assert_eq!(fold(&"a".repeat(119)).chars().count(), 119);
    }
}
