//! The worker: runs the Rust calls of a trial in a process of its own.
//!
//! It is started by pytest with two pipes. The first frame names the builds to load: the worker gives up
//! everything that loading and calling do not need, loads them, gives up what only loading needed, and says
//! which layers hold. From then on frames are calls. It knows nothing of types: arguments come as words and
//! bytes ([`symbiont_runtime::Frame`]), results go back as words and bytes. Deadlines are pytest's business,
//! which kills the worker; only where pytest itself was killed, the worker ends on its own.

mod asking;
mod brisk;
mod call;
mod chance;
mod confine;
mod message;
mod parent;
mod poll;
#[cfg(symbiont_start)]
mod start;

use std::ffi::c_int;
use std::fs::File;
use std::io::{self, Write};
use std::mem::ManuallyDrop;
use std::os::fd::{AsRawFd, FromRawFd};
use std::process::ExitCode;

use brisk::Brisk;
use call::{Callee, Named};
use confine::Confinement;
use message::{Header, Kind};

/// The exit code of an orderly end: pytest closed the pipe.
const DONE: u8 = 0;
/// The exit code of a broken pipe or a frame that makes no sense.
const BROKEN: u8 = 70;

/// The two ends of pipes that are ours. They are never closed: that is a system call that calls do not need.
struct Pipes {
    requests: ManuallyDrop<File>,
    replies: ManuallyDrop<File>,
}

impl Pipes {
    fn over([requests, replies]: [c_int; 2]) -> Self {
        // SAFETY: pytest hands over exactly these two descriptors, which are never closed here.
        let [requests, replies] =
            unsafe { [requests, replies].map(|pipe| ManuallyDrop::new(File::from_raw_fd(pipe))) };
        Self { requests, replies }
    }

    /// The same pipes.
    fn copy(&self) -> Self {
        Self::over([self.requests.as_raw_fd(), self.replies.as_raw_fd()])
    }
}

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let mut descriptor = || words.next().and_then(|text| text.parse::<c_int>().ok());
    let (Some(requests), Some(replies), Some(pytest)) = (descriptor(), descriptor(), descriptor()) else {
        eprintln!("usage: worker REQUEST_FD REPLY_FD PARENT_PIDFD LAYERS [SEED]");
        return ExitCode::from(BROKEN);
    };
    let confinement = Confinement::new(&words.next().unwrap_or_default(), requests, replies);
    if let Some(seed) = words.next().and_then(|text| text.parse().ok()) {
        chance::follow(seed);
    }
    let brisk = Brisk::new(requests);
    match serve(&mut Pipes::over([requests, replies]), confinement, pytest, brisk) {
        Ok(()) => ExitCode::from(DONE),
        Err(_) => ExitCode::from(BROKEN),
    }
}

fn serve(pipes: &mut Pipes, mut confinement: Confinement, pytest: c_int, mut brisk: Brisk) -> io::Result<()> {
    let mut body = Vec::new();
    let Some(header) = Header::read(&mut *pipes.requests, &mut body)? else {
        return Ok(());
    };
    if header.kind()? != Kind::Load {
        return Err(message::broken("the first frame does not load"));
    }
    confine::serving(header.id);
    let named = Named::all(message::as_bytes(&body, header.length))?;
    let callees = match load(&named, &mut confinement, pytest) {
        Ok(callees) => callees,
        Err(reason) => return reply(pipes, &header, Kind::Refused, reason.as_bytes()),
    };
    confinement.before_calling()?;
    reply(pipes, &header, Kind::Loaded, confinement.report().as_bytes())?;
    asking::serve(pipes.copy(), callees);
    while let Some(header) = Header::read(&mut *pipes.requests, &mut body)? {
        let asked = header.kind()?;
        asking::call(pipes, &header, &mut body)?;
        if asked == Kind::CallOfMany {
            brisk.look();
        }
    }
    Ok(())
}

/// Gives up what nobody needs, and loads.
fn load(named: &[Named<'_>], confinement: &mut Confinement, pytest: c_int) -> Result<Vec<Callee>, String> {
    // The one library that builds need and this program does not.
    // SAFETY: the system's own.
    let _ = unsafe { symbiont_runtime::load(c"libm.so.6", c"sin") };
    let files: Vec<_> = named.iter().flat_map(Named::files).collect();
    confinement.files(&files);
    parent::end_with(pytest).map_err(|error| format!("no thread can be started: {error}"))?;
    confinement.before_loading();
    named.iter().copied().map(Callee::load).collect()
}

fn reply(pipes: &mut Pipes, request: &Header, kind: Kind, body: &[u8]) -> io::Result<()> {
    send(pipes, &Header::reply_to(request, kind, body.len()), body)
}

fn send(pipes: &mut Pipes, header: &Header, body: &[u8]) -> io::Result<()> {
    // What the candidate printed belongs before its reply.
    io::stdout().flush()?;
    header.write(&mut *pipes.replies, body)
}
