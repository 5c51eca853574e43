//! Requests and answers hold readings and procedures, and they pass a codec that cannot ask what comes next: every such
//! value must say its own type. (Decimals do so only with the `serde-str` feature of rust_decimal.)

use tagout::domain::measure::{Limit, Reading, Unit, judge};
use tagout::interop::procedure::{library, read};

#[test]
fn procedures_and_readings_pass_a_codec_without_type_marks() {
    for (code, text) in library::all() {
        let procedure = read(text).expect("shipped procedures are without mistakes");
        let bytes = bincode::serialize(&procedure).expect("serialises");
        let back: tagout::domain::procedure::Procedure =
            bincode::deserialize(&bytes).unwrap_or_else(|error| panic!("{code}: {error}"));
        assert_eq!(back, procedure);
    }
    for typed in ["0.10", "<1", ">200", "OL"] {
        let reading = Reading::parse(typed, Unit::Ohm).expect("a reading");
        let judgement = judge(&Limit::AtMost(5.into()), Unit::Ohm, &reading);
        let bytes = bincode::serialize(&(&reading, &judgement)).expect("serialises");
        assert_eq!(
            bincode::deserialize::<(Reading, tagout::domain::measure::Judgement)>(&bytes).ok(),
            Some((reading, judgement))
        );
    }
}
