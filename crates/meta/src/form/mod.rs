//! What Meta takes, as data: the members of an object, how long a text may be, how many things a list may hold.
//!
//! One table of forms ([`crate::graph::outbound::forms`]) serves three ends: [`check`] finds every mistake in a JSON
//! value with the path of the member, a sentence and the code that Meta would answer with; the API's description is
//! drawn from it; and so are the limits that people see while they type. A rule that needs more than one member is a
//! [`Rule`], data as well.

mod check;
mod rule;

pub use check::{Problem, check};
pub use rule::Rule;

/// What a value may be.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// A text.
    Text(Text),
    /// One of these words.
    Word(Words),
    /// `true` or `false`.
    Flag,
    /// A whole number between these two; Meta takes it as text, too.
    Whole {
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
    },
    /// Degrees from minus this to this; Meta takes them as text, too.
    Degrees(f64),
    /// A public `http` or `https` address of at most `max` characters.
    Link {
        /// Characters.
        max: usize,
        /// What Meta answers to one that is none.
        code: i64,
    },
    /// An object with these members and no others.
    Object(&'static Object),
    /// A list.
    List(&'static List),
    /// An object whose form depends on one of its members.
    Kinds(&'static Kinds),
    /// Any JSON object: Meta hands it on as it is.
    Open,
    /// May not be there.
    Never(&'static str),
}

/// How Meta answers to a text that is missing, empty or too long: the upper levels of a message are refused by the
/// Graph API at large (100), inner ones by the Cloud API (131008, 131009).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// 100 for everything.
    Graph,
    /// 131008 for a missing text, 100 for an empty one, 131009 for one that is too long.
    Cloud,
    /// 131008 for a missing or empty text.
    Parameter,
}

/// A text.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    /// Characters; 0 lets it be empty.
    pub min: usize,
    /// Characters.
    pub max: usize,
    /// What it may consist of.
    pub letters: Letters,
    /// Which codes Meta answers with.
    pub voice: Voice,
}

/// What a text may consist of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letters {
    /// Anything.
    Any,
    /// At most so many line breaks.
    Lines(usize),
    /// No line breaks or tabs, at most four spaces in a row (132012).
    Variable,
    /// Small letters, digits and underscores (132001: no other template exists).
    TemplateName,
    /// Letters, digits and underscores (132001).
    LanguageCode,
    /// The name of a template's variable: no other than the definition's (132012).
    VariableName,
    /// Letters and digits.
    Alphanumeric,
    /// One emoji, or nothing.
    Emoji,
    /// Anything but emoji.
    NoEmoji,
    /// `YYYY-MM-DD`.
    Date,
}

/// One of several words.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    /// The words.
    pub of: &'static [&'static str],
    /// What Meta answers to another word.
    pub code: i64,
    /// What it answers to a number, a list, or an empty text.
    pub no_word: i64,
    /// Whether capitals count.
    pub any_case: bool,
}

/// An object with named members.
#[derive(Debug, Clone, Copy)]
pub struct Object {
    /// Its name in the API's description; empty for one that is described where it stands.
    pub name: &'static str,
    /// What it is, for people.
    pub about: &'static str,
    /// Its members.
    pub members: &'static [Member],
    /// What must hold between them.
    pub rules: &'static [Rule],
}

/// A member of an object.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub form: Form,
    /// Whether it must be there.
    pub required: bool,
    /// What it is, for people.
    pub about: &'static str,
}

/// A list of things of one form.
#[derive(Debug, Clone, Copy)]
pub struct List {
    /// What each is.
    pub of: Form,
    /// The fewest.
    pub min: usize,
    /// The most.
    pub max: usize,
    /// What Meta answers to an empty list.
    pub empty: i64,
    /// What it answers to one that is too short or long otherwise.
    pub count: i64,
    /// What they are called, such as `rows`.
    pub what: &'static str,
}

/// An object whose form depends on a word.
#[derive(Debug, Clone, Copy)]
pub struct Kinds {
    /// The member that holds the word, mostly `type`.
    pub by: &'static str,
    /// The forms; each lists the member of the word, too.
    pub of: &'static [(&'static str, &'static Object)],
    /// What Meta answers to another word.
    pub code: i64,
    /// Whether capitals count.
    pub any_case: bool,
}

/// A member that must be there.
pub(crate) const fn must(name: &'static str, form: Form, about: &'static str) -> Member {
    Member {
        name,
        form,
        required: true,
        about,
    }
}

/// A member that may be left out.
pub(crate) const fn may(name: &'static str, form: Form, about: &'static str) -> Member {
    Member {
        required: false,
        ..must(name, form, about)
    }
}

/// A text of 1 to `max` characters, refused by the Cloud API.
pub(crate) const fn text(max: usize) -> Form {
    Form::Text(Text {
        min: 1,
        max,
        letters: Letters::Any,
        voice: Voice::Cloud,
    })
}

/// A text of 1 to `max` characters of a certain kind.
pub(crate) const fn letters(max: usize, letters: Letters) -> Form {
    Form::Text(Text {
        min: 1,
        max,
        letters,
        voice: Voice::Cloud,
    })
}

/// A text without a limit that Meta names.
pub(crate) const TEXT: Form = text(usize::MAX);

/// A word that names what the object is; another one is 131009.
pub(crate) const fn word(of: &'static [&'static str]) -> Form {
    Form::Word(Words {
        of,
        code: 131_009,
        no_word: 131_009,
        any_case: false,
    })
}
