//! Who a contact is: a set of identities, of which the phone number is only one.
//!
//! Since 2026 a webhook may name a person by a business-scoped user id (BSUID) alone, or by a
//! username. Two webhooks mean the same contact when they share any identity within one tenant.

use crate::phone;

/// The kinds of identity, in the order in which they are trusted when they disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentityKind {
    /// Business-scoped user id, such as `US.13491208655302741918`. Case counts.
    Bsuid,
    /// Canonical phone number, see [`phone::canonical`].
    Phone,
    /// A `wa_id` or `from` that is not a phone number (older or test payloads).
    WaId,
}

impl IdentityKind {
    /// The word that stands in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bsuid => "bsuid",
            Self::Phone => "phone",
            Self::WaId => "wa_id",
        }
    }
}

/// One identity of a contact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// What kind of value it is.
    pub kind: IdentityKind,
    /// The value, in the form in which it is compared.
    pub value: String,
}

/// What a webhook or a send says about a person. A username may be given up and taken by somebody
/// else, so it is shown and searched but never decides who a contact is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// `wa_id` or `from`, as given.
    pub wa_id: Option<String>,
    /// BSUID, as given.
    pub bsuid: Option<String>,
    /// Username, with or without the leading `@`.
    pub username: Option<String>,
    /// The name in the person's WhatsApp profile.
    pub profile_name: Option<String>,
}

impl Person {
    /// A person known by a phone number only.
    pub fn from_phone(digits: &str) -> Self {
        Self {
            wa_id: Some(digits.to_owned()),
            ..Self::default()
        }
    }

    /// The identities by which a contact is found, most trusted first. Empty when nothing names them.
    pub fn identities(&self) -> Vec<Identity> {
        let mut all = Vec::with_capacity(2);
        if let Some(bsuid) = self.bsuid.as_deref().filter(|value| !value.is_empty()) {
            all.push(Identity {
                kind: IdentityKind::Bsuid,
                value: bsuid.to_owned(),
            });
        }
        if let Some(wa_id) = self.wa_id.as_deref().filter(|value| !value.is_empty()) {
            all.push(match phone::normalise(wa_id) {
                Ok(digits) => Identity {
                    kind: IdentityKind::Phone,
                    value: phone::canonical(&digits),
                },
                Err(_) => Identity {
                    kind: IdentityKind::WaId,
                    value: wa_id.to_owned(),
                },
            });
        }
        all
    }

    /// The phone number as digits, when the person is known by one.
    pub fn phone(&self) -> Option<String> {
        self.wa_id
            .as_deref()
            .and_then(|wa_id| phone::normalise(wa_id).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_without_a_phone_number_is_known_by_the_bsuid() {
        let person = Person {
            bsuid: Some("US.1349".into()),
            ..Person::default()
        };
        assert_eq!(
            person.identities(),
            [Identity {
                kind: IdentityKind::Bsuid,
                value: "US.1349".into()
            }]
        );
        assert_eq!(person.phone(), None);
    }

    #[test]
    fn a_sender_that_is_not_digits_is_kept_as_it_is() {
        let person = Person {
            wa_id: Some("CUSTOMER_PHONE_NUMBER".into()),
            ..Person::default()
        };
        assert_eq!(person.identities()[0].kind, IdentityKind::WaId);
    }

    #[test]
    fn brazilian_forms_meet_in_one_identity() {
        let with = Person::from_phone("5511987654321").identities();
        let without = Person::from_phone("551187654321").identities();
        assert_eq!(with, without);
    }
}
