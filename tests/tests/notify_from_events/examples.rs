//! The rules that come with the product.

use serde_json::json;
use testkit::each_database;

use crate::stage::{
    SUPPLIER, body_of, event_is, example, example_templates, order, report, rule, taken,
};

#[tokio::test(flavor = "multi_thread")]
async fn an_order_reaches_its_supplier_in_spanish() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        rule(&shop, &example("purchase_order.created")).await;
        let id = report(&shop, &order("po-1")).await;
        let event = event_is(&shop, &id, "sent").await;
        let result = &event["results"][0];
        assert_eq!(
            (&result["state"], &result["rule_name"]),
            (&json!("sent"), &json!("Purchase orders")),
            "{event}"
        );
        let sent = taken(app, 1).await.remove(0);
        assert_eq!(sent["to"], format!("+{SUPPLIER}"));
        assert_eq!(sent["template"]["name"], "po_notification");
        assert_eq!(
            body_of(&sent),
            ["Harinas del Norte", "OC-2026-118", "12.500,50 €"]
        );
        let message = shop
            .api
            .message(result["message_id"].as_str().unwrap())
            .await;
        assert_eq!(message["origin"], "notification");
        let contact = shop.api.all("/api/v1/contacts").await.remove(0);
        assert_eq!(
            contact["name"], "Harinas del Norte",
            "somebody new is called as the other system calls them"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repair_is_told_in_a_language_that_is_approved_and_an_invoice_carries_its_pdf() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        example_templates(app).await;
        rule(&shop, &example("repair_job.completed")).await;
        rule(&shop, &example("invoice.issued")).await;
        let repair = json!({ "type": "repair_job.completed", "id": "job-1", "data": {
            "customer": { "name": "Ana", "phone": "600 000 001", "language": "eu" }, "vehicle": { "plate": "1234 bcd" } } });
        let id = report(&shop, &repair).await;
        event_is(&shop, &id, "sent").await;
        let sent = taken(app, 1).await.remove(0);
        assert_eq!(sent["template"]["language"]["code"], "es", "the fallback: nobody wrote it in Basque");
        assert_eq!(body_of(&sent), ["Ana", "1234 BCD"]);
        let invoice = json!({ "type": "invoice.issued", "id": "inv-1", "data": {
            "customer": { "name": "Ana", "phone": "600 000 001" },
            "invoice": { "number": "F-1", "total": "121", "pdf_url": "https://example.com/f-1.pdf", "due": "2026-11-30" } } });
        let id = report(&shop, &invoice).await;
        event_is(&shop, &id, "sent").await;
        let sent = taken(app, 2).await.remove(1);
        assert_eq!(body_of(&sent), ["F-1", "121,00 €", "30 de noviembre de 2026"]);
        let header = &sent["template"]["components"][0];
        assert_eq!(header["parameters"][0], json!({ "type": "document", "document": { "link": "https://example.com/f-1.pdf", "filename": "factura.pdf" } }));
        let silent = json!({ "type": "repair_job.completed", "id": "job-2", "data": { "customer": { "notify": false } } });
        let event = event_is(&shop, &report(&shop, &silent).await, "skipped").await;
        assert_eq!(event["results"][0]["reason"], "conditions", "{event}");
    })
    .await;
}
