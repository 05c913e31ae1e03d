//! Calls, and what they ask of Python while they run; what Python calls before it answers is served meanwhile.

use std::cell::{Cell, RefCell};
use std::io;
use std::process;
use std::sync::OnceLock;

use crate::call::Callee;
use crate::message::{Header, Kind, as_bytes, broken};
use crate::{BROKEN, Pipes, confine, reply};

static CALLEES: OnceLock<Vec<Callee>> = OnceLock::new();

thread_local! {
    static PIPES: RefCell<Option<Pipes>> = const { RefCell::new(None) };
    /// The request of the call under way.
    static REQUEST: Cell<u64> = const { Cell::new(0) };
}

/// From now on these are called, by this thread, and ask through these pipes.
pub(crate) fn serve(pipes: Pipes, callees: Vec<Callee>) {
    let _ = CALLEES.set(callees);
    PIPES.set(Some(pipes));
    symbiont_runtime::answer_by(|number, arguments| {
        let pipes = PIPES.with_borrow(|pipes| pipes.as_ref().map(Pipes::copy));
        match pipes.map(|mut pipes| ask(&mut pipes, number, arguments)) {
            Some(Ok(answer)) => answer,
            // Nobody is left to answer, and nothing can go on without.
            _ => process::exit(BROKEN.into()),
        }
    });
}

/// Makes the call of this frame, and replies.
pub(crate) fn call(pipes: &mut Pipes, header: &Header, body: &mut [u64]) -> io::Result<()> {
    if !matches!(header.kind()?, Kind::Call | Kind::CallOfMany) {
        return Err(broken("only calls may follow"));
    }
    let outer = REQUEST.replace(header.id);
    confine::serving(header.id);
    let callees = CALLEES.get().map_or(&[][..], Vec::as_slice);
    let callee = usize::try_from(header.callee).ok().and_then(|index| callees.get(index));
    let callee = callee.ok_or_else(|| broken("no such callee"))?;
    let mut result = Vec::new();
    let kind = callee.call(body, header.length, &mut result)?;
    reply(pipes, header, kind, &result)?;
    REQUEST.set(outer);
    confine::serving(outer);
    Ok(())
}

fn ask(pipes: &mut Pipes, number: u64, arguments: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let request = REQUEST.get();
    crate::send(pipes, &Header::question(request, number, arguments.len()), arguments)?;
    let mut body = Vec::new();
    loop {
        let header = Header::read(&mut *pipes.requests, &mut body)?.ok_or_else(|| broken("no answer"))?;
        match header.kind()? {
            Kind::Answer if header.id == request => {
                return Ok(Some(as_bytes(&body, header.length).to_vec()));
            }
            Kind::Raised if header.id == request => return Ok(None),
            _ => call(pipes, &header, &mut body)?,
        }
    }
}
