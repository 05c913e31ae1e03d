"""Answers that attack when they are compiled, each as the whole file around `pub fn f(n: u64) -> u64`.

`OPEN` are tried as they are: most end at the screen. All of them are tried again without screen and facade, so that
they reach rustc in its jail. Targets are written as in `running.py`.
"""

# ruff: noqa: E501 - a file stands in its row, whole

from __future__ import annotations

_F = "pub fn f(n: u64) -> u64"


def _in_body(statements: str) -> str:
    return f"{_F} {{ {statements} n }}"


def _with(items: str) -> str:
    """Items stand in the body: those beside it are taken only where the body uses them."""
    return f"{_F} {{\n{items}\nn }}"


READS = {
    "includes-a-file": _in_body('let s = include_str!("@secret@"); println!("{s}");'),
    "includes-bytes": _in_body('let s = include_bytes!("@secret@"); println!("{s:?}");'),
    "includes-code": _in_body('include!("@secret@");'),
    "includes-by-path": _in_body('let s = std::include_str!("@secret@"); println!("{s}");'),
    "includes-by-core": _in_body('let s = ::core::include_str!("@secret@"); println!("{s}");'),
    "includes-by-another-name": _in_body('use core::include_str as s; println!("{}", s!("@secret@"));'),
    "includes-a-raw-name": _in_body('let s = r#include_str!("@secret@"); println!("{s}");'),
    "includes-in-a-macro": _in_body('macro_rules! m { ($x:ident) => { $x!("@secret@") } } println!("{}", m!(include_str));'),
    "includes-in-concat": _in_body('println!("{}", concat!("a", include_str!("@secret@")));'),
    "includes-in-a-doc": _with('#[doc = include_str!("@secret@")] pub fn g() {}'),
    "includes-into-an-error": _in_body('compile_error!(include_str!("@secret@"));'),
    "includes-passwords": _in_body('compile_error!(include_str!("/etc/passwd"));'),
    "includes-the-environment": _in_body('compile_error!(include_str!("/proc/self/environ"));'),
    "includes-its-parent": _in_body('compile_error!(include_str!("/proc/1/environ"));'),
    "includes-a-neighbour": _in_body('compile_error!(include_str!("../../../../../etc/hostname"));'),
    "includes-zeros": _in_body('let s = include_bytes!("/dev/zero"); println!("{}", s.len());'),
    "includes-standard-input": _in_body('let s = include_bytes!("/dev/stdin"); println!("{}", s.len());'),
    "includes-a-fifo": _in_body('let s = include_bytes!("@folder@/fifo"); println!("{}", s.len());'),
    "includes-memory": _in_body('let s = include_bytes!("/proc/self/mem"); println!("{}", s.len());'),
    "has-a-module-elsewhere": _with('#[path = "@secret@"] mod inner;'),
    "has-a-module-in-a-module": _with('mod outer { #[path = "@secret@"] pub mod inner; }'),
    "has-a-module-of-zeros": _with('#[path = "/dev/zero"] mod inner;'),
    "has-a-module-of-a-fifo": _with('#[path = "@folder@/fifo"] mod inner;'),
    "has-a-module-by-attribute": _with('#[cfg_attr(all(), path = "@secret@")] mod inner;'),
    "has-a-module-in-a-body": _in_body('#[path = "@secret@"] mod inner;'),
    "has-a-module-that-is-there": _with('#[path = "@folder@/folder.rs"] mod inner; pub fn g() { inner::inner() }'),
    "visualises-a-file": _with('#![debugger_visualizer(gdb_script_file = "@secret@")]'),
    "visualises-a-file-in-a-module": _with('#[debugger_visualizer(gdb_script_file = "@secret@")] mod inner {}'),
    "assembles-a-file": _with('core::arch::global_asm!(".incbin \\"@secret@\\"");'),
    "assembles-an-include": _with('core::arch::global_asm!(".include \\"@secret@\\"");'),
    "links-a-file": _with('#[link(name = ":@secret@", kind = "static")] unsafe extern "C" {}'),
    "links-with-arguments": _with('#![link_args = "-o @folder@/made"]'),
    "tells-a-variable": _in_body('compile_error!(env!("CANARY_KEY"));'),
    "tells-a-variable-later": _in_body('println!("{:?}", option_env!("CANARY_KEY"));'),
    "tells-a-variable-by-core": _in_body('println!("{:?}", core::option_env!("CANARY_KEY"));'),
    "tells-the-path": _in_body('compile_error!(env!("PATH"));'),
    "includes-in-a-format": _in_body('println!(include_str!("@secret@"));'),
    "includes-in-a-panic": _in_body('if n > 9 { panic!(include_str!("@secret@")) }'),
    "includes-in-a-constant": _in_body('const S: &str = include_str!("@secret@"); const _: () = assert!(S.is_empty(), "no");'),
    "includes-in-a-note": _with('#[deprecated(note = include_str!("@secret@"))] fn g() {} g();'),
    "includes-in-a-lint": _with('#[allow(dead_code, reason = include_str!("@secret@"))] fn g() {}'),
    "includes-by-a-glob": _in_body('use std::*; println!("{}", include_str!("@secret@"));'),
    "includes-its-maps": _in_body('compile_error!(include_str!("/proc/self/maps"));'),
    "includes-its-command": _in_body('compile_error!(include_str!("/proc/self/cmdline"));'),
    "includes-a-terminal": _in_body('let s = include_bytes!("/dev/tty"); println!("{}", s.len());'),
    "includes-a-long-path": _in_body(f'include!("/{"a/" * 5000}");'),
    "includes-a-nul": _in_body('include!("/etc/\\0passwd");'),
    "has-a-module-by-name": _with("mod secret;"),
    "tells-its-own-path": _in_body('compile_error!(concat!("at ", file!(), module_path!()));'),
    "tells-the-home": _in_body('println!("{:?}", option_env!("HOME"));'),
}  # fmt: skip

DOORS = {
    "is-unsafe": _in_body("let p = &n as *const u64; let n = unsafe { *p };"),
    "is-unsafe-in-a-macro-call": _in_body("let v = vec![unsafe { *(&n as *const u64) }]; let n = v[0];"),
    "allows-itself-unsafe": _in_body("#[allow(unsafe_code)] let n = unsafe { *(&n as *const u64) };"),
    "is-unsafe-behind-a-comment": _in_body("let n = un/* */safe { *(&n as *const u64) }; let n = unsafe/**/{ *(&n as *const u64) };"),
    "declares-foreign-code": _in_body('unsafe extern "C" { safe fn getpid() -> i32; } println!("{}", getpid());'),
    "takes-a-symbol": _with('#[unsafe(no_mangle)] pub extern "C" fn malloc(_: usize) -> *mut u8 { std::ptr::null_mut() }'),
    "exports-by-name": _with('#[unsafe(export_name = "write")] pub extern "C" fn w() {}'),
    "runs-before-main": _with('#[used] #[unsafe(link_section = ".init_array")] static I: extern "C" fn() = { extern "C" fn i() { loop {} } i };'),
    "is-naked": _with('#[unsafe(naked)] pub extern "C" fn g() { core::arch::naked_asm!("ret") }'),
    "replaces-the-allocator": _with("#[global_allocator] static A: std::alloc::System = std::alloc::System;"),
    "replaces-the-panic": _with("#![no_std] #[panic_handler] fn p(_: &core::panic::PanicInfo) -> ! { loop {} }"),
    "asks-for-features": _with("#![feature(rustc_private)] extern crate rustc_driver;"),
    "takes-the-real-std": _in_body("extern crate std as real; real::process::exit(0);"),
    "makes-a-procedure": _with("extern crate proc_macro; use proc_macro::TokenStream; #[proc_macro] pub fn m(t: TokenStream) -> TokenStream { t }"),
    "derives-from-elsewhere": _with("#[derive(serde::Serialize)] struct S;"),
    "leaves-its-body": _F + " { n } } pub fn g() { ",
    "swallows-what-follows": _F + " { n } /* ",
    "shadows-the-entry": _with("pub mod __symbiont { pub fn entry0(n: u64) -> u64 { n + 1 } }"),
    "changes-a-type": _with("type u64 = u8;"),
    "changes-its-signature": "pub fn f(n: u64) -> u128 { n as u128 + 2 }",
    "is-generic": "pub fn f<T: Into<u64>>(n: T) -> u64 { n.into() }",
    "keeps-state": _in_body("static N: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0); N.fetch_add(1, std::sync::atomic::Ordering::Relaxed);"),
    "is-a-soundness-hole": _in_body("fn l<'a, 'b, T>(_: &'a &'b (), v: &'b T) -> &'a T { v } fn extend<'a, 'b, T>(x: &'a T) -> &'b T { let f: fn(&'static &'a (), &'a T) -> &'b T = l; f(&&(), x) } let dangling: &'static u64 = { let k = 7u64; extend(&k) }; let n = *dangling;"),
    "has-strange-letters": _in_body("let \u0456d = n; let n = \u0456d;"),
    "turns-text-around": _in_body("/* \u202e } \u2066 if false { \u2069 */"),
    "starts-a-thread": _in_body("std::thread::spawn(|| loop {});"),
    "catches-panics": _in_body("let _ = std::panic::catch_unwind(|| panic!());"),
    "replaces-the-hook": _in_body("std::panic::set_hook(Box::new(|_| ()));"),
    "asks-the-clock": _in_body("let n = std::time::Instant::now().elapsed().as_nanos() as u64;"),
    "asks-the-system-clock": _in_body("let n = core::time::SystemTime::now();"),
    "asks-for-its-arguments": _in_body("let n = std::env::args().count() as u64;"),
    "allocates-by-hand": _in_body("let p = alloc::alloc::alloc(core::alloc::Layout::new::<u64>());"),
    "transmutes": _in_body("let n: u64 = core::mem::transmute::<f64, u64>(1.0);"),
    "reads-by-pointer": _in_body("let n = core::ptr::read(&raw const n);"),
    "assembles-by-path": _in_body('core::arch::asm!("ud2");'),
    "assembles-by-another-name": _in_body('use core::arch::asm as a; a!("ud2");'),
    "is-a-language-item": _with('#[lang = "owned_box"] struct B;'),
    "is-a-test": _with("#[test] fn t() {}"),
    "implements-what-is-not-its-own": _with("impl Drop for u64 { fn drop(&mut self) {} }"),
    "names-the-runtime": _in_body("symbiont_runtime::install_hook();"),
    "names-the-worker": _in_body("use candidate::__symbiont::entry0; let n = entry0(n);"),
    "calls-its-entry": _in_body("let n = crate::__symbiont::entry0(n);"),
    "is-its-own-crate": _with("extern crate self as me; use me::f as g;"),
    "is-asynchronous": "pub async fn f(n: u64) -> u64 { n }",
    "backtraces": _in_body('println!("{}", std::backtrace::Backtrace::force_capture());'),
    "asks-at-compile-time": _with("#[cfg(debug_assertions)] const N: u64 = 1; #[cfg(not(debug_assertions))] const N: u64 = 0;"),
}  # fmt: skip

BOMBS = {
    "expands-a-macro-for-ever": _in_body("macro_rules! m { ($($t:tt)*) => { m!($($t)* $($t)*) } } m!(x);"),
    "expands-to-a-mountain": _in_body("macro_rules! a { ($($t:tt)*) => { $($t)* $($t)* $($t)* $($t)* $($t)* $($t)* $($t)* $($t)* } } macro_rules! b { ($($t:tt)*) => { a!{ a!{ a!{ $($t)* } } } } } b!{ b!{ b!{ n + 1; } } }"),
    "recurses-in-types": _in_body("trait T { fn go(&self, n: u64) -> u64; } impl<A> T for A { fn go(&self, n: u64) -> u64 { if n == 0 { 0 } else { (self, self).go(n - 1) } } } let n = ().go(n);"),
    "recurses-in-traits": _in_body("trait T {} struct W<A>(A); impl<A> T for W<A> where W<W<A>>: T {} fn need<A: T>(_: A) {} need(W(n));"),
    "recurses-in-constants": _in_body("struct S<const N: u64>; impl<const N: u64> S<N> { const V: u64 = S::<N>::V + 1; } let n = n + S::<3>::V;"),
    "computes-constants-for-ever": _in_body("const N: u64 = { let mut i = 0u64; while i < u64::MAX { i += 1; } i }; let n = N;"),
    "computes-constants-with-leave": _in_body("#[allow(long_running_const_eval)] const N: u64 = { let mut i = 0u64; while i < u64::MAX { i += 1; } i }; let n = N;"),
    "allocates-a-constant": _in_body("const A: [u8; 1 << 34] = [1; 1 << 34]; let n = A[n as usize] as u64;"),
    "allocates-a-great-static": _with("static A: [u64; 1 << 28] = [7; 1 << 28]; pub fn g(n: usize) -> u64 { A[n] }"),
    "doubles-types": _in_body("fn d<A: Copy>(a: A) -> (A, A) { (a, a) } let a = d(d(d(d(d(d(d(d(d(d(d(d(d(d(d(d(d(d(d(d(d(d(d(d(n)))))))))))))))))))))))); std::hint::black_box(&a);"),
    "nests-parentheses": _in_body(f"let n = {'(' * 2000}n{')' * 2000};"),
    "nests-blocks": _in_body(f"{'{' * 1500}{'}' * 1500}"),
    "negates": _in_body(f"let n = {'!' * 20000}n;"),
    "adds": _in_body(f"let n = n{' + 0' * 6000};"),
    "refers": _in_body(f"let m = {'& ' * 9000}n;"),
    "nests-types": _in_body(f"let _: Option<{'Box<' * 3000}u64{'>' * 3000}> = None;"),
    "nests-closures": _in_body(f"let c = {'|| ' * 6000}n;"),
    "nests-conditions": _in_body("if n == 0 {} " + "else if n == 1 {} " * 1500),
    "matches-exponentially": _in_body(f"let t = ({'true, ' * 24}); match t {{ {' '.join('(' + '_, ' * k + 'true, ' + '_, ' * (23 - k) + ') => (),' for k in range(24))} ({'false, ' * 24}) => () }}"),
    "infers-for-ever": _in_body("let x = " + "(1, " * 30 + "1" + ")" * 30 + "; fn e<T: PartialEq>(a: T, b: T) -> bool { a == b } let _ = e(x, x);"),
    "has-many-functions": _with("\n".join(f"fn g{k}(n: u64) -> u64 {{ n + {k} }}" for k in range(700))),
    "has-a-long-name": _in_body(f"let {'a' * 30000} = n;"),
    "has-a-long-string": _in_body(f'let s = "{"x" * 30000}"; let n = n + s.len() as u64;'),
    "errs-a-lot": _in_body("x; " * 8000),
    "has-a-long-number": _in_body(f"let x = 1{'0' * 20000}.0f64; let n = n + x as u64;"),
    "is-what-it-returns": _in_body("fn g(n: u64) -> impl Sized { (g(n), n) } g(n);"),
    "composes-closures": _in_body("fn c<A: Fn(u64) -> u64>(a: A) -> impl Fn(u64) -> u64 { move |k| a(a(k)) } let n = c(c(c(c(c(c(c(c(c(c(c(c(c(c(c(c(c(c(c(c(|k| k + 1))))))))))))))))))))(n);"),
    "has-a-great-vector": _in_body(f"let v = vec![{'1u64, ' * 5000}]; let n = n + v[0];"),
    "concatenates": _in_body(f'let s = concat!({"concat!(" * 60}"xyz"{")" * 60}); let n = n + s.len() as u64;'),
    "formats-thousands": _in_body(f'let s = format!("{"{}" * 4000}"{", n" * 4000}); let n = s.len() as u64;'),
    "nests-arrays": _in_body("let a = [[[[[[[7u8; 99]; 99]; 99]; 99]; 99]; 99]; 99]; let n = a[0][0][0][0][0][0][0] as u64;"),
    "panics-in-a-constant": _in_body('const _: () = panic!("no");'),
    "chains-adapters": _in_body(f"let n = (0..n){'.map(|x| x + 1).filter(|x| *x > 0)' * 90}.count() as u64;"),
    "matches-ranges": _in_body("match n { " + " ".join(f"{k * 3}..={k * 3 + 4} => (), " for k in range(1200)) + " _ => () }"),
    "searches-impls": _in_body("trait A { type O; } struct S<T>(T); impl A for u8 { type O = u8; } impl<T: A> A for S<T> where S<T::O>: A { type O = <S<T::O> as A>::O; } fn need<T: A>() {} need::<S<S<S<S<S<S<u8>>>>>>>();"),
    "errs-with-long-types": _in_body("let a = [1].iter()" + ".map(|x| x)" * 60 + "; let () = a;"),
}  # fmt: skip

ALL = {**READS, **DOORS, **BOMBS}
