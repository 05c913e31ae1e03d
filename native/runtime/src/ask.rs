//! Questions that a call asks Python while it runs: a callable that it was given, an iterator's next element.
//!
//! Where Python raised, the call is unwound: the exception waits on Python's side, so that the payload says
//! nothing.

use std::cell::RefCell;
use std::panic;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, Ordering};

use crate::guard::is_guarded;

/// What answers: the number of whom is asked and the packed arguments to a packed result, or None where
/// Python raised.
pub type Answering = fn(u64, &[u8]) -> Option<Vec<u8>>;

/// Python's own answering function: 0 where it left an answer by `symbiont_answer`.
type Callback = unsafe extern "C" fn(number: u64, arguments: *const u8, length: u64) -> u32;

static ANSWERING: OnceLock<Answering> = OnceLock::new();
static CALLBACK: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());

thread_local! {
    static ANSWER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Lets `answering` answer every question of this process; the first one stays.
pub fn answer_by(answering: Answering) {
    let _ = ANSWERING.set(answering);
}

/// Lets a C function answer.
pub(crate) fn answer_by_callback(callback: *mut ()) {
    CALLBACK.store(callback, Ordering::Release);
    answer_by(|number, arguments| {
        let callback = CALLBACK.load(Ordering::Acquire);
        // SAFETY: what was stored is such a function.
        let callback = unsafe { std::mem::transmute::<*mut (), Callback>(callback) };
        ANSWER.take();
        // SAFETY: the bytes live as long as the question.
        let raised = unsafe { callback(number, arguments.as_ptr(), arguments.len() as u64) } != 0;
        (!raised).then(|| ANSWER.take())
    });
}

/// Keeps an answer for the question that this thread is asking.
pub(crate) fn keep_answer(answer: &[u8]) {
    ANSWER.set(answer.to_vec());
}

/// Asks Python. Entries get this function as an argument, so that candidates need nothing unsafe for it.
///
/// # Panics
/// On another thread than a call's own. Where Python raised, the call is unwound without a message.
#[must_use]
pub fn ask(number: u64, arguments: &[u8]) -> Vec<u8> {
    assert!(
        is_guarded(),
        "a Python callable can be used only by the thread of the call that it was given to"
    );
    let answering = ANSWERING.get().expect("nothing answers in this process");
    // Without a size the payload takes no memory, which whoever catches it leaks.
    answering(number, arguments).unwrap_or_else(|| panic::resume_unwind(Box::new(())))
}

#[cfg(test)]
mod tests {
    use super::{answer_by, ask};
    use crate::guard::{guard, install_hook, last_panic};

    #[test]
    fn a_question_is_answered_or_unwinds_its_call() {
        install_hook();
        answer_by(|number, arguments| (number == 1).then(|| arguments.to_vec()));
        let mut answer = Vec::new();
        assert!(guard(|| answer = ask(1, b"a")));
        assert_eq!(answer, b"a");
        assert!(!guard(|| drop(ask(2, b"a"))));
        assert_eq!(last_panic().message, "");
    }

    #[test]
    #[should_panic(expected = "only by the thread")]
    fn outside_of_a_call_nothing_is_asked() {
        let _ = ask(1, b"");
    }
}
