//! The procedures that are shipped: starting points in plain words, each with a banner that the manufacturer's
//! instructions decide. Their limits are marked unverified wherever no source has been checked.

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
