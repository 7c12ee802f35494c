//! Images, videos, audio, documents and stickers: by the id of an uploaded file, or by a public address.

use super::EMPTY_OR_LONG;
use crate::form::{Form, Letters, Member, Object, Rule, TEXT, Text, Voice, may};
use crate::limits;

const ID: Member = may("id", TEXT, "An uploaded file.");
const LINK: Member = may(
    "link",
    Form::Link {
        max: usize::MAX,
        code: 100,
    },
    "A public address, from which Meta fetches it.",
);
const CAPTION: Member = may("caption", EMPTY_OR_LONG, "Stands under it.");
const FILENAME: Member = may(
    "filename",
    Form::Text(Text {
        min: 0,
        max: limits::FILENAME_MAX_CHARS,
        letters: Letters::Any,
        voice: Voice::Graph,
    }),
    "Its ending chooses the icon.",
);
const SOURCE: &[Rule] = &[Rule::OneOf {
    of: &["id", "link"],
    several: 100,
    none: 131_008,
}];

macro_rules! media {
    ($name:ident, $title:literal, $about:literal, [$($member:expr),*]) => {
        pub(super) const $name: Form = Form::Object(&Object {
            name: $title,
            about: $about,
            members: &[ID, LINK, $($member),*],
            rules: SOURCE,
        });
    };
}

media!(IMAGE, "Image", "JPEG or PNG, at most 5 MB.", [CAPTION]);
media!(
    VIDEO,
    "Video",
    "MP4 or 3GPP (H.264, AAC), at most 16 MB.",
    [CAPTION]
);
media!(
    AUDIO,
    "Audio",
    "AAC, AMR, MP3, M4A or OGG with OPUS, at most 16 MB.",
    [may(
        "voice",
        Form::Flag,
        "A voice message: OGG with OPUS, mono."
    )]
);
media!(
    DOCUMENT,
    "Document",
    "Any kind of file, at most 100 MB.",
    [CAPTION, FILENAME]
);
media!(
    STICKER,
    "Sticker",
    "WebP of 512 × 512; at most 100 KB, animated 500 KB.",
    []
);

// In the header of a template.
media!(BARE, "TemplateMedia", "A picture or video.", []);
media!(NAMED, "TemplateDocument", "A document.", [FILENAME]);
