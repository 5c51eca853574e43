//! Events of published device models, 801 to 899. Frozen.

use super::table::{events, record};
use crate::domain::model::{ModelEvent, ModelFacts};

record! {
    /// What a published record says; the last two are 0 unknown, 1 yes, 2 no.
    ModelFactsV1 of ModelFacts {
        di: String,
        other_dis: Vec<String>,
        manufacturer: String,
        brand: String,
        model: String,
        catalogue: String,
        description: String,
        product_codes: Vec<(String, String)>,
        gmdn: String,
        has_lot: u8,
        has_serial: u8,
    }
}

events! { ModelEvent {
    801 "model-published" Published PublishedV1 { facts: ModelFactsV1, source: String }
} }
