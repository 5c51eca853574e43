//! # tagout: the house from above
//!
//! tagout is the bench tool of biomedical equipment technicians. Everything that happens at a bench is an **event** in
//! an append-only, hash-chained journal; all else (device records, the work order queue, checklist progress, the
//! lookup index, reports) is a **projection**: derived from the journal, disposable, rebuildable to the same bytes.
//!
//! One trip through the house, always in this direction:
//!
//! ```text
//! key / argument ─► Command ─► decide (pure) ─► Events ─► journal (durable) ─► projections ─► Answer ─► screen / JSON
//! ```
//!
//! The rooms, from the ground up; an arrow may only point to a room further up this list
//! (`tests/it/layering.rs` fails on any other `use crate::`):
//!
//! | room | what lives there |
//! | --- | --- |
//! | [`domain`] | what HTM is: devices, work orders, procedures, inspections, readings; commands, events, decide and apply. Pure |
//! | [`identify`] | what a scan or typed text names: asset tag, serial, UDI |
//! | [`journal`] | entries, site identity, clock, hash chain, frozen wire types and their one codec |
//! | [`bundle`] | the one file format in which shops exchange entries: write, inspect, verify. Pure |
//! | [`depot`] | places where bundles meet: folders and object stores; what to upload, download and compact |
//! | [`store`] | the only code that knows sled and the journal files |
//! | [`lookup`] | the in-memory device index and its ranking |
//! | [`mod@bench`] | the application service: the only way in for every face |
//! | [`host`] | one process per store serves many sessions over a socket |
//! | [`interop`] | files from outside: device CSV, procedure TOML, AccessGUDID rows |
//! | [`report`] | printed records, stickers, tags and figures made from answers |
//! | [`keymap`] | actions, keys, keymaps and their checks |
//! | [`tui`] | the terminal: model, screens, drawing, input, modes |
//! | [`cli`] | every technician action as a line command |
//! | [`demo`] | a seeded, realistic hospital with history |
//!
//! Faces ([`tui`], [`cli`]) never see the store. No module initialises another behind its back; `main` wires them.

pub mod bench;
pub mod bundle;
pub mod cli;
pub mod demo;
pub mod depot;
pub mod domain;
pub mod host;
pub mod identify;
pub mod interop;
pub mod journal;
pub mod keymap;
pub mod lookup;
pub mod report;
pub mod store;
pub mod tui;
