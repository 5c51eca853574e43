//! openFDA's device/udi answers.
//!
//! Invariant: the same record twice in one file is one record.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Published, one_line, settle, truth};
use crate::domain::model::ModelFacts;
use crate::interop::csv::Mistake;

/// Reads an answer, a list of records or a single record.
pub fn read_json(bytes: &[u8]) -> Published {
    let mut out = Published::default();
    match serde_json::from_slice::<Value>(bytes) {
        Err(error) => out.mistakes.push(Mistake::of_file(
            error.line(),
            format!("This is not JSON: {error}."),
            "Load the answer again; it may have been cut off.",
        )),
        Ok(value) => {
            let mut walk = Walk::default();
            walk.value(&value, &mut out);
            if walk.place == 0 {
                out.mistakes.push(Mistake::of_file(
                    0,
                    "No device record was found in it.",
                    "Give an answer of openFDA's device/udi, with a list \"results\".",
                ));
            }
        }
    }
    out
}

#[derive(Default)]
struct Walk {
    place: usize,
    seen: BTreeSet<String>,
}

impl Walk {
    fn value(&mut self, value: &Value, out: &mut Published) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.value(item, out)),
            Value::Object(object) => {
                let is_record = object.get("identifiers").is_some_and(Value::is_array)
                    && (object.contains_key("brand_name") || object.contains_key("company_name"));
                if !is_record {
                    object.values().for_each(|inner| self.value(inner, out));
                    return;
                }
                self.place += 1;
                match settle(facts(object), self.place) {
                    Ok(facts) if self.seen.insert(facts.di.clone()) => out.models.push(facts),
                    Ok(facts) => {
                        if !out.models.contains(&facts) {
                            out.mistakes.push(Mistake::of_row(
                                0,
                                format!(
                                    "Record {} says something else of {} than an earlier one.",
                                    self.place, facts.di
                                ),
                                "The earlier record was kept.",
                            ));
                        }
                    }
                    Err(mistake) => out.mistakes.push(mistake),
                }
            }
            _ => {}
        }
    }
}

fn text(object: &Map<String, Value>, key: &str) -> String {
    object
        .get(key)
        .and_then(Value::as_str)
        .map(one_line)
        .unwrap_or_default()
}

fn flag(object: &Map<String, Value>, key: &str) -> Option<bool> {
    match object.get(key)? {
        Value::Bool(yes) => Some(*yes),
        Value::String(word) => truth(word),
        _ => None,
    }
}

fn objects<'v>(
    object: &'v Map<String, Value>,
    key: &str,
) -> impl Iterator<Item = &'v Map<String, Value>> {
    object
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
}

fn facts(object: &Map<String, Value>) -> ModelFacts {
    let mut facts = ModelFacts {
        manufacturer: text(object, "company_name"),
        brand: text(object, "brand_name"),
        model: text(object, "version_or_model_number"),
        catalogue: text(object, "catalog_number"),
        description: text(object, "device_description"),
        has_lot: flag(object, "has_lot_or_batch_number"),
        has_serial: flag(object, "has_serial_number"),
        ..ModelFacts::default()
    };
    for id in objects(object, "identifiers") {
        let di = text(id, "id");
        if text(id, "type") == "Primary" && facts.di.is_empty() {
            facts.di = di;
        } else if !di.is_empty() {
            facts.other_dis.push(di);
        }
    }
    facts.product_codes = objects(object, "product_codes")
        .map(|code| (text(code, "code"), text(code, "name")))
        .filter(|(code, _)| !code.is_empty())
        .collect();
    let terms: Vec<String> = objects(object, "gmdn_terms")
        .map(|term| text(term, "name"))
        .filter(|name| !name.is_empty())
        .collect();
    facts.gmdn = terms.join("; ");
    facts
}
