//! What a scan or a typed text names: an asset tag, a serial number or a UDI (GS1, HIBCC, ICCBBA).
//!
//! May use: std, chrono's date types, `domain` ids. Pure: the reference date for the century rule is an argument.
//! Invariant: no input of any kind panics, and nothing that was read is dropped in silence: it is a field, a warning
//! or an error.
