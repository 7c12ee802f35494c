//! Interactive messages: one form for each `interactive.type`.

use super::{carousel, media};
use crate::form::{
    Form, Kinds, Letters, List, Member, Object, Rule, TEXT, Words, letters, may, must, text, word,
};
use crate::limits;

/// `interactive`.
pub static INTERACTIVE: Kinds = Kinds {
    by: "type",
    of: &[
        ("button", &BUTTON),
        ("list", &LIST),
        ("cta_url", &CTA_URL),
        ("location_request_message", &LOCATION_REQUEST),
        ("address_message", &ADDRESS),
        ("flow", &FLOW),
        ("product", &PRODUCT),
        ("product_list", &PRODUCT_LIST),
        ("catalog_message", &CATALOG),
        ("carousel", &CAROUSEL),
        ("voice_call", &VOICE_CALL),
        ("call_permission_request", &CALL_PERMISSION),
        ("contact_request", &CONTACT_REQUEST),
        ("order_details", &ORDER_DETAILS),
        ("order_status", &ORDER_STATUS),
    ],
    code: 100,
    any_case: false,
};

macro_rules! words {
    ($name:ident, $title:literal, $max:expr) => {
        static $name: Object = Object {
            name: $title,
            about: "",
            members: &[must("text", text($max), "The text.")],
            rules: &[],
        };
    };
}
words!(
    BODY_TEXT,
    "InteractiveBody",
    limits::INTERACTIVE_BODY_MAX_CHARS
);
words!(LIST_BODY, "ListBody", limits::TEXT_BODY_MAX_CHARS);
words!(
    FOOTER_TEXT,
    "InteractiveFooter",
    limits::INTERACTIVE_FOOTER_MAX_CHARS
);

const TYPE: Member = must("type", TEXT, "The kind of interactive message.");
const BODY: Member = must("body", Form::Object(&BODY_TEXT), "The text.");
const FOOTER: Member = may("footer", Form::Object(&FOOTER_TEXT), "Small, under it.");
const HEADER: Member = may("header", Form::Kinds(&ANY_HEADER), "Stands above it.");
const TEXT_HEADER: Member = may("header", Form::Kinds(&ONLY_TEXT), "Stands above it.");
const NO_HEADER: Member = may("header", Form::Never("this kind has no header"), "");
const NO_FOOTER: Member = may("footer", Form::Never("this kind has no footer"), "");

static ANY_HEADER: Kinds = Kinds {
    by: "type",
    of: &[
        ("text", &HEADER_TEXT),
        ("image", &HEADER_IMAGE),
        ("video", &HEADER_VIDEO),
        ("document", &HEADER_DOCUMENT),
    ],
    code: 100,
    any_case: false,
};
static ONLY_TEXT: Kinds = Kinds {
    of: &[("text", &HEADER_TEXT)],
    ..ANY_HEADER
};

macro_rules! header {
    ($name:ident, $title:literal, $member:literal, $form:expr) => {
        pub(super) static $name: Object = Object {
            name: $title,
            about: "",
            members: &[
                must("type", TEXT, "What the header is."),
                must($member, $form, "The content."),
            ],
            rules: &[],
        };
    };
}
header!(
    HEADER_TEXT,
    "TextHeader",
    "text",
    text(limits::INTERACTIVE_HEADER_MAX_CHARS)
);
header!(HEADER_IMAGE, "ImageHeader", "image", media::IMAGE);
header!(HEADER_VIDEO, "VideoHeader", "video", media::VIDEO);
header!(
    HEADER_DOCUMENT,
    "DocumentHeader",
    "document",
    media::DOCUMENT
);

/// `static NAME`: an interactive message with these members beside `type`, and this action.
macro_rules! kind {
    ($name:ident, $title:literal, $about:literal, [$($member:expr),*], $action:expr) => {
        pub(super) static $name: Object = Object {
            name: $title,
            about: $about,
            members: &[TYPE, $($member,)* must("action", Form::Object(&$action), "What can be done with it.")],
            rules: &[],
        };
    };
}

/// `static NAME`: an object without rules.
macro_rules! object {
    ($name:ident, $title:literal, [$($member:expr),* $(,)?]) => { object!($name, $title, [$($member),*], []); };
    ($name:ident, $title:literal, [$($member:expr),* $(,)?], [$($rule:expr),* $(,)?]) => {
        pub(super) static $name: Object = Object { name: $title, about: "", members: &[$($member),*], rules: &[$($rule),*] };
    };
}

mod calls;
mod commerce;

use calls::{CALL_PERMISSION, VOICE_CALL};
use commerce::{CATALOG, ORDER_DETAILS, ORDER_STATUS, PRODUCT, PRODUCT_LIST};

kind!(
    BUTTON,
    "ReplyButtons",
    "One to three buttons to answer with.",
    [HEADER, BODY, FOOTER],
    BUTTON_ACTION
);
object!(
    BUTTON_ACTION,
    "ReplyButtonsAction",
    [must(
        "buttons",
        Form::List(&List {
            of: Form::Object(&REPLY_BUTTON),
            min: 1,
            max: limits::REPLY_BUTTONS_MAX,
            empty: 131_009,
            count: 131_009,
            what: "buttons",
        }),
        "The buttons.",
    )],
    [
        Rule::Unique(&["buttons", "*", "reply", "id"]),
        Rule::Unique(&["buttons", "*", "reply", "title"]),
    ]
);
object!(
    REPLY_BUTTON,
    "ReplyButton",
    [
        may("type", word(&["reply"]), "reply"),
        must("reply", Form::Object(&REPLY), "The button."),
    ]
);
object!(
    REPLY,
    "Reply",
    [
        must(
            "id",
            text(limits::REPLY_BUTTON_ID_MAX_CHARS),
            "Comes back when it is pressed."
        ),
        must(
            "title",
            text(limits::REPLY_BUTTON_TITLE_MAX_CHARS),
            "Stands on the button."
        ),
    ]
);

kind!(
    LIST,
    "ListMessage",
    "A menu of up to ten rows.",
    [
        TEXT_HEADER,
        must("body", Form::Object(&LIST_BODY), "The text."),
        FOOTER
    ],
    LIST_ACTION
);
object!(
    LIST_ACTION,
    "ListAction",
    [
        must(
            "button",
            text(limits::LIST_BUTTON_MAX_CHARS),
            "Stands on the button that opens the list."
        ),
        must(
            "sections",
            Form::List(&List {
                of: Form::Object(&LIST_SECTION),
                min: 1,
                max: limits::SECTIONS_MAX,
                empty: 131_009,
                count: 131_009,
                what: "sections",
            }),
            "The rows, by section."
        ),
    ],
    [
        Rule::WhenSeveral {
            list: "sections",
            member: "title"
        },
        Rule::Unique(&["sections", "*", "rows", "*", "id"]),
        Rule::Total {
            route: &["sections", "*", "rows", "*"],
            min: 0,
            max: limits::LIST_ROWS_MAX,
            what: "rows"
        },
    ]
);
object!(
    LIST_SECTION,
    "ListSection",
    [
        may(
            "title",
            text(limits::SECTION_TITLE_MAX_CHARS),
            "Required when there are several sections."
        ),
        must(
            "rows",
            Form::List(&List {
                of: Form::Object(&ROW),
                min: 1,
                max: usize::MAX,
                empty: 131_009,
                count: 131_009,
                what: "rows",
            }),
            "The rows."
        ),
    ]
);
object!(
    ROW,
    "ListRow",
    [
        must(
            "id",
            text(limits::LIST_ROW_ID_MAX_CHARS),
            "Comes back when it is chosen."
        ),
        must("title", text(limits::LIST_ROW_TITLE_MAX_CHARS), "The row."),
        may(
            "description",
            text(limits::LIST_ROW_DESCRIPTION_MAX_CHARS),
            "Stands under it."
        ),
    ]
);

kind!(
    CTA_URL,
    "UrlButton",
    "A button that opens a web page.",
    [HEADER, BODY, FOOTER],
    CTA_URL_ACTION
);
pub(super) static CTA_URL_ACTION: Object = Object {
    name: "UrlButtonAction",
    about: "",
    members: &[
        must("name", word(&["cta_url"]), "cta_url"),
        must(
            "parameters",
            Form::Object(&CTA_URL_PARAMETERS),
            "The button.",
        ),
    ],
    rules: &[],
};
object!(
    CTA_URL_PARAMETERS,
    "UrlButtonParameters",
    [
        must(
            "display_text",
            text(limits::CTA_TEXT_MAX_CHARS),
            "Stands on the button."
        ),
        must(
            "url",
            Form::Link {
                max: limits::URL_MAX_CHARS,
                code: 131_009
            },
            "What it opens."
        ),
    ]
);

kind!(
    LOCATION_REQUEST,
    "LocationRequest",
    "Asks for the person's location.",
    [NO_HEADER, BODY, NO_FOOTER],
    SEND_LOCATION
);
object!(
    SEND_LOCATION,
    "LocationRequestAction",
    [must("name", word(&["send_location"]), "send_location")]
);

kind!(
    ADDRESS,
    "AddressRequest",
    "Asks for a postal address (numbers of India and Singapore).",
    [TEXT_HEADER, BODY, FOOTER],
    ADDRESS_ACTION
);
object!(
    ADDRESS_ACTION,
    "AddressRequestAction",
    [
        must("name", word(&["address_message"]), "address_message"),
        must(
            "parameters",
            Form::Object(&ADDRESS_PARAMETERS),
            "What is asked and known."
        ),
    ]
);
object!(
    ADDRESS_PARAMETERS,
    "AddressRequestParameters",
    [
        must(
            "country",
            Form::Word(Words {
                of: &["IN", "SG"],
                code: 131_009,
                no_word: 100,
                any_case: false
            }),
            "IN or SG."
        ),
        may("values", Form::Open, "What is filled in already."),
        may(
            "saved_addresses",
            Form::List(&List {
                of: Form::Object(&SAVED_ADDRESS),
                min: 0,
                max: usize::MAX,
                empty: 131_009,
                count: 131_009,
                what: "addresses",
            }),
            "Addresses to choose from."
        ),
        may(
            "validation_errors",
            Form::Open,
            "What was wrong with the answer before."
        ),
    ]
);
object!(
    SAVED_ADDRESS,
    "SavedAddress",
    [
        must("id", TEXT, "Its id."),
        must("value", Form::Open, "The address.")
    ]
);

kind!(
    FLOW,
    "FlowMessage",
    "Opens a form of WhatsApp Flows.",
    [HEADER, BODY, FOOTER],
    FLOW_ACTION
);
object!(
    FLOW_ACTION,
    "FlowAction",
    [
        must("name", word(&["flow"]), "flow"),
        must("parameters", Form::Object(&FLOW_PARAMETERS), "Which flow."),
    ]
);
object!(
    FLOW_PARAMETERS,
    "FlowParameters",
    [
        must("flow_message_version", word(&["3"]), "3"),
        may("flow_id", TEXT, "The flow; or its name."),
        may("flow_name", TEXT, "The flow's name."),
        must(
            "flow_cta",
            letters(limits::FLOW_CTA_MAX_CHARS, Letters::NoEmoji),
            "Stands on the button."
        ),
        may("flow_token", TEXT, "Comes back with the answer."),
        may(
            "mode",
            word(&["draft", "published"]),
            "draft to try a flow out."
        ),
        may(
            "flow_action",
            word(&["navigate", "data_exchange"]),
            "How the first screen is found."
        ),
        may(
            "flow_action_payload",
            Form::Open,
            "screen and data of the first screen."
        ),
    ],
    [Rule::OneOf {
        of: &["flow_id", "flow_name"],
        several: 131_008,
        none: 131_008
    }]
);

kind!(
    CAROUSEL,
    "Carousel",
    "Two to ten cards side by side.",
    [NO_HEADER, BODY, NO_FOOTER],
    carousel::ACTION
);

kind!(
    CONTACT_REQUEST,
    "ContactRequest",
    "Asks for the person's phone number.",
    [NO_HEADER, BODY, FOOTER],
    CONTACT_REQUEST_ACTION
);
object!(
    CONTACT_REQUEST_ACTION,
    "ContactRequestAction",
    [must(
        "name",
        word(&["request_contact_info"]),
        "request_contact_info"
    ),]
);
