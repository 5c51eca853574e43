//! Who else may look: owners and modes of the store, the socket, the state folder and the log.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::bench::own_uid;
use crate::host;

use super::super::place::Place;
use super::Line;

/// What must be the owner's alone.
struct Own {
    what: &'static str,
    path: PathBuf,
    /// What a `chmod` should say.
    mode: &'static str,
}

/// A line for the store, one for the socket, one for the state folder.
pub fn lines(place: &Place) -> Vec<Line> {
    let folders = place.folders();
    let own = |what, path, mode| Own { what, path, mode };
    let store = &folders.store;
    let mut out = vec![private(
        "store_modes",
        "Store modes",
        &[
            own("store", store.clone(), "700"),
            own("journal", store.join("journal"), "700"),
            own("keys", store.join("keys"), "700"),
            own("signing keys", store.join("technicians"), "700"),
        ],
    )];
    out.push(match &place.globals().host {
        None => private(
            "socket_modes",
            "Socket modes",
            &[
                own("folder", host::paths::folder(store), "700"),
                own("socket", host::paths::socket(store), "600"),
            ],
        ),
        Some(socket) => shared(socket),
    });
    out.push(private(
        "state_modes",
        "State modes",
        &[
            own("folder", folders.state.clone(), "700"),
            own("log", folders.log(), "600"),
        ],
    ));
    out
}

fn private(key: &'static str, label: &'static str, all: &[Own]) -> Line {
    let me = own_uid();
    let (mut seen, mut open, mut foreign, mut hidden) = (Vec::new(), Vec::new(), None, false);
    for own in all {
        match std::fs::symlink_metadata(&own.path) {
            Ok(facts) => {
                let mode = facts.mode() & 0o7777;
                seen.push(format!("{} {mode:o}", own.what));
                if mode & 0o077 != 0 {
                    open.push(format!("chmod {} {}", own.mode, own.path.display()));
                }
                if facts.uid() != me && foreign.is_none() {
                    foreign = Some(facts.uid());
                }
            }
            Err(error) => hidden |= error.kind() == std::io::ErrorKind::PermissionDenied,
        }
    }
    let words = match (seen.is_empty(), hidden) {
        (true, false) => "not there yet".to_owned(),
        (true, true) => "closed to this account".to_owned(),
        _ => seen.join(", "),
    };
    let mut line = Line::ok(key, label, words);
    if let Some(uid) = foreign {
        line.value = format!("{}; of account {}", line.value, host::account::name_of(uid));
    }
    if open.is_empty() {
        return line;
    }
    line.fail(format!("Other accounts may look in: {}", open.join("; ")))
}

/// The socket of a shop's shared host: its folder is the group's, the socket too, and nobody else's.
fn shared(socket: &Path) -> Line {
    let line = |words: String| Line::ok("socket_modes", "Socket modes", words);
    if let Err(error) = host::paths::owner(socket) {
        return line(socket.display().to_string()).fail(format!(
            "{error}. Ask whoever looks after this shop terminal."
        ));
    }
    let folder = socket.parent().unwrap_or(Path::new("/"));
    let mode = |path: &Path| {
        std::fs::metadata(path).map_or_else(
            |_| ("?".to_owned(), 0),
            |facts| {
                let mode = facts.mode() & 0o7777;
                (format!("{mode:o}"), mode)
            },
        )
    };
    let (of_folder, _) = mode(folder);
    let (of_socket, bits) = mode(socket);
    let line = line(format!("folder {of_folder}, socket {of_socket}"));
    let others = bits % 0o10;
    if others == 0 {
        return line;
    }
    line.warn(format!(
        "Every account of this machine may call the host. Let only the shop's group: SocketMode=0660 in the socket \
         unit, or chmod 660 {}",
        socket.display()
    ))
}
