//! The worker: runs the Rust calls of a trial in a process of its own.
//!
//! It is started by pytest with two pipes and does what the frames on the first one say: load a build, call
//! it. It knows nothing of types: arguments come as words and bytes ([`symbiont_runtime::Frame`]), results go
//! back as words and bytes. Deadlines are pytest's business, which kills the worker; only where pytest itself
//! was killed, the worker ends on its own.

mod call;
mod message;
mod parent;
#[cfg(symbiont_start)]
mod start;

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::FromRawFd;
use std::process::ExitCode;

use call::Callee;
use message::{Header, Kind};

/// The exit code of an orderly end: pytest closed the pipe.
const DONE: u8 = 0;
/// The exit code of a broken pipe or a frame that makes no sense.
const BROKEN: u8 = 70;

fn main() -> ExitCode {
    let mut descriptors = std::env::args().skip(1).map(|text| text.parse::<i32>());
    let (Some(Ok(requests)), Some(Ok(replies)), Some(Ok(pytest))) =
        (descriptors.next(), descriptors.next(), descriptors.next())
    else {
        eprintln!("usage: worker REQUEST_FD REPLY_FD PARENT_PIDFD");
        return ExitCode::from(BROKEN);
    };
    if let Err(error) = parent::end_with(pytest) {
        eprintln!("no thread can be started: {error}");
        return ExitCode::from(BROKEN);
    }
    // SAFETY: pytest hands over exactly these two descriptors, and nothing else here owns them.
    let (mut requests, mut replies) = unsafe { (File::from_raw_fd(requests), File::from_raw_fd(replies)) };
    match serve(&mut requests, &mut replies) {
        Ok(()) => ExitCode::from(DONE),
        Err(_) => ExitCode::from(BROKEN),
    }
}

fn serve(requests: &mut File, replies: &mut File) -> io::Result<()> {
    let mut callees = Vec::new();
    let mut body = Vec::new();
    while let Some(mut header) = Header::read(requests, &mut body)? {
        let mut reply = Vec::new();
        let kind = match header.kind()? {
            Kind::Load => match Callee::load(message::as_bytes(&body, header.length)) {
                Ok(callee) => {
                    header.callee = callees.len() as u64;
                    callees.push(callee);
                    Kind::Loaded
                }
                Err(reason) => {
                    reply.extend_from_slice(reason.as_bytes());
                    Kind::Refused
                }
            },
            Kind::Call => {
                let callee = usize::try_from(header.callee).ok().and_then(|index| callees.get(index));
                let callee = callee.ok_or_else(|| message::broken("no such callee"))?;
                callee.call(&mut body, header.length, &mut reply)?
            }
            Kind::Loaded | Kind::Refused | Kind::Returned | Kind::Panicked => {
                return Err(message::broken("a reply as a request"));
            }
        };
        // What the candidate printed belongs before its reply.
        io::stdout().flush()?;
        Header::reply_to(&header, kind, reply.len()).write(replies, &reply)?;
    }
    Ok(())
}
