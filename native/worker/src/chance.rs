//! Chance: what seeds the hash maps of candidates.
//!
//! libstd takes random bytes from `getrandom`, which it names weakly so that a program may put its own in
//! libc's place. This program does: in a trial it gives what follows from a seed, so that the same body comes
//! to the same verdict although it iterates over a `HashMap`. That is for repetition and against nobody:
//! candidates have nothing to keep secret, and who attacks a hash map here attacks his own trial.

use std::ffi::{c_long, c_uint, c_void};
use std::slice;
use std::sync::atomic::{AtomicU64, Ordering};

use symbiont_sandbox::syscalls;

/// Where the sequence is; 0 while the kernel gives the bytes.
static STATE: AtomicU64 = AtomicU64::new(0);
/// An odd number, so that the states come round only after all others.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

unsafe extern "C" {
    // A C long, which is as wide as a pointer here.
    fn syscall(number: c_long, ...) -> isize;
}

/// From now on `getrandom` gives what follows from `seed`, which is not 0.
pub(crate) fn follow(seed: u64) {
    STATE.store(seed, Ordering::Relaxed);
}

/// libc's function of this name, for all that is loaded into this process.
///
/// # Safety
/// `bytes` has room for `length` of them.
#[unsafe(no_mangle)]
unsafe extern "C" fn getrandom(bytes: *mut c_void, length: usize, flags: c_uint) -> isize {
    if STATE.load(Ordering::Relaxed) == 0 {
        // SAFETY: the kernel's own, with the caller's arguments.
        return unsafe { syscall(syscalls::GETRANDOM.into(), bytes, length, flags) };
    }
    // SAFETY: the caller's promise.
    let bytes = unsafe { slice::from_raw_parts_mut(bytes.cast::<u8>(), length) };
    for part in bytes.chunks_mut(8) {
        part.copy_from_slice(&next().to_le_bytes()[..part.len()]);
    }
    isize::try_from(length).unwrap_or(isize::MAX)
}

/// The next number of the sequence: Steele, Lea and Flood's `SplitMix64`.
fn next() -> u64 {
    let mut mixed = STATE.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::{follow, getrandom};

    fn bytes() -> [u8; 19] {
        let mut bytes = [0; 19];
        // SAFETY: as many as there is room for.
        assert_eq!(unsafe { getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) }, 19);
        bytes
    }

    #[test]
    fn bytes_are_the_kernels_until_there_is_a_seed_and_then_follow_from_it() {
        assert_ne!(bytes(), bytes());
        follow(7);
        let (first, second) = (bytes(), bytes());
        assert_ne!(first, second);
        follow(7);
        assert_eq!([bytes(), bytes()], [first, second]);
        follow(8);
        assert_ne!(bytes(), first);
    }
}
