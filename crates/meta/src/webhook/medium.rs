//! Which messages bring a file.

use super::MessageKind;

impl MessageKind {
    /// The word for the medium that the message is, and its id; `None` where there is nothing to fetch.
    #[must_use]
    pub fn medium(&self) -> Option<(&'static str, String)> {
        let (word, medium) = match self {
            Self::Image(medium) => ("image", medium),
            Self::Video(medium) => ("video", medium),
            Self::Audio(medium) => ("audio", medium),
            Self::Document(medium) => ("document", medium),
            Self::Sticker(medium) => ("sticker", medium),
            Self::Text(_)
            | Self::Location(_)
            | Self::Contacts(_)
            | Self::Button(_)
            | Self::Interactive(_)
            | Self::Order(_)
            | Self::RequestWelcome
            | Self::Reaction(_)
            | Self::Edit(_)
            | Self::Revoke(_)
            | Self::System(_)
            | Self::MediaPlaceholder
            | Self::Unsupported(_)
            | Self::Unknown(_)
            | Self::Other { .. } => return None,
        };
        medium.id.clone().map(|id| (word, id))
    }
}
