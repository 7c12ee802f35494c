//! Which kinds of values templates out of Meta's library take: Meta judges sends by them, and lists do not show them.

use std::collections::{BTreeMap, HashMap};

use meta::graph::{GraphClient, LibraryFilter, LibraryTemplate};
use secrecy::SecretString;
use store::templates::books;
use store::templates::library::{self, Types};

use super::sync::tell;
use crate::Engine;
use crate::shared_account::Unreached;

/// So many names are looked for at one reading of an account's list; the others at the next.
const AT_ONCE: usize = 20;

/// Reads what is not known yet of an account's templates.
///
/// # Errors
/// [`Unreached`]; then it is read after the next list.
pub(super) async fn read_types(
    engine: &Engine,
    graph: &GraphClient,
    token: &SecretString,
    waba_id: &str,
) -> Result<(), Unreached> {
    let mut missing: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, language) in library::any_tenant_missing(&engine.db, waba_id).await? {
        missing.entry(name).or_default().push(language);
    }
    for (name, languages) in missing.into_iter().take(AT_ONCE) {
        let filter = LibraryFilter {
            search: Some(&name),
            ..LibraryFilter::default()
        };
        let listed = graph.template_library(token, &filter).await?;
        let now = engine.clock.now();
        let mut tx = engine.db.begin().await?;
        for language in languages {
            let found = listed.iter().find(|one| {
                one.name.as_ref() == Some(&name) && one.language.as_ref() == Some(&language)
            });
            // What the library does not have any more is not asked for again.
            let none = || Types {
                name: name.clone(),
                language: language.clone(),
                types: "[]".to_owned(),
            };
            let types = found.and_then(types_of).unwrap_or_else(none);
            library::put(&mut tx, &types, now).await?;
        }
        books::any_tenant_turn(&mut tx, waba_id).await?;
        tx.commit().await?;
        tell(engine, false);
    }
    Ok(())
}

/// What an entry of the library says.
pub(crate) fn types_of(entry: &LibraryTemplate) -> Option<Types> {
    let types = entry.body_param_types.as_ref();
    Some(Types {
        name: entry.name.clone()?,
        language: entry.language.clone()?,
        types: types.map_or_else(|| "[]".to_owned(), |types| types.get().to_owned()),
    })
}

/// The kinds of values by name in the library and language.
pub(super) fn by_name(all: Vec<Types>) -> HashMap<(String, String), Vec<String>> {
    let read = |one: Types| {
        let types = serde_json::from_str(&one.types).unwrap_or_default();
        ((one.name, one.language), types)
    };
    all.into_iter().map(read).collect()
}
