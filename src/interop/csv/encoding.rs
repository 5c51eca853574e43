//! Bytes to text: which encoding a file is in, told by its first bytes and by whether it is valid UTF-8.
//!
//! Invariant: decoding never fails and never drops a byte in silence; what cannot be a letter becomes U+FFFD and is
//! reported by the reader of the cells.

use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use serde::Serialize;

/// How the file's text is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// UTF-8 with a byte order mark, as Excel saves it.
    Utf8Bom,
    /// UTF-16, low byte first ("Unicode text" of Excel), with a byte order mark.
    Utf16Le,
    /// UTF-16, high byte first, with a byte order mark.
    Utf16Be,
    /// The code page of Western Windows: taken when the bytes are not valid UTF-8.
    Windows1252,
}

impl Encoding {
    /// What a person reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf8Bom => "UTF-8 with byte order mark",
            Self::Utf16Le => "UTF-16 (little endian)",
            Self::Utf16Be => "UTF-16 (big endian)",
            Self::Windows1252 => "Windows-1252",
        }
    }

    /// The encoding of these bytes and how many of them are the byte order mark.
    pub fn detect(bytes: &[u8]) -> (Self, usize) {
        match bytes {
            [0xef, 0xbb, 0xbf, ..] => (Self::Utf8Bom, 3),
            [0xff, 0xfe, ..] => (Self::Utf16Le, 2),
            [0xfe, 0xff, ..] => (Self::Utf16Be, 2),
            _ if std::str::from_utf8(bytes).is_ok() => (Self::Utf8, 0),
            _ => (Self::Windows1252, 0),
        }
    }

    /// The text of these bytes, byte order mark left out.
    pub fn decode(bytes: &[u8]) -> (Self, String) {
        let (encoding, skip) = Self::detect(bytes);
        let body = bytes.get(skip..).unwrap_or_default();
        let codec = match encoding {
            Self::Utf8 | Self::Utf8Bom => UTF_8,
            Self::Utf16Le => UTF_16LE,
            Self::Utf16Be => UTF_16BE,
            Self::Windows1252 => WINDOWS_1252,
        };
        let (text, _) = codec.decode_without_bom_handling(body);
        (encoding, text.into_owned())
    }

    /// The bytes of a text in this encoding, with its byte order mark.
    pub fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Utf8Bom => [&[0xef, 0xbb, 0xbf], text.as_bytes()].concat(),
            Self::Utf16Le => std::iter::once(0xfeff)
                .chain(text.encode_utf16())
                .flat_map(u16::to_le_bytes)
                .collect(),
            Self::Utf16Be => std::iter::once(0xfeff)
                .chain(text.encode_utf16())
                .flat_map(u16::to_be_bytes)
                .collect(),
            Self::Windows1252 => text
                .chars()
                .flat_map(|c| {
                    let mut buffer = [0u8; 4];
                    let (bytes, _, lost) = WINDOWS_1252.encode(c.encode_utf8(&mut buffer));
                    if lost { vec![b'?'] } else { bytes.into_owned() }
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_encoding_is_told_and_comes_back() {
        let text = "tag,maker\r\nA1,Dräger é €\r\n";
        for (encoding, first) in [
            (Encoding::Utf8, b't'),
            (Encoding::Utf8Bom, 0xef),
            (Encoding::Utf16Le, 0xff),
            (Encoding::Utf16Be, 0xfe),
            (Encoding::Windows1252, b't'),
        ] {
            let bytes = encoding.encode(text);
            assert_eq!(bytes.first(), Some(&first));
            assert_eq!(Encoding::decode(&bytes), (encoding, text.to_owned()));
        }
    }

    #[test]
    fn odd_ends_and_nothing_do_not_panic() {
        assert_eq!(Encoding::decode(b""), (Encoding::Utf8, String::new()));
        let (encoding, text) = Encoding::decode(&[0xff, 0xfe, b'a']);
        assert_eq!((encoding, text.as_str()), (Encoding::Utf16Le, "\u{fffd}"));
        assert_eq!(Encoding::Windows1252.encode("\u{4e2d}a"), b"?a");
    }
}
