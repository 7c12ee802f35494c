//! How a number comes to the Cloud API and leaves it: code, PIN, registration, display name.

use serde_json::json;

use super::Reply;
use super::call::Call;
use crate::error::{GraphError, GraphResult};
use crate::ids;
use crate::seed::NumberSpec;
use crate::sim::Shared;
use crate::timeline::Event;
use crate::validate;
use crate::webhook::Update;
use crate::world::{Ban, Line, Number, Pin, Tier, World};

/// Where messages may rest, as ISO countries.
const REGIONS: [&str; 14] = [
    "AE", "AU", "BH", "BR", "CA", "CH", "DE", "GB", "ID", "IN", "JP", "KR", "SG", "ZA",
];
/// Codes that may be asked for …
const CODES: usize = 5;
/// … within this time.
const CODES_MS: u64 = 12 * 3_600_000;

fn number<'a>(world: &'a mut World, id: &str) -> GraphResult<&'a mut Number> {
    world
        .numbers
        .get_mut(id)
        .ok_or_else(|| GraphError::no_object("POST", id))
}

fn success() -> GraphResult<Reply> {
    Ok(Reply::Json(json!({"success": true})))
}

/// A PIN has six digits.
fn pin(call: &Call) -> GraphResult<&str> {
    match call.param("pin") {
        Some(pin) if pin.len() == 6 && pin.bytes().all(|byte| byte.is_ascii_digit()) => Ok(pin),
        Some(_) => Err(GraphError::parameter(
            "Param pin must be 6 characters long.",
        )),
        None if call.params.contains_key("pin") => {
            Err(GraphError::parameter("Param pin must be a string."))
        }
        None => Err(GraphError::missing("pin")),
    }
}

/// A number that the WhatsApp Business app uses as well stays registered by that app.
fn not_by_app(number: &Number, what: &str) -> GraphResult<()> {
    if number.spec.coexistence {
        return Err(GraphError::parameter(format!(
            "Phone number is in use with the WhatsApp Business app and cannot be {what}."
        )));
    }
    Ok(())
}

/// `POST /{phone_number_id}/register`.
pub(super) fn register(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
    validate::product(&call.params)?;
    let pin = pin(call)?;
    let region = call.param("data_localization_region");
    if region.is_some_and(|region| !REGIONS.contains(&region)) {
        return Err(GraphError::parameter(format!(
            "Param data_localization_region must be one of {{{}}}.",
            REGIONS.join(", ")
        )));
    }
    let now_ms = shared.clock.now_ms();
    let mut world = shared.world();
    let tier = world.tier(world.owner_of_number(id)).map(Tier::word);
    let number = number(&mut world, id)?;
    not_by_app(number, "registered")?;
    if number
        .spec
        .deleted_until_ms
        .is_some_and(|until_ms| until_ms > now_ms)
    {
        return Err(GraphError::of_table(133015, None));
    }
    if number.spec.code_verification_status != "VERIFIED" {
        return Err(GraphError::of_table(133006, None));
    }
    if !Line::attempt(&mut number.line.registered, now_ms) {
        return Err(GraphError::of_table(133016, None));
    }
    match number.try_pin(pin, now_ms) {
        Pin::Right => {}
        Pin::Wrong => return Err(GraphError::of_table(133005, None)),
        Pin::Locked => {
            let minutes = number
                .line
                .locked_until_ms
                .saturating_sub(now_ms)
                .div_ceil(60_000);
            return Err(GraphError::new(
                133008,
                format!(
                    "Too many two-step verification PIN guesses for this phone number. Try again in {minutes} minutes."
                ),
            ));
        }
    }
    let connected = number.spec.status == "CONNECTED";
    if connected && region.is_some() && number.line.region.as_deref() != region {
        return Err(GraphError::parameter(
            "Param data_localization_region can be changed only by deregistering the phone number first.",
        ));
    }
    if let Some(region) = region {
        number.line.region = Some(region.to_owned());
    }
    "CONNECTED".clone_into(&mut number.spec.status);
    let update = Update::of_account(
        &number.spec.waba_id,
        "phone_number_quality_update",
        json!({
            "display_phone_number": number.digits(),
            "event": "ONBOARDING",
            "max_daily_conversations_per_business": tier.unwrap_or(&number.spec.messaging_limit),
        }),
    );
    let judged = matches!(number.spec.name_status.as_str(), "PENDING_REVIEW" | "NONE");
    drop(world);
    if !connected {
        shared.emit(update);
    }
    if judged {
        schedule_name(shared, id, now_ms);
    }
    success()
}

/// The review of a display name takes a minute to an hour.
fn schedule_name(shared: &Shared, id: &str, now_ms: u64) {
    let wait_ms = shared.chance.between("name", id, 60_000, 3_600_000);
    let phone_number_id = id.into();
    let event = Event::Name { phone_number_id };
    shared
        .timeline
        .schedule(now_ms.saturating_add(wait_ms), event);
}

/// `POST /{phone_number_id}/deregister`: sends get 133010 from now on.
pub(super) fn deregister(shared: &Shared, id: &str) -> GraphResult<Reply> {
    let now_ms = shared.clock.now_ms();
    let mut world = shared.world();
    let number = number(&mut world, id)?;
    not_by_app(number, "deregistered")?;
    if !Line::attempt(&mut number.line.deregistered, now_ms) {
        return Err(GraphError::of_table(133016, None));
    }
    number.line.region = None;
    "DISCONNECTED".clone_into(&mut number.spec.status);
    drop(world);
    success()
}

/// `POST /{phone_number_id}` with `pin`: told by the field `security`.
pub(super) fn change_pin(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
    let pin = pin(call)?;
    let update = {
        let mut world = shared.world();
        let number = number(&mut world, id)?;
        if number.spec.status != "CONNECTED" {
            return Err(GraphError::of_table(133010, None));
        }
        number.spec.pin = Some(pin.to_owned());
        number.line.wrong_pins = 0;
        number.line.locked_until_ms = 0;
        let value = json!({"display_phone_number": number.digits(), "event": "PIN_CHANGED",
                           "requester": shared.config.business_id});
        Update::of_account(&number.spec.waba_id, "security", value)
    };
    shared.emit(update);
    success()
}

/// `POST /{phone_number_id}` with `new_display_name`: in review from now on.
pub(super) fn rename(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
    let name = display_name(call, "new_display_name")?.to_owned();
    let now_ms = shared.clock.now_ms();
    number(&mut shared.world(), id)?.line.new_display_name = Some(name);
    schedule_name(shared, id, now_ms);
    success()
}

/// The name that users see: 2 to 75 characters.
pub(super) fn display_name<'a>(call: &'a Call, parameter: &str) -> GraphResult<&'a str> {
    let Some(name) = call.param(parameter) else {
        return Err(GraphError::missing(parameter));
    };
    if !(2..=75).contains(&name.chars().count()) {
        return Err(GraphError::parameter(format!(
            "Param {parameter} must be between 2 and 75 characters long."
        )));
    }
    Ok(name)
}

/// `POST /{waba}/phone_numbers` `{cc,phone_number,verified_name}`: a number that has yet to be verified and registered.
pub(super) fn add(shared: &Shared, call: &Call, waba_id: &str) -> GraphResult<Reply> {
    let digits = |name: &str| {
        let text = call.param(name).unwrap_or_default();
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        digits
    };
    let number = digits("phone_number");
    if number.is_empty() {
        return Err(GraphError::missing("phone_number"));
    }
    let name = display_name(call, "verified_name")?;
    let whole = format!("{}{number}", digits("cc"));
    if !(7..=15).contains(&whole.len()) {
        return Err(GraphError::parameter(
            "Param phone_number is not a valid phone number.",
        ));
    }
    let now_ms = shared.clock.now_ms();
    let mut world = shared.world();
    let restricted = world.wabas.get(waba_id).is_some_and(|waba| {
        waba.is_restricted("RESTRICTED_ADD_PHONE_NUMBER_ACTION", now_ms)
            || waba.ban == Ban::Disabled
    });
    if restricted {
        return Err(GraphError::of_table(368, None));
    }
    if world.numbers.values().any(|known| known.digits() == whole) {
        return Err(GraphError::of_table(100, Some(2_388_012)));
    }
    let id = ids::numeric(
        shared.chance,
        "added-number",
        &whole,
        world.numbers.len() as u64,
    );
    world.put_number(NumberSpec {
        waba_id: waba_id.to_owned(),
        phone_number_id: id.clone(),
        display_phone_number: format!("+{whole}"),
        verified_name: name.to_owned(),
        status: "PENDING".to_owned(),
        quality_rating: "UNKNOWN".to_owned(),
        code_verification_status: "NOT_VERIFIED".to_owned(),
        name_status: "PENDING_REVIEW".to_owned(),
        messaging_limit: "TIER_250".to_owned(),
        ..NumberSpec::default()
    });
    Ok(Reply::Json(json!({"id": id})))
}

/// `POST /{phone_number_id}/request_code`: `GET /_sim/state` shows the code that the phone gets.
pub(super) fn request_code(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
    match call.param("code_method") {
        Some("SMS" | "VOICE") => {}
        Some(_) => {
            return Err(GraphError::parameter(
                "Param code_method must be one of {SMS, VOICE}.",
            ));
        }
        None => return Err(GraphError::missing("code_method")),
    }
    if call.param("language").is_none_or(str::is_empty) {
        return Err(GraphError::missing("language"));
    }
    let now_ms = shared.clock.now_ms();
    let mut world = shared.world();
    let number = number(&mut world, id)?;
    if number.spec.code_verification_status == "VERIFIED" {
        return Err(GraphError::new(
            136024,
            "The phone number is verified already.",
        ));
    }
    let asked = &mut number.line.codes_asked;
    asked.retain(|at_ms| at_ms.saturating_add(CODES_MS) > now_ms);
    if asked.len() >= CODES {
        return Err(GraphError::new(
            136024,
            "Too many codes were requested for this phone number. Try again in 12 hours.",
        ));
    }
    asked.push(now_ms);
    let draw = shared.chance.nth("sms-code", id, now_ms);
    number.line.code = Some(format!("{:06}", draw % 1_000_000));
    number.line.wrong_codes = 0;
    drop(world);
    success()
}

/// `POST /{phone_number_id}/verify_code`.
pub(super) fn verify_code(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
    const GUESSES: u32 = 5;
    let Some(code) = call.param("code") else {
        return Err(GraphError::missing("code"));
    };
    // It is written with a hyphen or a space in the middle, too.
    let code: String = code.chars().filter(char::is_ascii_digit).collect();
    let mut world = shared.world();
    let number = number(&mut world, id)?;
    let line = &mut number.line;
    if line.wrong_codes >= GUESSES {
        return Err(GraphError::new(
            136025,
            "Too many wrong codes were given. Request another code.",
        ));
    }
    if line.code.as_deref() != Some(code.as_str()) {
        line.wrong_codes += 1;
        return Err(GraphError::of_table(136025, None));
    }
    line.code = None;
    "VERIFIED".clone_into(&mut number.spec.code_verification_status);
    drop(world);
    success()
}
