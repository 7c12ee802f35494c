//! Interactive messages of catalogues and orders.

use super::super::{PRODUCT_RULES, PRODUCT_SECTIONS, SKU};
use super::{BODY, BODY_TEXT, FOOTER, HEADER, NO_HEADER, ONLY_TEXT, TEXT_HEADER, TYPE};
use crate::form::{Form, Object, TEXT, may, must, word};

kind!(
    PRODUCT,
    "ProductMessage",
    "One product of the catalogue.",
    [
        NO_HEADER,
        may("body", Form::Object(&BODY_TEXT), "The text."),
        FOOTER
    ],
    PRODUCT_ACTION
);
object!(
    PRODUCT_ACTION,
    "ProductAction",
    [
        must("catalog_id", TEXT, "The catalogue."),
        must("product_retailer_id", SKU, "The product."),
    ]
);

kind!(
    PRODUCT_LIST,
    "ProductListMessage",
    "Up to thirty products of the catalogue.",
    [
        must("header", Form::Kinds(&ONLY_TEXT), "Stands above it."),
        BODY,
        FOOTER
    ],
    PRODUCT_LIST_ACTION
);
static PRODUCT_LIST_ACTION: Object = Object {
    name: "ProductListAction",
    about: "",
    members: &[
        must("catalog_id", TEXT, "The catalogue."),
        must(
            "sections",
            Form::List(&PRODUCT_SECTIONS),
            "The products, by section.",
        ),
    ],
    rules: PRODUCT_RULES,
};

kind!(
    CATALOG,
    "CatalogMessage",
    "A button that opens the catalogue.",
    [TEXT_HEADER, BODY, FOOTER],
    CATALOG_ACTION
);
object!(
    CATALOG_ACTION,
    "CatalogAction",
    [
        must("name", word(&["catalog_message"]), "catalog_message"),
        may(
            "parameters",
            Form::Object(&CATALOG_PARAMETERS),
            "How it looks."
        ),
    ]
);
object!(
    CATALOG_PARAMETERS,
    "CatalogParameters",
    [may(
        "thumbnail_product_retailer_id",
        SKU,
        "The product whose picture is shown."
    ),]
);

kind!(
    ORDER_DETAILS,
    "OrderDetails",
    "An order to be paid (India, Brazil).",
    [HEADER, BODY, FOOTER],
    ORDER_DETAILS_ACTION
);
object!(
    ORDER_DETAILS_ACTION,
    "OrderDetailsAction",
    [
        must("name", word(&["review_and_pay"]), "review_and_pay"),
        may(
            "parameters",
            Form::Open,
            "The order, as Meta's pages on payments describe it."
        ),
    ]
);
kind!(
    ORDER_STATUS,
    "OrderStatus",
    "How far an order is (India, Brazil).",
    [NO_HEADER, BODY, FOOTER],
    ORDER_STATUS_ACTION
);
object!(
    ORDER_STATUS_ACTION,
    "OrderStatusAction",
    [
        must("name", word(&["review_order"]), "review_order"),
        may(
            "parameters",
            Form::Open,
            "The order, as Meta's pages on payments describe it."
        ),
    ]
);
