//! `/api/v1/admin/connections`: everybody's ways to WhatsApp.

pub(crate) mod disconnect;
pub(crate) mod list;
pub(crate) mod resume;
pub(crate) mod show;
pub(crate) mod update;

use store::connections::{self, Connection};

use crate::App;
use crate::api::connections::id_of;
use crate::problem::{Problem, Result};

async fn row(app: &App, id: &str) -> Result<Connection> {
    connections::any_tenant_get(&app.engine.db, id_of(id)?)
        .await?
        .ok_or_else(|| Problem::not_found("connection"))
}
