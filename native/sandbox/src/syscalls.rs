//! System calls by number, and in words.

/// The kernel's name for this machine's calling convention.
pub const ARCHITECTURE: u32 = numbers::ARCHITECTURE;
/// From here on numbers belong to another calling convention.
pub(crate) const FOREIGN: Option<u32> = numbers::FOREIGN;

pub use numbers::*;

#[cfg(target_arch = "x86_64")]
mod numbers {
    pub(super) const ARCHITECTURE: u32 = 0xc000_003e;
    pub(super) const FOREIGN: Option<u32> = Some(0x4000_0000);

    pub const READ: u32 = 0;
    pub const WRITE: u32 = 1;
    pub const CLOSE: u32 = 3;
    pub const FSTAT: u32 = 5;
    pub const LSEEK: u32 = 8;
    pub const MMAP: u32 = 9;
    pub const MPROTECT: u32 = 10;
    pub const MUNMAP: u32 = 11;
    pub const BRK: u32 = 12;
    pub const RT_SIGACTION: u32 = 13;
    pub const RT_SIGPROCMASK: u32 = 14;
    pub const RT_SIGRETURN: u32 = 15;
    pub const PREAD64: u32 = 17;
    pub const SCHED_YIELD: u32 = 24;
    pub const MREMAP: u32 = 25;
    pub const MADVISE: u32 = 28;
    pub const GETPID: u32 = 39;
    pub const EXIT: u32 = 60;
    pub const SIGALTSTACK: u32 = 131;
    pub const GETTID: u32 = 186;
    pub const FUTEX: u32 = 202;
    pub const SCHED_GETAFFINITY: u32 = 204;
    pub const RESTART_SYSCALL: u32 = 219;
    pub const CLOCK_GETTIME: u32 = 228;
    pub const EXIT_GROUP: u32 = 231;
    pub const TGKILL: u32 = 234;
    pub const OPENAT: u32 = 257;
    pub const NEWFSTATAT: u32 = 262;
    pub const PPOLL: u32 = 271;
    pub const SECCOMP: u32 = 317;
    pub const GETRANDOM: u32 = 318;
    /// `poll` where the machine has it: `ppoll` elsewhere.
    pub const POLL: u32 = 7;

    /// What some calls do, by number, where glibc or an attacker may use them.
    pub(super) const DEEDS: &[(&str, &[u32])] = &[
        ("open a file", &[2, 85, 257, 304, 437]),
        ("look for a file", &[4, 6, 21, 78, 89, 217, 262, 267, 269, 332, 439]),
        (
            "change a file",
            &[
                76, 77, 82, 83, 84, 86, 87, 88, 90, 91, 92, 93, 94, 133, 258, 259, 263, 264, 265, 266, 268,
                285, 316, 452,
            ],
        ),
        (
            "use the network or a socket",
            &[41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 288, 299, 307],
        ),
        ("start a process or a thread", &[56, 57, 58, 435]),
        ("start a program", &[59, 322]),
        ("send a signal", &[62, 129, 200, 234, 297, 424]),
        ("look into another process", &[101, 310, 311, 434, 438]),
        ("map memory as code", &[9, 10, 30, 329]),
        (
            "read or write a file descriptor that is not its own",
            &[0, 1, 17, 18, 19, 20, 40, 275, 276, 278, 295, 296, 326],
        ),
        ("change its own limits or rights", &[97, 105, 106, 113, 117, 126, 157, 160, 302, 317, 444]),
        ("close or copy a file descriptor", &[3, 32, 33, 72, 292, 436]),
        ("wait by the clock", &[7, 23, 34, 35, 37, 38, 230, 270, 271, 283]),
    ];
}

#[cfg(target_arch = "aarch64")]
mod numbers {
    pub(super) const ARCHITECTURE: u32 = 0xc000_00b7;
    pub(super) const FOREIGN: Option<u32> = None;

    pub const READ: u32 = 63;
    pub const WRITE: u32 = 64;
    pub const CLOSE: u32 = 57;
    pub const FSTAT: u32 = 80;
    pub const LSEEK: u32 = 62;
    pub const MMAP: u32 = 222;
    pub const MPROTECT: u32 = 226;
    pub const MUNMAP: u32 = 215;
    pub const BRK: u32 = 214;
    pub const RT_SIGACTION: u32 = 134;
    pub const RT_SIGPROCMASK: u32 = 135;
    pub const RT_SIGRETURN: u32 = 139;
    pub const PREAD64: u32 = 67;
    pub const SCHED_YIELD: u32 = 124;
    pub const MREMAP: u32 = 216;
    pub const MADVISE: u32 = 233;
    pub const GETPID: u32 = 172;
    pub const EXIT: u32 = 93;
    pub const SIGALTSTACK: u32 = 132;
    pub const GETTID: u32 = 178;
    pub const FUTEX: u32 = 98;
    pub const SCHED_GETAFFINITY: u32 = 123;
    pub const RESTART_SYSCALL: u32 = 128;
    pub const CLOCK_GETTIME: u32 = 113;
    pub const EXIT_GROUP: u32 = 94;
    pub const TGKILL: u32 = 131;
    pub const OPENAT: u32 = 56;
    pub const NEWFSTATAT: u32 = 79;
    pub const PPOLL: u32 = 73;
    pub const SECCOMP: u32 = 277;
    pub const GETRANDOM: u32 = 278;
    /// `poll` where the machine has it: `ppoll` elsewhere.
    pub const POLL: u32 = PPOLL;

    /// What some calls do, by number, where glibc or an attacker may use them.
    pub(super) const DEEDS: &[(&str, &[u32])] = &[
        ("open a file", &[56, 265, 437]),
        ("look for a file", &[17, 48, 49, 61, 78, 79, 80, 291, 439]),
        ("change a file", &[33, 34, 35, 36, 37, 38, 45, 46, 52, 53, 54, 55, 276, 452]),
        (
            "use the network or a socket",
            &[198, 199, 200, 201, 202, 203, 204, 205, 206, 207, 208, 209, 210, 211, 212, 242, 243, 269],
        ),
        ("start a process or a thread", &[220, 435]),
        ("start a program", &[221, 281]),
        ("send a signal", &[129, 130, 131, 138, 240, 424]),
        ("look into another process", &[117, 270, 271, 434, 438]),
        ("map memory as code", &[222, 226, 288]),
        (
            "read or write a file descriptor that is not its own",
            &[63, 64, 65, 66, 67, 68, 69, 70, 71, 75, 76, 285],
        ),
        ("change its own limits or rights", &[92, 144, 146, 147, 149, 164, 167, 261, 277, 444]),
        ("close or copy a file descriptor", &[23, 24, 25, 57, 436]),
        ("wait by the clock", &[72, 73, 101, 115]),
    ];
}

/// What a call of this number is for: "open a file".
#[must_use]
pub fn deed(number: u32) -> &'static str {
    let known = DEEDS.iter().find(|(_, calls)| calls.contains(&number));
    known.map_or("make a system call that no computation needs", |(deed, _)| deed)
}

#[cfg(test)]
mod tests {
    use super::{OPENAT, deed};

    #[test]
    fn calls_have_words() {
        assert_eq!(deed(OPENAT), "open a file");
        assert_eq!(deed(u32::MAX), "make a system call that no computation needs");
    }
}
