//! Rules to begin with, and the templates that they send: what the demo has and the documentation shows.

use domain::notification::Rule;
use serde_json::{Value, json};

/// The rules: an order to a supplier, a repair that is done, an invoice with its PDF, a reminder before an appointment.
pub fn rules() -> Vec<Rule> {
    let all = written();
    all.iter()
        .filter_map(|rule| Rule::read(rule).ok())
        .collect()
}

fn written() -> [Value; 4] {
    [orders(), repairs(), invoices(), appointments()]
}

fn orders() -> Value {
    json!({
        "name": "Purchase orders",
        "event_type": "purchase_order.created",
        "recipient": { "path": "$.data.supplier.phone", "name_path": "$.data.supplier.name", "country": "ES" },
        "template": { "name": "po_notification", "language": { "is": "es" } },
        "parameters": { "body": [
            { "path": "$.data.supplier.name" },
            { "path": "$.data.order.number" },
            { "path": "$.data.order.total", "format": { "kind": "money", "currency": "EUR", "currency_path": "$.data.order.currency", "or_text": true } },
        ] },
    })
}

fn repairs() -> Value {
    json!({
        "name": "Repairs that are done",
        "event_type": "repair_job.completed",
        "conditions": [{ "path": "$.data.customer.notify", "op": "ne", "value": false }],
        "recipient": { "path": "$.data.customer.phone", "name_path": "$.data.customer.name", "country": "ES" },
        "template": { "name": "repair_ready", "language": { "path": "$.data.customer.language" }, "fallback_languages": ["es"] },
        "parameters": { "body": [
            { "path": "$.data.customer.name", "if_missing": "cliente" },
            { "path": "$.data.vehicle.plate", "format": { "kind": "upper" } },
        ] },
    })
}

fn invoices() -> Value {
    json!({
        "name": "Invoices",
        "event_type": "invoice.issued",
        "recipient": { "path": "$.data.customer.phone", "name_path": "$.data.customer.name", "country": "ES" },
        "template": { "name": "invoice_ready", "language": { "is": "es" } },
        "parameters": {
            "header": { "link_path": "$.data.invoice.pdf_url", "filename": "factura.pdf" },
            "body": [
                { "path": "$.data.invoice.number" },
                { "path": "$.data.invoice.total", "format": { "kind": "money", "currency": "EUR" } },
                { "path": "$.data.invoice.due", "format": { "kind": "date", "style": "long" }, "if_missing": "su recepción" },
            ],
        },
    })
}

fn appointments() -> Value {
    json!({
        "name": "Appointment reminders",
        "event_type": "appointment.booked",
        "recipient": { "path": "$.data.customer.phone", "name_path": "$.data.customer.name", "country": "ES" },
        "template": { "name": "appointment_reminder", "language": { "is": "es" } },
        "parameters": { "body": [
            { "path": "$.data.customer.name" },
            { "path": "$.data.at", "format": { "kind": "datetime", "style": "long", "time_zone": "Europe/Madrid" } },
        ] },
        "schedule": { "at_path": "$.data.at", "offset_seconds": -86400, "not_if_past": true },
        "key_path": "$.data.appointment_id",
        "cancelled_by": [{ "event_type": "appointment.cancelled", "key_path": "$.data.appointment_id" }],
    })
}

/// The templates of the rules that an account does not have by itself, as they are written at Meta: name and components.
pub fn templates() -> Vec<(&'static str, Value)> {
    let body = |text: &str, values: Value| json!({ "type": "BODY", "text": text, "example": { "body_text": [values] } });
    vec![
        (
            "repair_ready",
            json!([body(
                "Hola {{1}}: la reparación de su vehículo {{2}} ha terminado. Puede recogerlo en nuestro horario.",
                json!(["Ana", "1234 BCD"])
            )]),
        ),
        (
            "invoice_ready",
            json!([
                { "type": "HEADER", "format": "DOCUMENT", "example": { "header_handle": ["4::invoice"] } },
                body(
                    "Le enviamos la factura {{1}} por {{2}}, con vencimiento el {{3}}. Gracias por su confianza.",
                    json!(["F-2026-118", "121,00 €", "30 de noviembre de 2026"])
                ),
            ]),
        ),
        (
            "appointment_reminder",
            json!([body(
                "Hola {{1}}: le recordamos su cita del {{2}}. Si no puede venir, responda a este mensaje.",
                json!(["Ana", "30 de noviembre de 2026, 10:00"])
            )]),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_a_rule() {
        for rule in written() {
            let read = Rule::read(&rule);
            assert!(read.is_ok(), "{}: {read:?}", rule["name"]);
        }
    }
}
