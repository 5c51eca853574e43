//! Depots as a session asks for them.

use super::super::failure::Failure;
use super::super::link::{Call, Reply, Step};
use super::super::session::{Session, unexpected, unheard};
use super::super::sync::{DepotCall, SyncCall, SyncReply};
use super::files::DepotSetting;
use super::sheets::{DepotSheet, Synced};

impl Session {
    fn depot(&self, call: DepotCall, hear: &mut dyn FnMut(Step)) -> Result<SyncReply, Failure> {
        match self.link.call(Call::Sync(SyncCall::Depot(call)), hear)? {
            Reply::Sync(reply) => Ok(reply),
            _ => Err(unexpected()),
        }
    }

    /// Every depot, with how things are.
    pub fn depots(&self) -> Result<Vec<DepotSheet>, Failure> {
        match self.depot(DepotCall::List, &mut unheard)? {
            SyncReply::Depots(depots) => Ok(depots),
            _ => Err(unexpected()),
        }
    }

    /// Sets a depot up; what to know beside it.
    pub fn add_depot(&self, depot: DepotSetting) -> Result<Vec<String>, Failure> {
        match self.depot(DepotCall::Add(depot), &mut unheard)? {
            SyncReply::Words(words) => Ok(words),
            _ => Err(unexpected()),
        }
    }

    /// Takes a depot from the list; what lies there stays.
    pub fn remove_depot(&self, name: &str) -> Result<(), Failure> {
        let name = name.to_owned();
        self.depot(DepotCall::Remove { name }, &mut unheard)
            .map(drop)
    }

    /// Exchanges with a depot and waits for the end.
    pub fn sync_depot(&self, name: &str, hear: &mut dyn FnMut(Step)) -> Result<Synced, Failure> {
        let (actor, name) = (self.actor.clone(), name.to_owned());
        match self.depot(DepotCall::Sync { actor, name }, hear)? {
            SyncReply::Synced(synced) => Ok(*synced),
            _ => Err(unexpected()),
        }
    }

    /// Begins an exchange with a depot and does not wait for its end: [`Session::depots`] tells how far it is.
    pub fn start_sync(&self, name: &str) -> Result<(), Failure> {
        let (actor, name) = (self.actor.clone(), name.to_owned());
        self.depot(DepotCall::Start { actor, name }, &mut unheard)
            .map(drop)
    }
}
