//! What a process may become: no more than it is, and nothing that others look into.

use std::ffi::{c_int, c_ulong};
use std::io;

const PR_SET_PDEATHSIG: c_int = 1;
const PR_SET_DUMPABLE: c_int = 4;
const PR_SET_NO_NEW_PRIVS: c_int = 38;
const SIGKILL: c_ulong = 9;

unsafe extern "C" {
    fn prctl(option: c_int, ...) -> c_int;
}

/// From now on no program that is executed brings privileges with it. Landlock and seccomp ask for it.
///
/// # Errors
/// The kernel's.
pub fn no_new_privileges() -> io::Result<()> {
    set(PR_SET_NO_NEW_PRIVS, 1)
}

/// From now on others of the same user may not trace this process or read its memory, and it leaves no core.
///
/// # Errors
/// The kernel's.
pub fn not_dumpable() -> io::Result<()> {
    set(PR_SET_DUMPABLE, 0)
}

/// From now on this process is killed when the thread that started it has ended.
///
/// # Errors
/// The kernel's.
pub fn end_with_parent() -> io::Result<()> {
    set(PR_SET_PDEATHSIG, SIGKILL)
}

fn set(option: c_int, value: c_ulong) -> io::Result<()> {
    const UNUSED: c_ulong = 0;
    // SAFETY: these options take numbers, no pointers.
    checked(unsafe { prctl(option, value, UNUSED, UNUSED, UNUSED) }.into()).map(drop)
}

/// What libc returned, or the error that it left.
pub(crate) fn checked(returned: i64) -> io::Result<i64> {
    if returned < 0 { Err(io::Error::last_os_error()) } else { Ok(returned) }
}

#[cfg(test)]
mod tests {
    use super::no_new_privileges;

    #[test]
    fn privileges_are_given_up_for_good() {
        std::thread::spawn(|| {
            no_new_privileges().unwrap();
            let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
            assert!(status.contains("NoNewPrivs:\t1"), "{status}");
        })
        .join()
        .unwrap();
    }
}
