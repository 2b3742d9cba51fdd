//! `ProductPublish`: a bank or operator publishes the terms of a kind of loan. They never change: other
//! terms are another product.

use talea_types::{
    EventDetail, Outcome, ProductId, Subject,
    event::{CreditEvent, ProductPublished},
    operation::ProductPublish,
    state::Product,
};

use super::common::active_lender;
use crate::{events, operations::payments::checks::check_asset, state::WorkingState};

pub(super) fn product_publish(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &ProductPublish,
) -> Result<(), Outcome> {
    let publisher = active_lender(state, author)?;
    check_asset(state, operation.terms.asset)?;
    let id = ProductId::published_by(state.transaction(), 0);
    if state.products.get(&id).is_some() {
        return Err(Outcome::IdTaken);
    }

    let product = Product {
        publisher,
        terms: operation.terms.clone(),
    };
    state.products.insert(id, product);
    let published = CreditEvent::ProductPublished(ProductPublished { product: id });
    events::append(state, author, EventDetail::Credit(published));
    Ok(())
}
