//! Rules of work orders, as a technician meets them.

mod endings;
mod path;
mod random;
mod sequestered;
