//! What the server itself writes, in each language: `texts/*.ftl`. The web application has its own.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

/// The languages, the default first.
const LANGUAGES: [(&str, &str); 2] = [
    ("en", include_str!("../texts/en.ftl")),
    ("es", include_str!("../texts/es.ftl")),
];

static BUNDLES: LazyLock<Vec<FluentBundle<FluentResource>>> = LazyLock::new(|| {
    LANGUAGES
        .iter()
        .map(|(_, text)| text)
        .zip(0..)
        .map(bundle)
        .collect()
});

fn bundle((text, n): (&&'static str, usize)) -> FluentBundle<FluentResource> {
    let id: LanguageIdentifier = LANGUAGES[n].0.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // Marks around inserted text are for mixed scripts; mail programs show them as boxes.
    bundle.set_use_isolating(false);
    // A test reads every file, so what is embedded is right.
    let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(part, _)| part);
    bundle.add_resource_overriding(resource);
    bundle
}

/// One of the languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Language(usize);

impl Language {
    /// The language of a code such as `es` or `es-MX`; the default where we do not speak it.
    pub fn of(code: &str) -> Self {
        Self::exactly(code).unwrap_or(Self(0))
    }

    /// The language of a code, if we speak it.
    pub fn exactly(code: &str) -> Option<Self> {
        let primary = code.split(['-', '_']).next().unwrap_or_default();
        LANGUAGES
            .iter()
            .position(|(known, _)| primary.eq_ignore_ascii_case(known))
            .map(Self)
    }

    /// The one that a browser's `Accept-Language` likes best.
    pub fn accepted(header: &str) -> Self {
        let mut wishes: Vec<(f32, &str)> = header
            .split(',')
            .filter_map(|wish| {
                let (code, weight) = wish.split_once(";q=").unwrap_or((wish, "1"));
                Some((weight.trim().parse().ok()?, code.trim()))
            })
            .collect();
        wishes.sort_by(|a, b| b.0.total_cmp(&a.0));
        wishes
            .iter()
            .find_map(|(_, code)| Self::exactly(code))
            .unwrap_or(Self(0))
    }

    /// Its code.
    pub fn code(self) -> &'static str {
        LANGUAGES[self.0].0
    }

    /// A text without insertions.
    pub fn text(self, key: &str) -> String {
        self.say(key, &[])
    }

    /// A text with insertions.
    pub fn say(self, key: &str, with: &[(&str, &str)]) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in with {
            // A number chooses the plural; everything else is text.
            match value.parse::<i64>() {
                Ok(number) if *name == "minutes" || *name == "days" => args.set(*name, number),
                _ => args.set(*name, *value),
            }
        }
        let bundle = &BUNDLES[self.0];
        let pattern = bundle.get_message(key).and_then(|message| message.value());
        pattern.map_or_else(
            || key.to_owned(),
            |pattern| {
                bundle
                    .format_pattern(pattern, Some(&args), &mut Vec::new())
                    .into_owned()
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Key → the names that it inserts.
    fn keys(text: &str) -> BTreeMap<String, Vec<String>> {
        FluentResource::try_new(text.to_owned()).expect("the file is right Fluent");
        let mut keys = BTreeMap::new();
        let mut current = String::new();
        for line in text.lines() {
            if let Some((key, _)) = line
                .split_once(" =")
                .filter(|_| !line.starts_with([' ', '#']))
            {
                current = key.to_owned();
                keys.insert(current.clone(), Vec::new());
            }
            for part in line.split('$').skip(1) {
                let name: String = part.chars().take_while(|c| c.is_alphanumeric()).collect();
                let names = keys
                    .get_mut(&current)
                    .expect("an insertion belongs to a key");
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        keys.values_mut().for_each(|names| names.sort());
        keys
    }

    #[test]
    fn every_language_has_the_same_texts_with_the_same_insertions() {
        let first = keys(LANGUAGES[0].1);
        for (code, text) in &LANGUAGES[1..] {
            assert_eq!(keys(text), first, "{code} differs from {}", LANGUAGES[0].0);
        }
    }

    #[test]
    fn the_best_liked_language_that_we_speak_is_taken() {
        assert_eq!(Language::accepted("fr-FR,es;q=0.8,en;q=0.5").code(), "es");
        assert_eq!(Language::accepted("en;q=0.2, es-MX;q=0.9").code(), "es");
        assert_eq!(Language::accepted("").code(), "en");
    }

    #[test]
    fn a_number_chooses_the_plural() {
        let say = |minutes| Language::of("es").say("too-many-guesses", &[("minutes", minutes)]);
        assert!(say("1").contains("un minuto"), "{}", say("1"));
        assert!(say("15").contains("15 minutos"), "{}", say("15"));
    }
}
