//! Landlock: which files a process may still open, and no TCP, no signals, no abstract sockets.

use std::ffi::{c_int, c_long};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::process::checked;

// The same numbers on every architecture.
const CREATE_RULESET: c_long = 444;
const ADD_RULE: c_long = 445;
const RESTRICT_SELF: c_long = 446;
const VERSION: c_long = 1;
const PATH_BENEATH: c_long = 1;
const O_PATH: c_int = 0o10_000_000;

const EXECUTE: u64 = 1;
const WRITE_FILE: u64 = 1 << 1;
const READ_FILE: u64 = 1 << 2;
const READ_DIR: u64 = 1 << 3;
const TRUNCATE: u64 = 1 << 14;
/// What can be allowed of a single file: the rest is about folders.
const OF_FILES: u64 = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE;
/// Remove folders and files, make folders and regular files, and rename between folders.
const CHANGE_FOLDER: u64 = 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 13;

/// What is allowed of a file, or of everything below a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read it; mapping it as code is reading.
    Read,
    /// Read it, and start it as a program.
    Execute,
    /// Read, write, make and remove, but not start anything.
    Write,
}

impl Access {
    fn bits(self) -> u64 {
        match self {
            Self::Read => READ_FILE | READ_DIR,
            Self::Execute => READ_FILE | READ_DIR | EXECUTE,
            Self::Write => READ_FILE | READ_DIR | WRITE_FILE | TRUNCATE | CHANGE_FOLDER,
        }
    }
}

#[repr(C)]
struct Ruleset {
    files: u64,
    network: u64,
    scoped: u64,
}

#[repr(C, packed)]
struct Beneath {
    allowed: u64,
    parent: c_int,
}

unsafe extern "C" {
    fn syscall(number: c_long, ...) -> c_long;
}

/// The version of landlock that this kernel has; 0 where it has none.
#[must_use]
pub fn version() -> u32 {
    // SAFETY: with this flag the call takes no pointer.
    let version = unsafe { syscall(CREATE_RULESET, 0 as c_long, 0 as c_long, VERSION) };
    u32::try_from(version).unwrap_or(0)
}

/// From now on this thread, and what it starts, may open nothing but what is granted; returns the version that
/// holds it. A path that is not there grants nothing.
///
/// # Errors
/// The kernel's; also where it has no landlock.
pub fn restrict<P: AsRef<Path>>(grants: &[(P, Access)]) -> io::Result<u32> {
    let version = version();
    let (all, size) = handled(version);
    // SAFETY: the struct is as long as its size says, or longer.
    let ruleset = checked(unsafe { syscall(CREATE_RULESET, &raw const all, size, 0 as c_long) })?;
    // SAFETY: a new descriptor of ours.
    let ruleset = unsafe { File::from_raw_fd(c_int::try_from(ruleset).map_err(io::Error::other)?) };
    for (path, access) in grants {
        match OpenOptions::new().read(true).custom_flags(O_PATH).open(path) {
            Ok(opened) => grant(&ruleset, &opened, access.bits() & all.files)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    // SAFETY: two numbers.
    checked(unsafe { syscall(RESTRICT_SELF, c_long::from(ruleset.as_raw_fd()), 0 as c_long) })?;
    Ok(version)
}

/// Everything that this version can forbid, and how long the struct is that says so.
fn handled(version: u32) -> (Ruleset, c_long) {
    let files = match version {
        0 | 1 => 13,
        2 => 14,
        3 | 4 => 15,
        _ => 16,
    };
    let network = if version >= 4 { 0b11 } else { 0 };
    let scoped = if version >= 6 { 0b11 } else { 0 };
    let words = 1 + c_long::from(version >= 4) + c_long::from(version >= 6);
    (Ruleset { files: (1 << files) - 1, network, scoped }, words * 8)
}

fn grant(ruleset: &File, opened: &File, allowed: u64) -> io::Result<()> {
    let allowed = if opened.metadata()?.is_dir() { allowed } else { allowed & OF_FILES };
    let rule = Beneath { allowed, parent: opened.as_raw_fd() };
    let ruleset = c_long::from(ruleset.as_raw_fd());
    // SAFETY: the kernel reads one struct.
    checked(unsafe { syscall(ADD_RULE, ruleset, PATH_BENEATH, &raw const rule, 0 as c_long) }).map(drop)
}

#[cfg(test)]
mod tests {
    use super::{Access, handled, restrict, version};
    use crate::process::no_new_privileges;
    use std::fs::{File, read, write};

    #[test]
    fn older_kernels_are_told_less() {
        assert_eq!(handled(1).0.files, 0x1fff);
        assert_eq!((handled(3).1, handled(4).1, handled(7).1), (8, 16, 24));
        assert_eq!(handled(7).0.files, 0xffff);
    }

    #[test]
    fn what_is_not_granted_cannot_be_opened() {
        if version() == 0 {
            eprintln!("this kernel has no landlock");
            return;
        }
        let folder = std::env::temp_dir().join(format!("symbiont-landlock-{}", std::process::id()));
        let (given, kept) = (folder.join("given"), folder.join("kept"));
        std::fs::create_dir_all(&folder).unwrap();
        write(&given, "a").unwrap();
        write(&kept, "b").unwrap();
        let paths = (given.clone(), kept.clone());
        // A thread of its own: it is the thread that is restricted.
        std::thread::spawn(move || {
            no_new_privileges().unwrap();
            restrict(&[(&paths.0, Access::Read)]).unwrap();
            assert_eq!(read(&paths.0).unwrap(), b"a");
            assert!(read(&paths.1).is_err());
            assert!(File::create(&paths.0).is_err());
        })
        .join()
        .unwrap();
        assert_eq!(read(&given).unwrap(), b"a");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
