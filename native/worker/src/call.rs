//! One call: words and bytes in, words and bytes out.
//!
//! The body of a `Call` frame is a table of words: the number of frame words W and of buffers B; the W words;
//! for each buffer a row (which word holds its address, where its bytes begin in the body, how many they are,
//! and 1 if they go back); then the bytes. The reply to a call that returned holds the two scalar words, the
//! count of returned bytes (or `NO_DATA`), these bytes, then each buffer that goes back, in order. After a
//! panic: line, column, the lengths of message and file, both texts, and the buffers likewise. Where the arguments
//! could not be read: the reason, and the buffers.

use std::ffi::CStr;
use std::io;

use symbiont_runtime::{Call, OUTCOME_WORDS, Outcome, REFUSED, RETURNED, Slot, last_panic, load};

use crate::message::{Kind, broken};

/// In place of a count of returned bytes: a scalar was returned.
const NO_DATA: u64 = u64::MAX;
const ROW: usize = 4;

/// A loaded build behind its shim.
pub(crate) struct Callee {
    slot: Slot,
    call: Call,
}

struct Buffer {
    word: usize,
    start: usize,
    length: usize,
    back: bool,
}

impl Callee {
    /// Loads what a `Load` frame names: shim, build and symbol.
    pub(crate) fn load(body: &[u8]) -> Result<Self, String> {
        let mut texts = body.split_inclusive(|byte| *byte == 0).map(CStr::from_bytes_with_nul);
        let (Some(Ok(shim)), Some(Ok(build)), Some(Ok(symbol))) = (texts.next(), texts.next(), texts.next())
        else {
            return Err("a load frame holds three texts".to_owned());
        };
        let open = |path, symbol| {
            // SAFETY: running what pytest built is this process's purpose.
            unsafe { load(path, symbol) }.map_err(|error| error.to_string_lossy().into_owned())
        };
        let slot = Slot::empty();
        slot.store(open(build, symbol)?.as_ptr());
        let call = open(shim, c"symbiont_call")?.as_ptr();
        // SAFETY: this is the C function that every shim exports.
        Ok(Self { slot, call: unsafe { std::mem::transmute::<*mut (), Call>(call) } })
    }

    /// Does what a `Call` frame of `length` bytes says.
    pub(crate) fn call(&self, body: &mut [u64], length: u64, reply: &mut Vec<u8>) -> io::Result<Kind> {
        let (mut words, buffers) = unpack(body, length)?;
        // SAFETY: pytest wrote these words for this shim's signature.
        let status = unsafe { (self.call)(&raw const self.slot, words.as_mut_ptr()) };
        // SAFETY: the last words of the frame are the outcome.
        let outcome: &Outcome = unsafe { &*words.as_ptr().add(words.len() - OUTCOME_WORDS).cast() };
        let kind = match status {
            RETURNED => {
                give_outcome(outcome, reply);
                Kind::Returned
            }
            REFUSED => {
                give_data(outcome, reply);
                Kind::Refused
            }
            _ => {
                give_panic(reply);
                Kind::Panicked
            }
        };
        let base = body.as_ptr().cast::<u8>();
        for buffer in buffers.iter().filter(|buffer| buffer.back) {
            // SAFETY: `unpack` checked that these bytes are in the body.
            let bytes = unsafe { std::slice::from_raw_parts(base.add(buffer.start), buffer.length) };
            reply.extend_from_slice(bytes);
        }
        Ok(kind)
    }
}

fn unpack(body: &mut [u64], length: u64) -> io::Result<(Vec<u64>, Vec<Buffer>)> {
    let size = |word: u64| usize::try_from(word).map_err(|_| broken("a count too large"));
    let length = size(length)?;
    let [count, rows, ..] = *body else {
        return Err(broken("a call without counts"));
    };
    let (count, rows) = (size(count)?, size(rows)?);
    let table =
        rows.checked_mul(ROW).and_then(|row| row.checked_add(count)).and_then(|all| all.checked_add(2));
    let Some(table) = table.filter(|table| *table <= length / 8) else {
        return Err(broken("a call shorter than its table"));
    };
    let mut words = body[2..2 + count].to_vec();
    let mut buffers = Vec::with_capacity(rows);
    for row in body[2 + count..table].chunks_exact(ROW) {
        let (word, start, bytes) = (size(row[0])?, size(row[1])?, size(row[2])?);
        if word >= count || start.checked_add(bytes).is_none_or(|end| end > length) {
            return Err(broken("a buffer outside of its call"));
        }
        buffers.push(Buffer { word, start, length: bytes, back: row[3] != 0 });
    }
    let base = body.as_mut_ptr().cast::<u8>();
    for buffer in &buffers {
        words[buffer.word] = base.wrapping_add(buffer.start) as u64;
    }
    words.resize(count + OUTCOME_WORDS, 0);
    Ok((words, buffers))
}

fn give_outcome(outcome: &Outcome, reply: &mut Vec<u8>) {
    for word in outcome.words {
        reply.extend_from_slice(&word.to_le_bytes());
    }
    if outcome.data.is_null() {
        reply.extend_from_slice(&NO_DATA.to_le_bytes());
        return;
    }
    reply.extend_from_slice(&outcome.length.to_le_bytes());
    give_data(outcome, reply);
}

/// The bytes that the call handed over.
fn give_data(outcome: &Outcome, reply: &mut Vec<u8>) {
    let length = usize::try_from(outcome.length).unwrap_or(0);
    // SAFETY: the call handed these bytes over, and they are given back once.
    unsafe {
        reply.extend_from_slice(std::slice::from_raw_parts(outcome.data, length));
        symbiont_runtime::abi::symbiont_free(outcome.data, outcome.capacity, outcome.align);
    }
}

fn give_panic(reply: &mut Vec<u8>) {
    let report = last_panic();
    let lengths = [report.message.len() as u64, report.file.len() as u64];
    for word in [u64::from(report.line), u64::from(report.column)].into_iter().chain(lengths) {
        reply.extend_from_slice(&word.to_le_bytes());
    }
    reply.extend_from_slice(report.message.as_bytes());
    reply.extend_from_slice(report.file.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::{Callee, NO_DATA, unpack};
    use crate::message::Kind;
    use symbiont_runtime::{Call, Frame, OUTCOME_WORDS, Slot};

    unsafe extern "C" fn sum(slot: *const Slot, words: *mut u64) -> u32 {
        // SAFETY: the test's frame holds one mutable slice.
        unsafe {
            symbiont_runtime::call(slot, words, |entry: fn(&mut [u64]) -> u64, frame: &mut Frame<'_>| {
                entry(frame.take())
            })
        }
    }

    fn callee(entry: fn(&mut [u64]) -> u64) -> Callee {
        let slot = Slot::empty();
        slot.store(entry as *mut ());
        Callee { slot, call: sum as Call }
    }

    fn request() -> Vec<u64> {
        // Two words, one buffer: word 0 is the address of the 16 bytes behind the table, which go back.
        vec![2, 1, 0, 2, 0, 64, 16, 1, 30, 12]
    }

    fn words(reply: &[u8]) -> Vec<u64> {
        reply.chunks_exact(8).map(|chunk| u64::from_le_bytes(chunk.try_into().unwrap())).collect()
    }

    #[test]
    fn a_call_changes_its_buffer_and_returns() {
        let callee = callee(|values| {
            values.reverse();
            values.iter().sum()
        });
        let mut reply = Vec::new();
        let kind = callee.call(&mut request(), 80, &mut reply).unwrap();
        assert_eq!(kind, Kind::Returned);
        assert_eq!(words(&reply), [42, 0, NO_DATA, 12, 30]);
    }

    #[test]
    fn a_panic_comes_back_with_its_buffer() {
        symbiont_runtime::install_hook();
        let callee = callee(|values| panic!("{}", values.len()));
        let mut reply = Vec::new();
        assert_eq!(callee.call(&mut request(), 80, &mut reply).unwrap(), Kind::Panicked);
        assert_eq!(words(&reply)[2], 1);
        assert_eq!(reply[32], b'2');
        assert_eq!(words(&reply[reply.len() - 16..]), [30, 12]);
    }

    #[test]
    fn a_frame_that_lies_is_refused() {
        assert!(unpack(&mut [], 0).is_err());
        assert!(unpack(&mut [9, 0, 1], 24).is_err());
        assert!(unpack(&mut [0, u64::MAX / 2, 1], 24).is_err());
        assert!(unpack(&mut [1, 1, 0, 0, u64::MAX, 2, 0], 56).is_err());
        assert!(unpack(&mut [1, 1, 0, 1, 0, 0, 0], 56).is_err());
        let (words, buffers) = unpack(&mut request(), 80).unwrap();
        assert_eq!((words.len(), buffers.len()), (2 + OUTCOME_WORDS, 1));
    }
}
