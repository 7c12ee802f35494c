//! The form of every content that can be sent, as tables. The numbers stand in [`crate::limits`] with their pages.

mod carousel;
mod contacts;
mod interactive;
mod media;
mod template;

pub use interactive::INTERACTIVE;
pub use template::TEMPLATE;

use crate::form::{Form, Letters, List, Object, Rule, TEXT, Text, Voice, letters, may, must};
use crate::limits;

/// `type` of a message with the form of what it carries.
pub const CONTENTS: &[(&str, Form)] = &[
    ("text", Form::Object(&TEXT_CONTENT)),
    ("image", media::IMAGE),
    ("video", media::VIDEO),
    ("audio", media::AUDIO),
    ("document", media::DOCUMENT),
    ("sticker", media::STICKER),
    ("location", Form::Object(&LOCATION)),
    ("contacts", contacts::CONTACTS),
    ("interactive", Form::Kinds(&INTERACTIVE)),
    ("template", Form::Object(&TEMPLATE)),
    ("reaction", Form::Object(&REACTION)),
];

/// The form of a content; none for a type that cannot be sent.
#[must_use]
pub fn of(kind: &str) -> Option<&'static Form> {
    CONTENTS
        .iter()
        .find(|(known, _)| *known == kind)
        .map(|(_, form)| form)
}

static TEXT_CONTENT: Object = Object {
    name: "Text",
    about: "A text.",
    members: &[
        must(
            "body",
            Form::Text(Text {
                min: 1,
                max: limits::TEXT_BODY_MAX_CHARS,
                letters: Letters::Any,
                voice: Voice::Graph,
            }),
            "The text.",
        ),
        may(
            "preview_url",
            Form::Flag,
            "Whether the first link is shown with a preview.",
        ),
    ],
    rules: &[],
};

pub(super) static LOCATION: Object = Object {
    name: "Location",
    about: "A place on the map.",
    members: &[
        must("latitude", Form::Degrees(90.0), "Degrees."),
        must("longitude", Form::Degrees(180.0), "Degrees."),
        may("name", TEXT, "Name of the place."),
        may("address", TEXT, "Address of the place."),
    ],
    rules: &[],
};

static REACTION: Object = Object {
    name: "Reaction",
    about: "A reaction to a message that was received in the last 30 days.",
    members: &[
        must("message_id", TEXT, "The message's id, ours or Meta's."),
        must(
            "emoji",
            Form::Text(Text {
                min: 0,
                max: 12,
                letters: Letters::Emoji,
                voice: Voice::Cloud,
            }),
            "One emoji; empty takes the reaction back.",
        ),
    ],
    rules: &[],
};

/// Products of a message with several, by section.
pub(super) static PRODUCT_SECTIONS: List = List {
    of: Form::Object(&Object {
        name: "ProductSection",
        about: "Some products under a title.",
        members: &[
            may(
                "title",
                crate::form::text(limits::SECTION_TITLE_MAX_CHARS),
                "Required when there are several sections.",
            ),
            must(
                "product_items",
                Form::List(&List {
                    of: Form::Object(&PRODUCT_ITEM),
                    min: 0,
                    max: usize::MAX,
                    empty: 131_009,
                    count: 131_009,
                    what: "products",
                }),
                "The products.",
            ),
        ],
        rules: &[],
    }),
    min: 1,
    max: limits::SECTIONS_MAX,
    empty: 131_009,
    count: 131_009,
    what: "sections",
};

static PRODUCT_ITEM: Object = Object {
    name: "ProductItem",
    about: "A product of the catalogue.",
    members: &[must("product_retailer_id", TEXT, "Its SKU.")],
    rules: &[],
};

pub(super) const PRODUCT_RULES: &[Rule] = &[
    Rule::WhenSeveral {
        list: "sections",
        member: "title",
    },
    Rule::Total {
        route: &["sections", "*", "product_items", "*"],
        min: 1,
        max: limits::PRODUCTS_MAX,
        what: "products",
    },
];

const EMPTY_OR_LONG: Form = Form::Text(Text {
    min: 0,
    max: limits::CAPTION_MAX_CHARS,
    letters: Letters::Any,
    voice: Voice::Graph,
});

const SKU: Form = letters(usize::MAX, Letters::Any);
