//! A company's report of its work: what it says, and who signed that they reviewed it.
//!
//! Invariants: the hash covers all that the report says; a bare "passed" is never shown as more than it is.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::id::Hash;
use crate::domain::signature::Signature;
use crate::domain::time::Stamp;

/// A company's report of its work.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The company.
    pub company: String,
    /// Its technician.
    pub technician: String,
    /// Report number.
    pub number: String,
    /// The day of service.
    pub on: NaiveDate,
    /// Passed or not, as the report says.
    pub passed: bool,
    /// The report holds readings.
    pub readings: bool,
    /// Where the file is.
    pub file: String,
}

impl Report {
    /// The hash of all that the report says: the reviewer signs this beside the entries of the order.
    pub fn hash(&self) -> Hash {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"tagout report 1");
        let day = self.on.to_string();
        for text in [
            &self.company,
            &self.technician,
            &self.number,
            &day,
            &self.file,
        ] {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        hasher.update(&[u8::from(self.passed), u8::from(self.readings)]);
        Hash(*hasher.finalize().as_bytes())
    }
}

/// Work by a company, entered from its report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct External {
    /// The company.
    pub company: String,
    /// Its technician.
    pub technician: String,
    /// Report number.
    pub report: String,
    /// The day of service.
    pub on: NaiveDate,
    /// Passed or not, as the report says.
    pub passed: bool,
    /// True when the report holds readings; a bare "passed" is shown as without readings.
    pub readings: bool,
    /// Where the file is.
    pub file: String,
    /// The reviewer's signature over it, if signed.
    pub signature: Option<Signature>,
    /// Who reviewed it and when.
    pub stamp: Stamp,
}

impl External {
    /// What the report says.
    pub fn facts(&self) -> Report {
        Report {
            company: self.company.clone(),
            technician: self.technician.clone(),
            number: self.report.clone(),
            on: self.on,
            passed: self.passed,
            readings: self.readings,
            file: self.file.clone(),
        }
    }

    /// Passed, and somebody signed that they reviewed it.
    pub const fn proves_work(&self) -> bool {
        self.passed && self.signature.is_some()
    }

    /// Company, report and result: `Acme Service, report R-118, passed, without readings`.
    pub fn words(&self) -> String {
        format!(
            "{}, report {}, {}",
            self.company,
            self.report,
            self.result()
        )
    }

    /// The result in words. A bare "passed" is never shown as more than it is.
    pub const fn result(&self) -> &'static str {
        match (self.passed, self.readings) {
            (true, true) => "passed, with readings",
            (true, false) => "passed, without readings",
            (false, true) => "not passed, with readings",
            (false, false) => "not passed, without readings",
        }
    }
}
