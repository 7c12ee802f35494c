//! The documented rules of templates, as a table (pages "templates/components", "templates/template-management",
//! "templates/authentication-templates", "templates/media-card-carousel-templates", "support/error-codes").

/// A rule of Meta's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Rule {
    /// By which problems name it.
    pub name: &'static str,
    /// Which part it is about.
    pub part: &'static str,
    /// What is required.
    pub says: &'static str,
    /// The code with which Meta refuses this: a subcode where it has one, else 100.
    pub code: i64,
}

macro_rules! rules {
    ($($constant:ident: $name:literal, $part:literal, $code:literal, $says:literal;)*) => {
        $(
            pub(super) const $constant: &Rule = &Rule { name: $name, part: $part, says: $says, code: $code };
        )*
        /// All of them.
        pub const RULES: &[&Rule] = &[$($constant),*];
    };
}

rules! {
    NAME_CHARACTERS: "name.characters", "name", 100, "Small letters a to z, digits and _ only.";
    NAME_LENGTH: "name.length", "name", 100, "At most 512 characters.";
    LANGUAGE: "language.known", "language", 100, "One of WhatsApp's languages, such as es, en_US or pt_BR. Nothing is translated by itself.";
    CATEGORY: "category.known", "category", 100, "MARKETING, UTILITY or AUTHENTICATION. Meta may make a marketing template of a utility one.";
    PARAMETER_FORMAT: "parameter_format.known", "parameter_format", 100, "POSITIONAL or NAMED.";
    TTL: "ttl.range", "message_send_ttl_seconds", 100, "Authentication 30 to 900 s, utility 30 to 43,200 s, marketing 43,200 to 2,592,000 s; -1 (thirty days) for the first two.";
    COMPONENTS: "components.list", "components", 100, "A list of objects, each with its type.";
    COMPONENT_KNOWN: "components.known", "components", 100, "HEADER, BODY, FOOTER, BUTTONS, CAROUSEL, LIMITED_TIME_OFFER or call_permission_request.";
    COMPONENT_ONCE: "components.once", "components", 100, "Each type at most once.";
    COMPONENT_TOGETHER: "components.together", "components", 100, "A carousel stands with a body alone, a call permission request with a body alone, an offer without a footer.";
    CATEGORY_FITS: "category.fits", "components", 100, "A limited-time offer and a GIF are for marketing alone; locations, products and carousels for marketing and utility; one-time codes for authentication alone.";
    BODY_MISSING: "body.present", "body", 100, "There is a body, and it has a text.";
    BODY_LENGTH: "body.length", "body", 2388040, "At most 1,024 characters; 600 with a limited-time offer, 160 on a card.";
    BODY_EMOJI: "body.emoji", "body", 2388072, "At most ten emoji.";
    HEADER_FORMAT: "header.format", "header", 2388047, "TEXT, IMAGE, VIDEO, DOCUMENT, GIF, LOCATION or PRODUCT.";
    HEADER_TEXT: "header.text", "header", 2388047, "A text of one line without * _ ~ and `, without emoji and with one variable at most.";
    HEADER_LENGTH: "header.length", "header", 2388040, "At most 60 characters.";
    HEADER_SAMPLE: "header.sample", "header", 2388043, "A picture, video or document comes with a sample (example.header_handle, from an upload).";
    FOOTER_TEXT: "footer.text", "footer", 2388073, "A text without variables.";
    FOOTER_LENGTH: "footer.length", "footer", 2388040, "At most 60 characters.";
    VARIABLE_FORM: "variable.form", "variables", 2388072, "{{1}}, {{2}} … in a positional template; {{first_name}} of small letters, digits and _ in a named one.";
    VARIABLE_ORDER: "variable.order", "variables", 2388072, "Positional variables are {{1}}, {{2}}, {{3}} … with none left out.";
    VARIABLE_ONCE: "variable.once", "variables", 2388072, "Each variable stands once.";
    VARIABLE_EDGE: "variable.edge", "variables", 2388299, "The body does not begin or end with a variable.";
    VARIABLE_ADJACENT: "variable.adjacent", "variables", 2388072, "There is a word between two variables.";
    VARIABLE_MANY: "variable.many", "variables", 2388293, "At least twice as many words (the variables among them) as variables, and one more.";
    EXAMPLE: "variable.example", "variables", 2388043, "An example for each variable: one line, no more than four spaces in a row.";
    BUTTONS_COUNT: "buttons.count", "buttons", 100, "One to ten buttons: at most two addresses, and one each of phone number, code, flow, catalogue, products, call.";
    BUTTONS_ORDER: "buttons.order", "buttons", 100, "Quick replies stand together, before the others or behind them.";
    BUTTON_KNOWN: "button.known", "buttons", 100, "QUICK_REPLY, URL, PHONE_NUMBER, COPY_CODE, FLOW, OTP, CATALOG, MPM, SPM, VOICE_CALL, REQUEST_CONTACT_INFO, ORDER_DETAILS or REMINDER.";
    BUTTON_TEXT: "button.text", "buttons", 100, "A text without variables.";
    BUTTON_LENGTH: "button.length", "buttons", 2388040, "At most 25 characters.";
    URL_FORM: "button.url", "buttons", 100, "An address https://… of at most 2,000 characters, of a site of one's own (no wa.me or bit.ly), with at most one {{1}}, at its end.";
    URL_EXAMPLE: "button.url_example", "buttons", 2388043, "An address with a variable comes with one example.";
    PHONE: "button.phone", "buttons", 100, "A phone number of at most 20 characters: digits and +.";
    CODE: "button.code", "buttons", 100, "An example code of at most 20 letters and digits.";
    FLOW: "button.flow", "buttons", 100, "One of flow_id, flow_name and flow_json.";
    OTP: "button.otp", "authentication", 100, "One button: OTP with COPY_CODE, ONE_TAP or ZERO_TAP; the last two with one to five apps, ZERO_TAP with its terms accepted.";
    AUTHENTICATION: "authentication.parts", "authentication", 100, "Body, footer and one button; the texts are Meta's. The code is valid for 1 to 90 minutes.";
    OFFER: "offer.text", "limited-time offer", 100, "A text of at most 16 characters; buttons are addresses and codes; a header is a picture or a video.";
    CARDS_COUNT: "carousel.count", "carousel", 100, "Two to ten cards.";
    CARDS_ALIKE: "carousel.alike", "carousel", 100, "All cards have the same parts: a header (picture, video or product), one or two buttons of the same kinds, and a body on all or none.";
}
