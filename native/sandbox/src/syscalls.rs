//! System calls by number, and in words.

/// The kernel's name for this machine's calling convention.
pub const ARCHITECTURE: u32 = numbers::ARCHITECTURE;
/// From here on numbers belong to another calling convention.
pub(crate) const FOREIGN: Option<u32> = numbers::FOREIGN;

#[cfg(target_arch = "aarch64")]
use aarch64 as numbers;
#[cfg(target_arch = "x86_64")]
use x86_64 as numbers;

pub use numbers::*;

#[cfg(any(test, target_arch = "x86_64"))]
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, unreachable_pub, reason = "tests compare the two"))]
mod x86_64;

#[cfg(any(test, target_arch = "aarch64"))]
#[cfg_attr(not(target_arch = "aarch64"), allow(dead_code, unreachable_pub, reason = "tests compare the two"))]
mod aarch64;

/// What a call of this number is for: "open a file".
#[must_use]
pub fn deed(number: u32) -> &'static str {
    let known = DEEDS.iter().find(|(_, calls)| calls.contains(&number));
    known.map_or("make a system call that no computation needs", |(deed, _)| deed)
}

#[cfg(test)]
mod tests {
    use super::{OPENAT, aarch64, deed, x86_64};
    use syscalls::{aarch64::Sysno as Arm, x86_64::Sysno as Intel};

    #[test]
    fn calls_have_words() {
        assert_eq!(deed(OPENAT), "open a file");
        assert_eq!(deed(u32::MAX), "make a system call that no computation needs");
    }

    macro_rules! numbers_are_the_kernel_s {
        ($($call:ident)*) => {$(
            let name = stringify!($call).to_lowercase();
            let known = |number: u32, table: Option<i64>| assert_eq!(Some(i64::from(number)), table, "{name}");
            known(x86_64::$call, name.parse::<Intel>().ok().map(|call| call.id().into()));
            // The kernel's own list calls it by its older name there.
            let arm = if name == "newfstatat" { "fstatat" } else { &name };
            known(aarch64::$call, arm.parse::<Arm>().ok().map(|call| call.id().into()));
        )*};
    }

    #[test]
    fn both_machines_have_the_kernel_s_numbers() {
        numbers_are_the_kernel_s!(
            READ WRITE CLOSE FSTAT LSEEK MMAP MPROTECT MUNMAP BRK RT_SIGACTION RT_SIGPROCMASK RT_SIGRETURN
            PREAD64 SCHED_YIELD MREMAP MADVISE GETPID EXIT SIGALTSTACK GETTID FUTEX SCHED_GETAFFINITY
            RESTART_SYSCALL CLOCK_GETTIME EXIT_GROUP TGKILL OPENAT NEWFSTATAT PPOLL SECCOMP GETRANDOM
            SOCKETPAIR CLONE PRCTL PRLIMIT64 IOCTL FCNTL
        );
        assert_eq!(x86_64::POLL, "poll".parse::<Intel>().unwrap().id().cast_unsigned());
        assert_eq!(aarch64::POLL, aarch64::PPOLL);
    }

    fn intel(number: u32) -> &'static str {
        Intel::new(number as usize).map_or("", |call| call.name())
    }

    fn arm(number: u32) -> &'static str {
        Arm::new(number as usize).map_or("", |call| call.name())
    }

    /// What of `numbers` the other machine has, and what of `others` this one has, must be the same.
    fn same(what: &str, numbers: &[u32], others: &[u32]) {
        let mut one: Vec<_> =
            numbers.iter().map(|number| intel(*number)).filter(|name| name.parse::<Arm>().is_ok()).collect();
        let mut other: Vec<_> =
            others.iter().map(|number| arm(*number)).filter(|name| name.parse::<Intel>().is_ok()).collect();
        one.sort_unstable();
        other.sort_unstable();
        assert_eq!(one, other, "{what}");
    }

    #[test]
    fn both_machines_leave_the_same_and_call_it_the_same() {
        same("compiling", x86_64::COMPILING, aarch64::COMPILING);
        for ((what, numbers), (same_what, others)) in x86_64::DEEDS.iter().zip(aarch64::DEEDS) {
            assert_eq!(what, same_what);
            same(what, numbers, others);
        }
    }

    #[test]
    fn nothing_that_leads_elsewhere_is_needed_to_compile() {
        let doors = [
            "socket",
            "connect",
            "bind",
            "sendto",
            "sendmsg",
            "ptrace",
            "process_vm_readv",
            "kill",
            "tkill",
            "pidfd_send_signal",
            "pidfd_open",
            "pidfd_getfd",
            "keyctl",
            "add_key",
            "bpf",
            "perf_event_open",
            "mount",
            "umount2",
            "unshare",
            "setns",
            "pivot_root",
            "chroot",
            "clone",
            "clone3",
            "io_uring_setup",
            "userfaultfd",
            "init_module",
            "kexec_load",
            "setuid",
            "prctl",
            "chmod",
            "fchmodat",
            "fchownat",
            "setxattr",
            "mknodat",
            "symlinkat",
            "memfd_create",
            "open_by_handle_at",
            "fanotify_init",
            "shmget",
            "mq_open",
            "execveat",
        ];
        for door in doors {
            if let Ok(call) = door.parse::<Intel>() {
                assert!(!x86_64::COMPILING.contains(&call.id().cast_unsigned()), "{door}");
            }
            if let Ok(call) = door.parse::<Arm>() {
                assert!(!aarch64::COMPILING.contains(&call.id().cast_unsigned()), "{door}");
            }
        }
    }
}
