//! What the worker gives up: before it loads builds, and once more before it calls one.
//!
//! The worker puts every layer on by itself, in an order that leaves no gap: files before there is a second
//! thread, system calls and limits before the first build is loaded, whose initialisers run at once.

use std::ffi::{c_int, c_void};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

use symbiont_sandbox::landlock::{self, Access};
use symbiont_sandbox::limits::{self, Resource};
use symbiont_sandbox::process;
use symbiont_sandbox::seccomp::{self, Check, Filter, Info};
use symbiont_sandbox::syscalls as call;

use crate::message::Header;

/// The exit code after a system call that is not allowed; the reply before says which it was.
const CONFINED: c_int = 72;
const PROT_EXEC: u32 = 4;
const SIGABRT: u32 = 6;
/// Of faults: what Rust's handler of stack overflows and glibc's `abort` set back to the default.
const FAULTS: [u32; 3] = [SIGABRT, 7, 11];

/// Address space has room for the largest frame four times. The hour of CPU time is for a worker that nobody
/// is left to kill. Root is not held to the number of processes: seccomp sees to that.
const LIMITS: [(Resource, u64); 7] = [
    (Resource::AddressSpace, 4 << 30),
    (Resource::Cpu, 3600),
    (Resource::Stack, 8 << 20),
    (Resource::Core, 0),
    (Resource::FileSize, 0),
    (Resource::Files, 64),
    (Resource::Processes, 0),
];

const M_ARENA_MAX: c_int = -8;

unsafe extern "C" {
    fn mallopt(parameter: c_int, value: c_int) -> c_int;
    fn write(descriptor: c_int, bytes: *const c_void, length: usize) -> isize;
    fn _exit(status: c_int) -> !;
}

/// The layers that pytest asks for, those that hold, and the only descriptors that calls may use.
#[derive(Debug)]
pub(crate) struct Confinement {
    wanted: String,
    holding: Vec<String>,
    requests: c_int,
    replies: c_int,
}

impl Confinement {
    /// Nothing is given up yet. `wanted` is `landlock,seccomp,rlimits`, or a part of it.
    pub(crate) fn new(wanted: &str, requests: c_int, replies: c_int) -> Self {
        REPLIES.store(replies, Ordering::Relaxed);
        Self { wanted: wanted.to_owned(), holding: Vec::new(), requests, replies }
    }

    /// The layers that hold, one a line. What this kernel does not have is not among them.
    pub(crate) fn report(&self) -> String {
        self.holding.join("\n")
    }

    /// No file but these can be opened from now on. There must not be a second thread yet.
    pub(crate) fn files(&mut self, readable: &[&Path]) {
        // SAFETY: settings of this process. One arena: for a second one glibc counts processors, in a file.
        unsafe { mallopt(M_ARENA_MAX, 1) };
        let grants: Vec<_> = readable.iter().map(|path| (*path, Access::Read)).collect();
        self.layer("landlock", |_| {
            process::no_new_privileges()?;
            process::not_dumpable()?;
            Ok(format!(" {}", landlock::restrict(&grants)?))
        });
    }

    /// Nothing is left but what loading and calling need. No thread can be started from now on.
    pub(crate) fn before_loading(&mut self) {
        self.layer("rlimits", |_| limits::lower(&LIMITS).map(|()| String::new()));
        self.layer("seccomp", |this| {
            process::no_new_privileges()?;
            process::not_dumpable()?;
            seccomp::on_trap(trapped)?;
            // What is allowed first is allowed whatever its arguments are.
            let loading = Filter::default()
                .allow(&[call::OPENAT, call::READ, call::PREAD64, call::LSEEK, call::CLOSE])
                .allow(&[call::NEWFSTATAT, call::FSTAT, call::MMAP, call::MPROTECT, call::SECCOMP]);
            this.of_calls(loading).install()?;
            Ok(String::new())
        });
    }

    /// Nothing is left but what calling needs: no file can be opened, and no memory become code.
    pub(crate) fn before_calling(&self) -> io::Result<()> {
        if self.holding.iter().any(|layer| layer == "seccomp") {
            self.of_calls(Filter::default()).install()
        } else {
            Ok(())
        }
    }

    fn layer(&mut self, name: &str, put_on: impl FnOnce(&Self) -> io::Result<String>) {
        if !self.wanted.split(',').any(|wanted| wanted == name) {
            return;
        }
        if let Ok(detail) = put_on(self) {
            self.holding.push(format!("{name}{detail}"));
        }
    }

    /// Memory, locks, randomness for hash maps, the pipes, and ends of several kinds.
    fn of_calls(&self, filter: Filter) -> Filter {
        let pipe = |descriptor: c_int| descriptor.unsigned_abs();
        let abort = [Check::OneOf(0, vec![std::process::id()]), Check::OneOf(2, vec![SIGABRT])];
        let mut filter = filter
            .allow_if(call::READ, &[Check::OneOf(0, vec![pipe(self.requests)])])
            .allow_if(call::WRITE, &[Check::OneOf(0, vec![1, 2, pipe(self.replies)])])
            .allow(&[call::FUTEX, call::BRK, call::MUNMAP, call::MREMAP, call::MADVISE]);
        for mapping in [call::MMAP, call::MPROTECT] {
            filter = filter.allow_if(mapping, &[Check::NoneOf(2, PROT_EXEC)]);
        }
        filter
            .allow(&[
                call::GETRANDOM,
                call::CLOCK_GETTIME,
                call::SCHED_YIELD,
                call::POLL,
                call::RESTART_SYSCALL,
            ])
            .allow(&[call::RT_SIGRETURN, call::RT_SIGPROCMASK, call::SIGALTSTACK, call::GETPID, call::GETTID])
            .allow_if(call::RT_SIGACTION, &[Check::OneOf(0, FAULTS.to_vec())])
            .allow_if(call::TGKILL, &abort)
            .allow(&[call::EXIT, call::EXIT_GROUP])
    }
}

static REPLIES: AtomicI32 = AtomicI32::new(-1);
static REQUEST: AtomicU64 = AtomicU64::new(0);

/// From now on this is the request that a refusal answers.
pub(crate) fn serving(request: u64) {
    REQUEST.store(request, Ordering::Relaxed);
}

/// Says which call was refused, and ends the worker.
extern "C" fn trapped(_signal: c_int, info: *const Info, _context: *mut c_void) {
    // SAFETY: the kernel's own; and these two functions may be called in a signal handler.
    unsafe {
        let deed = call::deed((*info).number);
        let frame = Header::refusal(REQUEST.load(Ordering::Relaxed), deed);
        write(REPLIES.load(Ordering::Relaxed), frame.as_ptr().cast(), Header::BYTES + deed.len());
        _exit(CONFINED)
    }
}
