//! `/metrics` in Prometheus' text format. Levels are read when they are asked for.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use store::global_templates::placements;
use store::{dead_letters, events, outbox, projector};

use crate::App;
use crate::problem::Result;

/// Metrics in Prometheus' text format.
#[utoipa::path(get, path = "/metrics", tag = "system", responses((status = 200, description = "The metrics", body = String, content_type = "text/plain")))]
pub(crate) async fn metrics(State(app): State<App>) -> Result<impl IntoResponse> {
    let engine = &app.engine;
    let books = projector::read(&engine.db).await?;
    let backlog = engine.log.backlog(books.position).await?;
    let age = backlog
        .oldest
        .map_or(0.0, |at| engine.clock.now().since(at).as_secs_f64());
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    {
        metrics::gauge!("trunkline_intake_backlog_posts").set(backlog.posts as f64);
        metrics::gauge!("trunkline_intake_oldest_backlog_seconds").set(age);
        let search = engine::search::indexer::lag(engine).await?;
        metrics::gauge!("trunkline_search_lag_seconds").set(search.lag.as_secs_f64());
        metrics::gauge!("trunkline_search_complete").set(if search.is_complete {
            1.0
        } else {
            0.0
        });
        metrics::gauge!("trunkline_parked_items").set(books.parked as f64);
        let open = dead_letters::any_tenant_open(&engine.db).await?;
        metrics::gauge!("trunkline_dead_letters").set(open as f64);
        if let Some(waiting) = events::any_tenant_backlog(&engine.db).await? {
            let now = engine.clock.now();
            let oldest = waiting.oldest.map(domain::Timestamp);
            let age = oldest.map_or(0.0, |at| now.since(at).as_secs_f64());
            metrics::gauge!("trunkline_events_waiting").set(waiting.count as f64);
            metrics::gauge!("trunkline_events_oldest_waiting_seconds").set(age);
        }
        let scheduled = events::results::any_tenant_scheduled(&engine.db).await?;
        metrics::gauge!("trunkline_notifications_scheduled").set(scheduled as f64);
        let alerts = engine::health::alerts::counts(engine).await?;
        for severity in ["info", "warning", "critical"] {
            let found = alerts.iter().find(|(word, _)| word == severity);
            let count = found.map_or(0, |(_, count)| *count);
            metrics::gauge!("trunkline_alerts", "severity" => severity).set(count as f64);
        }
        let placed = placements::any_tenant_tally(&engine.db).await?;
        for state in ["queued", "creating", "done", "failed", "skipped"] {
            let found = placed.iter().find(|row| row.state == state);
            let count = found.map_or(0, |row| row.count);
            metrics::gauge!("trunkline_global_template_placements", "state" => state)
                .set(count as f64);
        }
        let tally = outbox::any_tenant_tally(&engine.db).await?;
        for state in ["queued", "sending", "uncertain"] {
            let count = tally
                .iter()
                .find(|row| row.state == state)
                .map_or(0, |row| row.count);
            metrics::gauge!("trunkline_outbox_messages", "state" => state).set(count as f64);
        }
    }
    Ok((
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        app.metrics.render(),
    ))
}
