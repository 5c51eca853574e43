//! Printed records, stickers and red tags made from answers: text and HTML.
//!
//! May use: `domain`, `bench` answers.
