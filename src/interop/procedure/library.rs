//! The procedures that are shipped: starting points in plain words, each with a banner that the manufacturer's
//! instructions decide. Their limits are marked unverified wherever no source has been checked.

use crate::domain::choices::fold;
use crate::domain::device::{Device, Field};
use crate::domain::procedure::Procedure;

macro_rules! library {
    ($($code:literal),* $(,)?) => {
        &[$(($code, include_str!(concat!("library/", $code, ".toml")))),*]
    };
}

/// Every shipped procedure: its code and its file, sorted by code.
pub fn all() -> &'static [(&'static str, &'static str)] {
    ALL
}

/// The file of one shipped procedure.
pub fn get(code: &str) -> Option<&'static str> {
    ALL.iter()
        .find(|(known, _)| *known == code)
        .map(|(_, text)| *text)
}

/// The shipped procedures of an activity for a device: those for its type, by product code or plain name, else those
/// for any type. "annual PM", "semi-annual PM" and "PM" are one activity here, as everywhere procedures are sought.
pub fn fitting(device: &Device, activity: &str) -> Vec<Procedure> {
    let same = |a: &str, b: &str| !b.is_empty() && fold(a) == fold(b);
    let (code, name) = (device.text(Field::TypeCode), device.text(Field::TypeName));
    let of_activity: Vec<Procedure> = ALL
        .iter()
        .filter_map(|(_, text)| super::read(text).ok())
        .filter(|procedure| {
            activity.is_empty()
                || same(&procedure.activity, activity)
                || is_pm(&procedure.activity) && is_pm(activity)
        })
        .collect();
    let (any, typed): (Vec<_>, Vec<_>) = of_activity
        .into_iter()
        .partition(|procedure| procedure.device_types.is_empty());
    let typed: Vec<Procedure> = typed
        .into_iter()
        .filter(|procedure| {
            procedure
                .device_types
                .iter()
                .any(|of| same(of, &code) || same(of, &name))
        })
        .collect();
    if typed.is_empty() { any } else { typed }
}

fn is_pm(activity: &str) -> bool {
    activity
        .to_lowercase()
        .split_whitespace()
        .any(|word| word == "pm")
}

const ALL: &[(&str, &str)] = library![
    "aed",
    "anesthesia-unit",
    "balloon-pump",
    "bipap-cpap",
    "bladder-scanner",
    "blood-refrigerator",
    "blood-warmer",
    "c-arm",
    "capnograph",
    "central-station",
    "centrifuge",
    "convective-warmer",
    "crrt-machine",
    "defibrillator-monitor",
    "ecg-cart",
    "electrosurgical-unit",
    "endoscopy-tower",
    "enteral-pump",
    "fetal-monitor",
    "hemodialysis-machine",
    "hospital-bed",
    "humidifier",
    "hypo-hyperthermia-unit",
    "icu-ventilator",
    "incoming-inspection",
    "infant-incubator",
    "infusion-pump-lvp",
    "insufflator",
    "mobile-xray",
    "nibp-monitor",
    "operating-light",
    "oxygen-concentrator",
    "patient-lift",
    "patient-monitor",
    "patient-scale",
    "pca-pump",
    "phototherapy-unit",
    "pulse-oximeter",
    "radiant-warmer",
    "scd-pump",
    "steam-sterilizer",
    "suction-pump",
    "suction-regulator",
    "surgical-laser",
    "syringe-pump",
    "telemetry-transmitter",
    "temporary-pacemaker",
    "thermometer",
    "tourniquet",
    "transport-ventilator",
    "ultrasound-scanner",
    "visual-electrical-safety",
    "vital-signs-monitor",
];

#[cfg(test)]
mod tests;
