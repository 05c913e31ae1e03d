//! What a project may open, one word each: `--cfg symbiont_allow --cfg 'symbiont_allow="fs"'`.
//!
//! Further words stand where the names live: `panic` in `lib.rs`, `include` and `env` in `core/src/macros.rs`.

#[cfg(symbiont_allow = "alloc")]
pub use real::alloc;
#[cfg(symbiont_allow = "arch")]
pub use real::arch;
#[cfg(symbiont_allow = "backtrace")]
pub use real::backtrace;
#[cfg(symbiont_allow = "env")]
pub use real::env;
#[cfg(symbiont_allow = "ffi")]
pub use real::ffi;
#[cfg(symbiont_allow = "fs")]
pub use real::fs;
#[cfg(symbiont_allow = "io")]
pub use real::io;
#[cfg(symbiont_allow = "net")]
pub use real::net;
#[cfg(symbiont_allow = "os")]
pub use real::os;
#[cfg(symbiont_allow = "path")]
pub use real::path;
#[cfg(symbiont_allow = "process")]
pub use real::process;
#[cfg(symbiont_allow = "thread")]
pub use real::{thread, thread_local};

/// What joins `std::time`.
pub(crate) mod clocks {
    #[cfg(symbiont_allow = "time")]
    pub use real::time::{Instant, SystemTime, SystemTimeError, UNIX_EPOCH};
}
