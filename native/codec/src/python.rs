//! What a function is given that is Python's: a callable, or an iterator whose elements come one by one.

use std::fmt;
use std::vec;

use crate::{Error, Reader, Unpack, Writer, read};

/// How Python is asked: the runtime's own function, which an entry gets as an argument.
pub type Ask = fn(u64, &[u8]) -> Vec<u8>;

/// A callable of Python.
#[derive(Clone, Copy)]
pub struct Python {
    ask: Ask,
    number: u64,
}

impl fmt::Debug for Python {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Python({})", self.number)
    }
}

impl Python {
    /// The one with this number.
    #[must_use]
    pub fn new(ask: Ask, number: u64) -> Self {
        Self { ask, number }
    }

    /// Calls it; `write` writes the arguments. Where it raises, the call that it was given to is unwound.
    ///
    /// # Panics
    /// Where an argument is nested too deeply.
    pub fn call<R: for<'a> Unpack<'a>>(self, write: impl FnOnce(&mut Writer)) -> R {
        let mut writer = Writer::new();
        write(&mut writer);
        let arguments = writer.finish().unwrap_or_else(|reason| panic!("{reason}"));
        let answer = (self.ask)(self.number, &arguments);
        let value = read(&answer, |reader| {
            let value = reader.take::<R>()?;
            reader.end()?;
            Ok::<_, Error>(value)
        });
        value.unwrap_or_else(|error| panic!("Python's answer cannot be read: {error}"))
    }
}

/// What came for an iterator: its elements, or the number by which Python is asked for them.
#[derive(Debug)]
pub enum Given<T> {
    /// All of them.
    Here(Vec<T>),
    /// Whom to ask.
    Python(u64),
}

impl<T> Given<T> {
    /// The iterator.
    #[must_use]
    pub fn by(self, ask: Ask) -> Elements<T> {
        match self {
            Self::Here(values) => Elements::Here(values.into_iter()),
            Self::Python(number) => Elements::Python(Python::new(ask, number)),
        }
    }
}

impl<'a, T: Unpack<'a>> Unpack<'a> for Given<T> {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        Ok(match reader.number()? {
            Some(number) => Self::Python(number),
            None => Self::Here(reader.take()?),
        })
    }
}

/// An iterator over what Python gives.
#[derive(Debug)]
pub enum Elements<T> {
    /// Elements that came with the call.
    Here(vec::IntoIter<T>),
    /// Elements that Python is asked for.
    Python(Python),
    /// Nothing is left.
    Ended,
}

impl<T: for<'a> Unpack<'a>> Iterator for Elements<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        match self {
            Self::Here(values) => values.next(),
            Self::Python(python) => {
                let found = python.call::<Option<(T,)>>(|_| ()).map(|(one,)| one);
                if found.is_none() {
                    *self = Self::Ended;
                }
                found
            }
            Self::Ended => None,
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Here(values) => values.size_hint(),
            Self::Python(_) => (0, None),
            Self::Ended => (0, Some(0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Given, Python};
    use crate::{Reader, read};

    /// Number 1 doubles, number 2 has come to its end.
    fn ask(number: u64, arguments: &[u8]) -> Vec<u8> {
        if number == 2 { vec![0xc0] } else { vec![arguments[0] * 2] }
    }

    #[test]
    fn a_callable_is_called() {
        assert_eq!(Python::new(ask, 1).call::<u8>(|writer| writer.put(&21_u8)), 42);
    }

    #[test]
    fn elements_come_at_once_or_one_by_one() {
        let take = |reader: &mut Reader<'_>| reader.take::<Given<i64>>().unwrap().by(ask);
        assert_eq!(read(&[0x92, 3, 4], |reader| take(reader).collect::<Vec<_>>()), [3, 4]);
        assert_eq!(read(&[2], |reader| take(reader).count()), 0);
    }
}
