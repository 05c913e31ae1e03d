//! Results that go on: an iterator, a closure, a future. They are kept, and resumed by their number.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use crate::{Error, Kept, Object, Pack, Reader, Writer, read};

type Step = Box<dyn FnMut(&mut Writer) -> Result<bool, String>>;
type Call = Box<dyn FnMut(&mut Reader<'_>, &mut Writer) -> Result<(), Error>>;

/// What is resumed.
pub struct Resumed(What);

enum What {
    /// An iterator or a future; None at its end, and while it runs: what panicked has ended.
    Steps(Option<Step>),
    Function(Call),
}

impl std::fmt::Debug for Resumed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Resumed")
    }
}

const ASLEEP: &str = "in use: its future waits, and nothing has woken it while it was polled";

/// Whether a future wants to be polled again.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

impl Kept for Resumed {
    const NAME: &'static str = "iterator, closure or future";
    const SEND: bool = false;
    const SYNC: bool = false;
}

impl Resumed {
    /// An iterator, each step of which writes the next element in an array of one, or nil.
    pub fn iterator<T: Pack>(elements: impl IntoIterator<Item = T> + 'static) -> Self {
        let mut elements = elements.into_iter();
        let step = move |writer: &mut Writer| {
            let next = elements.next();
            let more = next.is_some();
            writer.put(&next.map(|one| (one,)));
            Ok(more)
        };
        Self(What::Steps(Some(Box::new(step))))
    }

    /// A future, each step of which polls it: nil while it is pending, or the value in an array of one.
    pub fn future<T: Pack + 'static>(future: impl Future<Output = T> + 'static) -> Self {
        let mut future: Pin<Box<dyn Future<Output = T>>> = Box::pin(future);
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let step = move |writer: &mut Writer| {
            let value = match future.as_mut().poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(value) => Some((value,)),
                Poll::Pending if woken.0.swap(false, Ordering::AcqRel) => None,
                Poll::Pending => return Err(ASLEEP.to_owned()),
            };
            writer.put(&value);
            Ok(value.is_none())
        };
        Self(What::Steps(Some(Box::new(step))))
    }

    /// A closure, by what reads its arguments, calls it and writes what it returns.
    pub fn function(call: impl FnMut(&mut Reader<'_>, &mut Writer) -> Result<(), Error> + 'static) -> Self {
        Self(What::Function(Box::new(call)))
    }
}

/// Resumes what has this number, with these packed arguments.
///
/// # Errors
/// Where it is gone, in use, another thread's, or where the arguments cannot be read.
pub fn resume(number: u64, arguments: &[u8]) -> Result<(bool, Vec<u8>), String> {
    let mut kept = Object::from(number).exclusive::<Resumed>()?;
    let mut writer = Writer::new();
    match &mut kept.0 {
        What::Steps(place) => match place.take() {
            Some(mut step) => *place = step(&mut writer)?.then_some(step),
            None => writer.put(&None::<(u8,)>),
        },
        What::Function(call) => read(arguments, |reader| call(reader, &mut writer))?,
    }
    Ok((false, writer.finish()?))
}

#[cfg(test)]
mod tests {
    use super::{Resumed, resume};
    use std::task::Poll;

    use crate::{Object, forget};

    #[test]
    fn an_iterator_steps_to_its_end_and_ends_with_a_panic() {
        let number = Object::keep(Resumed::iterator([1_u8, 0].map(|x| x))).number();
        let all: Vec<_> = (0..4).map(|_| resume(number, &[]).unwrap().1).collect();
        assert_eq!(all, [vec![0x91, 1], vec![0x91, 0], vec![0xc0], vec![0xc0]]);
        let fails = (0..3_u8).map(|x| 1 / x);
        let other = Object::keep(Resumed::iterator(fails)).number();
        assert!(std::panic::catch_unwind(|| resume(other, &[])).is_err());
        assert_eq!(resume(other, &[]).unwrap().1, [0xc0]);
        forget(number);
        forget(other);
    }

    #[test]
    fn a_future_is_polled_while_it_is_woken() {
        let mut turns = 0;
        let future = std::future::poll_fn(move |context| {
            turns += 1;
            context.waker().wake_by_ref();
            if turns == 2 { Poll::Ready(7_u8) } else { Poll::Pending }
        });
        let number = Object::keep(Resumed::future(future)).number();
        let steps = [resume(number, &[]).unwrap().1, resume(number, &[]).unwrap().1];
        assert_eq!(steps, [vec![0xc0], vec![0x91, 7]]);
        let asleep = Object::keep(Resumed::future(std::future::pending::<u8>())).number();
        assert!(resume(asleep, &[]).unwrap_err().contains("nothing has woken it"));
        forget(number);
        forget(asleep);
    }

    #[test]
    fn a_closure_is_called() {
        let mut sum = 0_u8;
        let more = Resumed::function(move |reader, writer| {
            sum += reader.take::<u8>()?;
            writer.put(&sum);
            Ok(())
        });
        let number = Object::keep(more).number();
        assert_eq!([resume(number, &[2]).unwrap().1, resume(number, &[3]).unwrap().1], [[2], [5]]);
        assert!(resume(number, &[0xc0]).is_err());
        forget(number);
        assert!(resume(number, &[1]).is_err());
    }
}
