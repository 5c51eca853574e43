//! What the screens of an inspection are made of.
//!
//! | file | idea |
//! | --- | --- |
//! | [`edit`] | a text field of one line |
//! | [`entry`] | the input of one step, and the answer that comes of it |
//! | [`form`] | questions over a screen: forms and lists |
//! | [`paint`] | styles by meaning, marks, wrapping, boxes |
//! | [`panel`] | the step in front, drawn |
//! | [`words`] | steps, answers and limits in words |

pub mod ask;
pub mod edit;
pub mod entry;
pub mod form;
pub mod paint;
pub mod panel;
pub mod words;

#[cfg(test)]
pub(crate) mod testing;
