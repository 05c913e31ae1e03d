//! The program's first instructions.
//!
//! A C compiler would link `crt1.o` here, which a machine without C development files does not have. Only
//! the executable's own entry is needed: glibc and libstd bring everything else.

#[cfg(target_arch = "x86_64")]
std::arch::global_asm!(
    ".globl _start",
    "_start:",
    "xor ebp, ebp",
    "mov r9, rdx",  // the dynamic linker's finaliser
    "pop rsi",      // argc
    "mov rdx, rsp", // argv
    "and rsp, -16",
    "push rax",
    "push rsp",
    "xor r8d, r8d",
    "xor ecx, ecx",
    "mov rdi, [rip + main@GOTPCREL]",
    "call [rip + __libc_start_main@GOTPCREL]",
    "hlt",
);

#[cfg(target_arch = "aarch64")]
std::arch::global_asm!(
    ".globl _start",
    "_start:",
    "mov x29, #0",
    "mov x30, #0",
    "mov x5, x0",     // the dynamic linker's finaliser
    "ldr x1, [sp]",   // argc
    "add x2, sp, #8", // argv
    "mov x6, sp",
    "mov x3, #0",
    "mov x4, #0",
    "adrp x0, :got:main",
    "ldr x0, [x0, #:got_lo12:main]",
    "bl __libc_start_main",
    "brk #1",
);
