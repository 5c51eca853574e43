//! A scan crosses a process border in a codec that does not describe itself, and comes back the same.

use chrono::NaiveDate;
use tagout::identify::{Scan, parse_udi};

#[test]
fn a_scan_survives_bincode_and_json() {
    let today = NaiveDate::from_ymd_opt(2026, 6, 15).expect("a day");
    for label in [
        "0104012345678902172711301012\u{1d}21S\u{1d}240REF9",
        "+A123BJC5D6E71G",
        "+J123AQ3451/$$1125BC34567/S4012L",
        "=/B1234ABC200T0123&>0273341430",
        "SN: 12345",
        "01",
    ] {
        let scan = parse_udi(label, today);
        let bytes = bincode::serialize(&scan).expect("a scan is plain data");
        assert_eq!(
            bincode::deserialize::<Scan>(&bytes).expect("its own bytes"),
            scan,
            "{label}"
        );
        let json = serde_json::to_string(&scan).expect("a scan is plain data");
        assert_eq!(
            serde_json::from_str::<Scan>(&json).expect("its own text"),
            scan,
            "{label}"
        );
    }
}
