//! Frames on the pipes: a header of fixed size, then a body.

use std::io::{self, Read, Write};

/// "SYMBIONT", read as a little-endian number.
const MAGIC: u64 = u64::from_le_bytes(*b"SYMBIONT");
/// The largest body: 1 GiB. More than that is no argument but a mistake.
const MAX_BODY: u64 = 1 << 30;

/// What a frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub(crate) enum Kind {
    /// Load builds, once and first of all: for each shim path, build path and symbol, each ended by NUL.
    Load = 1,
    /// Call a loaded build; see [`crate::call`].
    Call = 2,
    /// Loaded; callees are numbered from 0 in this order. Tells which layers of the sandbox hold.
    Loaded = 3,
    /// Not loaded, or not called; the loader's message, or why the arguments could not be read.
    Refused = 4,
    /// The call returned.
    Returned = 5,
    /// The call panicked.
    Panicked = 6,
    /// Call a loaded build, and look out for the next request: it comes soon, and looking pays.
    CallOfMany = 7,
    /// The sandbox ended the worker; what the call tried to do.
    Denied = 8,
    /// The call asks Python; the callee is the number of whom it asks, the body the packed arguments.
    Ask = 9,
    /// The packed answer.
    Answer = 10,
    /// There is no answer: Python raised.
    Raised = 11,
}

impl Kind {
    const ALL: [Self; 11] = [
        Self::Load,
        Self::Call,
        Self::Loaded,
        Self::Refused,
        Self::Returned,
        Self::Panicked,
        Self::CallOfMany,
        Self::Denied,
        Self::Ask,
        Self::Answer,
        Self::Raised,
    ];
}

/// The header: five little-endian words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    kind: u64,
    /// Echoed in the reply.
    pub(crate) id: u64,
    /// For calls: which callee.
    pub(crate) callee: u64,
    /// How many bytes the body has.
    pub(crate) length: u64,
}

/// An error of the protocol.
pub(crate) fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// The first `length` bytes of `body`.
pub(crate) fn as_bytes(body: &[u64], length: u64) -> &[u8] {
    let bytes = usize::try_from(length).unwrap_or(0).min(size_of_val(body));
    // SAFETY: any initialised memory may be read as bytes, and `bytes` stays inside of it.
    unsafe { std::slice::from_raw_parts(body.as_ptr().cast(), bytes) }
}

fn as_bytes_mut(body: &mut [u64]) -> &mut [u8] {
    // SAFETY: as above, and every bit pattern is a u64.
    unsafe { std::slice::from_raw_parts_mut(body.as_mut_ptr().cast(), size_of_val(body)) }
}

impl Header {
    const WORDS: usize = 5;
    pub(crate) const BYTES: usize = Self::WORDS * 8;

    /// Reads the next frame, its body into `body` (aligned to words); None at an orderly end of input.
    pub(crate) fn read(source: &mut impl Read, body: &mut Vec<u64>) -> io::Result<Option<Self>> {
        let mut bytes = [0_u8; Self::BYTES];
        if source.read(&mut bytes[..1])? == 0 {
            return Ok(None);
        }
        source.read_exact(&mut bytes[1..])?;
        let mut words = [0_u64; Self::WORDS];
        for (word, chunk) in words.iter_mut().zip(bytes.chunks_exact(8)) {
            let chunk = chunk.try_into().map_err(|_| broken("a word of other than 8 bytes"))?;
            *word = u64::from_le_bytes(chunk);
        }
        let [magic, kind, id, callee, length] = words;
        if magic != MAGIC || length > MAX_BODY {
            return Err(broken("not a frame"));
        }
        let count = usize::try_from(length).map_err(|_| broken("too long"))?;
        body.clear();
        body.resize(count.div_ceil(8), 0);
        source.read_exact(&mut as_bytes_mut(body)[..count])?;
        Ok(Some(Self { kind, id, callee, length }))
    }

    /// What this frame says.
    pub(crate) fn kind(&self) -> io::Result<Kind> {
        Kind::ALL.into_iter().find(|kind| *kind as u64 == self.kind).ok_or_else(|| broken("unknown kind"))
    }

    /// The header of the reply to `request`.
    pub(crate) fn reply_to(request: &Self, kind: Kind, length: usize) -> Self {
        Self { kind: kind as u64, id: request.id, callee: request.callee, length: length as u64 }
    }

    /// The header of a question that the call `request` asks.
    pub(crate) fn question(request: u64, number: u64, length: usize) -> Self {
        Self { kind: Kind::Ask as u64, id: request, callee: number, length: length as u64 }
    }

    /// The whole frame that says what the sandbox refused, made without allocating: a signal handler sends it.
    pub(crate) fn refusal(id: u64, deed: &str) -> [u8; 128] {
        let mut frame = [0; 128];
        let words = [MAGIC, Kind::Denied as u64, id, 0, deed.len() as u64];
        for (place, word) in frame.chunks_exact_mut(8).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        frame[Self::BYTES..Self::BYTES + deed.len()].copy_from_slice(deed.as_bytes());
        frame
    }

    /// Writes this header and `body` as one frame.
    pub(crate) fn write(&self, sink: &mut impl Write, body: &[u8]) -> io::Result<()> {
        let mut frame = Vec::with_capacity(Self::BYTES + body.len());
        for word in [MAGIC, self.kind, self.id, self.callee, self.length] {
            frame.extend_from_slice(&word.to_le_bytes());
        }
        frame.extend_from_slice(body);
        sink.write_all(&frame)
    }
}

#[cfg(test)]
mod tests {
    use super::{Header, Kind, MAGIC, as_bytes};

    fn frame(words: [u64; 5], body: &[u8]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).chain(body.iter().copied()).collect()
    }

    #[test]
    fn a_frame_is_read_and_answered() {
        let bytes = frame([MAGIC, 1, 9, 0, 3], b"abc");
        let mut body = Vec::new();
        let header = Header::read(&mut bytes.as_slice(), &mut body).unwrap().unwrap();
        assert_eq!(header.kind().unwrap(), Kind::Load);
        assert_eq!(as_bytes(&body, header.length), b"abc");
        let mut written = Vec::new();
        Header::reply_to(&header, Kind::Loaded, 0).write(&mut written, b"").unwrap();
        assert_eq!(written, frame([MAGIC, 3, 9, 0, 0], b""));
    }

    #[test]
    fn a_refusal_is_a_frame() {
        let deed = "open a file";
        let whole = Header::refusal(9, deed);
        assert_eq!(whole[..Header::BYTES + deed.len()], frame([MAGIC, 8, 9, 0, 11], deed.as_bytes()));
    }

    #[test]
    fn the_end_of_input_is_no_error() {
        assert!(Header::read(&mut [].as_slice(), &mut Vec::new()).unwrap().is_none());
    }

    #[test]
    fn garbage_is_refused() {
        let mut body = Vec::new();
        for words in [[0, 1, 0, 0, 0], [MAGIC, 1, 0, 0, 1 << 40]] {
            assert!(Header::read(&mut frame(words, b"").as_slice(), &mut body).is_err());
        }
        let short = frame([MAGIC, 1, 0, 0, 8], b"abc");
        assert!(Header::read(&mut short.as_slice(), &mut body).is_err());
        let unknown = frame([MAGIC, 77, 0, 0, 0], b"");
        let header = Header::read(&mut unknown.as_slice(), &mut body).unwrap().unwrap();
        assert!(header.kind().is_err());
    }
}
