//! The HTTP side: the page, the controls, and everything else is the Graph API.
//!
//! Connections are driven by hand, because only so can an accepted call end with a closed connection and no answer.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::sim::Shared;
use crate::timeline::Event;
use crate::{control, dialog, graph, growth, phones, signup, templates, webhook};

/// Marks an answer that must not be sent: the connection closes instead.
#[derive(Clone, Copy)]
pub(crate) struct Vanish;

const PAGE: &str = include_str!("page.html");
const TEMPLATES: &str = include_str!("page.templates.js");
/// Events handled between two looks at the clock.
const EVENTS: usize = 512;

pub(crate) async fn serve(shared: Arc<Shared>, listener: TcpListener, shutdown: CancellationToken) {
    if shared.base_url().is_empty()
        && let Ok(address) = listener.local_addr()
    {
        shared.set_base_url(format!("http://{address}"));
    }
    phones::start(&shared);
    let mut tasks = JoinSet::new();
    tasks.spawn(drive(Arc::clone(&shared), shutdown.clone()));
    tasks.spawn(webhook::run(Arc::clone(&shared), shutdown.clone()));
    let router = Router::new()
        .route("/", get(page).post(graph_call))
        .route("/templates.js", get(script))
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
        .merge(dialog::router())
        .nest("/_sim", control::router())
        .fallback(graph_call)
        .with_state(shared);
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "accept failed");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            () = shutdown.cancelled() => break,
        };
        // Answers are small; waiting to fill a segment only adds latency.
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        let shutdown = shutdown.clone();
        tasks.spawn(async move {
            let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                let router = router.clone();
                async move {
                    let answer = match router.oneshot(request.map(Body::new)).await {
                        Ok(answer) => answer,
                        Err(impossible) => match impossible {},
                    };
                    if answer.extensions().get::<Vanish>().is_some() {
                        return Err(io::Error::new(
                            io::ErrorKind::ConnectionReset,
                            "closed on command",
                        ));
                    }
                    Ok(answer)
                }
            });
            let mut builder = hyper::server::conn::http1::Builder::new();
            let connection = builder
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service);
            let mut connection = std::pin::pin!(connection);
            tokio::select! {
                // A peer that goes away, or one that we hung up on, is no event for a simulator.
                _ = connection.as_mut() => {}
                () = shutdown.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    let _ = tokio::time::timeout(Duration::from_secs(1), connection).await;
                }
            }
        });
        while tasks.try_join_next().is_some() {}
    }
    while tasks.join_next().await.is_some() {}
}

async fn page() -> Response {
    let mut answer = PAGE.into_response();
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, html);
    answer
}

async fn script() -> Response {
    let mut answer = TEMPLATES.into_response();
    let kind = HeaderValue::from_static("text/javascript; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    answer
}

async fn graph_call(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    graph::answer(shared, request).await
}

/// Lets happen what is due.
async fn drive(shared: Arc<Shared>, shutdown: CancellationToken) {
    loop {
        let due = shared.timeline.take_due(shared.clock.now_ms(), EVENTS);
        if due.is_empty() {
            let wait = shared
                .timeline
                .next_due()
                .map_or(Duration::from_secs(3_600), |due_ms| {
                    shared.clock.real_wait(due_ms)
                });
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = shared.timeline.changed.notified() => {}
                () = shutdown.cancelled() => return,
            }
            continue;
        }
        for event in due {
            match event {
                Event::Status { wamid, step } => phones::reach(&shared, &wamid, step),
                Event::Emit(update) => shared.emit(*update),
                Event::Enqueue(update) => shared.webhooks.push_update(update),
                Event::Redeliver(delivery) => shared.webhooks.push_delivery(delivery),
                Event::Answer { wamid } => phones::answer(&shared, &wamid),
                Event::Judge { template_id, round } => growth::judge(&shared, &template_id, round),
                Event::RaiseLimit { business_id } => growth::raise(&shared, &business_id),
                Event::Upgraded { phone_number_id } => growth::upgraded(&shared, &phone_number_id),
                Event::Review { waba_id, decision } => signup::review(&shared, &waba_id, &decision),
                Event::Name { phone_number_id } => {
                    growth::name_judged(&shared, &phone_number_id, "APPROVED", None);
                }
                Event::Template { id, moment, due_ms } => {
                    templates::happen(&shared, &id, moment, due_ms);
                }
                Event::Initiative { phone, round } => phones::write(&shared, &phone, round),
            }
        }
        tokio::task::yield_now().await;
    }
}
