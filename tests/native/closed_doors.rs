// What must not compile under the facade, each piece in a module of its own.
// `//# text` opens a piece and says what rustc's message must contain. With the real std every piece compiles.

// Modules that std has and the facade has not.
//# could not find `fs` in `std`
pub fn f() -> String { std::fs::read_to_string("/etc/passwd").unwrap() }
//# unresolved import `std::fs`
use std::fs::File; pub fn f() { drop(File::open("x")); }
//# could not find `fs` in `std`
pub type X = std::fs::File;
//# unresolved import `std::fs`
use std::fs; pub fn f() { let _ = fs::remove_dir_all("x"); }
//# unresolved import `std::fs`
pub use std::{collections::HashMap, fs::OpenOptions};
//# unresolved import `std::io`
use std::io::Write; pub fn f() { let mut out = Vec::new(); out.write_all(b"x").unwrap(); }
//# could not find `io` in `std`
use std::io::{self, Read}; pub fn f() { let _ = io::stdin().read(&mut []); }
//# could not find `io` in `std`
use std::io::prelude::*; pub fn f() { Vec::new().write_all(b"x").unwrap(); }
//# could not find `io` in `std`
pub fn f() -> std::io::Result<()> { Ok(()) }
//# could not find `net` in `std`
pub fn f() { let _ = std::net::TcpStream::connect("127.0.0.1:80"); }
//# unresolved import `std::net`
use std::net::ToSocketAddrs; pub fn f() { let _ = "example.org:80".to_socket_addrs(); }
//# could not find `process` in `std`
pub fn f() { std::process::exit(0); }
//# could not find `process` in `std`
pub fn f() { ::std::process::abort(); }
//# unresolved import `std::process`
use std::process::Command; pub fn f() { let _ = Command::new("sh").status(); }
//# could not find `env` in `std`
pub fn f() -> Option<String> { std::env::var("HOME").ok() }
//# unresolved import `std::env`
use std::env; pub fn f() { for _ in env::vars().chain(env::args().map(|a| (a.clone(), a))) {} }
//# could not find `thread` in `std`
pub fn f() { let _ = std::thread::spawn(|| 1).join(); }
//# unresolved import `std::thread`
use std::thread; pub fn f() { thread::sleep(std::time::Duration::from_secs(1)); }
//# could not find `thread` in `std`
pub fn f() { std::thread::scope(|_| ()); }
//# could not find `os` in `std`
use std::os::fd::AsRawFd; pub fn f<T: AsRawFd>(file: &T) -> i32 { file.as_raw_fd() }
//# could not find `os` in `std`
pub fn f() { let _ = std::os::unix::fs::symlink("a", "b"); }
//# could not find `path` in `std`
pub fn f() -> bool { std::path::Path::new("/etc/passwd").exists() }
//# unresolved import `std::path`
use std::path::{Path, PathBuf}; pub fn f() -> PathBuf { Path::new("x").to_path_buf() }
//# unresolved import `std::ffi`
use std::ffi::OsString; pub fn f() -> OsString { OsString::new() }
//# could not find `ffi` in `std`
pub fn f(_: std::ffi::c_int) {}
//# could not find `backtrace` in `std`
pub fn f() { let _ = std::backtrace::Backtrace::force_capture(); }
//# unresolved import `std::alloc`
use std::alloc::{Layout, handle_alloc_error}; pub fn f() { handle_alloc_error(Layout::new::<u8>()); }
//# unresolved import `std::arch`
use std::arch::is_x86_feature_detected; pub fn f() -> bool { is_x86_feature_detected!("avx2") }

// Names left out of modules that are there.
//# cannot find function `catch_unwind` in module `std::panic`
pub fn f() { let _ = std::panic::catch_unwind(|| ()); }
//# unresolved import `std::panic::catch_unwind`
use std::panic::{catch_unwind, AssertUnwindSafe}; pub fn f() { let _ = catch_unwind(AssertUnwindSafe(|| ())); }
//# cannot find function `set_hook` in module `std::panic`
pub fn f() { std::panic::set_hook(Box::new(|_| {})); }
//# cannot find function `take_hook` in module `std::panic`
pub fn f() { drop(std::panic::take_hook()); }
//# cannot find function `resume_unwind` in module `std::panic`
pub fn f() { std::panic::resume_unwind(Box::new(0)); }
//# cannot find function `panic_any` in module `std::panic`
pub fn f() { std::panic::panic_any(0); }
//# unresolved import `std::time::Instant`
use std::time::Instant; pub fn f() { let _ = Instant::now(); }
//# could not find `Instant` in `time`
pub fn f() { let _ = std::time::Instant::now().elapsed(); }
//# unresolved imports `std::time::SystemTime`, `std::time::UNIX_EPOCH`
use std::time::{Duration, SystemTime, UNIX_EPOCH}; pub fn f() -> Duration { SystemTime::now().duration_since(UNIX_EPOCH).unwrap() }

// Macros that read files and the environment while rustc runs, or make statics of a thread.
//# cannot find macro `include_str` in this scope
pub fn f() -> &'static str { include_str!("/dev/null") }
//# cannot find macro `include_bytes` in this scope
pub fn f() -> &'static [u8] { include_bytes!("/dev/null") }
//# cannot find macro `include` in this scope
include!("/dev/null");
//# could not find `include_str` in `std`
pub fn f() -> &'static str { std::include_str!("/dev/null") }
//# could not find `include_str` in `core`
pub fn f() -> &'static str { core::include_str!("/dev/null") }
//# could not find `include_bytes` in `core`
pub fn f() -> &'static [u8] { ::core::include_bytes!("/dev/null") }
//# unresolved import `core::include`
use core::include as other; other!("/dev/null");
//# could not find `include_str` in `v1`
pub fn f() -> &'static str { std::prelude::v1::include_str!("/dev/null") }
//# cannot find macro `include_str` in this scope
pub fn f() -> &'static str { concat!("a", include_str!("/dev/null")) }
//# cannot find macro `include_str` in this scope
#[doc = include_str!("/dev/null")] pub fn f() {}
//# cannot find macro `env` in this scope
pub fn f() -> &'static str { env!("PATH") }
//# cannot find macro `option_env` in this scope
pub fn f() -> Option<&'static str> { option_env!("PATH") }
//# could not find `env` in `std`
pub fn f() -> &'static str { std::env!("PATH") }
//# could not find `option_env` in `core`
pub fn f() -> Option<&'static str> { core::option_env!("PATH") }
//# cannot find macro `thread_local` in this scope
thread_local! { static X: u8 = const { 0 }; } pub fn f() -> u8 { X.with(|x| *x) }
//# could not find `thread_local` in `std`
std::thread_local! { static X: u8 = const { 0 }; } pub fn f() -> u8 { X.with(|x| *x) }
//# cannot find attribute `global_allocator` in this scope
#[global_allocator] static A: std::alloc::System = std::alloc::System;
//# unresolved import `std::is_x86_feature_detected`
use std::is_x86_feature_detected; pub fn f() -> bool { is_x86_feature_detected!("avx2") }

// The same doors by other names of the same crates.
//# could not find `process` in `real`
pub fn f() { extern crate std as real; real::process::exit(0); }
//# unresolved import `self::again::fs`
extern crate std as again; use self::again::fs; pub fn f() { let _ = fs::read("x"); }
//# could not find `net` in `core`
pub fn f() -> core::net::IpAddr { core::net::IpAddr::from([0, 0, 0, 0]) }
//# could not find `arch` in `core`
core::arch::global_asm!(".incbin \"/dev/null\"");
//# could not find `arch` in `c`
extern crate core as c; c::arch::global_asm!(".incbin \"/dev/null\"");
//# could not find `arch` in `core`
#[unsafe(naked)] pub extern "C" fn f() { core::arch::naked_asm!("ret") }
//# unresolved import `core::arch`
use core::arch::asm; pub fn f() { unsafe { asm!("nop") } }
//# could not find `ffi` in `core`
pub fn f(_: core::ffi::c_int) {}
//# could not find `alloc` in `core`
pub fn f() -> core::alloc::Layout { core::alloc::Layout::new::<u8>() }
//# could not find `alloc` in `alloc`
extern crate alloc; pub fn f() { alloc::alloc::handle_alloc_error(alloc::alloc::Layout::new::<u8>()); }
//# unresolved import `alloc::ffi`
extern crate alloc; pub use alloc::ffi::CString;
//# extern location for proc_macro does not exist
extern crate proc_macro; pub fn f() -> bool { proc_macro::is_available() }
//# extern location for proc_macro does not exist
extern crate proc_macro as p; pub use p::TokenStream;

// Inference, traits and macros instead of paths.
//# cannot find macro `include_str` in this scope
macro_rules! m { ($name:ident) => { $name!("/dev/null") } } pub fn f() -> &'static str { m!(include_str) }
//# could not find `fs` in `std`
macro_rules! m { ($($path:tt)*) => { $($path)*::read("/dev/null") } } pub fn f() { let _ = m!(std::fs); }
//# could not find `process` in `std`
mod inner { pub fn f() { let exit: fn(i32) -> ! = std::process::exit; exit(0) } } pub use inner::f;
//# could not find `io` in `std`
pub fn f(error: Box<dyn std::error::Error>) -> bool { error.is::<std::io::Error>() }
//# could not find `io` in `std`
pub fn f() -> Vec<u8> { <Vec<u8> as std::io::Write>::by_ref(&mut Vec::new()).clone() }

// What `-F unsafe_code` refuses.
//# usage of an `unsafe` block
pub fn f(p: *const u8) -> u8 { unsafe { *p } }
//# usage of an `unsafe` block
pub fn f() -> u32 { unsafe { std::mem::transmute(1.0f32) } }
//# usage of an `unsafe` block
pub fn f() -> u8 { unsafe { std::hint::unreachable_unchecked() } }
//# declaration of an `unsafe` function
pub unsafe fn f() {}
//# implementation of an `unsafe` trait
pub struct X(*mut u8); unsafe impl Send for X {}
//# declaration of a `no_mangle` function
#[unsafe(no_mangle)] pub extern "C" fn door_malloc() {}
//# declaration of a function with `export_name`
#[unsafe(export_name = "door_free")] pub extern "C" fn f() {}
//# declaration of a static with `link_section`
#[unsafe(link_section = ".init_array")] #[used] pub static X: extern "C" fn() = f; extern "C" fn f() {}
//# usage of an `unsafe extern` block
unsafe extern "C" { safe fn getpid() -> i32; } pub fn f() -> i32 { getpid() }
//# allow(unsafe_code) incompatible with previous forbid
#[allow(unsafe_code)] pub fn f(p: *const u8) -> u8 { unsafe { *p } }
