//! Waiting for a descriptor.

use std::ffi::{c_int, c_short, c_ulong};

const POLLIN: c_short = 1;

#[repr(C)]
struct PollFd {
    fd: c_int,
    events: c_short,
    revents: c_short,
}

unsafe extern "C" {
    fn poll(fds: *mut PollFd, count: c_ulong, timeout: c_int) -> c_int;
}

/// Whether the descriptor has something to say by then: in so many milliseconds, or without an end where they
/// are fewer than none. A signal ends the wait early.
pub(crate) fn is_ready(descriptor: c_int, milliseconds: c_int) -> bool {
    let mut one = PollFd { fd: descriptor, events: POLLIN, revents: 0 };
    // SAFETY: one entry, alive through the call.
    unsafe { poll(&raw mut one, 1, milliseconds) > 0 }
}
