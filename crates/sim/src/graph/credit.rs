//! Credit lines: by them a solution partner pays for its customers' accounts.

use serde_json::{Value, json};

use super::Reply;
use super::call::{Call, Caller};
use super::fields::select;
use super::paging::page;
use crate::error::{GraphError, GraphResult};
use crate::sim::Shared;
use crate::world::{Payment, World};

/// What an account may be billed in.
const CURRENCIES: [&str; 16] = [
    "AUD", "EUR", "GBP", "IDR", "INR", "USD", "MXN", "AED", "ARS", "CLP", "COP", "MYR", "PEN",
    "SAR", "SGD", "BRL",
];

/// `GET /{business}/extendedcredits`.
pub(super) fn of_business(shared: &Shared, call: &Call, business_id: &str) -> GraphResult<Reply> {
    let lines: Vec<Value> = {
        let world = shared.world();
        let lines = world.businesses.credit_lines.iter();
        lines
            .filter(|(_, line)| line.business_id == business_id)
            .map(|(id, line)| json!({"id": id, "legal_entity_name": line.legal_entity_name}))
            .collect()
    };
    page(shared, call, "extendedcredits", lines).map(Reply::Json)
}

pub(super) fn node(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
    let world = shared.world();
    let line = world.businesses.credit_lines.get(id);
    let line = line.ok_or_else(|| GraphError::no_object(&call.method, id))?;
    let whole = json!({"id": id, "legal_entity_name": line.legal_entity_name, "owner_business": {
        "id": line.business_id, "name": world.businesses.name(&line.business_id)}});
    select(
        &whole,
        call.param("fields"),
        &["id", "legal_entity_name"],
        "ExtendedCredit",
    )
    .map(Reply::Json)
}

fn required<'a>(call: &'a Call, name: &str) -> GraphResult<&'a str> {
    call.param(name)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| GraphError::missing(name))
}

fn currency(call: &Call) -> GraphResult<&str> {
    let currency = required(call, "waba_currency")?;
    if CURRENCIES.contains(&currency) {
        Ok(currency)
    } else {
        Err(GraphError::parameter(format!(
            "Param waba_currency must be one of {{{}}} - got \"{currency}\".",
            CURRENCIES.join(", ")
        )))
    }
}

/// `POST /{credit_line}/whatsapp_credit_sharing_and_attach`: by the partner's own system user, who must be assigned to
/// the account.
pub(super) fn share_and_attach(
    shared: &Shared,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> GraphResult<Reply> {
    let waba_id = required(call, "waba_id")?;
    let currency = currency(call)?;
    let mut world = shared.world();
    let world = &mut *world;
    let Caller::System { known, .. } = caller else {
        return Err(GraphError::no_object("POST", id));
    };
    let waba = world
        .wabas
        .get(waba_id)
        .filter(|waba| waba.shared || known.wabas.iter().any(|own| own == waba_id))
        .ok_or_else(|| unknown("waba_id", waba_id))?;
    let tasks = waba.assigned.get(&known.user_id);
    let manages = tasks.is_some_and(|tasks| tasks.iter().any(|task| task == "MANAGE"));
    if !manages && !known.wabas.iter().any(|own| own == waba_id) {
        return Err(GraphError::plain(
            403,
            200,
            "(#200) The system user must be assigned to the WhatsApp Business Account with the MANAGE task.",
        ));
    }
    let business_id = waba.business_id.clone();
    frozen(world, waba_id, currency)?;
    let allocation = world.businesses.share(shared.chance, id, &business_id);
    attach(world, waba_id, currency, &allocation);
    Ok(Reply::Json(
        json!({"allocation_config_id": allocation, "waba_id": waba_id}),
    ))
}

/// `POST /{credit_line}/whatsapp_credit_sharing`: the newer first step.
pub(super) fn share(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
    let business_id = required(call, "receiving_business_id")?;
    let mut world = shared.world();
    let owner = world.businesses.credit_lines.get(id);
    if owner.is_some_and(|line| line.business_id == business_id)
        || !world.businesses.all.contains_key(business_id)
    {
        return Err(unknown("receiving_business_id", business_id));
    }
    let allocation = world.businesses.share(shared.chance, id, business_id);
    Ok(Reply::Json(
        json!({"success": true, "allocation_config_id": allocation}),
    ))
}

/// `POST /{credit_line}/whatsapp_credit_attach`: the newer second step, by the customer's own token.
pub(super) fn attach_shared(
    shared: &Shared,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> GraphResult<Reply> {
    let waba_id = required(call, "waba_id")?;
    let currency = currency(call)?;
    let mut world = shared.world();
    let world = &mut *world;
    let reaches = |caller: &Caller| match caller {
        Caller::System { known, .. } => known.wabas.iter().any(|own| own == waba_id),
        Caller::App => false,
    };
    let waba = world.wabas.get(waba_id).filter(|_| reaches(caller));
    let business_id = waba
        .map(|waba| waba.business_id.clone())
        .ok_or_else(|| unknown("waba_id", waba_id))?;
    let allocation = world.businesses.allocation(id, &business_id);
    let Some(allocation) = allocation.map(|(allocation, _)| allocation.clone()) else {
        return Err(GraphError::parameter(
            "The credit line is not shared with the business that owns this WhatsApp Business Account.",
        ));
    };
    frozen(world, waba_id, currency)?;
    attach(world, waba_id, currency, &allocation);
    Ok(Reply::Json(json!({"success": true, "waba_id": waba_id})))
}

fn unknown(name: &str, value: &str) -> GraphError {
    GraphError::parameter(format!("Param {name} is not valid: \"{value}\"."))
}

/// The currency stays what it was when money was first attached.
fn frozen(world: &World, waba_id: &str, currency: &str) -> GraphResult<()> {
    let attached = world
        .wabas
        .get(waba_id)
        .filter(|waba| waba.allocation_id.is_some() && waba.currency != currency);
    match attached {
        Some(waba) => Err(GraphError::parameter(format!(
            "The currency of this WhatsApp Business Account is {} and cannot be changed.",
            waba.currency
        ))),
        None => Ok(()),
    }
}

fn attach(world: &mut World, waba_id: &str, currency: &str, allocation_id: &str) {
    if let Some(waba) = world.wabas.get_mut(waba_id) {
        currency.clone_into(&mut waba.currency);
        waba.allocation_id = Some(allocation_id.to_owned());
        waba.payment = Payment::Ok;
    }
}

/// `GET /{credit_line}/owning_credit_allocation_configs`.
pub(super) fn allocations(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
    let of = call.param("receiving_business_id");
    let mut found = Vec::new();
    {
        let world = shared.world();
        let all = world.businesses.allocations.iter();
        let fits = all.filter(|(_, allocation)| {
            allocation.credit_line_id == id
                && !allocation.deleted
                && of.is_none_or(|of| of == allocation.receiving_business_id)
        });
        for (allocation_id, _) in fits {
            found.push(one(
                &world,
                call,
                allocation_id,
                &["id", "receiving_business"],
            )?);
        }
    }
    page(shared, call, "owning_credit_allocation_configs", found).map(Reply::Json)
}

fn one(world: &World, call: &Call, id: &str, defaults: &[&str]) -> GraphResult<Value> {
    let allocation = world.businesses.allocations.get(id);
    let allocation = allocation.ok_or_else(|| GraphError::no_object(&call.method, id))?;
    let line = world
        .businesses
        .credit_lines
        .get(&allocation.credit_line_id);
    let business = |id: &str| json!({"id": id, "name": world.businesses.name(id)});
    let whole = json!({
        "id": id,
        "receiving_business": business(&allocation.receiving_business_id),
        "owning_business": line.map(|line| business(&line.business_id)),
        "owning_credential": {"id": allocation.credit_line_id},
        "receiving_credential": {"id": allocation.credential_id},
        "request_status": if allocation.deleted { "DELETED" } else { "APPROVED" },
        "credit_type": "OAA",
        "currency_amount": null,
        "send_bill_to": null,
    });
    select(
        &whole,
        call.param("fields"),
        defaults,
        "ExtendedCreditAllocationConfig",
    )
}

/// `GET /{allocation}`.
pub(super) fn allocation(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
    let world = shared.world();
    one(
        &world,
        call,
        id,
        &["id", "receiving_business", "request_status"],
    )
    .map(Reply::Json)
}

/// `DELETE /{allocation}`: none of the business's accounts is paid for any more.
pub(super) fn revoke(shared: &Shared, id: &str) -> GraphResult<Reply> {
    let mut world = shared.world();
    let world = &mut *world;
    let allocation = world.businesses.allocations.get_mut(id);
    let allocation = allocation.ok_or_else(|| GraphError::no_object("DELETE", id))?;
    allocation.deleted = true;
    for waba in world.wabas.values_mut() {
        if waba.allocation_id.as_deref() == Some(id) {
            waba.allocation_id = None;
            waba.payment = Payment::Missing;
        }
    }
    Ok(Reply::Json(json!({"success": true})))
}
