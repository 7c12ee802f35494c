//! Interactive messages about calls.

use super::{BODY, FOOTER, NO_HEADER, TYPE};
use crate::form::{Form, Object, TEXT, may, must, text, word};
use crate::limits;

kind!(
    VOICE_CALL,
    "CallButton",
    "A button that calls the business.",
    [NO_HEADER, BODY, FOOTER],
    VOICE_CALL_ACTION
);
object!(
    VOICE_CALL_ACTION,
    "CallButtonAction",
    [
        must("name", word(&["voice_call"]), "voice_call"),
        may(
            "parameters",
            Form::Object(&VOICE_CALL_PARAMETERS),
            "The button."
        ),
    ]
);
object!(
    VOICE_CALL_PARAMETERS,
    "CallButtonParameters",
    [
        may(
            "display_text",
            text(limits::CTA_TEXT_MAX_CHARS),
            "Stands on the button."
        ),
        may(
            "ttl_minutes",
            Form::Whole {
                min: 1,
                max: i64::MAX
            },
            "How long the button works."
        ),
        may("payload", TEXT, "Comes with the call."),
    ]
);

kind!(
    CALL_PERMISSION,
    "CallPermissionRequest",
    "Asks whether the business may call.",
    [NO_HEADER, BODY, FOOTER],
    CALL_PERMISSION_ACTION
);
object!(
    CALL_PERMISSION_ACTION,
    "CallPermissionAction",
    [must(
        "name",
        word(&["call_permission_request"]),
        "call_permission_request"
    ),]
);
