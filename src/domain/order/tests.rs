//! Rules of work orders, as a technician meets them.
