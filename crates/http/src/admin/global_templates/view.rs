//! A global template as the API shows it.

use std::collections::BTreeMap;

use domain::{GlobalTemplateId, Timestamp};
use engine::Engine;
use serde::Serialize;
use serde_json::Value;
use store::global_templates::contents::{self, Content};
use store::global_templates::rollout::{self, Count};
use store::global_templates::{self, GlobalTemplate};
use utoipa::ToSchema;

use crate::problem::Result;

/// A global template.
#[derive(Serialize, ToSchema)]
pub(crate) struct GlobalTemplateView {
    /// `gtp_…`
    id: String,
    /// By which it is sent; the same in every account.
    name: String,
    /// `MARKETING`, `UTILITY`, `AUTHENTICATION`.
    category: String,
    /// Whether every tenant gets it, new ones as well; else those that are chosen.
    everyone: bool,
    /// The newest version; 0 while nothing was written.
    version: i64,
    /// The version that accounts are to have; null before the first roll-out.
    rolled_out: Option<i64>,
    /// Languages of the newest version.
    languages: Vec<String>,
    /// The template of Meta's library that it is.
    library_name: Option<String>,
    /// Rows of the roll-out in each state, and `total`.
    counts: BTreeMap<String, i64>,
    /// When it was made.
    created_at: String,
    /// When it was last changed.
    updated_at: String,
}

/// A global template with all that was written.
#[derive(Serialize, ToSchema)]
pub(crate) struct GlobalTemplateDetail {
    #[serde(flatten)]
    template: GlobalTemplateView,
    /// Who is chosen; of no effect while everyone gets it.
    tenants: Vec<ChosenTenant>,
    /// The newest first.
    versions: Vec<VersionView>,
}

/// A tenant that is chosen.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChosenTenant {
    /// `ten_…`
    id: String,
    /// Their name.
    name: String,
}

/// A version in all its languages.
#[derive(Serialize, ToSchema)]
pub(crate) struct VersionView {
    /// Counts from 1.
    version: i64,
    /// Its category.
    category: String,
    /// Who wrote it.
    created_by: String,
    /// When.
    created_at: String,
    /// What it says, by language.
    languages: BTreeMap<String, ContentView>,
}

/// What a version says in a language.
#[derive(Serialize, ToSchema)]
pub(crate) struct ContentView {
    /// `POSITIONAL` or `NAMED`.
    parameter_format: String,
    /// Meta's form.
    #[schema(value_type = Vec<Object>)]
    components: Value,
    /// How long a message may wait for its delivery.
    message_send_ttl_seconds: Option<i64>,
    /// By what Meta makes it from its library, in place of the components.
    #[schema(value_type = Option<Object>)]
    library: Option<Value>,
}

/// Views of these.
pub(crate) async fn many(
    engine: &Engine,
    rows: Vec<GlobalTemplate>,
) -> Result<Vec<GlobalTemplateView>> {
    let counts = rollout::any_tenant_counts(&engine.db, None).await?;
    let languages = contents::languages(&engine.db).await?;
    Ok(rows
        .into_iter()
        .map(|row| one(row, &counts, &languages))
        .collect())
}

/// One with all that was written.
pub(crate) async fn detail(engine: &Engine, row: GlobalTemplate) -> Result<GlobalTemplateDetail> {
    let db = &engine.db;
    let id = row.id;
    let counts = rollout::any_tenant_counts(db, Some(id)).await?;
    let contents = contents::of_global(db, id).await?;
    let newest = contents
        .iter()
        .filter(|content| content.version == row.version);
    let languages: Vec<_> = newest
        .map(|content| (id, content.language.clone()))
        .collect();
    let tenants = global_templates::any_tenant_chosen(db, id).await?;
    Ok(GlobalTemplateDetail {
        template: one(row, &counts, &languages),
        tenants: tenants
            .into_iter()
            .map(|tenant| ChosenTenant {
                id: tenant.id.to_string(),
                name: tenant.name,
            })
            .collect(),
        versions: versions(contents),
    })
}

/// Rows in each state, and in all.
pub(crate) fn tallied(counts: &[Count], id: GlobalTemplateId) -> BTreeMap<String, i64> {
    let mine = counts.iter().filter(|count| count.global_id == id);
    let mut tally: BTreeMap<String, i64> = mine
        .map(|count| (count.shown.clone(), count.count))
        .collect();
    let total = tally.values().sum();
    tally.insert("total".to_owned(), total);
    tally
}

fn one(
    row: GlobalTemplate,
    counts: &[Count],
    languages: &[(GlobalTemplateId, String)],
) -> GlobalTemplateView {
    let spoken = languages.iter().filter(|(id, _)| *id == row.id);
    GlobalTemplateView {
        counts: tallied(counts, row.id),
        languages: spoken.map(|(_, language)| language.clone()).collect(),
        id: row.id.to_string(),
        name: row.name,
        category: row.category,
        everyone: row.everyone,
        version: row.version,
        rolled_out: row.rolled_out,
        library_name: row.library_name,
        created_at: row.created_at.rfc3339(),
        updated_at: row.updated_at.rfc3339(),
    }
}

fn versions(contents: Vec<Content>) -> Vec<VersionView> {
    let mut versions: Vec<VersionView> = Vec::new();
    for content in contents {
        if versions.last().map(|version| version.version) != Some(content.version) {
            versions.push(VersionView {
                version: content.version,
                category: content.category.clone(),
                created_by: content.created_by.clone(),
                created_at: Timestamp(content.created_at.0).rfc3339(),
                languages: BTreeMap::new(),
            });
        }
        if let Some(version) = versions.last_mut() {
            let view = ContentView {
                parameter_format: content.parameter_format,
                components: serde_json::from_str(&content.components).unwrap_or_default(),
                message_send_ttl_seconds: content.ttl_seconds,
                library: content
                    .library
                    .and_then(|library| serde_json::from_str(&library).ok()),
            };
            version.languages.insert(content.language, view);
        }
    }
    versions
}
