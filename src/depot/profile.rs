//! What the usual files of S3 users say: `~/.aws/credentials` and `~/.aws/config`, for the profile that is named or the
//! default one.
//!
//! Invariants: the environment decides before a file does; a key and its secret come from the same place.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::sync::Settings;

/// The lines of these files that are used.
const USED: [&str; 5] = [
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "region",
    "endpoint_url",
];

/// What the files say for the profile in force; nothing if there are none. A file that cannot be read counts as not there.
pub(super) fn read(settings: &Settings) -> BTreeMap<&'static str, String> {
    let name = settings
        .get("AWS_PROFILE")
        .or_else(|| settings.get("AWS_DEFAULT_PROFILE"))
        .unwrap_or("default");
    let file = |variable: &str, name: &str| -> String {
        let path = settings.get(variable).map(PathBuf::from).or_else(|| {
            let home = settings.get("HOME")?;
            Some(PathBuf::from(home).join(".aws").join(name))
        });
        path.and_then(|path| std::fs::read_to_string(path).ok())
            .unwrap_or_default()
    };
    let config = file("AWS_CONFIG_FILE", "config");
    let credentials = file("AWS_SHARED_CREDENTIALS_FILE", "credentials");
    let mut out = section(&config, &format!("profile {name}"));
    out.extend(section(&config, name));
    out.extend(section(&credentials, name));
    out
}

/// The used lines of one section.
fn section(text: &str, name: &str) -> BTreeMap<&'static str, String> {
    let mut out = BTreeMap::new();
    let mut inside = false;
    for line in text.lines() {
        // Lines that begin with a blank belong to a setting with parts, which is none of ours.
        if line.starts_with([' ', '\t', '#', ';']) {
            continue;
        }
        let line = line.trim();
        if let Some(head) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            let words: Vec<&str> = head.split_whitespace().collect();
            inside = words.join(" ") == name;
        } else if let Some((key, value)) = line.split_once('=').filter(|_| inside) {
            let used = USED.iter().find(|used| **used == key.trim());
            if let Some(used) = used
                && !value.trim().is_empty()
            {
                out.insert(*used, value.trim().to_owned());
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_profile_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let credentials = put(
            "c",
            "# mine\n[default]\naws_access_key_id = A\naws_secret_access_key=S=/+\n\n[ east ]\naws_access_key_id=E\n\
             s3 =\n  aws_access_key_id = nested\n",
        );
        let config = put(
            "f",
            "[default]\nregion = eu-central-1\n[profile east]\nregion=us-east-2\nendpoint_url = http://127.0.0.1:9\nregion=\n",
        );
        let read_as = |profile: &str| {
            let pairs = [
                ("AWS_SHARED_CREDENTIALS_FILE", credentials.as_str()),
                ("AWS_CONFIG_FILE", config.as_str()),
                ("AWS_PROFILE", profile),
            ];
            let environment = pairs.map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec();
            let found = read(&Settings {
                environment,
                ..Settings::default()
            });
            found
                .into_iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(
            read_as(""),
            "aws_access_key_id=A aws_secret_access_key=S=/+ region=eu-central-1"
        );
        assert_eq!(
            read_as("east"),
            "aws_access_key_id=E endpoint_url=http://127.0.0.1:9 region=us-east-2"
        );
        assert_eq!(read_as("nobody"), "");
        assert!(read(&Settings::default()).is_empty());
    }
}
