//! Authentication templates: Meta's own text, one button, and the words of each language.

use serde_json::{Value, json};

use super::{kind, lacks, refused, too_long};
use crate::error::GraphResult;

const TITLE: &str = "Authentication template is not valid";
const LABEL: usize = 25;

pub(super) fn check(list: &[Value]) -> GraphResult<()> {
    let find = |wanted: &str| list.iter().find(|component| kind(component) == wanted);
    for component in list {
        match kind(component).as_str() {
            "BODY" if !component["text"].is_null() => {
                return refused(
                    None,
                    TITLE,
                    "The text of an authentication template is Meta's own: give no text.",
                );
            }
            "FOOTER" => {
                let minutes = component["code_expiration_minutes"].as_u64();
                if !minutes.is_some_and(|minutes| (1..=90).contains(&minutes)) {
                    return refused(
                        None,
                        TITLE,
                        "code_expiration_minutes must be between 1 and 90.",
                    );
                }
            }
            "BODY" | "BUTTONS" => {}
            other => {
                return refused(
                    None,
                    TITLE,
                    format!("An authentication template has no component of type {other}."),
                );
            }
        }
    }
    if find("BODY").is_none() {
        return lacks("BODY", "text");
    }
    let buttons = find("BUTTONS").and_then(|buttons| buttons["buttons"].as_array());
    match buttons.map(Vec::as_slice) {
        Some([button]) => one_time_password(button),
        _ => lacks("BUTTONS", "buttons"),
    }
}

fn one_time_password(button: &Value) -> GraphResult<()> {
    if kind(button) != "OTP" {
        return refused(
            None,
            TITLE,
            "The button of an authentication template is of type OTP.",
        );
    }
    for key in ["text", "autofill_text"] {
        if button[key].as_str().unwrap_or_default().chars().count() > LABEL {
            return too_long("text of a button", LABEL);
        }
    }
    let how = button["otp_type"].as_str().unwrap_or_default();
    match how.to_uppercase().as_str() {
        "COPY_CODE" => return Ok(()),
        "ONE_TAP" => {}
        "ZERO_TAP" if button["zero_tap_terms_accepted"] == true => {}
        "ZERO_TAP" => {
            return refused(
                None,
                TITLE,
                "zero_tap_terms_accepted must be true for ZERO_TAP.",
            );
        }
        _ => {
            return refused(
                None,
                TITLE,
                "otp_type must be COPY_CODE, ONE_TAP or ZERO_TAP.",
            );
        }
    }
    let of = |app: &Value| {
        let given = |key: &str| app[key].as_str().is_some_and(|text| !text.is_empty());
        given("package_name") && given("signature_hash")
    };
    match button["supported_apps"].as_array() {
        Some(apps) if (1..=5).contains(&apps.len()) && apps.iter().all(of) => Ok(()),
        // The older form names one app at the button itself.
        None if of(button) => Ok(()),
        _ => refused(
            None,
            TITLE,
            "supported_apps must be one to five apps, each with package_name and signature_hash.",
        ),
    }
}

/// Meta's words in one language: body, advice, footer with its minutes, the button.
struct Words {
    language: &'static str,
    body: &'static str,
    advice: &'static str,
    footer: &'static str,
    copy: &'static str,
}

const WORDS: [Words; 6] = [
    Words {
        language: "en",
        body: "*{{1}}* is your verification code.",
        advice: "For your security, do not share this code.",
        footer: "This code expires in {m} minutes.",
        copy: "Copy code",
    },
    Words {
        language: "es",
        body: "Tu código de verificación es *{{1}}*.",
        advice: "Por tu seguridad, no lo compartas.",
        footer: "Este código caduca en {m} minutos.",
        copy: "Copiar código",
    },
    Words {
        language: "fr",
        body: "Votre code de vérification est *{{1}}*.",
        advice: "Pour votre sécurité, ne le partagez pas.",
        footer: "Ce code expire dans {m} minutes.",
        copy: "Copier le code",
    },
    Words {
        language: "de",
        body: "*{{1}}* ist dein Verifizierungscode.",
        advice: "Teile diesen Code zu deiner Sicherheit nicht.",
        footer: "Dieser Code läuft in {m} Minuten ab.",
        copy: "Code kopieren",
    },
    Words {
        language: "pt",
        body: "Seu código de verificação é *{{1}}*.",
        advice: "Para sua segurança, não o compartilhe.",
        footer: "Este código expira em {m} minutos.",
        copy: "Copiar código",
    },
    Words {
        language: "it",
        body: "*{{1}}* è il tuo codice di verifica.",
        advice: "Per la tua sicurezza, non condividerlo.",
        footer: "Questo codice scade tra {m} minuti.",
        copy: "Copia codice",
    },
];

fn words(language: &str) -> &'static Words {
    let base = language.split('_').next().unwrap_or_default();
    let found = WORDS.iter().find(|words| words.language == base);
    found.unwrap_or(&WORDS[0])
}

/// The components of an authentication template with Meta's words in them.
pub(crate) fn preset(components: &Value, language: &str) -> Value {
    let words = words(language);
    let mut filled = components.clone();
    for component in filled.as_array_mut().into_iter().flatten() {
        match kind(component).as_str() {
            "BODY" => {
                let advised = component["add_security_recommendation"] == true;
                let advice = if advised {
                    format!(" {}", words.advice)
                } else {
                    String::new()
                };
                component["text"] = json!(format!("{}{advice}", words.body));
                component["example"] = json!({"body_text": [["123456"]]});
            }
            "FOOTER" => {
                let minutes = component["code_expiration_minutes"].to_string();
                component["text"] = json!(words.footer.replace("{m}", &minutes));
            }
            "BUTTONS" => {
                for button in component["buttons"].as_array_mut().into_iter().flatten() {
                    if button["text"].is_null() {
                        button["text"] = json!(words.copy);
                    }
                }
            }
            _ => {}
        }
    }
    filled
}
