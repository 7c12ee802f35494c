//! Every route, and the document that describes them.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::map_response;
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};

use crate::problem::Problem;
use crate::routes::{Purpose, Routes, routes};
use crate::{App, admin, api, audit, hooks, pages, system, web_app};

#[derive(OpenApi)]
#[openapi(
    info(title = "Trunkline", description = "Self-hosted WhatsApp Business platform: numbers, messages and conversations of many businesses over Meta's Cloud API."),
    modifiers(&Bearer),
    security(("api_key" = []), ("session" = []))
)]
struct Document;

struct Bearer;

impl utoipa::Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        components.add_security_scheme(
            "api_key",
            SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)),
        );
        let cookie = ApiKeyValue::with_description(
            "trunkline_session",
            "A signed-in person. Everything but GET also needs the header Trunkline-CSRF; routes of a tenant need Trunkline-Tenant where the person belongs to several.",
        );
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

/// Bodies of the API; webhooks have their own, larger limit.
const API_BODY: usize = 256 * 1024;
/// Forms of the pages before the application.
const PAGE_FORM: usize = 16 * 1024;

/// Meta's door. No page ever shows what it answers and each webhook costs what every layer costs, so it stands before
/// the layers of [`router`]; after a panic the connection ends and Meta delivers again.
fn meta(purpose: Purpose) -> Routes {
    purpose
        .routes()
        .routes(routes!(hooks::verify::verify, hooks::receive::receive))
        .bodies(hooks::receive::MAX_BODY)
}

fn routes(purpose: Purpose) -> Routes {
    let events = purpose
        .routes()
        .routes(routes!(
            api::events::create::create,
            api::events::list::list
        ))
        .routes(routes!(hooks::events::receive))
        .bodies(api::events::MAX_BODY);
    let files = purpose
        .routes()
        .routes(routes!(api::media::upload::upload))
        .routes(routes!(api::templates::header_media::upload_sample))
        .bodies(api::media::upload::MAX_BODY);
    let api = purpose
        .routes()
        .routes(routes!(
            api::messages::create::create,
            api::messages::list::list
        ))
        .routes(routes!(api::messages::export::export))
        .routes(routes!(api::messages::export::count))
        .routes(routes!(api::messages::show::show))
        .routes(routes!(api::messages::settle::settle))
        .routes(routes!(api::messages::media::media))
        .routes(routes!(api::messages::read::read))
        .routes(routes!(api::messages::thumbnail::thumbnail))
        .routes(routes!(api::messages::media_retry::retry))
        .routes(routes!(api::media::usage::usage))
        .routes(routes!(api::media::settings::update))
        .routes(routes!(api::media::missing::list))
        .routes(routes!(admin::media::list::list))
        .routes(routes!(admin::media::update::update))
        .routes(routes!(api::messages::life::life))
        .routes(routes!(api::messages::cancel::cancel))
        .routes(routes!(api::messages::retry::one))
        .routes(routes!(api::messages::retry::many))
        .routes(routes!(api::dead_letters::list::list))
        .routes(routes!(api::dead_letters::summary::summary))
        .routes(routes!(api::dead_letters::export::export))
        .routes(routes!(api::dead_letters::dismiss::dismiss))
        .routes(routes!(api::queue::show::show))
        .routes(routes!(api::queue::counts::counts))
        .routes(routes!(api::queue::uncertain::list))
        .routes(routes!(api::queue::settle::settle))
        .routes(routes!(api::queue::control::pause))
        .routes(routes!(api::queue::control::resume))
        .routes(routes!(api::queue::cancel::cancel))
        .routes(routes!(admin::queue::show))
        .routes(routes!(admin::queue::pause))
        .routes(routes!(admin::queue::resume))
        .routes(routes!(api::conversations::list::list))
        .routes(routes!(api::conversations::counts::counts))
        .routes(routes!(
            api::conversations::show::show,
            api::conversations::update::update
        ))
        .routes(routes!(api::conversations::note::note))
        .routes(routes!(api::conversations::presence::presence))
        .routes(routes!(api::conversations::read::read))
        .merge(connections(purpose))
        .merge(global_templates(purpose))
        .routes(routes!(api::contacts::list::list))
        .routes(routes!(
            api::contacts::show::show,
            api::contacts::update::update
        ))
        .routes(routes!(
            api::auto_replies::show::show,
            api::auto_replies::update::update
        ))
        .routes(routes!(
            api::quick_replies::list::list,
            api::quick_replies::create::create
        ))
        .routes(routes!(
            api::quick_replies::update::update,
            api::quick_replies::delete::delete
        ))
        .merge(templates(purpose))
        .merge(notifications(purpose))
        .routes(routes!(
            api::settings::show::show,
            api::settings::update::update
        ))
        .routes(routes!(api::stream::stream))
        .routes(routes!(
            api::session::create::create,
            api::session::show::show,
            api::session::end::end
        ))
        .routes(routes!(api::me::update::update))
        .routes(routes!(api::me::password::set))
        .routes(routes!(api::me::sessions::list))
        .routes(routes!(api::me::sessions::end))
        .routes(routes!(api::me::totp::enrol, api::me::totp::remove))
        .routes(routes!(api::me::totp::confirm))
        .routes(routes!(api::members::list::list))
        .routes(routes!(
            api::members::update::update,
            api::members::remove::remove
        ))
        .routes(routes!(
            api::invitations::create::create,
            api::invitations::list::list
        ))
        .routes(routes!(api::invitations::revoke::revoke))
        .routes(routes!(
            admin::invitations::create::create,
            admin::invitations::list::list
        ))
        .routes(routes!(admin::invitations::revoke::revoke))
        .routes(routes!(admin::users::list::list))
        .routes(routes!(admin::users::update::update))
        .routes(routes!(admin::users::reset::create))
        .routes(routes!(
            api::api_keys::create::create,
            api::api_keys::list::list
        ))
        .routes(routes!(api::api_keys::revoke::revoke))
        .routes(routes!(
            admin::api_keys::create::create,
            admin::api_keys::list::list
        ))
        .routes(routes!(admin::api_keys::revoke::revoke))
        .routes(routes!(
            admin::tenants::create::create,
            admin::tenants::list::list
        ))
        .routes(routes!(
            admin::tenants::show::show,
            admin::tenants::update::update
        ))
        .routes(routes!(
            admin::tenants::keys::create,
            admin::tenants::keys::list
        ))
        .routes(routes!(admin::tenants::keys::revoke))
        .routes(routes!(admin::whatsapp::phone_numbers::phone_numbers))
        .routes(routes!(admin::whatsapp::tenants::tenants))
        .routes(routes!(admin::whatsapp::phone::phone))
        .routes(routes!(admin::whatsapp::assign::assign_phone))
        .routes(routes!(admin::whatsapp::unassign::unassign_phone))
        .routes(routes!(admin::whatsapp::fallback::set_fallback))
        .routes(routes!(admin::stream::stream))
        .routes(routes!(admin::intake::show::show))
        .routes(routes!(admin::intake::parked::list))
        .routes(routes!(admin::intake::replay::all))
        .routes(routes!(admin::intake::replay::one))
        .routes(routes!(audit::tenant::list))
        .routes(routes!(audit::tenant::export))
        .routes(routes!(audit::admin::list))
        .routes(routes!(audit::admin::export))
        .routes(routes!(admin::health::show))
        .routes(routes!(api::alerts::list::list))
        .routes(routes!(api::alerts::dismiss::dismiss))
        .routes(routes!(api::connection_history::history))
        .routes(routes!(admin::alerts::list::list))
        .routes(routes!(
            admin::whatsapp::callback::list,
            admin::whatsapp::callback::set
        ))
        .routes(routes!(admin::whatsapp::version::try_out))
        .routes(routes!(admin::alerts::dismiss::dismiss))
        .routes(routes!(
            admin::setup_links::create::create,
            admin::setup_links::list::list
        ))
        .routes(routes!(admin::setup_links::revoke::revoke))
        .routes(routes!(api::setup::show::show))
        .routes(routes!(api::setup::account::account))
        .routes(routes!(
            admin::platform::show::show,
            admin::platform::update::update
        ))
        .routes(routes!(admin::platform::check::check))
        .routes(routes!(admin::platform::subscribe::subscribe))
        .routes(routes!(admin::platform::verify_token::reveal))
        .routes(routes!(system::health::healthz))
        .routes(routes!(system::health::readyz))
        .routes(routes!(system::metrics::metrics))
        .bodies(API_BODY);
    events.merge(files).merge(api)
}

/// What is made of other systems' events.
fn notifications(purpose: Purpose) -> Routes {
    purpose
        .routes()
        .routes(routes!(api::events::types::types))
        .routes(routes!(api::events::show::show))
        .routes(routes!(api::events::retry::many))
        .routes(routes!(api::events::retry::retry))
        .routes(routes!(
            api::notification_rules::list::list,
            api::notification_rules::create::create
        ))
        .routes(routes!(api::notification_rules::dry_run::any))
        .routes(routes!(
            api::notification_rules::show::show,
            api::notification_rules::update::update,
            api::notification_rules::delete::delete
        ))
        .routes(routes!(api::notification_rules::dry_run::own))
        .routes(routes!(
            api::event_sources::list::list,
            api::event_sources::create::create
        ))
        .routes(routes!(api::event_sources::delete::delete))
}

fn templates(purpose: Purpose) -> Routes {
    purpose
        .routes()
        .routes(routes!(
            api::templates::list::list,
            api::templates::create::create
        ))
        .routes(routes!(
            api::templates::show::show,
            api::templates::update::update,
            api::templates::delete::delete
        ))
        .routes(routes!(api::templates::history::history))
        .routes(routes!(api::templates::duplicate::duplicate))
        .routes(routes!(api::templates::submit::submit))
        .routes(routes!(api::templates::unpause::unpause))
        .routes(routes!(api::templates::release::release))
        .routes(routes!(api::templates::test_send::test_send))
        .routes(routes!(api::templates::check::check))
        .routes(routes!(api::templates::rules::rules))
        .routes(routes!(api::templates::sync::sync))
}

/// Ways to WhatsApp.
fn connections(purpose: Purpose) -> Routes {
    purpose
        .routes()
        .routes(routes!(api::connections::list::list))
        .routes(routes!(api::connections::setup::show))
        .routes(routes!(api::connections::embedded_signup::begin))
        .routes(routes!(api::connections::own_credentials::begin))
        .routes(routes!(api::connections::signup_events::keep))
        .routes(routes!(api::connections::show::show))
        .routes(routes!(api::connections::runs::list))
        .routes(routes!(api::connections::resume::resume))
        .routes(routes!(api::connections::disconnect::disconnect))
        .routes(routes!(api::connections::pin::reveal))
        .routes(routes!(api::connections::pin::change))
        .routes(routes!(admin::connections::list::list))
        .routes(routes!(
            admin::connections::show::show,
            admin::connections::update::update
        ))
        .routes(routes!(admin::connections::resume::resume))
        .routes(routes!(admin::connections::disconnect::disconnect))
}

/// Templates that the platform shares.
fn global_templates(purpose: Purpose) -> Routes {
    purpose
        .routes()
        .routes(routes!(
            admin::global_templates::create::create,
            admin::global_templates::list::list
        ))
        .routes(routes!(
            admin::global_templates::show::show,
            admin::global_templates::update::update,
            admin::global_templates::delete::delete
        ))
        .routes(routes!(admin::global_templates::versions::add))
        .routes(routes!(admin::global_templates::roll_out::roll_out))
        .routes(routes!(admin::global_templates::rollout::rollout))
        .routes(routes!(admin::global_templates::retry::retry))
        .routes(routes!(admin::global_templates::import::import))
        .routes(routes!(admin::global_templates::import::search))
        .routes(routes!(admin::templates::list::list))
        .routes(routes!(admin::templates::unpause::unpause))
        .routes(routes!(admin::templates::release::release))
}

/// The document that describes the API.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    if let Routes::Described(routes) = meta(Purpose::Describe).merge(routes(Purpose::Describe)) {
        document.merge(routes.into_openapi());
    }
    for (path, item) in &mut document.paths.paths {
        let verbs = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.delete,
            &mut item.patch,
        ];
        for operation in verbs.into_iter().flatten() {
            let verb = operation.operation_id.take().unwrap_or_default();
            operation.operation_id = Some(operation_id(path, &verb));
        }
    }
    api::messages::contents::describe(&mut document);
    document
}

/// OpenAPI wants every id once, while handlers are named within their resource: `list` of
/// `/api/v1/messages` is `messages_list`.
fn operation_id(path: &str, verb: &str) -> String {
    let resource: Vec<_> = path
        .trim_start_matches("/api/v1")
        .split('/')
        .filter(|part| !part.is_empty() && !part.starts_with('{'))
        .map(|part| part.replace('-', "_"))
        .collect();
    let resource = resource.join("_");
    if resource.ends_with(verb) {
        resource
    } else {
        format!("{resource}_{verb}")
    }
}

/// Everything that is served.
pub fn router(app: App) -> Router {
    routes(Purpose::Serve)
        .served()
        .route("/openapi.json", get(system::docs::openapi_json))
        .route("/docs", get(system::docs::docs))
        .merge(pages())
        .fallback(web_app::serve)
        .method_not_allowed_fallback(no_such_method)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(map_response(web_app::policy::protect))
        .merge(meta(Purpose::Serve).served())
        .method_not_allowed_fallback(no_such_method)
        .with_state(app)
}

/// Pages before the application. Their forms are small.
fn pages() -> Router<App> {
    Router::new()
        .route(
            "/sign-in",
            get(pages::sign_in::show).post(pages::sign_in::submit),
        )
        .route("/sign-out", post(pages::sign_in::out))
        .route(
            "/invitation/{token}",
            get(pages::invitation::show).post(pages::invitation::submit),
        )
        .route("/reset", get(pages::reset::show).post(pages::reset::submit))
        .route(
            "/reset/{token}",
            get(pages::reset::show_link).post(pages::reset::submit_link),
        )
        .layer(DefaultBodyLimit::max(PAGE_FORM))
}

/// What a process that only works answers: health, readiness and metrics.
pub fn worker_router(app: App) -> Router {
    let system = Purpose::Serve
        .routes()
        .routes(routes!(system::health::healthz))
        .routes(routes!(system::health::readyz))
        .routes(routes!(system::metrics::metrics));
    system.served().fallback(no_such_path).with_state(app)
}

async fn no_such_path() -> Problem {
    Problem::not_found("path; /docs lists what there is")
}

async fn no_such_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "Method not allowed",
        "this path does not take this method; /docs lists what there is",
    )
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    use axum::response::IntoResponse as _;
    let detail = "a fault in the program stopped this request; the log says where";
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal",
        "Something went wrong here",
        detail,
    )
    .into_response()
}
