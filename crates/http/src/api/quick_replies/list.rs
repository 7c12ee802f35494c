//! `GET /api/v1/quick-replies`.

use axum::Json;
use axum::extract::State;
use store::quick_replies;

use super::QuickReplyView;
use crate::App;
use crate::auth::{InboxRead, Member};
use crate::paging::List;
use crate::problem::Result;

/// Lists the tenant's quick replies by shortcut. The list has one page.
#[utoipa::path(get, path = "/api/v1/quick-replies", tag = "quick replies", responses((status = 200, description = "All of them", body = List<QuickReplyView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    member: Member<InboxRead>,
) -> Result<Json<List<QuickReplyView>>> {
    let rows = quick_replies::list(&app.engine.db, member.tenant).await?;
    let views = rows.into_iter().map(QuickReplyView::from);
    Ok(Json(List::whole(views.collect())))
}
