//! The numbers of x86-64.

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

pub const SOCKETPAIR: u32 = 53;
pub const CLONE: u32 = 56;
pub const IOCTL: u32 = 16;
pub const FCNTL: u32 = 72;
pub const PRCTL: u32 = 157;
pub const PRLIMIT64: u32 = 302;

/// What rustc, the linker and rustfmt may need whatever the arguments are: their files, memory and threads,
/// programs of their own and waiting for them.
pub const COMPILING: &[u32] = &[
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 28, 32, 33,
    35, 39, 40, 45, 58, 59, 60, 61, 63, 73, 74, 75, 76, 77, 79, 82, 83, 84, 86, 87, 89, 95, 97, 98, 99, 100,
    102, 104, 107, 108, 110, 111, 130, 131, 137, 138, 158, 186, 202, 204, 217, 218, 219, 221, 228, 229, 230,
    231, 247, 257, 258, 262, 263, 264, 265, 267, 269, 271, 273, 285, 292, 293, 316, 318, 324, 326, 332, 334,
    436, 439,
];

/// What some calls do, by number, where glibc or an attacker may use them.
pub(super) const DEEDS: &[(&str, &[u32])] = &[
    ("open a file", &[2, 85, 257, 304, 437]),
    ("look for a file", &[4, 5, 6, 21, 78, 79, 80, 89, 217, 262, 267, 269, 332, 439]),
    (
        "change a file",
        &[
            76, 77, 82, 83, 84, 86, 87, 88, 90, 91, 92, 93, 94, 133, 258, 259, 260, 263, 264, 265, 266, 268,
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
    (
        "change its own limits or rights",
        &[97, 105, 106, 113, 114, 117, 119, 126, 135, 157, 160, 302, 317, 444],
    ),
    ("close or copy a file descriptor", &[3, 32, 33, 72, 292, 436]),
    ("wait by the clock", &[7, 23, 34, 35, 37, 38, 230, 270, 271, 283]),
];
