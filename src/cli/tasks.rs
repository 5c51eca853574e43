//! The tasks that are done where the store is, in this process or in the host.

use std::sync::Arc;

use crate::bench::Tasks;

use super::device;

/// All of them, by name.
pub fn all() -> Tasks {
    Tasks::default()
        .with(
            device::import::DEVICES,
            Arc::new(device::import::import_devices),
        )
        .with(
            device::import::MODELS,
            Arc::new(device::import::import_models),
        )
}
