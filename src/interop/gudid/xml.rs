//! AccessGUDID's release files, read as a stream.
//!
//! Invariant: a record is handed on only when its end was read; a broken file gives what came whole before the break.

use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

use super::{one_line, settle, truth};
use crate::domain::model::ModelFacts;
use crate::interop::csv::Mistake;

/// The longest text of one element that is kept, in bytes; a published text is far shorter.
const LONGEST_TEXT: usize = 64 * 1024;
/// A published record is nested far less deeply.
const DEEPEST: usize = 64;

/// Reads records one after another and hands each to `give`; returns what was wrong.
pub fn read_xml<R: BufRead>(input: R, give: &mut dyn FnMut(ModelFacts)) -> Vec<Mistake> {
    let mut reader = Reader::from_reader(input);
    let mut buffer = Vec::new();
    let mut mistakes = Vec::new();
    let mut walk = Walk::default();
    loop {
        buffer.clear();
        let event = match reader.read_event_into(&mut buffer) {
            Ok(event) => event,
            Err(error) => {
                mistakes.push(broken(walk.place, &format!("the XML is damaged ({error})")));
                break;
            }
        };
        match event {
            Event::Start(start) => {
                if walk.path.len() >= DEEPEST {
                    mistakes.push(broken(walk.place, "the XML is nested too deeply"));
                    break;
                }
                walk.begin(String::from_utf8_lossy(start.local_name().as_ref()).into_owned());
            }
            Event::End(_) => {
                if let Some(done) = walk.end() {
                    match settle(done, walk.place) {
                        Ok(facts) => give(facts),
                        Err(mistake) => mistakes.push(mistake),
                    }
                }
            }
            Event::Text(text) => walk.add(&text.decode().unwrap_or_default()),
            Event::CData(text) => walk.add(&text.decode().unwrap_or_default()),
            Event::GeneralRef(reference) => {
                if let Ok(Some(c)) = reference.resolve_char_ref() {
                    walk.add(c.encode_utf8(&mut [0; 4]));
                } else {
                    let name = reference.decode().unwrap_or_default();
                    walk.add(resolve_predefined_entity(&name).unwrap_or("\u{fffd}"));
                }
            }
            Event::Eof => {
                if !walk.path.is_empty() {
                    mistakes.push(broken(walk.place, "the file ends too early"));
                } else if walk.place == 0 {
                    mistakes.push(Mistake::of_file(
                        0,
                        "No device record was found in it.",
                        "Give a release file of AccessGUDID, with <device> elements.",
                    ));
                }
                break;
            }
            _ => {}
        }
    }
    mistakes
}

fn broken(place: usize, what: &str) -> Mistake {
    Mistake::of_file(
        0,
        format!("After record {place} {what}; what comes after it was not read."),
        "Load the file again; it may have been cut off.",
    )
}

#[derive(Default)]
struct Walk {
    path: Vec<String>,
    text: String,
    place: usize,
    device: Option<(usize, ModelFacts)>,
    id: (String, bool),
    code: (String, String),
    terms: Vec<String>,
}

impl Walk {
    fn begin(&mut self, name: String) {
        self.text.clear();
        match name.as_str() {
            "device" if self.device.is_none() => {
                self.place += 1;
                self.terms.clear();
                self.device = Some((self.path.len(), ModelFacts::default()));
            }
            "identifier" => self.id = (String::new(), false),
            "fdaProductCode" => self.code = (String::new(), String::new()),
            _ => {}
        }
        self.path.push(name);
    }

    fn add(&mut self, text: &str) {
        if self.device.is_some() && self.text.len() + text.len() <= LONGEST_TEXT {
            self.text.push_str(text);
        }
    }

    /// Leaves an element; a finished record comes back.
    fn end(&mut self) -> Option<ModelFacts> {
        let name = self.path.pop()?;
        let text = one_line(&std::mem::take(&mut self.text));
        let depth = self.path.len();
        let (at, facts) = self.device.as_mut()?;
        if depth == *at {
            let (_, mut facts) = self.device.take()?;
            facts.gmdn = self.terms.join("; ");
            return Some(facts);
        }
        let parent = if depth == *at + 1 {
            "device"
        } else {
            self.path.last().map_or("", String::as_str)
        };
        match (parent, name.as_str()) {
            ("device", "brandName") => facts.brand = text,
            ("device", "versionModelNumber") => facts.model = text,
            ("device", "catalogNumber") => facts.catalogue = text,
            ("device", "companyName") => facts.manufacturer = text,
            ("device", "deviceDescription") => facts.description = text,
            ("device", "lotBatch") => facts.has_lot = truth(&text),
            ("device", "serialNumber") => facts.has_serial = truth(&text),
            ("identifier", "deviceId") => self.id.0 = text,
            ("identifier", "deviceIdType") => self.id.1 = text == "Primary",
            ("identifiers", "identifier") => {
                let (di, primary) = std::mem::take(&mut self.id);
                if primary && facts.di.is_empty() {
                    facts.di = di;
                } else if !di.is_empty() {
                    facts.other_dis.push(di);
                }
            }
            ("gmdn", "gmdnPTName") if !text.is_empty() => self.terms.push(text),
            ("fdaProductCode", "productCode") => self.code.0 = text,
            ("fdaProductCode", "productCodeName") => self.code.1 = text,
            ("productCodes", "fdaProductCode") => {
                let code = std::mem::take(&mut self.code);
                if !code.0.is_empty() {
                    facts.product_codes.push(code);
                }
            }
            _ => {}
        }
        None
    }
}
