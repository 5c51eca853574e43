//! When a device is due again, for the sticker of a signed inspection.
//!
//! Invariant: a day that nobody planned is not known; free words about a frequency count only where they can be nothing
//! else.

use chrono::{Months, NaiveDate};

use crate::bench::query::{DeviceSheet, InspectionSheet};

/// The next due day after this inspection: the one that its own order rolled on to, else the earliest of the device's open
/// scheduled orders and other activities, else what the procedure says of its frequency.
pub fn next_due(device: &DeviceSheet, sheet: &InspectionSheet) -> Option<NaiveDate> {
    device
        .device
        .inspections
        .get(&sheet.inspection.activity)
        .filter(|last| last.inspection == Some(sheet.id))
        .and_then(|last| last.next_due)
        .or_else(|| planned(device, sheet))
}

/// When work on the device is due next: by its open scheduled orders and its other activities, else by what the procedure
/// says of its frequency.
fn planned(device: &DeviceSheet, sheet: &InspectionSheet) -> Option<NaiveDate> {
    let by_orders = device
        .open_orders
        .iter()
        .filter(|row| row.kind.is_scheduled())
        .filter_map(|row| row.due);
    let by_record = device
        .device
        .inspections
        .values()
        .filter_map(|last| last.next_due);
    let later = by_orders
        .chain(by_record)
        .filter(|due| *due >= sheet.inspection.performed);
    later.min().or_else(|| {
        let months = months(sheet.document.frequency.as_deref()?)?;
        sheet.inspection.performed.checked_add_months(months)
    })
}

/// The months of "every 12 months", "every 2 years", "yearly"; `None` for anything else.
fn months(frequency: &str) -> Option<Months> {
    let text = frequency.trim().to_lowercase();
    let number = match text.as_str() {
        "yearly" | "annually" | "every year" => 12,
        "monthly" | "every month" => 1,
        text => {
            let (number, unit) = text.strip_prefix("every ")?.split_once(' ')?;
            let number: u32 = number.parse().ok()?;
            match unit {
                "month" | "months" => number,
                "year" | "years" => number.checked_mul(12)?,
                _ => return None,
            }
        }
    };
    (1..=1_200).contains(&number).then(|| Months::new(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_frequencies_count() {
        for (text, want) in [
            ("every 12 months", Some(12)),
            ("Every 2 years", Some(24)),
            ("yearly", Some(12)),
            ("every 12 to 24 months", None),
            ("every 6 or 12 months", None),
            ("once, before first use", None),
            ("", None),
        ] {
            assert_eq!(months(text), want.map(Months::new), "{text}");
        }
    }
}
