//! The numbers of aarch64.

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

pub const SOCKETPAIR: u32 = 199;
pub const CLONE: u32 = 220;
pub const IOCTL: u32 = 29;
pub const FCNTL: u32 = 25;
pub const PRCTL: u32 = 167;
pub const PRLIMIT64: u32 = 261;

/// What rustc, the linker and rustfmt may need whatever the arguments are: their files, memory and threads,
/// programs of their own and waiting for them.
pub const COMPILING: &[u32] = &[
    17, 23, 24, 32, 34, 35, 37, 38, 43, 44, 45, 46, 47, 48, 56, 57, 59, 61, 62, 63, 64, 65, 66, 67, 68, 71,
    73, 78, 79, 80, 82, 83, 93, 94, 95, 96, 98, 99, 101, 113, 114, 115, 123, 124, 128, 132, 133, 134, 135,
    139, 153, 160, 163, 165, 166, 172, 173, 174, 175, 176, 177, 178, 179, 207, 214, 215, 216, 221, 222, 223,
    226, 227, 233, 260, 276, 278, 283, 285, 291, 293, 436, 439,
];

/// What some calls do, by number, where glibc or an attacker may use them.
pub(super) const DEEDS: &[(&str, &[u32])] = &[
    ("open a file", &[56, 265, 437]),
    ("look for a file", &[17, 48, 49, 61, 78, 79, 80, 291, 439]),
    ("change a file", &[33, 34, 35, 36, 37, 38, 45, 46, 47, 52, 53, 54, 55, 276, 452]),
    (
        "use the network or a socket",
        &[198, 199, 200, 201, 202, 203, 204, 205, 206, 207, 208, 209, 210, 211, 212, 242, 243, 269],
    ),
    ("start a process or a thread", &[220, 435]),
    ("start a program", &[221, 281]),
    ("send a signal", &[129, 130, 131, 138, 240, 424]),
    ("look into another process", &[117, 270, 271, 434, 438]),
    ("map memory as code", &[196, 222, 226, 288]),
    (
        "read or write a file descriptor that is not its own",
        &[63, 64, 65, 66, 67, 68, 69, 70, 71, 75, 76, 77, 285],
    ),
    (
        "change its own limits or rights",
        &[91, 92, 143, 144, 145, 146, 147, 149, 163, 164, 167, 261, 277, 444],
    ),
    ("close or copy a file descriptor", &[23, 24, 25, 57, 436]),
    ("wait by the clock", &[72, 73, 85, 101, 103, 115]),
];
