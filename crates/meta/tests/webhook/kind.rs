//! Says what came out of a body in the words of the fixtures' file names.

use meta::webhook::account::AccountChange;
use meta::webhook::{
    Change, Envelope, InboundMessage, Interactive, MessageKind, MessagesValue, SystemKind, Value,
};

/// `field` and what is in it, joined by a dot, of the first change.
pub(crate) fn of_envelope(envelope: &Envelope<'_>) -> String {
    let change = envelope
        .entries
        .first()
        .and_then(|entry| entry.changes.first())
        .expect("there is a change");
    let kind = of_change(change);
    if kind.is_empty() {
        change.field.to_string()
    } else {
        format!("{}.{kind}", change.field)
    }
}

fn of_change(change: &Change<'_>) -> String {
    match &change.value {
        Value::Messages(value) => of_value(value),
        Value::Other => of_account(change),
    }
}

fn of_value(value: &MessagesValue<'_>) -> String {
    if let Some(item) = value.messages.first().or(value.echoes.first()) {
        return of_message(&item.as_ref().expect("the message is read").message);
    }
    if let Some(item) = value.statuses.first() {
        let status = &item.as_ref().expect("the status is read").status;
        let word = if status.status.is_other() {
            "other"
        } else {
            status.status.as_str()
        };
        return format!("status.{word}");
    }
    if let Some(item) = value.calls.first() {
        let call = &item.as_ref().expect("the call is read").value;
        let word = call.what().to_string().to_lowercase();
        return match word.as_str() {
            "connect" => format!(
                "connect.{}",
                call.direction.as_deref().unwrap().to_lowercase()
            ),
            "terminate" => format!(
                "terminate.{}",
                call.status.as_deref().unwrap().to_lowercase()
            ),
            _ => format!("status.{word}"),
        };
    }
    if let Some(item) = value.groups.first() {
        return item
            .as_ref()
            .expect("the group is read")
            .value
            .kind
            .clone()
            .unwrap()
            .to_string();
    }
    if let Some(item) = value.user_preferences.first() {
        return item
            .as_ref()
            .expect("the preference is read")
            .value
            .value
            .clone()
            .unwrap()
            .to_string();
    }
    if let Some(item) = value.state_sync.first() {
        let sync = &item.as_ref().expect("the contact is read").value;
        return format!(
            "{}.{}",
            sync.kind.as_deref().unwrap(),
            sync.action.clone().unwrap()
        );
    }
    if let Some(chunk) = value.history.first() {
        let chunk = chunk.as_ref().expect("the history is read");
        return chunk
            .phase
            .map_or("errors".to_owned(), |phase| format!("phase{phase}"));
    }
    if value.errors.is_empty() {
        "empty".to_owned()
    } else {
        "errors".to_owned()
    }
}

fn of_message(message: &InboundMessage) -> String {
    let word = message.kind.as_str();
    match &message.kind {
        MessageKind::Audio(media) if media.voice == Some(true) => "audio.voice".to_owned(),
        MessageKind::Reaction(reaction)
            if reaction.emoji.as_deref().unwrap_or_default().is_empty() =>
        {
            "reaction.removed".to_owned()
        }
        MessageKind::System(system) => {
            match system.kind.as_ref().expect("a system message says what") {
                SystemKind::Other(_) => "system.other".to_owned(),
                kind => format!("system.{kind}"),
            }
        }
        MessageKind::Interactive(interactive) => match interactive {
            Interactive::ButtonReply { .. } => "interactive.button_reply".to_owned(),
            Interactive::ListReply { .. } => "interactive.list_reply".to_owned(),
            Interactive::NfmReply { name, .. } => {
                format!("interactive.nfm_reply.{}", name.as_deref().unwrap())
            }
            Interactive::CallPermissionReply { .. } => {
                "interactive.call_permission_reply".to_owned()
            }
            Interactive::Other { .. } => "interactive.other".to_owned(),
        },
        MessageKind::Other { .. } => "other".to_owned(),
        _ => word.to_owned(),
    }
}

fn of_account(change: &Change<'_>) -> String {
    match change.account() {
        AccountChange::Account(update) => update
            .event
            .expect("an account update says what")
            .to_string(),
        AccountChange::Alert(alert) => alert.alert_info.unwrap().alert_type.unwrap(),
        AccountChange::Review(decision) => decision.unwrap(),
        AccountChange::Capability(update) => {
            let limit = update.max_daily_conversations_per_business;
            assert!(
                limit.is_some() || update.max_daily_conversation_per_phone.is_some(),
                "a capability has a limit"
            );
            String::new()
        }
        AccountChange::Number(update) => {
            assert!(
                update.display_phone_number.is_some(),
                "a change of a number names it"
            );
            update.event.or(update.decision).or(update.status).unwrap()
        }
        AccountChange::Template(update) => {
            assert!(
                update.message_template_id.is_some(),
                "a change of a template names it"
            );
            let category = match (&update.correct_category, &update.previous_category) {
                (Some(_), _) => "notice",
                (None, Some(_)) => "done",
                (None, None) => "",
            };
            update
                .event
                .or(update.new_quality_score)
                .unwrap_or(category.to_owned())
        }
        AccountChange::Other => {
            let value: serde_json::Value =
                serde_json::from_str(change.value_raw().unwrap().get()).unwrap();
            value
                .get("event")
                .and_then(|event| event.as_str())
                .unwrap_or_default()
                .to_owned()
        }
    }
}
