//! Frames on the socket: a length of four bytes, little endian, then that many bytes.
//!
//! Invariant: memory grows with the bytes that really arrived, never with the length that was claimed.

use std::io::{self, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::journal::codec::{self, CodecError, LIMIT};

/// What reading a frame may end in.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The other side is gone.
    #[error("the other side is gone")]
    Gone,
    /// The socket failed, or the other side took too long.
    #[error("the socket failed: {0}")]
    Io(#[from] io::Error),
    /// The length is more than a frame may have.
    #[error("a frame of {0} bytes is longer than the {LIMIT} that one may have")]
    TooLong(usize),
    /// The bytes are not a message.
    #[error(transparent)]
    Codec(#[from] CodecError),
}

/// The bytes of a whole frame that holds this message.
pub fn framed<T: Serialize + ?Sized>(message: &T) -> Result<Vec<u8>, FrameError> {
    let body = codec::encode(message)?;
    let length = u32::try_from(body.len()).map_err(|_| FrameError::TooLong(body.len()))?;
    let mut out = Vec::with_capacity(body.len() + 4);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&body);
    Ok(out)
}

/// Writes a message as one frame with one write.
pub fn send<T: Serialize + ?Sized>(to: &mut impl Write, message: &T) -> Result<(), FrameError> {
    to.write_all(&framed(message)?)?;
    Ok(to.flush()?)
}

/// The next frame's bytes.
pub fn read(from: &mut impl Read) -> Result<Vec<u8>, FrameError> {
    let mut length = [0; 4];
    match from.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(FrameError::Gone),
        Err(error) => return Err(error.into()),
    }
    let length = u32::from_le_bytes(length) as usize;
    if length > LIMIT {
        return Err(FrameError::TooLong(length));
    }
    let mut body = Vec::new();
    from.take(length as u64).read_to_end(&mut body)?;
    if body.len() < length {
        return Err(FrameError::Gone);
    }
    Ok(body)
}

/// The next message.
pub fn receive<T: DeserializeOwned>(from: &mut impl Read) -> Result<T, FrameError> {
    Ok(codec::decode(&read(from)?)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_claimed_length_takes_no_memory() {
        let forged = u32::MAX.to_le_bytes();
        assert!(matches!(
            read(&mut forged.as_slice()),
            Err(FrameError::TooLong(_))
        ));
        let mut cut = 9_000_000_u32.to_le_bytes().to_vec();
        cut.extend_from_slice(b"only this");
        assert!(matches!(read(&mut cut.as_slice()), Err(FrameError::Gone)));
        assert!(matches!(
            read(&mut [1, 2].as_slice()),
            Err(FrameError::Gone)
        ));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_sent_arrives(messages in prop::collection::vec(any::<(u64, String)>(), 0..5)) {
            let mut line = Vec::new();
            for message in &messages {
                send(&mut line, message).unwrap();
            }
            let mut rest = line.as_slice();
            for message in &messages {
                prop_assert_eq!(&receive::<(u64, String)>(&mut rest).unwrap(), message);
            }
            prop_assert!(matches!(read(&mut rest), Err(FrameError::Gone)));
        }

        #[test]
        fn any_bytes_are_a_frame_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = receive::<(u64, String)>(&mut bytes.as_slice());
        }
    }
}
