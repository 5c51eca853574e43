//! Rules of work orders, as a technician meets them.

mod endings;
mod path;
pub(crate) mod random;
mod sequestered;
