//! Published device records: AccessGUDID's release files (XML) and the UDI answers of openFDA (JSON), as model facts.
//!
//! Invariants: XML is read as a stream, one record in memory at a time; a record without a primary device identifier is
//! a mistake, not a guess; what is not published stays empty or unknown.

mod json;
mod xml;

pub use json::read_json;
pub use xml::read_xml;

use super::csv::Mistake;
use crate::domain::model::ModelFacts;

/// What a file of published records holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Published {
    /// The sound records, in the order of the file.
    pub models: Vec<ModelFacts>,
    /// What is wrong with the others, or with the file from some place on.
    pub mistakes: Vec<Mistake>,
}

/// Reads a whole file, XML or JSON, told by its first character.
pub fn read(bytes: &[u8]) -> Published {
    let body = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    let first = body.iter().find(|b| !b.is_ascii_whitespace());
    match first {
        Some(b'<') => {
            let mut models = Vec::new();
            let mistakes = read_xml(body, &mut |facts| models.push(facts));
            Published { models, mistakes }
        }
        Some(b'{' | b'[') => read_json(body),
        _ => Published {
            models: Vec::new(),
            mistakes: vec![Mistake::of_file(
                1,
                "This is neither XML nor JSON.",
                "Give a release file of AccessGUDID (XML) or an answer of openFDA's device/udi (JSON).",
            )],
        },
    }
}

/// Files a record, or says why not. `place` is its number in the file, from 1.
fn settle(facts: ModelFacts, place: usize) -> Result<ModelFacts, Mistake> {
    if facts.di.is_empty() {
        let name = [&facts.manufacturer, &facts.brand, &facts.model]
            .map(String::as_str)
            .join(" ");
        return Err(Mistake::of_row(
            0,
            format!(
                "Record {place} ({}) has no primary device identifier.",
                name.trim()
            ),
            "It was left out; the other records are not affected.",
        ));
    }
    Ok(facts)
}

/// Text on one line: published texts hold line breaks and runs of spaces.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn truth(text: &str) -> Option<bool> {
    match text.trim() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const XML: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<data><device xmlns="http://www.fda.gov/cdrh/gudid">
  <identifiers>
    <identifier><deviceId>00844588018923</deviceId><deviceIdType>Primary</deviceIdType></identifier>
    <identifier><deviceIdType>Package</deviceIdType><deviceId>00844868017264</deviceId></identifier>
  </identifiers>
  <brandName>Pump &amp; Co&#233;</brandName><versionModelNumber>P-1</versionModelNumber><catalogNumber/>
  <companyName>ACME <![CDATA[<MEDICAL>]]></companyName><deviceDescription>two
     lines</deviceDescription>
  <lotBatch>false</lotBatch><serialNumber>true</serialNumber>
  <gmdnTerms><gmdn><gmdnPTName>Infusion pump</gmdnPTName></gmdn><gmdn><gmdnPTName>Other</gmdnPTName></gmdn></gmdnTerms>
  <productCodes><fdaProductCode><productCode>FRN</productCode><productCodeName>Pump, Infusion</productCodeName></fdaProductCode></productCodes>
  <contacts><contact><companyName>wrong place</companyName></contact></contacts>
</device>
<device><brandName>No id</brandName></device>
<device><identifiers><identifier><deviceId>X1</deviceId><deviceIdType>Primary</deviceIdType></identifier></identifiers></device>
</data>"#;

    fn expected() -> ModelFacts {
        ModelFacts {
            di: "00844588018923".to_owned(),
            other_dis: vec!["00844868017264".to_owned()],
            manufacturer: "ACME <MEDICAL>".to_owned(),
            brand: "Pump & Coé".to_owned(),
            model: "P-1".to_owned(),
            catalogue: String::new(),
            description: "two lines".to_owned(),
            product_codes: vec![("FRN".to_owned(), "Pump, Infusion".to_owned())],
            gmdn: "Infusion pump; Other".to_owned(),
            has_lot: Some(false),
            has_serial: Some(true),
        }
    }

    #[test]
    fn xml_records_are_read_and_bad_ones_named() {
        let got = read(XML.as_bytes());
        assert_eq!(got.models.first(), Some(&expected()));
        assert_eq!(got.models.len(), 2);
        assert_eq!(got.models[1].has_serial, None);
        assert_eq!(got.mistakes.len(), 1);
        assert!(
            got.mistakes[0].reason.contains("Record 2 (No id)"),
            "{}",
            got.mistakes[0]
        );
    }

    #[test]
    fn a_cut_file_keeps_whole_records_and_says_so() {
        let cut = &XML[..XML.len() - 60];
        let got = read(cut.as_bytes());
        assert_eq!(got.models.len(), 1);
        assert!(
            got.mistakes.iter().any(|m| m.reason.contains("ends")),
            "{:?}",
            got.mistakes
        );
    }

    #[test]
    fn json_answers_are_read_alone_in_lists_and_in_results() {
        let record = r#"{"identifiers":[{"id":"00844588018923","type":"Primary"},{"id":"00844868017264","type":"Package"}],
            "brand_name":"Pump & Coé","version_or_model_number":"P-1","company_name":"ACME <MEDICAL>",
            "device_description":"two lines","has_lot_or_batch_number":"false","has_serial_number":true,
            "gmdn_terms":[{"name":"Infusion pump"},{"name":"Other"}],"product_codes":[{"code":"FRN","name":"Pump, Infusion"}]}"#;
        for text in [
            record.to_owned(),
            format!("[{record}]"),
            format!("{{\"meta\":{{}},\"results\":[{record},{record}]}}"),
        ] {
            let got = read(text.as_bytes());
            assert_eq!(got.models, [expected()], "{text}");
            assert_eq!(got.mistakes, []);
        }
        assert_eq!(
            read(br#"{"identifiers":[],"brand_name":"x"}"#)
                .mistakes
                .len(),
            1
        );
        assert_eq!(read(b"{\"meta\":1}").mistakes.len(), 1);
        assert_eq!(read(b"{").mistakes.len(), 1);
        assert_eq!(read(b"").mistakes.len(), 1);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "<[a-z<>/&;\"= ]{0,60}") {
            let _ = read(&bytes);
            let _ = read(text.as_bytes());
        }

        #[test]
        fn no_cut_panics(at in 0usize..XML.len()) {
            let _ = read(&XML.as_bytes()[..at]);
        }
    }
}
