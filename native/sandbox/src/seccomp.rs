//! Seccomp: which system calls are left. Everything that is not allowed is trapped, or does not exist.
//!
//! A filter is a small program of the kernel's packet filter, which looks at a call's number and at the lower
//! halves of its arguments. It never follows a pointer: what a path says is landlock's business.

use std::ffi::{c_int, c_long, c_ushort, c_void};
use std::io;

use crate::process::checked;
use crate::syscalls::{ARCHITECTURE, FOREIGN, SECCOMP};

const SET_MODE_FILTER: c_long = 1;
/// All threads, or none.
const TSYNC: c_long = 1;

const LOAD: u16 = 0x20;
const JUMP_EQUAL: u16 = 0x15;
const JUMP_AT_LEAST: u16 = 0x35;
const JUMP_ANY_BIT: u16 = 0x45;
const RETURN: u16 = 0x06;

const ALLOW: u32 = 0x7fff_0000;
const TRAP: u32 = 0x0003_0000;
const KILL_PROCESS: u32 = 0x8000_0000;
/// The error of a kernel that does not have the call: programs know what to do without it.
const NOT_THERE: u32 = 0x0005_0026;

/// Where the kernel puts number, architecture and arguments.
const NUMBER: u32 = 0;
const MACHINE: u32 = 4;
const ARGUMENTS: u32 = 16;

/// What an argument must be for a call to be allowed. Only its lower half is looked at, which is all that the
/// kernel takes of descriptors, flags and signals.
#[derive(Clone, Debug)]
pub enum Check {
    /// The argument of this index is one of these.
    OneOf(u32, Vec<u32>),
    /// The argument of this index has none of these bits.
    NoneOf(u32, u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
struct Instruction {
    code: u16,
    if_true: u8,
    if_false: u8,
    value: u32,
}

#[repr(C)]
struct Program {
    length: c_ushort,
    instructions: *const Instruction,
}

unsafe extern "C" {
    fn syscall(number: c_long, ...) -> c_long;
}

/// A filter in the making: nothing is allowed yet.
#[derive(Clone, Debug)]
pub struct Filter {
    program: Vec<Instruction>,
    otherwise: u32,
}

impl Default for Filter {
    fn default() -> Self {
        Self::new(TRAP)
    }
}

impl Filter {
    /// A filter under which calls fail that are not allowed, as on a kernel that does not have them.
    #[must_use]
    pub fn of_others_work() -> Self {
        Self::new(NOT_THERE)
    }

    fn new(otherwise: u32) -> Self {
        let mut program = vec![load(MACHINE), jump(JUMP_EQUAL, ARCHITECTURE, 1, 0), end(KILL_PROCESS)];
        program.push(load(NUMBER));
        // Numbers of another calling convention of the same machine: x32.
        program.extend(FOREIGN.map(|first| jump(JUMP_AT_LEAST, first, 0, 1)));
        program.extend(FOREIGN.map(|_| end(KILL_PROCESS)));
        Self { program, otherwise }
    }

    /// Allows calls of these numbers.
    #[must_use]
    pub fn allow(mut self, numbers: &[u32]) -> Self {
        for number in numbers {
            self.program.extend([jump(JUMP_EQUAL, *number, 0, 1), end(ALLOW)]);
        }
        self
    }

    /// Allows calls of this number whose arguments pass every check.
    #[must_use]
    pub fn allow_if(mut self, number: u32, checks: &[Check]) -> Self {
        let mut block = Vec::new();
        for check in checks {
            match check {
                Check::OneOf(index, values) => {
                    block.push(load(ARGUMENTS + 8 * index));
                    for (left, value) in (1..=values.len()).rev().zip(values) {
                        block.push(jump(JUMP_EQUAL, *value, small(left), 0));
                    }
                    block.push(end(self.otherwise));
                }
                Check::NoneOf(index, bits) => {
                    block.extend([
                        load(ARGUMENTS + 8 * index),
                        jump(JUMP_ANY_BIT, *bits, 0, 1),
                        end(self.otherwise),
                    ]);
                }
            }
        }
        block.push(end(ALLOW));
        self.program.push(jump(JUMP_EQUAL, number, 0, small(block.len())));
        self.program.extend(block);
        self
    }

    /// Holds every thread of this process to the filter, on top of those that hold it already.
    ///
    /// # Errors
    /// The kernel's; also where it has no seccomp.
    pub fn install(mut self) -> io::Result<()> {
        self.program.push(end(self.otherwise));
        let length = c_ushort::try_from(self.program.len()).map_err(io::Error::other)?;
        let program = Program { length, instructions: self.program.as_ptr() };
        // SAFETY: the kernel reads the program, which lives through the call.
        match checked(unsafe { syscall(c_long::from(SECCOMP), SET_MODE_FILTER, TSYNC, &raw const program) })?
        {
            0 => Ok(()),
            thread => Err(io::Error::other(format!("thread {thread} cannot be held to the filter"))),
        }
    }
}

fn small(number: usize) -> u8 {
    u8::try_from(number).expect("a rule of fewer than 256 instructions")
}

fn load(offset: u32) -> Instruction {
    Instruction { code: LOAD, if_true: 0, if_false: 0, value: offset }
}

fn jump(code: u16, value: u32, if_true: u8, if_false: u8) -> Instruction {
    Instruction { code, if_true, if_false, value }
}

fn end(action: u32) -> Instruction {
    jump(RETURN, action, 0, 0)
}

const SIGSYS: c_int = 31;
const SA_SIGINFO: c_int = 4;
const SA_ONSTACK: c_int = 0x0800_0000;

#[repr(C)]
struct Action {
    handler: extern "C" fn(c_int, *const Info, *mut c_void),
    mask: [u64; 16],
    flags: c_int,
    restorer: usize,
}

/// The part of `siginfo_t` that a trapped call fills.
#[repr(C)]
#[derive(Debug)]
pub struct Info {
    _signal: [c_int; 4],
    _address: u64,
    /// The number of the call.
    pub number: u32,
}

unsafe extern "C" {
    fn sigaction(signal: c_int, action: *const Action, before: *mut Action) -> c_int;
}

/// Have `handler` told of trapped calls; it must do only what signal handlers may, and not return.
///
/// # Errors
/// The kernel's.
pub fn on_trap(handler: extern "C" fn(c_int, *const Info, *mut c_void)) -> io::Result<()> {
    let action = Action { handler, mask: [u64::MAX; 16], flags: SA_SIGINFO | SA_ONSTACK, restorer: 0 };
    // SAFETY: the struct is laid out as glibc's on both architectures, and the handler lives for ever.
    checked(unsafe { sigaction(SIGSYS, &raw const action, std::ptr::null_mut()) }.into()).map(drop)
}

#[cfg(test)]
mod tests {
    use super::{ALLOW, Check, Filter, Instruction, KILL_PROCESS, NOT_THERE, TRAP, end};
    use crate::syscalls::ARCHITECTURE;

    /// What the kernel would do with a program; the words are number, machine, address and arguments.
    fn run(filter: &Filter, machine: u32, number: u32, arguments: [u32; 6]) -> u32 {
        let program: Vec<Instruction> =
            filter.program.iter().copied().chain([end(filter.otherwise)]).collect();
        let (mut at, mut word) = (0, 0);
        loop {
            let Instruction { code, if_true, if_false, value } = program[at];
            at += 1;
            let holds = match code {
                super::LOAD => {
                    word = match value {
                        0 => number,
                        4 => machine,
                        offset => arguments[(offset as usize - 16) / 8],
                    };
                    continue;
                }
                super::RETURN => return value,
                super::JUMP_EQUAL => word == value,
                super::JUMP_AT_LEAST => word >= value,
                super::JUMP_ANY_BIT => word & value != 0,
                other => panic!("{other}"),
            };
            at += usize::from(if holds { if_true } else { if_false });
        }
    }

    #[test]
    fn what_is_not_allowed_is_trapped() {
        let filter = Filter::default().allow(&[3, 5]);
        let decide = |number| run(&filter, ARCHITECTURE, number, [0; 6]);
        assert_eq!([3, 4, 5, 6].map(decide), [ALLOW, TRAP, ALLOW, TRAP]);
    }

    #[test]
    fn arguments_are_looked_at() {
        let filter = Filter::default()
            .allow_if(1, &[Check::OneOf(0, vec![1, 2, 7])])
            .allow_if(9, &[Check::NoneOf(2, 4), Check::OneOf(3, vec![0])])
            .allow(&[11]);
        let decide = |number, arguments| run(&filter, ARCHITECTURE, number, arguments);
        assert_eq!([1, 2, 7, 3].map(|fd| decide(1, [fd, 0, 0, 0, 0, 0])), [ALLOW, ALLOW, ALLOW, TRAP]);
        assert_eq!(decide(9, [0, 0, 3, 0, 0, 0]), ALLOW);
        assert_eq!(decide(9, [0, 0, 7, 0, 0, 0]), TRAP);
        assert_eq!(decide(9, [0, 0, 3, 1, 0, 0]), TRAP);
        assert_eq!(decide(11, [0; 6]), ALLOW);
    }

    #[test]
    fn what_others_do_not_need_is_not_there() {
        let filter = Filter::of_others_work().allow(&[3]).allow_if(9, &[Check::NoneOf(2, 4)]);
        let decide = |number| run(&filter, ARCHITECTURE, number, [0, 0, 4, 0, 0, 0]);
        assert_eq!([3, 5, 9].map(decide), [ALLOW, NOT_THERE, NOT_THERE]);
    }

    #[test]
    fn another_calling_convention_ends_the_process() {
        let filter = Filter::default().allow(&[3]);
        assert_eq!(run(&filter, ARCHITECTURE ^ 1, 3, [0; 6]), KILL_PROCESS);
        if cfg!(target_arch = "x86_64") {
            assert_eq!(run(&filter, ARCHITECTURE, 0x4000_0003, [0; 6]), KILL_PROCESS);
        }
    }
}
