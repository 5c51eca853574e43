//! One process per store, the host, serves every session of a shop terminal over a Unix socket.
//!
//! sled lets one process in. So the first `tagout` of a store starts its host, as tmux starts its server; every session
//! is a client, sees what the others do, and may die at any moment. The host leaves when nobody has needed it for a
//! while.
//!
//! May use: `bench` and below. The wire carries the bench's own calls and answers; nothing here decides anything.
//!
//! Invariants:
//! - the store's flock decides who is host, never the socket file; only its holder touches the socket's name;
//! - the host opens no path that a client sends: a user's files are read and written by the user's process;
//! - no frame can crash, hang or bloat the host: lengths are checked before memory is taken, a client that does not
//!   read is cut off from news and told to look again, a client that breaks the protocol is told so and let go;
//! - a command carries its id, so a client may repeat it after a break without doing it twice.

pub mod account;
pub mod client;
mod connection;
mod frame;
mod holder;
pub mod paths;
mod repeat;
mod server;
pub mod spawn;
pub mod status;
mod trouble;
pub mod wire;

pub use client::{Client, Route};
pub use holder::holder;
pub use server::{HostOptions, Stopped, serve};
