//! Rules of the device record, as a technician meets them.
