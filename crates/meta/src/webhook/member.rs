//! One member of an object as it stands in the text.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::value::RawValue;

/// The text of a member of a JSON object, byte for byte; `None` when the text is no object, the member is missing, or
/// it is `null`.
#[must_use]
pub fn member(object: &str, name: &str) -> Option<String> {
    let members: HashMap<Cow<'_, str>, &RawValue> = serde_json::from_str(object).ok()?;
    let text = members.get(name)?.get();
    (text != "null").then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::member;

    #[test]
    fn a_member_keeps_its_own_spelling() {
        assert_eq!(
            member(r#"{"a":1,"p":{"x":1.50 }}"#, "p").as_deref(),
            Some(r#"{"x":1.50 }"#)
        );
        assert_eq!(member(r#"{"p":null}"#, "p"), None);
        assert_eq!(member("[]", "p"), None);
    }
}
