//! How an object store is reached: what the environment and a profile say of it, checked before anything is asked.
//!
//! Invariants: what is missing is said at once, instead of waiting for a service that is not there; without encryption
//! only this very machine is spoken to, unless the environment allows more.

use std::str::FromStr as _;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};

use super::reason;
use crate::depot::error::DepotError;
use crate::depot::place::Place;
use crate::depot::profile;
use crate::depot::sync::Settings;

fn retries(settings: &Settings) -> RetryConfig {
    let patience = settings.patience;
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: patience.first_wait,
            max_backoff: patience.first_wait.saturating_mul(64),
            base: 2.0,
        },
        max_retries: patience.retries,
        retry_timeout: patience.all,
    }
}

fn client(settings: &Settings) -> ClientOptions {
    ClientOptions::new()
        .with_connect_timeout(settings.patience.connect)
        .with_timeout(settings.patience.request)
}

fn setup(place: &Place, reason: impl Into<String>, advice: &str) -> DepotError {
    DepotError::Setup {
        place: place.to_string(),
        reason: reason.into(),
        advice: advice.to_owned(),
    }
}

/// The options among the variables that begin like this; an empty variable counts as not set.
fn options<'a>(settings: &'a Settings, begins: &'a str) -> impl Iterator<Item = (String, &'a str)> {
    settings
        .environment
        .iter()
        .filter(move |(name, value)| name.starts_with(begins) && !value.is_empty())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.as_str()))
}

/// Whether an address without encryption is this very machine.
fn is_here(url: &str) -> bool {
    let rest = url.strip_prefix("http://").unwrap_or_default();
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = rest.get(..end).unwrap_or_default();
    let host = match host.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

pub(super) fn s3(
    place: &Place,
    bucket: &str,
    settings: &Settings,
) -> Result<Box<dyn ObjectStore>, DepotError> {
    let mut builder = AmazonS3Builder::new();
    let profile = profile::read(settings);
    let from_profile = |key: &str| profile.get(key).map(String::as_str);
    for (name, value) in options(settings, "AWS_") {
        if let Ok(key) = AmazonS3ConfigKey::from_str(&name) {
            builder = builder.with_config(key, value);
        }
    }
    let keys = (
        settings.get("AWS_ACCESS_KEY_ID"),
        settings.get("AWS_SECRET_ACCESS_KEY"),
    );
    let elsewhere = [
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_SKIP_SIGNATURE",
    ];
    match keys {
        (Some(_), Some(_)) => {}
        (None, None) => {
            match (
                from_profile("aws_access_key_id"),
                from_profile("aws_secret_access_key"),
            ) {
                (Some(id), Some(secret)) => {
                    builder = builder
                        .with_access_key_id(id)
                        .with_secret_access_key(secret);
                    if let Some(token) = from_profile("aws_session_token") {
                        builder = builder.with_token(token);
                    }
                }
                _ if elsewhere.iter().any(|name| settings.get(name).is_some()) => {}
                _ => {
                    return Err(setup(
                        place,
                        "no key is set",
                        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE for a profile in ~/.aws/credentials",
                    ));
                }
            }
        }
        _ => {
            return Err(setup(
                place,
                "only one half of the key is set",
                "set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            ));
        }
    }
    let named = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"];
    let endpoint = named
        .iter()
        .find_map(|name| settings.get(name))
        .or(from_profile("endpoint_url"));
    if let Some(endpoint) = endpoint {
        let secure = endpoint.starts_with("https://");
        let open = endpoint.starts_with("http://")
            && (is_here(endpoint) || settings.get("AWS_ALLOW_HTTP") == Some("true"));
        if !secure && !open {
            return Err(setup(
                place,
                format!("its address {endpoint} is not encrypted (https://)"),
                "use an https:// address; AWS_ALLOW_HTTP=true allows the other, but then everybody on the line can read along",
            ));
        }
        builder = builder.with_endpoint(endpoint).with_allow_http(open);
    }
    let region = ["AWS_REGION", "AWS_DEFAULT_REGION"];
    let region = region
        .iter()
        .find_map(|name| settings.get(name))
        .or(from_profile("region"));
    if let Some(region) = region {
        builder = builder.with_region(region);
    }
    let open = endpoint.is_some_and(|endpoint| endpoint.starts_with("http://"));
    let store = builder
        .with_bucket_name(bucket)
        .with_retry(retries(settings))
        .with_client_options(client(settings).with_allow_http(open))
        .build()
        .map_err(|error| setup(place, reason(&error), "check the variables AWS_…"))?;
    Ok(Box::new(store))
}

pub(super) fn azure(
    place: &Place,
    container: &str,
    settings: &Settings,
) -> Result<Box<dyn ObjectStore>, DepotError> {
    let mut builder = MicrosoftAzureBuilder::new();
    for (name, value) in options(settings, "AZURE_") {
        if let Ok(key) = AzureConfigKey::from_str(&name) {
            builder = builder.with_config(key, value);
        }
    }
    let secrets = [
        "AZURE_STORAGE_ACCOUNT_KEY",
        "AZURE_STORAGE_ACCESS_KEY",
        "AZURE_STORAGE_SAS_KEY",
        "AZURE_STORAGE_TOKEN",
        "AZURE_CLIENT_SECRET",
        "AZURE_STORAGE_CLIENT_SECRET",
        "AZURE_FEDERATED_TOKEN_FILE",
    ];
    if settings.get("AZURE_STORAGE_ACCOUNT_NAME").is_none()
        || !secrets.iter().any(|name| settings.get(name).is_some())
    {
        return Err(setup(
            place,
            "no account or no key is set",
            "set AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY (or a SAS or client secret)",
        ));
    }
    let store = builder
        .with_container_name(container)
        .with_retry(retries(settings))
        .with_client_options(client(settings))
        .build()
        .map_err(|error| setup(place, reason(&error), "check the variables AZURE_…"))?;
    Ok(Box::new(store))
}

pub(super) fn google(
    place: &Place,
    bucket: &str,
    settings: &Settings,
) -> Result<Box<dyn ObjectStore>, DepotError> {
    let mut builder = GoogleCloudStorageBuilder::new();
    for (name, value) in options(settings, "GOOGLE_") {
        if let Ok(key) = GoogleConfigKey::from_str(&name) {
            builder = builder.with_config(key, value);
        }
    }
    let secrets = [
        "GOOGLE_SERVICE_ACCOUNT",
        "GOOGLE_SERVICE_ACCOUNT_PATH",
        "GOOGLE_SERVICE_ACCOUNT_KEY",
        "GOOGLE_APPLICATION_CREDENTIALS",
    ];
    if !secrets.iter().any(|name| settings.get(name).is_some()) {
        return Err(setup(
            place,
            "no account is set",
            "set GOOGLE_APPLICATION_CREDENTIALS to the file with the service account's key",
        ));
    }
    let store = builder
        .with_bucket_name(bucket)
        .with_retry(retries(settings))
        .with_client_options(client(settings))
        .build()
        .map_err(|error| setup(place, reason(&error), "check the variables GOOGLE_…"))?;
    Ok(Box::new(store))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::depot::Depot;

    fn open(place: &str, variables: &[(&str, &str)]) -> Result<Depot, DepotError> {
        let pairs = variables.iter();
        let settings = Settings {
            environment: pairs
                .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
                .collect(),
            ..Settings::default()
        };
        Depot::open(Place::parse(place)?, &settings)
    }

    const KEY: [(&str, &str); 2] = [
        ("AWS_ACCESS_KEY_ID", "AKEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "topsecret"),
    ];

    #[test]
    fn what_is_missing_is_said() {
        let with = |more: &[(&'static str, &'static str)]| [&KEY[..], more].concat();
        for (place, variables, words) in [
            ("s3://b", vec![], "no key is set"),
            ("s3://b", vec![KEY[0]], "only one half of the key"),
            (
                "s3://b",
                with(&[("AWS_ENDPOINT_URL", "http://10.0.0.5:9000")]),
                "is not encrypted",
            ),
            (
                "s3://b",
                with(&[("AWS_ENDPOINT_URL", "http://127.0.0.1.evil.example")]),
                "is not encrypted",
            ),
            ("az://c", vec![], "no account or no key"),
            ("gs://b", vec![], "no account is set"),
            (
                "gs://b",
                vec![("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/x.json")],
                "cannot be reached as it is set up",
            ),
        ] {
            let error = open(place, &variables).unwrap_err().to_string();
            assert!(error.contains(words), "{place}: {error}");
            assert!(error.contains("Nothing was changed") && !error.contains("topsecret"));
        }
        for more in [
            &[][..],
            &[("AWS_ENDPOINT_URL", "https://s3.example.org")],
            &[("AWS_ENDPOINT_URL", "http://127.0.0.1:1")],
            &[("AWS_ENDPOINT_URL", "http://[::1]:1/")],
            &[
                ("AWS_ENDPOINT_URL", "http://10.0.0.5"),
                ("AWS_ALLOW_HTTP", "true"),
            ],
        ] {
            open("s3://b/p", &with(more)).unwrap();
        }
        let account = [
            ("AZURE_STORAGE_ACCOUNT_NAME", "x"),
            ("AZURE_STORAGE_ACCOUNT_KEY", "a2V5"),
        ];
        open("az://c/p", &account).unwrap();
    }
}
