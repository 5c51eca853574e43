//! Where a depot is, as people write it: a folder, `s3://bucket/prefix`, `az://container/prefix`, `gs://bucket/prefix`.
//!
//! Invariants: a place holds no secret, so it may be shown and logged; the same place is always written the same way.

use std::fmt;
use std::path::PathBuf;

use super::error::DepotError;

/// The kinds of object store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Service {
    /// Amazon S3, and what speaks like it.
    S3,
    /// Azure Blob Storage.
    Azure,
    /// Google Cloud Storage.
    Google,
}

impl Service {
    /// How its places begin.
    pub const fn scheme(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Azure => "az",
            Self::Google => "gs",
        }
    }

    /// Its name for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::S3 => "S3",
            Self::Azure => "Azure Blob Storage",
            Self::Google => "Google Cloud Storage",
        }
    }
}

/// Where a depot is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// A folder.
    Folder(PathBuf),
    /// A bucket (a container, at Azure) and what all names in it begin with; the prefix may be empty and has no slash at
    /// its ends.
    Bucket {
        /// Where the bucket is.
        service: Service,
        /// Its name.
        bucket: String,
        /// What names of this depot begin with.
        prefix: String,
    },
}

impl Place {
    /// Reads what a person wrote. A text without `://` is a folder.
    pub fn parse(text: &str) -> Result<Self, DepotError> {
        let wrong = |reason: &str| DepotError::Place {
            text: text.to_owned(),
            reason: reason.to_owned(),
        };
        let text = text.trim();
        if text.is_empty() {
            return Err(wrong("it is empty"));
        }
        if text.chars().any(char::is_control) {
            return Err(wrong("it holds a control character"));
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return Ok(Self::Folder(PathBuf::from(text)));
        };
        let service = match scheme.to_ascii_lowercase().as_str() {
            "s3" => Service::S3,
            "az" | "azure" => Service::Azure,
            "gs" | "gcs" => Service::Google,
            "file" if rest.starts_with('/') => return Ok(Self::Folder(PathBuf::from(rest))),
            "file" => return Err(wrong("after file:// comes a path that begins with /")),
            _ => {
                return Err(wrong(
                    "it begins like none of a folder, s3://, az:// and gs://",
                ));
            }
        };
        if rest.contains('@') || rest.contains('?') {
            return Err(wrong(
                "names and passwords do not belong into it; they come from the environment or a profile",
            ));
        }
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if bucket.is_empty() {
            return Err(wrong("it names no bucket"));
        }
        if !bucket.chars().all(plain) {
            return Err(wrong(
                "a bucket's name has letters, digits, dots and dashes only",
            ));
        }
        let prefix = prefix.trim_matches('/');
        let parts = prefix.split('/').filter(|_| !prefix.is_empty());
        for part in parts {
            if part.is_empty() || part == "." || part == ".." || !part.chars().all(plain) {
                return Err(wrong(
                    "the names below the bucket have letters, digits, dots, dashes and underscores only",
                ));
            }
        }
        Ok(Self::Bucket {
            service,
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => write!(f, "{}", path.display()),
            Self::Bucket {
                service,
                bucket,
                prefix,
            } => {
                write!(f, "{}://{bucket}", service.scheme())?;
                if prefix.is_empty() {
                    Ok(())
                } else {
                    write!(f, "/{prefix}")
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_and_written_the_same_way() {
        for (text, shown) in [
            ("/mnt/stick/tagout", "/mnt/stick/tagout"),
            ("  depot ", "depot"),
            ("file:///mnt/x", "/mnt/x"),
            ("s3://bundles", "s3://bundles"),
            ("S3://bundles/", "s3://bundles"),
            ("s3://bundles//clinic/east/", "s3://bundles/clinic/east"),
            ("azure://box/a.b", "az://box/a.b"),
            ("gcs://box-1/x_y", "gs://box-1/x_y"),
        ] {
            let place = Place::parse(text).unwrap();
            assert_eq!(place.to_string(), shown);
            assert_eq!(Place::parse(shown).unwrap(), place);
        }
    }

    #[test]
    fn what_is_no_place_is_refused_in_words() {
        for (text, words) in [
            ("", "it is empty"),
            ("ftp://x/y", "it begins like none"),
            ("s3://", "no bucket"),
            ("s3:///a", "no bucket"),
            ("s3://key:secret@bucket", "passwords do not belong"),
            ("s3://a/b?x=1", "passwords do not belong"),
            ("s3://a/../b", "names below the bucket"),
            ("s3://a/b//c", "names below the bucket"),
            ("s3://a b", "a bucket's name"),
            ("file://x", "begins with /"),
            ("a\u{7}b", "control character"),
        ] {
            let error = Place::parse(text).unwrap_err().to_string();
            assert!(error.contains(words), "{text}: {error}");
            assert!(error.contains("Nothing was changed"), "{error}");
        }
    }
}
