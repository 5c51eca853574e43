//! A place in memory that fails, forgets and lies on demand.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::depot::DepotError;
use crate::depot::objects::{Object, Objects};

/// What is there, and what happens to requests.
#[derive(Default)]
pub struct Inside {
    pub objects: BTreeMap<String, (u64, Vec<u8>)>,
    pub requests: Vec<String>,
    /// Bytes of objects that went up or down.
    pub carried: u64,
    /// Names that were listed.
    pub listed: usize,
    /// After so many more requests nothing answers any more.
    pub dies_after: Option<usize>,
    version: u64,
}

/// A place in memory; clones are the same place.
#[derive(Clone, Default)]
pub struct Bucket(pub Arc<Mutex<Inside>>);

impl Bucket {
    pub fn with<T>(&self, work: impl FnOnce(&mut Inside) -> T) -> T {
        work(&mut self.0.lock().unwrap())
    }

    pub fn keys(&self) -> Vec<String> {
        self.with(|inside| inside.objects.keys().cloned().collect())
    }

    fn request<T>(&self, what: &str, work: impl FnOnce(&mut Inside) -> T) -> Result<T, DepotError> {
        self.with(|inside| {
            if let Some(left) = &mut inside.dies_after {
                if *left == 0 {
                    return Err(DepotError::Unreachable {
                        place: "memory".to_owned(),
                        doing: what.to_owned(),
                        reason: "it is dead".to_owned(),
                    });
                }
                *left -= 1;
            }
            inside.requests.push(what.to_owned());
            Ok(work(inside))
        })
    }
}

impl Objects for Bucket {
    fn list(&self, prefix: &str) -> Result<Vec<Object>, DepotError> {
        self.request(&format!("list {prefix}"), |inside| {
            let all = inside.objects.iter();
            let found: Vec<Object> = all
                .filter(|(key, _)| key.starts_with(prefix))
                .map(|(key, (version, bytes))| Object {
                    key: key.clone(),
                    bytes: bytes.len() as u64,
                    stamp: version.to_string(),
                })
                .collect();
            inside.listed += found.len();
            found
        })
    }

    fn head(&self, key: &str, most: u64) -> Result<Option<Vec<u8>>, DepotError> {
        self.request(&format!("head {key}"), |inside| {
            let (_, bytes) = inside.objects.get(key)?;
            let head: Vec<u8> = bytes.iter().take(most as usize).copied().collect();
            inside.carried += head.len() as u64;
            Some(head)
        })
    }

    fn fetch(&self, key: &str, most: u64, into: &Path) -> Result<bool, DepotError> {
        let bytes = self.request(&format!("fetch {key}"), |inside| {
            let bytes = inside.objects.get(key).map(|(_, bytes)| bytes.clone());
            inside.carried += bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
            bytes
        })?;
        Ok(bytes
            .filter(|bytes| bytes.len() as u64 <= most)
            .is_some_and(|bytes| std::fs::write(into, bytes).is_ok()))
    }

    fn put(&self, key: &str, bytes: &[u8]) -> Result<(), DepotError> {
        self.request(&format!("put {key}"), |inside| {
            inside.version += 1;
            inside.carried += bytes.len() as u64;
            let version = inside.version;
            inside
                .objects
                .insert(key.to_owned(), (version, bytes.to_vec()));
        })
    }

    fn put_file(&self, key: &str, file: &Path) -> Result<(), DepotError> {
        self.put(key, &std::fs::read(file).unwrap())
    }

    fn remove(&self, key: &str) -> Result<(), DepotError> {
        self.request(&format!("remove {key}"), |inside| {
            inside.objects.remove(key);
        })
    }
}
