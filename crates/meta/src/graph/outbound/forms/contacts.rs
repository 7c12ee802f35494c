//! Contact cards.

use crate::form::{Form, Letters, List, Object, Rule, TEXT, letters, may, must};
use crate::limits;

pub(super) const CONTACTS: Form = Form::List(&List {
    of: Form::Object(&CARD),
    min: 1,
    max: limits::CONTACT_CARDS_MAX,
    empty: 100,
    count: 131_009,
    what: "contact cards",
});

static CARD: Object = Object {
    name: "ContactCard",
    about: "A person's card.",
    members: &[
        must("name", Form::Object(&NAME), "The name."),
        may("phones", list(&PHONE), "Telephone numbers."),
        may("emails", list(&EMAIL), "E-mail addresses."),
        may("addresses", list(&ADDRESS), "Postal addresses."),
        may("org", Form::Object(&ORG), "Where the person works."),
        may("birthday", letters(10, Letters::Date), "YYYY-MM-DD."),
        may("urls", list(&URL), "Web addresses."),
    ],
    rules: &[],
};

const fn list(of: &'static List) -> Form {
    Form::List(of)
}

macro_rules! items {
    ($name:ident, $title:literal, $what:literal, [$($member:expr),* $(,)?]) => {
        static $name: List = List {
            of: Form::Object(&Object { name: $title, about: "", members: &[$($member),*], rules: &[] }),
            min: 0,
            max: usize::MAX,
            empty: 131_009,
            count: 131_009,
            what: $what,
        };
    };
}

static NAME: Object = Object {
    name: "ContactCardName",
    about: "`formatted_name` and at least one part of it.",
    members: &[
        must("formatted_name", TEXT, "The whole name."),
        may("first_name", TEXT, "First name."),
        may("last_name", TEXT, "Last name."),
        may("middle_name", TEXT, "Middle name."),
        may("suffix", TEXT, "Such as Jr."),
        may("prefix", TEXT, "Such as Dr."),
    ],
    rules: &[Rule::SomeOf(&[
        "first_name",
        "last_name",
        "middle_name",
        "suffix",
        "prefix",
    ])],
};

const KIND: Form = TEXT;

items!(
    PHONE,
    "ContactPhone",
    "telephone numbers",
    [
        may("phone", TEXT, "The number."),
        may(
            "wa_id",
            TEXT,
            "WhatsApp id: gives the card a button to write to."
        ),
        may("type", KIND, "Such as CELL, WORK, HOME."),
    ]
);
items!(
    EMAIL,
    "ContactEmail",
    "e-mail addresses",
    [
        may("email", TEXT, "The address."),
        may("type", KIND, "Such as WORK, HOME."),
    ]
);
items!(
    ADDRESS,
    "ContactAddress",
    "postal addresses",
    [
        may("street", TEXT, "Street and number."),
        may("city", TEXT, "City."),
        may("state", TEXT, "State."),
        may("zip", TEXT, "Postal code."),
        may("country", TEXT, "Country."),
        may("country_code", TEXT, "Such as ES."),
        may("type", KIND, "Such as WORK, HOME."),
    ]
);
items!(
    URL,
    "ContactUrl",
    "web addresses",
    [
        may("url", TEXT, "The address."),
        may("type", KIND, "Such as WORK, HOME."),
    ]
);

static ORG: Object = Object {
    name: "ContactOrg",
    about: "",
    members: &[
        may("company", TEXT, "Company."),
        may("department", TEXT, "Department."),
        may("title", TEXT, "What the person does there."),
    ],
    rules: &[],
};
