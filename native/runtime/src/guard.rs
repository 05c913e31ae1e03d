//! Panics, caught outside the candidate and kept with their place.
//!
//! Candidates share one libstd with this crate, so one hook and one `catch_unwind` serve them all.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

/// What a panic said, and where (line and column from 1).
#[derive(Clone, Debug, Default)]
pub struct PanicReport {
    /// The message.
    pub message: String,
    /// The file as rustc names it.
    pub file: String,
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

impl PanicReport {
    fn of(info: &PanicHookInfo<'_>) -> Self {
        let payload = info.payload();
        let message = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("a panic without a message")
            .to_owned();
        let place = info.location();
        Self {
            message,
            file: place.map(|place| place.file().to_owned()).unwrap_or_default(),
            line: place.map_or(0, panic::Location::line),
            column: place.map_or(0, panic::Location::column),
        }
    }
}

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    static LAST: RefCell<PanicReport> = const {
        RefCell::new(PanicReport { message: String::new(), file: String::new(), line: 0, column: 0 })
    };
}

/// Makes panics of guarded calls ours. What loads a build calls this first, so that no call has to.
pub fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            // Only panics of guarded calls are ours; a thread that the user's own code started is not.
            if DEPTH.get() > 0 {
                LAST.set(PanicReport::of(info));
            } else {
                previous(info);
            }
        }));
    });
}

/// Runs `call` and says whether it returned; a panic is kept for [`last_panic`] once a build was loaded.
#[inline]
pub fn guard(call: impl FnOnce()) -> bool {
    // One look for the thread's own cell: it is a good part of a scalar call.
    let result = DEPTH.with(|depth| {
        depth.set(depth.get() + 1);
        let result = panic::catch_unwind(AssertUnwindSafe(call));
        depth.set(depth.get() - 1);
        result
    });
    // A payload whose drop panics must not unwind into C: it is leaked.
    result.map_err(std::mem::forget).is_ok()
}

/// Whether a guarded call is under way on this thread.
pub(crate) fn is_guarded() -> bool {
    DEPTH.get() > 0
}

/// Adds to what the last panic on this thread said.
pub(crate) fn note(more: &str) {
    LAST.with_borrow_mut(|report| report.message.push_str(more));
}

/// The last panic that [`guard`] caught on this thread.
#[must_use]
pub fn last_panic() -> PanicReport {
    LAST.take()
}

#[cfg(test)]
mod tests {
    use super::{guard, install_hook, last_panic};

    #[test]
    fn a_panic_is_kept_with_its_place() {
        install_hook();
        assert!(!guard(|| panic!("no {}", "way")));
        let report = last_panic();
        assert_eq!(report.message, "no way");
        assert!(report.file.ends_with("guard.rs"));
        assert!(report.line > 0 && report.column > 0);
    }

    #[test]
    fn a_call_that_returns_leaves_nothing() {
        assert!(guard(|| ()));
        assert_eq!(last_panic().message, "");
    }
}
