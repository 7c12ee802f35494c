//! The templates that a tenant may send, as rules need them.

use std::sync::Arc;

use domain::TenantId;
use meta::graph::outbound::definition::Definition;
use store::numbers::PhoneNumber;

use crate::Engine;
use crate::templates::{Known, Templates};

/// Templates that a tenant may send from one number.
#[derive(Clone)]
pub(super) struct Catalogue {
    tenant: TenantId,
    known: Arc<Known>,
}

impl Catalogue {
    /// Asks for them; with a name, what is on file of it is made sure of first. `None` when nobody can tell.
    pub(super) async fn of(
        engine: &Engine,
        templates: &Templates,
        tenant: TenantId,
        number: &PhoneNumber,
        name: Option<&str>,
    ) -> store::Result<Option<Self>> {
        let known = templates.of_account(engine, &number.waba_id, name).await?;
        Ok(known.map(|known| Self { tenant, known }))
    }

    /// The first of these languages in which a template is approved; where it is so in none of them, one of another
    /// region: for `en` where only `en_US` is there.
    pub(super) fn approved(&self, name: &str, languages: &[String]) -> Option<&Definition> {
        let mut found = languages
            .iter()
            .filter_map(|language| self.known.get(self.tenant, name, language));
        found
            .find(|definition| definition.is_approved())
            .or_else(|| {
                let mut all = self.all(name).into_iter();
                all.find(|one| one.is_approved() && is_near(&one.language, languages))
            })
    }

    /// A template in all its languages, in their order.
    pub(super) fn all(&self, name: &str) -> Vec<&Definition> {
        let mut all = self.known.all(self.tenant, name);
        all.sort_by(|a, b| a.language.cmp(&b.language));
        all
    }

    /// A few names, for people who mistyped one.
    pub(super) fn some_names(&self) -> String {
        let mut names = self.known.names(self.tenant);
        names.sort_unstable();
        let more = if names.len() > 10 { " …" } else { "" };
        names.truncate(10);
        format!("{}{more}", names.join(", "))
    }
}

/// Whether a language is one of these, as it is written in whatever region.
pub(super) fn is_near(language: &str, languages: &[String]) -> bool {
    let base = |language: &str| language.split('_').next().map(str::to_owned);
    languages.iter().any(|one| base(one) == base(language))
}
