//! The worker's end when pytest was killed.
//!
//! The end of the request pipe is not enough: nobody reads it while a call runs, and a call may never end.

use std::ffi::c_int;
use std::io;
use std::sync::mpsc;
use std::thread;

use crate::poll::is_ready;

const FOR_EVER: c_int = -1;
/// The exit code that nobody is left to see.
const ORPHANED: c_int = 71;

unsafe extern "C" {
    fn _exit(status: c_int) -> !;
}

/// From now on this process ends as soon as the one behind the pidfd has ended, even if that was before.
///
/// `PR_SET_PDEATHSIG` is no way: it follows the thread that started the worker, and a test's threads end.
///
/// Returns when the thread that watches has started: starting takes system calls that the sandbox forbids.
pub(crate) fn end_with(pidfd: c_int) -> io::Result<()> {
    let (started, starting) = mpsc::sync_channel(1);
    thread::Builder::new().name("parent".to_owned()).stack_size(64 << 10).spawn(move || {
        let _ = started.send(());
        // A signal interrupts it; then it waits on.
        while !is_ready(pidfd, FOR_EVER) {}
        // SAFETY: at once and without exit handlers: the main thread may be anywhere.
        unsafe { _exit(ORPHANED) }
    })?;
    starting.recv().map_err(io::Error::other)
}
