//! Key scripts on the tray.
