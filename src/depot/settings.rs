//! How a depot is reached, beside its place: the environment, and patience.
//!
//! Invariant: what is secret stays in the environment of the process; nothing here is written down.

/// How a depot is reached, beside its place.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The environment: the standard variables of each service (`AWS_…`, `AZURE_…`, `GOOGLE_…`), and `HOME`.
    pub environment: Vec<(String, String)>,
    /// How patient it is.
    pub patience: Patience,
}

impl Settings {
    /// The process's environment.
    pub fn of_process() -> Self {
        let variables = std::env::vars_os();
        let text = |os: std::ffi::OsString| os.into_string().ok();
        Self {
            environment: variables
                .filter_map(|(name, value)| Some((text(name)?, text(value)?)))
                .collect(),
            patience: Patience::default(),
        }
    }

    /// A variable, if it is set to something.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut all = self.environment.iter().rev();
        let found = all.find(|(known, _)| known == name)?;
        Some(found.1.as_str()).filter(|value| !value.is_empty())
    }
}

/// How long to wait and how often to try.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patience {
    /// The longest a connection may take.
    pub connect: std::time::Duration,
    /// The longest a request may take, with the 8 MiB that it carries at most.
    pub request: std::time::Duration,
    /// Tries after the first one.
    pub retries: usize,
    /// The longest all tries of a request may take together.
    pub all: std::time::Duration,
    /// The wait before the second try; it doubles each time, with chance in it.
    pub first_wait: std::time::Duration,
}

impl Default for Patience {
    fn default() -> Self {
        use std::time::Duration;
        Self {
            connect: Duration::from_secs(10),
            request: Duration::from_secs(120),
            retries: 8,
            all: Duration::from_secs(300),
            first_wait: Duration::from_millis(200),
        }
    }
}
