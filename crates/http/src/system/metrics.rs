//! `/metrics` in Prometheus' text format. Levels are read when they are asked for.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use store::{outbox, projector};

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
        metrics::gauge!("trunkline_parked_items").set(books.parked as f64);
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
