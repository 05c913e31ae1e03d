//! The system calls that are left to rustc, to the linker and to rustfmt.

use std::io;

use symbiont_sandbox::seccomp::{Check, Filter};
use symbiont_sandbox::syscalls as call;

/// New namespaces of every kind: a new user's may do much that this one's may not.
const NAMESPACES: u32 = 0x7e02_0000;
const THREAD_NAMES: [u32; 3] = [15, 16, 0x5356_4d41];
/// Duplicates, flags and locks; not whom to signal.
const DESCRIPTORS: [u32; 12] = [0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030];
/// Whether it is a terminal and how wide, how much there is to read, not to wait for it, close-on-exec.
const DEVICES: [u32; 5] = [0x5401, 0x5413, 0x541b, 0x5421, 0x5451];
const AF_UNIX: u32 = 1;
const SIGABRT: u32 = 6;

/// From now on nothing but compiling is possible: no sockets, no signals to others, no look at other processes,
/// no keys, no mounts or namespaces, no BPF, no `io_uring`. What a program tries all the same is not there.
///
/// # Errors
/// The kernel's; also where it has no seccomp.
pub(crate) fn leave_compiling() -> io::Result<()> {
    let one_of = |index, values: &[u32]| [Check::OneOf(index, values.to_vec())];
    let itself = [Check::OneOf(0, vec![std::process::id()]), Check::OneOf(2, vec![SIGABRT])];
    Filter::of_others_work()
        .allow(call::COMPILING)
        .allow_if(call::CLONE, &[Check::NoneOf(0, NAMESPACES)])
        .allow_if(call::FCNTL, &one_of(1, &DESCRIPTORS))
        .allow_if(call::IOCTL, &one_of(1, &DEVICES))
        .allow_if(call::PRCTL, &one_of(0, &THREAD_NAMES))
        // Its own limits, which can only be lowered.
        .allow_if(call::PRLIMIT64, &one_of(0, &[0]))
        // Rust's own way to hear of a child's start.
        .allow_if(call::SOCKETPAIR, &one_of(0, &[AF_UNIX]))
        .allow_if(call::TGKILL, &itself)
        .install()
}
