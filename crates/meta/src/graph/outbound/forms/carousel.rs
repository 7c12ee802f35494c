//! The cards of an interactive carousel.

use super::SKU;
use super::interactive::{CTA_URL_ACTION, HEADER_IMAGE, HEADER_VIDEO};
use crate::form::{
    Form, Kinds, Letters, List, Member, Object, Rule, TEXT, letters, may, must, text, word,
};
use crate::limits;

pub(super) static ACTION: Object = Object {
    name: "CarouselAction",
    about: "",
    members: &[must(
        "cards",
        Form::List(&List {
            of: Form::Kinds(&CARD),
            min: limits::CARDS_MIN,
            max: limits::CARDS_MAX,
            empty: 131_009,
            count: 131_009,
            what: "cards",
        }),
        "The cards.",
    )],
    rules: &[Rule::Place {
        list: "cards",
        member: "card_index",
    }],
};

static CARD: Kinds = Kinds {
    by: "type",
    of: &[
        ("cta_url", &URL_CARD),
        ("button", &BUTTON_CARD),
        ("product", &PRODUCT_CARD),
    ],
    code: 131_009,
    any_case: false,
};

const PLACE: Member = must(
    "card_index",
    Form::Whole { min: 0, max: 9 },
    "Its place, from 0.",
);
const TYPE: Member = must("type", TEXT, "cta_url, button or product.");
const HEADER: Member = must("header", Form::Kinds(&PICTURE), "An image or a video.");
const BODY: Member = may("body", Form::Object(&CARD_BODY), "The card's text.");

static PICTURE: Kinds = Kinds {
    by: "type",
    of: &[("image", &HEADER_IMAGE), ("video", &HEADER_VIDEO)],
    code: 131_009,
    any_case: false,
};
static CARD_BODY: Object = Object {
    name: "CardBody",
    about: "",
    members: &[must(
        "text",
        letters(limits::CARD_BODY_MAX_CHARS, Letters::Lines(2)),
        "The text.",
    )],
    rules: &[],
};

static URL_CARD: Object = Object {
    name: "UrlCard",
    about: "A card with a button that opens a web page.",
    members: &[
        PLACE,
        TYPE,
        HEADER,
        BODY,
        must("action", Form::Object(&CTA_URL_ACTION), "The button."),
    ],
    rules: &[],
};
static BUTTON_CARD: Object = Object {
    name: "ButtonCard",
    about: "A card with buttons to answer with.",
    members: &[
        PLACE,
        TYPE,
        HEADER,
        BODY,
        must("action", Form::Object(&BUTTONS), "The buttons."),
    ],
    rules: &[],
};
static PRODUCT_CARD: Object = Object {
    name: "ProductCard",
    about: "A product of the catalogue.",
    members: &[
        PLACE,
        TYPE,
        must("action", Form::Object(&PRODUCT), "The product."),
    ],
    rules: &[],
};
static PRODUCT: Object = Object {
    name: "ProductCardAction",
    about: "",
    members: &[
        must("product_retailer_id", SKU, "The product."),
        must("catalog_id", TEXT, "The catalogue."),
    ],
    rules: &[],
};
static BUTTONS: Object = Object {
    name: "CardButtons",
    about: "",
    members: &[must(
        "buttons",
        Form::List(&List {
            of: Form::Object(&BUTTON),
            min: 1,
            max: limits::CARD_BUTTONS_MAX,
            empty: 131_009,
            count: 131_009,
            what: "buttons",
        }),
        "The buttons.",
    )],
    rules: &[],
};
static BUTTON: Object = Object {
    name: "CardButton",
    about: "",
    members: &[
        must("type", word(&["quick_reply"]), "quick_reply"),
        must("quick_reply", Form::Object(&REPLY), "The button."),
    ],
    rules: &[],
};
static REPLY: Object = Object {
    name: "CardReply",
    about: "",
    members: &[
        must(
            "id",
            text(limits::REPLY_BUTTON_ID_MAX_CHARS),
            "Comes back when it is pressed.",
        ),
        must(
            "title",
            text(limits::REPLY_BUTTON_TITLE_MAX_CHARS),
            "Stands on the button.",
        ),
    ],
    rules: &[],
};
