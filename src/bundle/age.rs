//! The age format, version 1, as far as bundles use it: x25519 recipients, a payload in pieces of 64 KiB.
//!
//! Written out here because the crate `age` brings more than a hundred others for what we do not use. The files are
//! ordinary age files: whoever holds the key in age's own form can open them with any age tool.
//!
//! Invariants: nothing comes out that was not authenticated; a cut or an added piece is noticed; the header is read up
//! to the length that so many recipients need, and the payload piece by piece. Random numbers come from the caller,
//! who gives 32 fresh bytes for each file and never the same twice.

use std::io::{self, Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use curve25519_dalek::MontgomeryPoint;
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::journal::SiteKey;

const VERSION: &str = "age-encryption.org/v1\n";
const STANZA: &str = "-> X25519 ";
const END: &str = "---";
const WRAP: &[u8] = b"age-encryption.org/v1/X25519";
/// Plain bytes in a piece of the payload.
const PIECE: usize = 64 << 10;
/// Bytes that authenticate a piece.
const TAG: usize = 16;
/// The longest line of a header that we write or read.
const MAX_LINE: usize = 64;

/// 32 bytes from the system's randomness, for one file only.
pub struct Fresh(Zeroizing<[u8; 32]>);

/// An x25519 secret.
pub struct Secret(Zeroizing<[u8; 32]>);

impl Secret {
    /// The one that belongs to a site's key.
    pub(super) fn of(key: &SiteKey) -> Self {
        Self(key.x25519_secret())
    }
}

impl Fresh {
    /// Takes the bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A secret made from it; each purpose and number has its own.
    fn secret<const N: usize>(&self, purpose: &str, number: u64) -> Zeroizing<[u8; N]> {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(purpose.as_bytes());
        hasher.update(&number.to_le_bytes());
        let mut out = Zeroizing::new([0; N]);
        hasher.finalize_xof().fill(&mut out[..]);
        out
    }
}

fn derive(ikm: &[u8], salt: &[u8], info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    // 32 bytes are never too many to ask for.
    let _ = Hkdf::<Sha256>::new(Some(salt), ikm).expand(info, &mut out[..]);
    out
}

fn mac(file_key: &[u8; 16], header: &[u8]) -> Hmac<Sha256> {
    let key = derive(file_key, &[], b"header");
    let mut block = [0; 64];
    block[..32].copy_from_slice(&key[..]);
    let mut mac: Hmac<Sha256> = hmac::KeyInit::new(&block.into());
    mac.update(header);
    mac
}

fn cipher(key: &[u8; 32]) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(Key::from_slice(key))
}

/// The key that wraps the file key for one recipient.
fn wrap_key(shared: &[u8; 32], share: &[u8; 32], recipient: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    derive(shared, &[&share[..], recipient].concat(), WRAP)
}

/// The public key of an x25519 secret.
pub fn public_of(secret: &[u8; 32]) -> [u8; 32] {
    MontgomeryPoint::mul_base_clamped(*secret).to_bytes()
}

fn agree(secret: &[u8; 32], public: &[u8; 32]) -> Option<Zeroizing<[u8; 32]>> {
    let shared = Zeroizing::new(MontgomeryPoint(*public).mul_clamped(*secret).to_bytes());
    // A point of small order gives zero: nobody's key.
    (*shared != [0; 32]).then_some(shared)
}

fn refused(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// The pieces of the payload: a number and whether it is the last make the nonce.
struct Pieces {
    cipher: ChaCha20Poly1305,
    number: u64,
}

impl Pieces {
    fn new(file_key: &[u8; 16], nonce: &[u8; 16]) -> Self {
        Self {
            cipher: cipher(&derive(file_key, nonce, b"payload")),
            number: 0,
        }
    }

    fn nonce(&mut self, last: bool) -> Nonce {
        let mut nonce = [0; 12];
        nonce[3..11].copy_from_slice(&self.number.to_be_bytes());
        nonce[11] = u8::from(last);
        self.number += 1;
        nonce.into()
    }

    fn seal(&mut self, plain: &[u8], last: bool) -> io::Result<Vec<u8>> {
        let nonce = self.nonce(last);
        self.cipher
            .encrypt(&nonce, plain)
            .map_err(|_| refused("it cannot be encrypted"))
    }

    fn open(&mut self, sealed: &[u8], last: bool) -> io::Result<Vec<u8>> {
        let nonce = self.nonce(last);
        self.cipher
            .decrypt(&nonce, sealed)
            .map_err(|_| refused("an encrypted piece was changed"))
    }
}

/// How long a file with a head of `head` bytes is that holds so many plain bytes.
pub fn sealed_len(head: u64, plain: u64) -> u64 {
    head + plain + plain.div_ceil(PIECE as u64).max(1) * TAG as u64
}

/// Encrypts what is written to it. [`Sealer::finish`] ends the file.
pub struct Sealer<W> {
    out: W,
    head: u64,
    pieces: Pieces,
    plain: Zeroizing<Vec<u8>>,
}

impl<W: Write> Sealer<W> {
    /// Begins a file for these x25519 public keys.
    pub fn new(mut out: W, recipients: &[[u8; 32]], fresh: &Fresh) -> io::Result<Self> {
        let file_key = fresh.secret::<16>("file key", 0);
        let mut header = String::from(VERSION);
        for (number, recipient) in recipients.iter().enumerate() {
            let secret = fresh.secret::<32>("ephemeral", number as u64);
            let share = public_of(&secret);
            let shared =
                agree(&secret, recipient).ok_or_else(|| refused("a recipient's key is no key"))?;
            let wrapped = cipher(&wrap_key(&shared, &share, recipient))
                .encrypt(&Nonce::default(), &file_key[..])
                .map_err(|_| refused("it cannot be encrypted"))?;
            header.push_str(STANZA);
            header.push_str(&STANDARD_NO_PAD.encode(share));
            header.push('\n');
            header.push_str(&STANDARD_NO_PAD.encode(wrapped));
            header.push('\n');
        }
        header.push_str(END);
        let tag = mac(&file_key, header.as_bytes()).finalize().into_bytes();
        header.push(' ');
        header.push_str(&STANDARD_NO_PAD.encode(tag));
        header.push('\n');
        out.write_all(header.as_bytes())?;
        let nonce = fresh.secret::<16>("nonce", 0);
        out.write_all(&nonce[..])?;
        Ok(Self {
            out,
            head: (header.len() + nonce.len()) as u64,
            pieces: Pieces::new(&file_key, &nonce),
            plain: Zeroizing::new(Vec::with_capacity(PIECE)),
        })
    }

    /// Bytes before the first piece.
    pub fn head(&self) -> u64 {
        self.head
    }

    /// Writes the last piece and gives back what it was written to.
    pub fn finish(mut self) -> io::Result<W> {
        let sealed = self.pieces.seal(&self.plain, true)?;
        self.out.write_all(&sealed)?;
        Ok(self.out)
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full piece waits for more: only the last may follow nothing.
        if self.plain.len() == PIECE && !bytes.is_empty() {
            let sealed = self.pieces.seal(&self.plain, false)?;
            self.out.write_all(&sealed)?;
            self.plain.clear();
        }
        let now = bytes.len().min(PIECE - self.plain.len());
        self.plain.extend_from_slice(&bytes[..now]);
        Ok(now)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Gives the plain bytes of a file whose key is held.
pub struct Opener<R> {
    input: R,
    pieces: Pieces,
    sealed: Vec<u8>,
    waiting: usize,
    plain: Zeroizing<Vec<u8>>,
    at: usize,
    ended: bool,
}

impl<R: Read> Opener<R> {
    /// Reads the header, of at most so many recipients. `None` if the file is not for the holder of this secret.
    pub fn new(mut input: R, most: usize, secret: &Secret) -> io::Result<Option<Self>> {
        let secret = &secret.0;
        let own = public_of(secret);
        let mut header = line(&mut input)?;
        if header != VERSION.as_bytes() {
            return Err(refused("the encrypted part does not begin as an age file"));
        }
        let mut file_key = None;
        let mut stanzas = 0;
        let tag = loop {
            let first = line(&mut input)?;
            if let Some(rest) = first.strip_prefix(END.as_bytes()) {
                header.extend_from_slice(END.as_bytes());
                let tag = rest.strip_prefix(b" ").unwrap_or_default();
                break decoded::<32>(tag)?;
            }
            stanzas += 1;
            if stanzas > most {
                return Err(refused("it is encrypted for more sites than it says"));
            }
            let share = decoded::<32>(first.strip_prefix(STANZA.as_bytes()).unwrap_or_default())?;
            let body = line(&mut input)?;
            let wrapped = decoded::<32>(&body)?;
            header.extend_from_slice(&first);
            header.extend_from_slice(&body);
            if file_key.is_none() {
                file_key = unwrapped(secret, &share, &own, &wrapped);
            }
        };
        let Some(file_key) = file_key else {
            return Ok(None);
        };
        if mac(&file_key, &header).verify(&tag.into()).is_err() {
            return Err(refused("the head of the encrypted part was changed"));
        }
        let mut nonce = [0; 16];
        input.read_exact(&mut nonce)?;
        Ok(Some(Self {
            input,
            pieces: Pieces::new(&file_key, &nonce),
            sealed: vec![0; PIECE + TAG + 1],
            waiting: 0,
            plain: Zeroizing::new(Vec::new()),
            at: 0,
            ended: false,
        }))
    }

    /// What it reads from.
    pub fn get_ref(&self) -> &R {
        &self.input
    }

    /// Gives back what it read from.
    pub fn into_inner(self) -> R {
        self.input
    }

    /// Opens the next piece. One byte beyond it says whether it is the last.
    fn advance(&mut self) -> io::Result<()> {
        while self.waiting < self.sealed.len() {
            match self.input.read(&mut self.sealed[self.waiting..]) {
                Ok(0) => break,
                Ok(read) => self.waiting += read,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        let last = self.waiting < self.sealed.len();
        let len = self.waiting.min(PIECE + TAG);
        self.plain = Zeroizing::new(self.pieces.open(&self.sealed[..len], last)?);
        if self.plain.is_empty() && self.pieces.number > 1 {
            return Err(refused("an encrypted piece is empty"));
        }
        self.sealed.copy_within(len..self.waiting, 0);
        self.waiting -= len;
        self.at = 0;
        self.ended = last;
        Ok(())
    }
}

impl<R: Read> Read for Opener<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.plain.len() && !self.ended && !into.is_empty() {
            self.advance()?;
        }
        let now = into.len().min(self.plain.len() - self.at);
        into[..now].copy_from_slice(&self.plain[self.at..self.at + now]);
        self.at += now;
        Ok(now)
    }
}

/// The file key, if this stanza was made for the holder of the secret.
fn unwrapped(
    secret: &[u8; 32],
    share: &[u8; 32],
    own: &[u8; 32],
    wrapped: &[u8; 32],
) -> Option<Zeroizing<[u8; 16]>> {
    let shared = agree(secret, share)?;
    let plain = cipher(&wrap_key(&shared, share, own))
        .decrypt(&Nonce::default(), &wrapped[..])
        .ok()?;
    let plain = Zeroizing::new(plain);
    let mut key = Zeroizing::new([0; 16]);
    key.copy_from_slice(plain.get(..16)?);
    Some(key)
}

/// A line of the header with its end.
fn line(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    loop {
        let mut byte = [0];
        input.read_exact(&mut byte)?;
        out.push(byte[0]);
        if byte[0] == b'\n' {
            return Ok(out);
        }
        if out.len() > MAX_LINE {
            return Err(refused("a line of the encrypted part's head is too long"));
        }
    }
}

fn decoded<const N: usize>(text: &[u8]) -> io::Result<[u8; N]> {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    STANDARD_NO_PAD
        .decode(text)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| refused("the head of the encrypted part cannot be read"))
}
