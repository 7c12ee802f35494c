//! Templates in all states to look at, beside those of the example rules.

use serde_json::{Value, json};
use sim::TemplateSpec;

/// An example in a second language, advertising, a rejected one and a paused one.
pub(super) fn templates() -> Vec<TemplateSpec> {
    let of = |name: &str, language: &str, components: Value| TemplateSpec {
        name: name.to_owned(),
        language: language.to_owned(),
        components,
        ..TemplateSpec::default()
    };
    let body = |text: &str, examples: &[&str]| json!({ "type": "BODY", "text": text, "example": { "body_text": [examples] } });
    let ready = "Hello {{1}}: the repair of your vehicle {{2}} is finished. You can collect it while we are open.";
    let bread = "Hola {{1}}, hoy sale del horno {{2}} a las nueve. ¿Se lo guardamos?";
    let replies = json!({ "type": "BUTTONS", "buttons": [
        { "type": "QUICK_REPLY", "text": "Sí, por favor" }, { "type": "QUICK_REPLY", "text": "Hoy no" }] });
    let cheap = "Hola {{1}}, esta semana los bollos van a mitad de precio en la tienda.";
    vec![
        of(
            "repair_ready",
            "en",
            json!([body(ready, &["Ana", "1234 BCD"])]),
        ),
        TemplateSpec {
            category: "MARKETING".to_owned(),
            quality: "YELLOW".to_owned(),
            ..of(
                "pan_del_dia",
                "es",
                json!([body(bread, &["Ana", "pan de centeno"]), replies]),
            )
        },
        TemplateSpec {
            status: "REJECTED".to_owned(),
            rejected_reason: Some("PROMOTIONAL".to_owned()),
            ..of(
                "recordatorio",
                "es",
                json!([body(
                    "Hola {{1}}, su encargo del {{2}} le espera.",
                    &["Ana", "lunes"]
                )]),
            )
        },
        TemplateSpec {
            status: "PAUSED".to_owned(),
            quality: "RED".to_owned(),
            category: "MARKETING".to_owned(),
            ..of("oferta_de_otono", "es", json!([body(cheap, &["Ana"])]))
        },
    ]
}
