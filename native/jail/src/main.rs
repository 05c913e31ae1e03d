//! The jail: starts rustc for what a model wrote, so that it can only compile.
//!
//! `jail [--read=PATH] [--execute=PATH] [--write=PATH] [--memory=BYTES] [--cpu=SECONDS] [--file=BYTES] [--calls=compiling] -- PROGRAM …`
//!
//! Limits, landlock and seccomp are put on, then the program takes this process's place: no process more, and
//! what it starts (the linker) is held to the same. Landlock and seccomp are left out where there are none;
//! pytest knows that from the worker. The wall clock is pytest's business.

#[cfg(symbiont_start)]
#[path = "../../worker/src/start.rs"]
mod start;

mod calls;

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use symbiont_sandbox::landlock::{self, Access};
use symbiont_sandbox::limits::{self, Resource};
use symbiont_sandbox::process;

/// The exit code where the jail itself failed and the program never ran.
const FAILED: u8 = 125;

/// What is asked for, in the words of the arguments.
#[derive(Debug, Default)]
struct Jail {
    grants: Vec<(PathBuf, Access)>,
    limits: Vec<(Resource, u64)>,
    only_compiling: bool,
}

fn main() -> ExitCode {
    let error = run(std::env::args_os().skip(1));
    eprintln!("jail: {error}");
    ExitCode::from(FAILED)
}

/// Becomes the program; comes back with an error alone.
fn run(mut arguments: impl Iterator<Item = OsString>) -> io::Error {
    let started = Jail::parse(&mut arguments).and_then(|jail| jail.enter());
    match (started, arguments.next()) {
        (Err(error), _) => error,
        (Ok(()), None) => io::Error::other("no program named"),
        (Ok(()), Some(program)) => Command::new(program).args(arguments).exec(),
    }
}

impl Jail {
    /// Reads arguments up to `--`.
    fn parse(arguments: &mut impl Iterator<Item = OsString>) -> io::Result<Self> {
        let mut jail = Self::default();
        for argument in arguments.take_while(|argument| argument != "--") {
            jail.take(argument.as_bytes())
                .ok_or_else(|| io::Error::other(format!("unknown: {}", argument.to_string_lossy())))?;
        }
        Ok(jail)
    }

    fn take(&mut self, argument: &[u8]) -> Option<()> {
        let equals = argument.iter().position(|byte| *byte == b'=')?;
        let value = OsStr::from_bytes(&argument[equals + 1..]);
        let number = || value.to_str()?.parse::<u64>().ok();
        match &argument[..equals] {
            b"--read" => self.grants.push((value.into(), Access::Read)),
            b"--execute" => self.grants.push((value.into(), Access::Execute)),
            b"--write" => self.grants.push((value.into(), Access::Write)),
            b"--memory" => self.limits.push((Resource::AddressSpace, number()?)),
            b"--cpu" => self.limits.push((Resource::Cpu, number()?)),
            b"--file" => self.limits.push((Resource::FileSize, number()?)),
            b"--calls" if value == "compiling" => self.only_compiling = true,
            _ => return None,
        }
        Some(())
    }

    fn enter(&self) -> io::Result<()> {
        process::end_with_parent()?;
        process::no_new_privileges()?;
        if !self.limits.is_empty() {
            limits::lower(&[(Resource::Core, 0)])?;
            limits::lower(&self.limits)?;
        }
        if !self.grants.is_empty() && landlock::version() > 0 {
            landlock::restrict(&self.grants)?;
        }
        if self.only_compiling {
            // Where there is none, or a container's own filter forbids it, the others hold alone.
            let _ = calls::leave_compiling();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Access, Jail, Resource, run};

    fn parse(texts: &[&str]) -> Option<Jail> {
        Jail::parse(&mut texts.iter().map(Into::into)).ok()
    }

    #[test]
    fn arguments_are_read_up_to_the_program() {
        let jail = parse(&["--read=/a b", "--cpu=3", "--", "--unknown"]).unwrap();
        assert_eq!(jail.grants, [("/a b".into(), Access::Read)]);
        assert_eq!(jail.limits, [(Resource::Cpu, 3)]);
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for wrong in ["--reed=/", "--cpu=much", "--cpu", "--calls=all", "rustc"] {
            assert!(parse(&[wrong]).is_none(), "{wrong}");
        }
    }

    #[test]
    fn without_a_program_nothing_is_started() {
        // A thread of its own: what is given up is given up.
        let said = std::thread::spawn(|| run(["--"].iter().map(Into::into)).to_string()).join().unwrap();
        assert_eq!(said, "no program named");
    }
}
