//! Hard limits on what a process uses.

use std::ffi::c_int;
use std::io;

use crate::process::checked;

/// What can be limited; the values are Linux's own, the same on x86-64 and aarch64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Resource {
    /// Seconds of CPU time.
    Cpu = 0,
    /// Bytes of a file that is written.
    FileSize = 1,
    /// Bytes of the main thread's stack.
    Stack = 3,
    /// Bytes of a core dump.
    Core = 4,
    /// Processes and threads of the user; root is not held to it.
    Processes = 6,
    /// One more than the largest file descriptor.
    Files = 7,
    /// Bytes of address space.
    AddressSpace = 9,
}

#[repr(C)]
struct Limit {
    soft: u64,
    hard: u64,
}

unsafe extern "C" {
    fn getrlimit(resource: c_int, limit: *mut Limit) -> c_int;
    fn setrlimit(resource: c_int, limit: *const Limit) -> c_int;
}

/// Lowers limits, soft and hard. One that is lower already stays as it is.
///
/// # Errors
/// The kernel's.
pub fn lower(limits: &[(Resource, u64)]) -> io::Result<()> {
    for (resource, most) in limits {
        let mut limit = Limit { soft: 0, hard: 0 };
        // SAFETY: the kernel fills one value, and reads one.
        unsafe {
            checked(getrlimit(*resource as c_int, &raw mut limit).into())?;
            limit = Limit { soft: limit.soft.min(*most), hard: limit.hard.min(*most) };
            checked(setrlimit(*resource as c_int, &raw const limit).into())?;
        }
    }
    Ok(())
}
