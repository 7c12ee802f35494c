//! Every route, and the document that describes them.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::map_response;
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::problem::Problem;
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

fn routes() -> OpenApiRouter<App> {
    let hooks = OpenApiRouter::new()
        .routes(routes!(hooks::verify::verify, hooks::receive::receive))
        .layer(DefaultBodyLimit::max(hooks::receive::MAX_BODY));
    let files = OpenApiRouter::new()
        .routes(routes!(api::media::upload::upload))
        .layer(DefaultBodyLimit::max(api::media::upload::MAX_BODY));
    let api = OpenApiRouter::new()
        .routes(routes!(
            api::messages::create::create,
            api::messages::list::list
        ))
        .routes(routes!(api::messages::show::show))
        .routes(routes!(api::messages::settle::settle))
        .routes(routes!(api::messages::media::media))
        .routes(routes!(api::conversations::list::list))
        .routes(routes!(api::conversations::counts::counts))
        .routes(routes!(
            api::conversations::show::show,
            api::conversations::update::update
        ))
        .routes(routes!(api::conversations::note::note))
        .routes(routes!(api::conversations::presence::presence))
        .routes(routes!(api::conversations::read::read))
        .routes(routes!(api::contacts::list::list))
        .routes(routes!(api::contacts::show::show))
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
        .routes(routes!(api::templates::list))
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
        .routes(routes!(system::health::healthz))
        .routes(routes!(system::health::readyz))
        .routes(routes!(system::metrics::metrics))
        .layer(DefaultBodyLimit::max(API_BODY));
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(hooks)
        .merge(files)
        .merge(api)
}

/// The document that describes the API.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = routes().into_openapi();
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
    Router::from(routes())
        .route("/openapi.json", get(system::docs::openapi_json))
        .route("/docs", get(system::docs::docs))
        .merge(pages())
        .fallback(web_app::serve)
        .method_not_allowed_fallback(no_such_method)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(map_response(web_app::policy::protect))
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
    let system = OpenApiRouter::new()
        .routes(routes!(system::health::healthz))
        .routes(routes!(system::health::readyz))
        .routes(routes!(system::metrics::metrics));
    Router::from(system).fallback(no_such_path).with_state(app)
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
