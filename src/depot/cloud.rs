//! Object stores: S3 and what speaks like it, Azure, Google. Blocking outside; the runtime that `object_store` needs lives
//! here, on the caller's thread.
//!
//! Invariants: requests carry at most 8 MiB, so that a time limit for each suits every line; longer files are put in parts
//! that appear together; what may pass by itself (a server's 5xx, a connection that breaks or hangs) is tried again with
//! growing waits. Without encryption only this very machine is spoken to, unless the environment allows more. No key, and
//! no secret, is ever in an error.

mod setup;

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path as FilePath;
use std::sync::Once;

use futures_util::TryStreamExt as _;
use object_store::path::Path;
use object_store::{
    GetOptions, GetRange, ObjectMeta, ObjectStore, ObjectStoreExt as _, PutPayload,
};
use tokio::runtime::{Builder, Runtime};

use super::error::DepotError;
use super::objects::{Object, Objects};
use super::place::{Place, Service};
use super::sync::{Patience, Settings};

/// The most that one request carries.
const PIECE: u64 = 8 << 20;
/// The longest reason that is shown of what a server said, in characters.
const REASON: usize = 240;

/// A bucket.
pub(super) struct Cloud {
    place: Place,
    prefix: String,
    store: Box<dyn ObjectStore>,
    runtime: Runtime,
    patience: Patience,
}

impl Cloud {
    /// The bucket at this place, with what the environment and the profile say. Nothing is asked of it yet.
    pub(super) fn open(place: &Place, settings: &Settings) -> Result<Self, DepotError> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // Somebody may have chosen one already; any will do.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let Place::Bucket {
            service,
            bucket,
            prefix,
        } = place
        else {
            return Err(DepotError::Place {
                text: place.to_string(),
                reason: "it is a folder".to_owned(),
            });
        };
        let store = match service {
            Service::S3 => setup::s3(place, bucket, settings)?,
            Service::Azure => setup::azure(place, bucket, settings)?,
            Service::Google => setup::google(place, bucket, settings)?,
        };
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(DepotError::here("start talking to object stores"))?;
        Ok(Self {
            place: place.clone(),
            prefix: prefix.clone(),
            store,
            runtime,
            patience: settings.patience,
        })
    }

    fn path(&self, key: &str) -> Result<Path, DepotError> {
        let whole = if self.prefix.is_empty() {
            key.to_owned()
        } else {
            format!("{}/{key}", self.prefix)
        };
        Path::parse(whole.trim_end_matches('/')).map_err(|error| DepotError::Place {
            text: self.place.to_string(),
            reason: error.to_string(),
        })
    }

    fn failed(&self, doing: &str) -> impl FnOnce(object_store::Error) -> DepotError {
        let (place, doing) = (self.place.to_string(), doing.to_owned());
        move |error| {
            let reason = reason(&error);
            match (&error, status(&error)) {
                (
                    object_store::Error::PermissionDenied { .. }
                    | object_store::Error::Unauthenticated { .. },
                    _,
                )
                | (_, Some(401 | 403)) => DepotError::Denied {
                    place,
                    doing,
                    reason,
                },
                // Single objects that are not there are no errors here: it is the bucket.
                (object_store::Error::NotFound { .. }, _) | (_, Some(404)) => DepotError::Setup {
                    place,
                    reason: "there is no such bucket".to_owned(),
                    advice: "make it, or put its name right, and sync again".to_owned(),
                },
                _ if is_strange(&error) => DepotError::Strange { place, reason },
                _ => DepotError::Unreachable {
                    place,
                    doing,
                    reason,
                },
            }
        }
    }

    /// Does something until it is done, fails for good, or was tried often enough. The library itself tries requests again,
    /// but not an answer that broke off in the middle. Everything done here may be done twice.
    fn tries<T, F>(&self, mut act: impl FnMut() -> F) -> object_store::Result<T>
    where
        F: Future<Output = object_store::Result<T>>,
    {
        self.runtime.block_on(async {
            let mut wait = self.patience.first_wait;
            let mut left = self.patience.retries;
            loop {
                match act().await {
                    Err(error) if left > 0 && may_pass(&error) => {
                        left -= 1;
                        tokio::time::sleep(wait).await;
                        wait = wait.saturating_mul(2);
                    }
                    done => return done,
                }
            }
        })
    }

    /// A piece of an object and the object's length; `None` if it is not there.
    fn piece(&self, key: &str, from: u64, to: u64) -> Result<Option<(Vec<u8>, u64)>, DepotError> {
        let path = self.path(key)?;
        let options = GetOptions {
            range: Some(GetRange::Bounded(from..to)),
            ..GetOptions::default()
        };
        let got = self.tries(async || {
            let got = self.store.get_opts(&path, options.clone()).await?;
            let whole = got.meta.size;
            Ok((got.bytes().await?.to_vec(), whole))
        });
        match got {
            Ok(got) => Ok(Some(got)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => {
                // An empty object has no piece that could be asked for.
                let about = self.tries(|| self.store.head(&path));
                match about {
                    Ok(about) if about.size == 0 => Ok(Some((Vec::new(), 0))),
                    _ => Err(self.failed("read a bundle")(error)),
                }
            }
        }
    }
}

impl Objects for Cloud {
    fn list(&self, prefix: &str) -> Result<Vec<Object>, DepotError> {
        let path = self.path(prefix)?;
        let below = self.path("x")?;
        let own = below.as_ref().len() - 1;
        let object = |meta: ObjectMeta| Object {
            key: meta
                .location
                .as_ref()
                .get(own..)
                .unwrap_or_default()
                .to_owned(),
            bytes: meta.size,
            stamp: meta
                .e_tag
                .unwrap_or_else(|| meta.last_modified.timestamp_micros().to_string()),
        };
        let mut out: Vec<Object> = self
            .tries(|| self.store.list(Some(&path)).map_ok(object).try_collect())
            .map_err(self.failed("list the depot"))?;
        out.sort();
        Ok(out)
    }

    fn head(&self, key: &str, most: u64) -> Result<Option<Vec<u8>>, DepotError> {
        Ok(self.piece(key, 0, most)?.map(|(bytes, _)| bytes))
    }

    fn fetch(&self, key: &str, most: u64, into: &FilePath) -> Result<bool, DepotError> {
        let write = || DepotError::here("write a working file");
        let mut out = File::create(into).map_err(write())?;
        let mut done = 0;
        loop {
            let Some((bytes, whole)) = self.piece(key, done, done + PIECE)? else {
                return Ok(false);
            };
            if whole > most {
                return Ok(false);
            }
            out.write_all(&bytes).map_err(write())?;
            done += bytes.len() as u64;
            if done >= whole {
                return Ok(true);
            }
            if bytes.is_empty() {
                return Err(DepotError::Unreachable {
                    place: self.place.to_string(),
                    doing: "read a bundle".to_owned(),
                    reason: format!("it ended after {done} of {whole} bytes"),
                });
            }
        }
    }

    fn put(&self, key: &str, bytes: &[u8]) -> Result<(), DepotError> {
        let path = self.path(key)?;
        let payload = PutPayload::from(bytes.to_vec());
        self.tries(|| self.store.put(&path, payload.clone()))
            .map(drop)
            .map_err(self.failed("put something there"))
    }

    fn put_file(&self, key: &str, file: &FilePath) -> Result<(), DepotError> {
        let read = || DepotError::here("read a working file");
        let mut file = File::open(file).map_err(read())?;
        let mut next = || {
            let mut piece = Vec::new();
            (&mut file)
                .take(PIECE)
                .read_to_end(&mut piece)
                .map_err(read())?;
            Ok::<_, DepotError>(piece)
        };
        let first = next()?;
        if (first.len() as u64) < PIECE {
            return self.put(key, &first);
        }
        let path = self.path(key)?;
        let failed = || self.failed("put a bundle there");
        let mut upload = self
            .tries(|| self.store.put_multipart(&path))
            .map_err(failed())?;
        let mut piece = first;
        let parts = loop {
            if piece.is_empty() {
                break Ok(());
            }
            let part = upload.put_part(PutPayload::from(piece));
            if let Err(error) = self.runtime.block_on(part) {
                break Err(failed()(error));
            }
            piece = match next() {
                Ok(piece) => piece,
                Err(error) => break Err(error),
            };
        };
        if let Err(error) = parts {
            // Parts without an end are never seen; the server forgets them sooner or later.
            let _ = self.runtime.block_on(upload.abort());
            return Err(error);
        }
        self.runtime
            .block_on(upload.complete())
            .map(drop)
            .map_err(failed())
    }

    fn remove(&self, key: &str) -> Result<(), DepotError> {
        let path = self.path(key)?;
        match self.tries(|| self.store.delete(&path)) {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.failed("remove a bundle")(error)),
        }
    }
}

/// Whether the same may work a moment later, and was not tried again and again already.
fn may_pass(error: &object_store::Error) -> bool {
    matches!(error, object_store::Error::Generic { .. })
        && !is_strange(error)
        && status(error).is_none_or(|status| status >= 500 || matches!(status, 408 | 429))
        && !chain(error).any(|error| error.to_string().contains("max_retries"))
}

/// Whether it is about a name that is none.
fn is_strange(error: &object_store::Error) -> bool {
    matches!(error, object_store::Error::InvalidPath { .. })
        || chain(error).any(<dyn std::error::Error + 'static>::is::<object_store::path::Error>)
}

/// The status that a server answered with, where the library only says so in words.
fn status(error: &(dyn std::error::Error + 'static)) -> Option<u16> {
    chain(error).find_map(|error| {
        let words = error.to_string();
        let (_, rest) = words.split_once("status code: ")?;
        rest.get(..3)?.parse().ok()
    })
}

/// An error and what it comes from.
fn chain<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

/// What was said, in one line: the innermost reason, which is the only one that tells something.
fn reason(error: &(dyn std::error::Error + 'static)) -> String {
    let innermost = chain(error).last();
    let words = innermost.map_or_else(String::new, ToString::to_string);
    // A server says it in XML; what it says for people is one part of that.
    let said = words
        .split_once("<Message>")
        .and_then(|(_, rest)| rest.split_once("</Message>"));
    let words = match (said, status(error)) {
        (Some((said, _)), _) => said.to_owned(),
        (None, Some(status)) => format!("it answers with status {status}"),
        (None, None) => words,
    };
    let line: String = words
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .filter(|c| !c.is_control())
        .take(REASON)
        .collect();
    if line.is_empty() {
        "no reason was given".to_owned()
    } else {
        line
    }
}
