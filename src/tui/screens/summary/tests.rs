//! Key scripts at the end of an inspection.
