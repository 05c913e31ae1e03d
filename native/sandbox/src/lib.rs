//! What the kernel offers to a process that wants to be able to do less.
//!
//! The worker and the compile jail put these layers on themselves before they touch what a model wrote. Each
//! layer is given up for good: nothing here can be undone by the process or by what it starts. System calls go
//! through libc, because users' machines build this with rustc alone.

pub mod landlock;
pub mod limits;
pub mod process;
pub mod seccomp;
pub mod syscalls;
