//! What goes over the socket: a greeting whose layout never changes, then calls, answers and news.
//!
//! Invariants: the greeting's first bytes can be read by every version, so two that do not fit can tell each other in
//! words; every call has an id that its answer repeats; errors are data.

use std::io::{Read, Write};

use serde::{Deserialize, Serialize};

use super::frame::{self, FrameError};
use super::status::HostStatus;
use crate::bench::link::{Call, Reply, Step};
use crate::bench::query::Change;
use crate::bench::{Failure, Notice};

/// The first bytes on a line, in both directions.
pub const MAGIC: [u8; 6] = *b"tagout";
/// The protocol spoken here.
pub const VERSION: u16 = 3;
/// The oldest protocol still understood.
pub const OLDEST: u16 = 3;
/// The flag of [`Greeting::step_down`].
const STEP_DOWN: u16 = 1;
/// The longest details of a greeting, in bytes.
const LONGEST_DETAILS: usize = 4 << 10;

/// The part of a greeting that never changes: magic, oldest and newest protocol, flags, length of the details; all
/// little endian. Details are bincode of the version that both agree on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Greeting {
    /// The oldest protocol that the speaker understands.
    pub oldest: u16,
    /// The newest. In a host's answer: the one to speak, 0 when none fits.
    pub newest: u16,
    /// A client asks an older host without other sessions to leave; a host says that it leaves.
    pub step_down: bool,
}

/// Who comes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Caller {
    /// The program's version.
    pub build: String,
    /// Its process.
    pub process: u32,
    /// The Unix account's name, as the client says it; what counts is the number that the kernel gives.
    pub user: String,
    /// Its terminal.
    pub terminal: String,
    /// What it does: a command's name, or the terminal face.
    pub doing: String,
}

/// Who answers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Answerer {
    /// The program's version.
    pub build: String,
    /// The host's process.
    pub process: u32,
    /// What opening the store had to say.
    pub notices: Vec<String>,
    /// The store was made by this start and nobody saw its first page yet.
    pub new_store: bool,
}

/// From a session to the host.
#[allow(clippy::large_enum_variant)] // one at a time, and nearly all of them are calls
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum ToHost {
    /// A call of the bench.
    Call {
        /// The id that the answer repeats.
        id: u64,
        /// What.
        call: Call,
    },
    /// News of changes are wanted from now on.
    Watch,
    /// What the session does now, for `host status`.
    Doing(String),
    /// Who is here.
    Status {
        /// The id that the answer repeats.
        id: u64,
    },
    /// Finish what is being done and leave.
    Stop {
        /// The id that the answer repeats.
        id: u64,
    },
}

/// From the host to a session.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum FromHost {
    /// The end of a call.
    Done {
        /// The call.
        id: u64,
        /// Its answer.
        result: Result<Reply, Failure>,
    },
    /// How far a long call is.
    Step {
        /// The call.
        id: u64,
        /// How far.
        step: Step,
    },
    /// Something changed.
    Changed(Change),
    /// Who is here.
    Status {
        /// The call.
        id: u64,
        /// The facts.
        status: HostStatus,
    },
    /// The host leaves and says why. A session that goes on may start another.
    Leaving(String),
}

/// Writes the fixed part of a greeting and its details.
pub fn greet<T: Serialize>(
    to: &mut impl Write,
    greeting: Greeting,
    details: &T,
) -> Result<(), FrameError> {
    let details = crate::journal::codec::encode(details)?;
    let mut out = Vec::with_capacity(16 + details.len());
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&greeting.oldest.to_le_bytes());
    out.extend_from_slice(&greeting.newest.to_le_bytes());
    let flags = if greeting.step_down { STEP_DOWN } else { 0 };
    out.extend_from_slice(&flags.to_le_bytes());
    out.extend_from_slice(&(details.len() as u32).to_le_bytes());
    out.extend_from_slice(&details);
    to.write_all(&out)?;
    Ok(to.flush()?)
}

/// Reads a greeting and the bytes of its details; `None` when the other side does not speak this protocol at all.
pub fn greeted(from: &mut impl Read) -> Result<Option<(Greeting, Vec<u8>)>, FrameError> {
    let mut head = [0; 16];
    from.read_exact(&mut head)
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => FrameError::Gone,
            _ => FrameError::Io(error),
        })?;
    if head[..6] != MAGIC {
        return Ok(None);
    }
    let number = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
    let length = u32::from_le_bytes([head[12], head[13], head[14], head[15]]) as usize;
    if length > LONGEST_DETAILS {
        return Err(FrameError::TooLong(length));
    }
    let mut details = Vec::new();
    from.take(length as u64).read_to_end(&mut details)?;
    if details.len() < length {
        return Err(FrameError::Gone);
    }
    let greeting = Greeting {
        oldest: number(6),
        newest: number(8),
        step_down: number(10) & STEP_DOWN != 0,
    };
    Ok(Some((greeting, details)))
}

/// The protocol that both understand, the newest of them.
pub fn agreed(theirs: Greeting) -> Option<u16> {
    let newest = theirs.newest.min(VERSION);
    (newest >= theirs.oldest.max(OLDEST) && newest > 0).then_some(newest)
}

/// Words of what opening the store had to say, for sessions.
pub fn words(notices: &[Notice]) -> Vec<String> {
    notices
        .iter()
        .filter(|notice| !matches!(notice, Notice::Created { .. }))
        .map(ToString::to_string)
        .collect()
}

/// Sends a message.
pub fn send<T: Serialize>(to: &mut impl Write, message: &T) -> Result<(), FrameError> {
    frame::send(to, message)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn greeting(oldest: u16, newest: u16) -> Greeting {
        Greeting {
            oldest,
            newest,
            step_down: false,
        }
    }

    #[test]
    fn the_newest_common_protocol_is_spoken() {
        assert_eq!(agreed(greeting(OLDEST, VERSION)), Some(VERSION));
        assert_eq!(agreed(greeting(1, 9)), Some(VERSION));
        assert_eq!(agreed(greeting(VERSION + 1, VERSION + 3)), None);
        assert_eq!(agreed(greeting(0, 0)), None);
    }

    #[test]
    fn the_fixed_part_of_a_greeting_stays() {
        let mut out = Vec::new();
        let said = Greeting {
            oldest: 2,
            newest: 3,
            step_down: true,
        };
        greet(&mut out, said, &7_u16).unwrap();
        assert_eq!(
            out,
            [
                b't', b'a', b'g', b'o', b'u', b't', 2, 0, 3, 0, 1, 0, 2, 0, 0, 0, 7, 0
            ]
        );
        assert_eq!(
            greeted(&mut out.as_slice()).unwrap(),
            Some((said, vec![7, 0]))
        );
        assert!(matches!(
            greeted(&mut &b"SSH-2.0-OpenSSH_9.2\r\n"[..]),
            Ok(None)
        ));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_bytes_are_a_message_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
            let _ = crate::journal::codec::decode::<ToHost>(&bytes);
            let _ = crate::journal::codec::decode::<FromHost>(&bytes);
            let _ = crate::journal::codec::decode::<Caller>(&bytes);
        }

        #[test]
        fn any_first_bytes_are_a_greeting_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = greeted(&mut bytes.as_slice());
        }
    }
}
