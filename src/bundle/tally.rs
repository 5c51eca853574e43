//! The body's way into and out of the file: counted and hashed as it stands there, encrypted or not.

use std::io::{self, Read, Take, Write};

use crate::journal::Hash;

use super::age::{Fresh, Opener, Sealer, Secret, sealed_len};

/// Hashes and counts every byte that passes.
pub struct Tally<T> {
    inner: T,
    // Two kilobytes each.
    body: Box<blake3::Hasher>,
    whole: Box<blake3::Hasher>,
    bytes: u64,
}

impl<T> Tally<T> {
    /// Begins a body; `whole` has taken in everything before it.
    fn new(inner: T, whole: blake3::Hasher) -> Self {
        Self {
            inner,
            body: Box::default(),
            whole: Box::new(whole),
            bytes: 0,
        }
    }

    fn note(&mut self, bytes: &[u8]) {
        self.body.update(bytes);
        self.whole.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    fn finish(self) -> Passed<T> {
        Passed {
            inner: self.inner,
            bytes: self.bytes,
            hash: Hash(*self.body.finalize().as_bytes()),
            whole: *self.whole,
        }
    }
}

/// What passed, when it is over.
pub struct Passed<T> {
    /// Where it went or came from.
    pub inner: T,
    /// How many bytes.
    pub bytes: u64,
    /// Their blake3.
    pub hash: Hash,
    /// What has taken in everything from the beginning of the file.
    pub whole: blake3::Hasher,
}

impl<R: Read> Read for Tally<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.note(&into[..read]);
        Ok(read)
    }
}

impl<W: Write> Write for Tally<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.note(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Where a body is written to.
pub enum Outlet<W> {
    /// As it is.
    Plain(Tally<W>),
    /// Encrypted.
    Sealed(Box<Sealer<Tally<W>>>),
}

impl<W: Write> Outlet<W> {
    /// A body as it is.
    pub fn plain(out: W) -> Self {
        Self::Plain(Tally::new(out, blake3::Hasher::new()))
    }

    /// A body for the holders of these keys only.
    pub fn sealed(out: W, recipients: &[[u8; 32]], fresh: &Fresh) -> io::Result<Self> {
        let tally = Tally::new(out, blake3::Hasher::new());
        Ok(Self::Sealed(Box::new(Sealer::new(
            tally, recipients, fresh,
        )?)))
    }

    /// How long so many bytes are when they stand in the file.
    pub fn length_of(&self, bytes: u64) -> u64 {
        match self {
            Self::Plain(_) => bytes,
            Self::Sealed(sealer) => sealed_len(sealer.head(), bytes),
        }
    }

    /// Ends the body.
    pub fn finish(self) -> io::Result<Passed<W>> {
        let mut tally = match self {
            Self::Plain(tally) => tally,
            Self::Sealed(sealer) => sealer.finish()?,
        };
        tally.flush()?;
        Ok(tally.finish())
    }
}

impl<W: Write> Write for Outlet<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tally) => tally.write(bytes),
            Self::Sealed(sealer) => sealer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(tally) => tally.flush(),
            Self::Sealed(sealer) => sealer.flush(),
        }
    }
}

/// Where a body is read from: never beyond its end.
pub enum Inlet<R> {
    /// As it is.
    Plain(Tally<Take<R>>),
    /// Encrypted.
    Opened(Box<Opener<Tally<Take<R>>>>),
}

impl<R: Read> Inlet<R> {
    /// A body of so many bytes.
    pub fn plain(input: R, bytes: u64, whole: blake3::Hasher) -> Self {
        Self::Plain(Tally::new(input.take(bytes), whole))
    }

    /// A body of so many bytes that is encrypted for at most so many sites; `None` if not for the holder of the secret.
    pub fn opened(
        input: R,
        bytes: u64,
        whole: blake3::Hasher,
        most: usize,
        secret: &Secret,
    ) -> io::Result<Option<Self>> {
        let tally = Tally::new(input.take(bytes), whole);
        let opener = Opener::new(tally, most, secret)?;
        Ok(opener.map(|opener| Self::Opened(Box::new(opener))))
    }

    fn tally(&self) -> &Tally<Take<R>> {
        match self {
            Self::Plain(tally) => tally,
            Self::Opened(opener) => opener.get_ref(),
        }
    }

    /// How many bytes of the body in the file are left.
    pub fn left(&self) -> u64 {
        self.tally().inner.limit()
    }

    /// How many bytes of the body in the file were read.
    pub fn passed(&self) -> u64 {
        self.tally().bytes
    }

    /// Ends the body.
    pub fn finish(self) -> Passed<Take<R>> {
        match self {
            Self::Plain(tally) => tally.finish(),
            Self::Opened(opener) => opener.into_inner().finish(),
        }
    }
}

impl<R: Read> Read for Inlet<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tally) => tally.read(into),
            Self::Opened(opener) => opener.read(into),
        }
    }
}
