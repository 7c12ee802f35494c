//! Routes that are served, or the same ones described. Describing all of them takes megabytes and is asked for seldom,
//! so a server that starts does not.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::MethodRouter;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::App;

/// What routes are wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Serve,
    Describe,
}

/// Routes for one of the purposes.
pub(crate) enum Routes {
    Served(Router<App>),
    Described(Box<OpenApiRouter<App>>),
}

/// Handlers of one path; made by [`routes!`](crate::routes::routes).
pub(crate) struct Handlers<S, D> {
    pub(crate) served: S,
    pub(crate) described: D,
}

impl Purpose {
    pub(crate) fn routes(self) -> Routes {
        match self {
            Self::Serve => Routes::Served(Router::new()),
            Self::Describe => Routes::Described(Box::new(OpenApiRouter::new())),
        }
    }
}

impl Routes {
    pub(crate) fn routes<S, D>(self, handlers: Handlers<S, D>) -> Self
    where
        S: FnOnce() -> (String, MethodRouter<App>),
        D: FnOnce() -> UtoipaMethodRouter<App>,
    {
        match self {
            Self::Served(router) => {
                let (path, methods) = (handlers.served)();
                Self::Served(router.route(&path, methods))
            }
            Self::Described(router) => {
                Self::Described(Box::new(router.routes((handlers.described)())))
            }
        }
    }

    pub(crate) fn merge(self, other: Self) -> Self {
        match (self, other) {
            (Self::Described(router), Self::Described(other)) => {
                Self::Described(Box::new(router.merge(*other)))
            }
            (router, other) => Self::Served(router.served().merge(other.served())),
        }
    }

    /// Bodies have at most so many bytes.
    pub(crate) fn bodies(self, bytes: usize) -> Self {
        match self {
            Self::Served(router) => Self::Served(router.layer(DefaultBodyLimit::max(bytes))),
            described @ Self::Described(_) => described,
        }
    }

    pub(crate) fn served(self) -> Router<App> {
        match self {
            Self::Served(router) => router,
            Self::Described(router) => Router::from(*router),
        }
    }
}

/// Handlers of one path with their methods, from what `utoipa::path` says of them.
macro_rules! routes {
    ($first:path $(, $more:path)* $(,)?) => {
        $crate::routes::Handlers {
            served: || {
                let router = ::axum::routing::MethodRouter::new();
                let (path, router) = $crate::routes::routes!(@on router, $first);
                $(let (_, router) = $crate::routes::routes!(@on router, $more);)*
                (path, router)
            },
            described: || ::utoipa_axum::routes!($first $(, $more)*),
        }
    };
    (@on $router:ident, $handler:path) => {{
        use ::utoipa_axum::PathItemExt as _;
        ::utoipa_axum::paste! {
            let path = ::utoipa_axum::routes!(@path [path()] of $handler);
            let methods = ::utoipa_axum::routes!(@path [methods()] of $handler);
        }
        let router = methods.iter().fold($router, |router, method| {
            router.on(method.to_method_filter(), $handler)
        });
        (path, router)
    }};
}
pub(crate) use routes;
