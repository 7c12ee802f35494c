//! Template sends. Whether they fit the template is told by [`super::super::definition`].

use super::{LOCATION, PRODUCT_SECTIONS, SKU, media};
use crate::form::{
    Form, Kinds, Letters, List, Member, Object, Rule, TEXT, Text, Voice, Words, letters, may, must,
    text,
};
use crate::limits;

/// `template`.
pub static TEMPLATE: Object = Object {
    name: "TemplateMessage",
    about: "A template that Meta has approved, with what fills its variables.",
    members: &[
        must(
            "name",
            letters(limits::TEMPLATE_NAME_MAX_CHARS, Letters::TemplateName),
            "By which it was approved.",
        ),
        must("language", Form::Object(&LANGUAGE), "Which translation."),
        may(
            "components",
            Form::List(&COMPONENTS),
            "One for each part with variables.",
        ),
    ],
    rules: &[],
};

static LANGUAGE: Object = Object {
    name: "TemplateLanguage",
    about: "",
    members: &[
        must(
            "code",
            letters(usize::MAX, Letters::LanguageCode),
            "Such as es or en_US.",
        ),
        may(
            "policy",
            Form::Word(Words {
                of: &["deterministic"],
                code: 100,
                no_word: 100,
                any_case: false,
            }),
            "deterministic",
        ),
    ],
    rules: &[],
};

macro_rules! list {
    ($name:ident, $of:expr, $min:expr, $max:expr, $what:literal) => {
        static $name: List = List {
            of: $of,
            min: $min,
            max: $max,
            empty: 132_012,
            count: 132_012,
            what: $what,
        };
    };
}
list!(
    COMPONENTS,
    Form::Kinds(&COMPONENT),
    0,
    usize::MAX,
    "components"
);
list!(
    PARAMETERS,
    Form::Kinds(&PARAMETER),
    0,
    usize::MAX,
    "parameters"
);
list!(CARDS, Form::Object(&CARD), 1, limits::CARDS_MAX, "cards");
list!(
    CARD_COMPONENTS,
    Form::Kinds(&CARD_COMPONENT),
    0,
    usize::MAX,
    "components"
);
list!(TARGETS, Form::Object(&TARGET), 1, usize::MAX, "targets");

const KIND: Member = must("type", TEXT, "Which part.");
const FILLS: Member = may(
    "parameters",
    Form::List(&PARAMETERS),
    "What fills its variables.",
);

macro_rules! object {
    ($name:ident, $title:literal, [$($member:expr),* $(,)?]) => { object!($name, $title, [$($member),*], &[]); };
    ($name:ident, $title:literal, [$($member:expr),* $(,)?], $rules:expr) => {
        static $name: Object = Object { name: $title, about: "", members: &[$($member),*], rules: $rules };
    };
}

static COMPONENT: Kinds = Kinds {
    by: "type",
    of: &[
        ("header", &PART),
        ("body", &PART),
        ("button", &BUTTON),
        ("carousel", &CAROUSEL),
        ("limited_time_offer", &PART),
        ("order_status", &PART),
        ("tap_target_configuration", &PART),
    ],
    code: 100,
    any_case: true,
};
static CARD_COMPONENT: Kinds = Kinds {
    of: &[("header", &PART), ("body", &PART), ("button", &BUTTON)],
    ..COMPONENT
};
object!(PART, "TemplatePart", [KIND, FILLS]);
object!(
    BUTTON,
    "TemplateButton",
    [
        KIND,
        must(
            "sub_type",
            Form::Word(Words {
                of: &[
                    "quick_reply",
                    "url",
                    "copy_code",
                    "flow",
                    "catalog",
                    "mpm",
                    "voice_call",
                    "order_details",
                    "reminder"
                ],
                code: 132_012,
                no_word: 100,
                any_case: true,
            }),
            "What the button does."
        ),
        must(
            "index",
            Form::Whole {
                min: 0,
                max: limits::TEMPLATE_BUTTONS_MAX - 1
            },
            "Its place, from 0."
        ),
        FILLS,
    ]
);
object!(
    CAROUSEL,
    "TemplateCarousel",
    [KIND, must("cards", Form::List(&CARDS), "The cards.")],
    &[Rule::Place {
        list: "cards",
        member: "card_index"
    },]
);
object!(
    CARD,
    "TemplateCard",
    [
        must(
            "card_index",
            Form::Whole { min: 0, max: 9 },
            "Its place, from 0."
        ),
        must(
            "components",
            Form::List(&CARD_COMPONENTS),
            "Header, body and buttons."
        ),
    ]
);

static PARAMETER: Kinds = Kinds {
    by: "type",
    of: &[
        ("text", &P_TEXT),
        ("currency", &P_CURRENCY),
        ("date_time", &P_DATE_TIME),
        ("image", &P_IMAGE),
        ("video", &P_VIDEO),
        ("gif", &P_GIF),
        ("document", &P_DOCUMENT),
        ("location", &P_LOCATION),
        ("product", &P_PRODUCT),
        ("payload", &P_PAYLOAD),
        ("coupon_code", &P_COUPON),
        ("action", &P_ACTION),
        ("limited_time_offer", &P_OFFER),
        ("tap_target_configuration", &P_TARGETS),
        ("order_status", &P_ORDER_STATUS),
        ("ttl_minutes", &P_TTL),
    ],
    code: 100,
    any_case: false,
};
const PARAMETER_TYPE: Member = must("type", TEXT, "What fills the variable.");
const NAME: Member = may(
    "parameter_name",
    letters(usize::MAX, Letters::VariableName),
    "The variable's name, where the template has names.",
);

object!(
    P_TEXT,
    "TextParameter",
    [
        PARAMETER_TYPE,
        NAME,
        must(
            "text",
            Form::Text(Text {
                min: 1,
                max: usize::MAX,
                letters: Letters::Variable,
                voice: Voice::Parameter
            }),
            "The text."
        ),
    ]
);
object!(
    P_CURRENCY,
    "CurrencyParameter",
    [
        PARAMETER_TYPE,
        NAME,
        must("currency", Form::Object(&CURRENCY), "The amount.")
    ]
);
object!(
    CURRENCY,
    "Currency",
    [
        must("fallback_value", TEXT, "What is shown."),
        must("code", TEXT, "ISO 4217, such as EUR."),
        must(
            "amount_1000",
            Form::Whole {
                min: i64::MIN,
                max: i64::MAX
            },
            "The amount times 1,000."
        ),
    ]
);
object!(
    P_DATE_TIME,
    "DateTimeParameter",
    [
        PARAMETER_TYPE,
        NAME,
        must("date_time", Form::Object(&DATE_TIME), "The time.")
    ]
);
// Older senders give the parts of the date beside it; Meta shows the text.
object!(
    DATE_TIME,
    "DateTime",
    [
        must("fallback_value", TEXT, "What is shown."),
        may("day_of_week", Form::Whole { min: 1, max: 7 }, "Not shown."),
        may(
            "year",
            Form::Whole {
                min: 0,
                max: i64::MAX
            },
            "Not shown."
        ),
        may("month", Form::Whole { min: 1, max: 12 }, "Not shown."),
        may(
            "day_of_month",
            Form::Whole { min: 1, max: 31 },
            "Not shown."
        ),
        may("hour", Form::Whole { min: 0, max: 23 }, "Not shown."),
        may("minute", Form::Whole { min: 0, max: 59 }, "Not shown."),
        may("calendar", TEXT, "Not shown."),
    ]
);
object!(
    P_IMAGE,
    "ImageParameter",
    [PARAMETER_TYPE, must("image", media::BARE, "The picture.")]
);
object!(
    P_VIDEO,
    "VideoParameter",
    [PARAMETER_TYPE, must("video", media::BARE, "The video.")]
);
object!(
    P_GIF,
    "GifParameter",
    [
        PARAMETER_TYPE,
        must(
            "gif",
            media::BARE,
            "The moving picture; by the Marketing Messages API only."
        )
    ]
);
object!(
    P_DOCUMENT,
    "DocumentParameter",
    [
        PARAMETER_TYPE,
        must("document", media::NAMED, "The document.")
    ]
);
object!(
    P_LOCATION,
    "LocationParameter",
    [
        PARAMETER_TYPE,
        must("location", Form::Object(&LOCATION), "The place.")
    ]
);
object!(
    P_PRODUCT,
    "ProductParameter",
    [
        PARAMETER_TYPE,
        must("product", Form::Object(&PRODUCT), "The product.")
    ]
);
object!(
    PRODUCT,
    "TemplateProduct",
    [
        must("product_retailer_id", SKU, "The product."),
        must("catalog_id", TEXT, "The catalogue."),
    ]
);
object!(
    P_PAYLOAD,
    "PayloadParameter",
    [
        PARAMETER_TYPE,
        must(
            "payload",
            text(limits::TEMPLATE_PAYLOAD_MAX_CHARS),
            "Comes back when the button is pressed."
        ),
    ]
);
object!(
    P_COUPON,
    "CouponParameter",
    [
        PARAMETER_TYPE,
        must(
            "coupon_code",
            letters(limits::COUPON_CODE_MAX_CHARS, Letters::Alphanumeric),
            "The code that is copied."
        ),
    ]
);
object!(
    P_ACTION,
    "ActionParameter",
    [
        PARAMETER_TYPE,
        must(
            "action",
            Form::Object(&BUTTON_ACTION),
            "What the button does."
        )
    ]
);
object!(
    BUTTON_ACTION,
    "TemplateButtonAction",
    [
        may("flow_token", TEXT, "Of a flow: comes back with the answer."),
        may(
            "flow_action_data",
            Form::Open,
            "Of a flow: what its first screen begins with."
        ),
        may(
            "thumbnail_product_retailer_id",
            SKU,
            "Of a catalogue or of products: whose picture is shown."
        ),
        may(
            "sections",
            Form::List(&PRODUCT_SECTIONS),
            "Of products: which."
        ),
    ],
    &[
        Rule::WhenSeveral {
            list: "sections",
            member: "title"
        },
        Rule::Total {
            route: &["sections", "*", "product_items", "*"],
            min: 0,
            max: limits::PRODUCTS_MAX,
            what: "products"
        },
    ]
);
object!(
    P_OFFER,
    "OfferParameter",
    [
        PARAMETER_TYPE,
        must("limited_time_offer", Form::Object(&OFFER), "The offer.")
    ]
);
object!(
    OFFER,
    "Offer",
    [must(
        "expiration_time_ms",
        Form::Whole {
            min: 1,
            max: i64::MAX
        },
        "When it ends: milliseconds since 1970."
    )]
);
object!(
    P_TARGETS,
    "TapTargetParameter",
    [
        PARAMETER_TYPE,
        must(
            "tap_target_configuration",
            Form::List(&TARGETS),
            "Where a tap leads."
        ),
    ]
);
object!(
    TARGET,
    "TapTarget",
    [
        must(
            "url",
            Form::Link {
                max: limits::URL_MAX_CHARS,
                code: 131_009
            },
            "What is opened."
        ),
        must("title", TEXT, "What it is called."),
    ]
);
object!(
    P_ORDER_STATUS,
    "OrderStatusParameter",
    [
        PARAMETER_TYPE,
        must(
            "order_status",
            Form::Open,
            "As Meta's pages on payments describe it."
        )
    ]
);
object!(
    P_TTL,
    "LifeParameter",
    [
        PARAMETER_TYPE,
        must(
            "ttl_minutes",
            Form::Whole {
                min: 1,
                max: i64::MAX
            },
            "How long a call button works."
        )
    ]
);
