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

const ALL: &[(&str, &str)] = library![
    "defibrillator-monitor",
    "infusion-pump-lvp",
    "patient-monitor",
];

#[cfg(test)]
mod tests;
