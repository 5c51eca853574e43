//! Whatever is asked of devices and orders, in whatever order: no panic, no way into service around the incoming
//! inspection, no number twice, and the events alone make the same shop again.
