//! What shims, the worker and the Python process share.
//!
//! A *shim* is a small crate compiled once per signature. It exports one C function, `symbiont_call`, that
//! takes the arguments out of a [`Frame`], calls whatever [`Slot`] points to, and leaves the result in the
//! frame. Everything in a shim that is not its one line of types lives here.

pub mod abi;
mod ask;
mod frame;
mod guard;
mod load;
mod map;
mod measure;
mod outcome;
mod slot;

pub use ask::{Answering, answer_by, ask};
pub use frame::{Argument, Frame};
pub use guard::{PanicReport, guard, install_hook, last_panic};
pub use load::load;
pub use map::{Column, map};
pub use measure::{Clock, measure};
pub use outcome::{OUTCOME_WORDS, Outcome, Return};
pub use slot::Slot;

/// What `symbiont_call` answers when the call returned.
pub const RETURNED: u32 = 0;
/// What `symbiont_call` answers when the call panicked; [`last_panic`] knows more.
pub const PANICKED: u32 = 1;

/// What `symbiont_call` answers when the packed arguments could not be read; the outcome holds the reason.
pub const REFUSED: u32 = 2;

/// The C function that every shim exports: `(slot, words) -> RETURNED | PANICKED | REFUSED`.
pub type Call = unsafe extern "C" fn(*const Slot, *mut u64) -> u32;

/// Calls what `slot` points to, as a value of the function type `E`, and stores the outcome.
///
/// # Safety
/// `words` is a frame for the signature of `E`, and `slot` holds an entry of exactly this type.
#[inline]
pub unsafe fn call<E: Copy, R: Return>(
    slot: *const Slot,
    words: *mut u64,
    invoke: impl FnOnce(E, &mut Frame<'_>) -> R,
) -> u32 {
    // SAFETY: the caller vouches for both pointers and for the entry's type.
    let (slot, mut frame) = unsafe { (&*slot, Frame::new(words)) };
    let mut status = PANICKED;
    guard(|| {
        // SAFETY: as above.
        let entry = unsafe { slot.entry::<E>() };
        let value = invoke(entry, &mut frame);
        // SAFETY: all arguments were taken, so the frame stands at its outcome words.
        let outcome = unsafe { frame.outcome() };
        outcome.data = std::ptr::null_mut();
        status = value.give(outcome);
    });
    status
}
