//! Meta is asked to make or change a template: noted before, and what came of it after.

use std::time::Duration;

use domain::Timestamp;
use meta::graph::{GraphCallError, NewTemplate, TemplateEdit};
use store::global_templates::acts;
use store::global_templates::placements::{self, Pause, Taken, Trouble};
use store::{Tx, jobs};

use super::content::{Library, parsed};
use super::on_file;
use super::refusal::{self, Refusal};
use super::share::{Account, Work};

const HOUR: Duration = Duration::from_secs(3_600);
/// How long an account rests whose token Meta does not take.
const NO_ACCESS: Duration = Duration::from_secs(3_600);
/// After so many tries without an outcome somebody has to look.
const MOST_TRIES: i64 = 10;

/// Something that Meta refused or did not answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stop {
    /// When it, or the whole account, is tried again.
    pub(super) at: Timestamp,
    /// Whether the account rests until then.
    pub(super) whole_account: bool,
}

impl Account<'_> {
    pub(super) async fn create(&mut self, one: &Work) -> store::Result<Result<(), Stop>> {
        let (components, library) = match parsed(&one.content) {
            Ok(parsed) => parsed,
            Err(why) => return self.spoilt(one, &why).await,
        };
        let act = self.begin(one, "create", None).await?;
        let new = NewTemplate {
            name: &one.open.name,
            language: &one.open.language,
            category: &one.content.category,
            parameter_format: Some(one.content.parameter_format.as_str())
                .filter(|_| library.is_none()),
            components: components.as_deref(),
            message_send_ttl_seconds: one.content.ttl_seconds,
            library: library.as_ref().map(Library::choice),
        };
        let graph = &self.engine.graph;
        let answer = graph.create_template(&self.token, self.waba_id, &new).await;
        match answer {
            Ok(created) => {
                let taken = Taken {
                    meta_id: created.id,
                    status: created.status,
                    category: created.category,
                    rejected_reason: None,
                };
                self.done(one, &taken, "created").await.map(Ok)
            }
            Err(error) => self.refused(one, act, &error).await.map(Err),
        }
    }

    pub(super) async fn edit(
        &mut self,
        one: &Work,
        meta_id: &str,
        approved: bool,
    ) -> store::Result<Result<(), Stop>> {
        let components = match parsed(&one.content) {
            Ok((components, _)) => components,
            Err(why) => return self.spoilt(one, &why).await,
        };
        // Meta does not count edits of what is not approved.
        let kind = if approved { "edit" } else { "correct" };
        let act = self.begin(one, kind, Some(meta_id)).await?;
        let edit = TemplateEdit {
            components: components.as_deref(),
            message_send_ttl_seconds: one.content.ttl_seconds,
            ..TemplateEdit::default()
        };
        let graph = &self.engine.graph;
        match graph.edit_template(&self.token, meta_id, &edit).await {
            Ok(()) => {
                let taken = Taken {
                    meta_id: meta_id.to_owned(),
                    status: "PENDING".to_owned(),
                    category: None,
                    rejected_reason: None,
                };
                self.done(one, &taken, "edited").await.map(Ok)
            }
            Err(error) => self.refused(one, act, &error).await.map(Err),
        }
    }

    /// A content that cannot be read was damaged in the database.
    async fn spoilt(&mut self, one: &Work, why: &str) -> store::Result<Result<(), Stop>> {
        let trouble = Trouble {
            code: None,
            title: "unreadable".to_owned(),
            what: format!("The text of this version cannot be read ({why}). Write a new version."),
        };
        let now = self.engine.clock.now();
        let mut tx = self.engine.db.begin().await?;
        placements::fail(&mut tx, &one.open.key(), one.open.version, &trouble, now).await?;
        tx.commit().await?;
        self.told.insert(one.open.global_id);
        Ok(Ok(()))
    }

    async fn begin(
        &mut self,
        one: &Work,
        kind: &str,
        meta_id: Option<&str>,
    ) -> store::Result<uuid::Uuid> {
        let now = self.engine.clock.now();
        let mut tx = self.engine.db.begin().await?;
        if let Some(meta_id) = meta_id.filter(|_| one.open.in_doubt && kind == "edit") {
            // The plan has seen that the last one never came to Meta.
            acts::forget_last_edit(&mut tx, self.waba_id, meta_id).await?;
        }
        let act = acts::add(&mut tx, self.waba_id, kind, meta_id, 1, now).await?;
        placements::begin(&mut tx, &one.open.key(), now).await?;
        if kind == "edit" {
            on_file::into_review(&mut tx, &one.open, now).await?;
        }
        tx.commit().await?;
        metrics::counter!("trunkline_global_template_calls_total", "kind" => kind.to_owned())
            .increment(1);
        Ok(act)
    }

    async fn done(&mut self, one: &Work, taken: &Taken, how: &'static str) -> store::Result<()> {
        let now = self.engine.clock.now();
        let mut tx = self.engine.db.begin().await?;
        self.write_done(&mut tx, one, taken, how, now).await?;
        tx.commit().await?;
        self.told.insert(one.open.global_id);
        Ok(())
    }

    /// Meta has it: the placement says so, and the account's templates have it as one of the platform's.
    pub(super) async fn write_done(
        &self,
        tx: &mut Tx,
        one: &Work,
        taken: &Taken,
        how: &'static str,
        now: Timestamp,
    ) -> store::Result<()> {
        placements::done(tx, &one.open.key(), one.open.version, taken, now).await?;
        on_file::put(tx, &one.open, &one.content, taken, how, now).await
    }

    async fn refused(
        &mut self,
        one: &Work,
        act: uuid::Uuid,
        error: &GraphCallError,
    ) -> store::Result<Stop> {
        crate::health::tokens::heed(self.engine, self.waba_id, error);
        let engine = self.engine;
        let (now, key) = (engine.clock.now(), one.open.key());
        let refusal = refusal::read(error);
        tracing::warn!(waba = self.waba_id, template = %one.open.name, language = %one.open.language, error = %error, "a global template was not taken");
        let tries = one.open.attempts + 1;
        let mut tx = engine.db.begin().await?;
        // What Meta refused does not count with Meta; what is in doubt may.
        if !matches!(refusal, Refusal::Doubt(_) | Refusal::Rate { .. }) {
            acts::remove(&mut tx, act).await?;
        }
        let mut stop = Stop {
            at: now.plus(jobs::pause(tries + 4)),
            whole_account: false,
        };
        let mut wait = async |why, trouble, in_doubt, until| {
            let pause = Pause {
                why,
                until,
                trouble: Some(trouble),
            };
            placements::wait(&mut tx, &key, &pause, in_doubt, now).await
        };
        match refusal {
            Refusal::Doubt(trouble) if tries < MOST_TRIES => {
                wait("trouble", trouble, true, stop.at).await?;
                // Whatever is wrong there is likely wrong for the next one as well.
                stop.whole_account = true;
            }
            Refusal::Exists(trouble) if tries < MOST_TRIES => {
                wait("trouble", trouble, false, stop.at).await?;
            }
            Refusal::Edited(trouble) => {
                stop.at = now.plus(HOUR);
                wait("edit_limit", trouble, false, stop.at).await?;
            }
            Refusal::Rate {
                rest,
                whole_app,
                trouble,
            } => {
                metrics::counter!("trunkline_global_template_rate_errors_total").increment(1);
                stop.at = now.plus(rest);
                stop.whole_account = true;
                let pause = Pause {
                    why: "rate",
                    until: stop.at,
                    trouble: Some(trouble),
                };
                placements::wait(&mut tx, &key, &pause, false, now).await?;
                placements::any_tenant_wait_all(&mut tx, self.waba_id, &pause, now).await?;
                if whole_app {
                    jobs::rest(&mut tx, crate::jobs::SHARE_TEMPLATES, stop.at).await?;
                }
            }
            Refusal::Access(trouble) => {
                stop.at = now.plus(NO_ACCESS);
                stop.whole_account = true;
                let pause = Pause {
                    why: "access",
                    until: stop.at,
                    trouble: Some(trouble),
                };
                placements::wait(&mut tx, &key, &pause, false, now).await?;
                placements::any_tenant_wait_all(&mut tx, self.waba_id, &pause, now).await?;
            }
            Refusal::Doubt(trouble) | Refusal::Exists(trouble) | Refusal::Final(trouble) => {
                placements::fail(&mut tx, &key, one.open.version, &trouble, now).await?;
            }
        }
        tx.commit().await?;
        self.told.insert(one.open.global_id);
        Ok(stop)
    }

    /// Meta's list could not be had: nothing is done without it.
    pub(super) async fn unlisted(
        &mut self,
        error: &GraphCallError,
        work: &[Work],
    ) -> store::Result<Timestamp> {
        crate::health::tokens::heed(self.engine, self.waba_id, error);
        let now = self.engine.clock.now();
        let (why, until, trouble, whole_app) = match refusal::read(error) {
            Refusal::Rate {
                rest,
                whole_app,
                trouble,
            } => {
                metrics::counter!("trunkline_global_template_rate_errors_total").increment(1);
                ("rate", now.plus(rest), trouble, whole_app)
            }
            Refusal::Access(trouble) => ("access", now.plus(NO_ACCESS), trouble, false),
            Refusal::Doubt(trouble)
            | Refusal::Exists(trouble)
            | Refusal::Edited(trouble)
            | Refusal::Final(trouble) => {
                let tries = work.iter().map(|one| one.open.attempts).max().unwrap_or(0);
                ("trouble", now.plus(jobs::pause(tries + 6)), trouble, false)
            }
        };
        tracing::warn!(waba = self.waba_id, error = %error, "global templates wait: the account's list cannot be read");
        let pause = Pause {
            why,
            until,
            trouble: Some(trouble),
        };
        self.rest(&pause, work, now).await?;
        if whole_app {
            let mut tx = self.engine.db.begin().await?;
            jobs::rest(&mut tx, crate::jobs::SHARE_TEMPLATES, until).await?;
            tx.commit().await?;
        }
        Ok(until)
    }
}
