//! Bytes in.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use crate::arena::Arena;
use crate::{DEEPEST, Unpack};

/// Room for so many bytes of elements is made before they are read; a length that lies gets no more.
const MOST_AT_ONCE: usize = 1 << 20;

/// What the bytes are not, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    what: &'static str,
    at: usize,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (byte {})", self.what, self.at)
    }
}

impl std::error::Error for Error {}

impl From<Error> for String {
    fn from(error: Error) -> Self {
        error.to_string()
    }
}

/// A cursor over the bytes of one call.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: u32,
    arena: &'a Arena,
    // 'a is exactly the time of the call: no shorter-lived value may come into the arena.
    exactly: PhantomData<Cell<&'a ()>>,
}

/// Gives `work` a reader over `bytes`; what it borrows lives until `work` is done.
pub fn read<R>(bytes: &[u8], work: impl for<'a> FnOnce(&mut Reader<'a>) -> R) -> R {
    let arena = Arena::default();
    work(&mut Reader { bytes, at: 0, depth: 0, arena: &arena, exactly: PhantomData })
}

/// Like [`read`], for functions that want `'static`: bytes and borrowed values are never given back.
pub fn read_for_ever<R>(bytes: &[u8], work: impl FnOnce(&mut Reader<'static>) -> R) -> R {
    let (bytes, arena) = (Vec::leak(bytes.to_vec()), Box::leak(Box::new(Arena::default())));
    work(&mut Reader { bytes, at: 0, depth: 0, arena, exactly: PhantomData })
}

/// What a marker byte begins; the numbers are counts.
enum Head {
    Array(usize),
    Map(usize),
    Text(usize),
    Bytes(usize),
    Extension(i8, usize),
    Other,
}

/// An integer as `MessagePack` has it.
pub(crate) enum Integer {
    Positive(u64),
    Negative(i64),
}

impl<'a> Reader<'a> {
    pub(crate) fn over(bytes: &'a [u8], arena: &'a Arena) -> Self {
        Self { bytes, at: 0, depth: 0, arena, exactly: PhantomData }
    }

    /// An error at this place.
    #[cold]
    pub(crate) fn error(&self, what: &'static str) -> Error {
        Error { what, at: self.at }
    }

    /// That a variant with this number, or with so many fields, does not exist.
    #[cold]
    #[must_use]
    pub fn no_variant(&self) -> Error {
        self.error("no variant of that number")
    }

    /// Reads the next value.
    ///
    /// # Errors
    /// Where it is of another type.
    #[inline]
    pub fn take<T: Unpack<'a>>(&mut self) -> Result<T, Error> {
        T::unpack(self)
    }

    /// That nothing is left.
    ///
    /// # Errors
    /// Where something is.
    pub fn end(&self) -> Result<(), Error> {
        if self.at == self.bytes.len() { Ok(()) } else { Err(self.error("more than was expected")) }
    }

    /// Reads the head of an array of `count` elements, each to be taken inside of `inside`.
    ///
    /// # Errors
    /// Where there is no array, another count, or where `inside` fails.
    pub fn array<R>(
        &mut self,
        count: usize,
        inside: impl FnOnce(&mut Self) -> Result<R, Error>,
    ) -> Result<R, Error> {
        if self.array_head()? != count {
            return Err(self.error("another number of elements"));
        }
        self.nested(inside)
    }

    /// Reads a variant of an enum: an array of its number and its fields, all of which `inside` takes; it is
    /// given the number and the count of fields.
    ///
    /// # Errors
    /// Where there is no such thing, or where `inside` fails.
    pub fn variant<R>(
        &mut self,
        inside: impl FnOnce(&mut Self, i128, usize) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let count = self.array_head()?;
        let fields = count.checked_sub(1).ok_or_else(|| self.error("a variant without a number"))?;
        self.nested(|reader| {
            let number = reader.integer()?.ok_or_else(|| reader.error("a variant without a number"))?;
            let number = match number {
                Integer::Positive(value) => i128::from(value),
                Integer::Negative(value) => i128::from(value),
            };
            inside(reader, number, fields)
        })
    }

    pub(crate) fn nested<R>(
        &mut self,
        inside: impl FnOnce(&mut Self) -> Result<R, Error>,
    ) -> Result<R, Error> {
        if self.depth == DEEPEST {
            return Err(self.error("nested too deeply"));
        }
        self.depth += 1;
        let result = inside(self);
        self.depth -= 1;
        result
    }

    /// Whether a nil is next; it is then taken.
    pub(crate) fn nil(&mut self) -> bool {
        let found = self.bytes.get(self.at) == Some(&0xc0);
        self.at += usize::from(found);
        found
    }

    pub(crate) fn array_head(&mut self) -> Result<usize, Error> {
        let before = self.at;
        match self.head()? {
            Head::Array(count) => self.plausible(count),
            _ => self.refuse(before, "no array"),
        }
    }

    fn map_head(&mut self) -> Result<usize, Error> {
        let before = self.at;
        match self.head()? {
            Head::Map(count) => self.plausible(count),
            _ => self.refuse(before, "no map"),
        }
    }

    /// Elements take a byte at least, so no true count is larger than what is left.
    fn plausible(&self, count: usize) -> Result<usize, Error> {
        if count <= self.bytes.len() - self.at { Ok(count) } else { Err(self.error("a count that lies")) }
    }

    fn refuse<R>(&mut self, before: usize, what: &'static str) -> Result<R, Error> {
        self.at = before;
        Err(self.error(what))
    }

    /// Reads an array of any length.
    #[inline]
    pub(crate) fn sequence<T: Unpack<'a>>(&mut self) -> Result<Vec<T>, Error> {
        let count = self.array_head()?;
        self.nested(|reader| {
            let mut values = Vec::with_capacity(room::<T>(count));
            for _ in 0..count {
                values.push(T::unpack(reader)?);
            }
            Ok(values)
        })
    }

    /// Reads a map: `make` one with room for about so many entries, `insert` each.
    pub(crate) fn map<M, K: Unpack<'a>, V: Unpack<'a>>(
        &mut self,
        make: impl FnOnce(usize) -> M,
        insert: impl Fn(&mut M, K, V),
    ) -> Result<M, Error> {
        let count = self.map_head()?;
        self.nested(|reader| {
            let mut map = make(room::<(K, V)>(count));
            for _ in 0..count {
                let key = reader.take()?;
                insert(&mut map, key, reader.take()?);
            }
            Ok(map)
        })
    }

    #[inline]
    pub(crate) fn text(&mut self) -> Result<&'a str, Error> {
        let before = self.at;
        let Head::Text(count) = self.head()? else {
            return self.refuse(before, "no text");
        };
        let bytes = self.bytes(count)?;
        std::str::from_utf8(bytes).map_err(|_| self.error("no UTF-8"))
    }

    /// The bytes of a `bin`; None where something else is next, which is then left.
    pub(crate) fn binary(&mut self) -> Result<Option<&'a [u8]>, Error> {
        let before = self.at;
        if let Head::Bytes(count) = self.head()? {
            return self.bytes(count).map(Some);
        }
        self.at = before;
        Ok(None)
    }

    /// The bytes of an extension of this type; None where something else is next, which is then left.
    pub(crate) fn extension(&mut self, code: i8) -> Result<Option<&'a [u8]>, Error> {
        let before = self.at;
        match self.head()? {
            Head::Extension(found, count) if found == code => return self.bytes(count).map(Some),
            Head::Extension(..) => return self.refuse(before, "numbers of another type"),
            _ => self.at = before,
        }
        Ok(None)
    }

    /// The next integer; None where something else is next, which is then left.
    #[inline]
    pub(crate) fn integer(&mut self) -> Result<Option<Integer>, Error> {
        let marker = self.peek()?;
        self.at += 1;
        Ok(Some(match marker {
            0x00..=0x7f => Integer::Positive(marker.into()),
            0xe0..=0xff => Integer::Negative(i8::from_be_bytes([marker]).into()),
            0xcc => Integer::Positive(u8::from_be_bytes(self.fixed()?).into()),
            0xcd => Integer::Positive(u16::from_be_bytes(self.fixed()?).into()),
            0xce => Integer::Positive(u32::from_be_bytes(self.fixed()?).into()),
            0xcf => Integer::Positive(u64::from_be_bytes(self.fixed()?)),
            0xd0 => Integer::Negative(i8::from_be_bytes(self.fixed()?).into()),
            0xd1 => Integer::Negative(i16::from_be_bytes(self.fixed()?).into()),
            0xd2 => Integer::Negative(i32::from_be_bytes(self.fixed()?).into()),
            0xd3 => Integer::Negative(i64::from_be_bytes(self.fixed()?)),
            _ => {
                self.at -= 1;
                return Ok(None);
            }
        }))
    }

    /// The next number as it is; None where something else is next, which is then left.
    pub(crate) fn number(&mut self) -> Result<Option<u64>, Error> {
        match self.integer()? {
            Some(Integer::Positive(number)) => Ok(Some(number)),
            Some(Integer::Negative(_)) => Err(self.error("a number below zero")),
            None => Ok(None),
        }
    }

    /// The next float as it is; None where something else is next, which is then left.
    #[inline]
    pub(crate) fn float(&mut self) -> Result<Option<f64>, Error> {
        let marker = self.peek()?;
        self.at += 1;
        match marker {
            0xca => Ok(Some(f32::from_be_bytes(self.fixed()?).into())),
            0xcb => Ok(Some(f64::from_be_bytes(self.fixed()?))),
            _ => {
                self.at -= 1;
                Ok(None)
            }
        }
    }

    pub(crate) fn boolean(&mut self) -> Result<bool, Error> {
        let value = match self.peek()? {
            0xc2 => false,
            0xc3 => true,
            _ => return Err(self.error("no bool")),
        };
        self.at += 1;
        Ok(value)
    }

    /// Keeps a value as long as the call.
    pub(crate) fn keep<T: 'a>(&self, value: T) -> &'a mut T {
        // SAFETY: what the value borrows lives for 'a, which is that of the bytes and of the arena exactly
        // (`read` lets no other lifetime in), so it is the bytes' or is kept already.
        unsafe { self.arena.keep(value) }
    }

    fn peek(&self) -> Result<u8, Error> {
        self.bytes.get(self.at).copied().ok_or_else(|| self.error("the end"))
    }

    #[inline]
    fn bytes(&mut self, count: usize) -> Result<&'a [u8], Error> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or_else(|| self.error("the end"))?;
        let bytes = &self.bytes[self.at..end];
        self.at = end;
        Ok(bytes)
    }

    #[inline]
    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let bytes = self.bytes(N)?;
        bytes.try_into().map_err(|_| self.error("the end"))
    }

    #[inline]
    fn head(&mut self) -> Result<Head, Error> {
        let marker = self.peek()?;
        self.at += 1;
        Ok(match marker {
            0x80..=0x8f => Head::Map((marker & 0x0f).into()),
            0x90..=0x9f => Head::Array((marker & 0x0f).into()),
            0xa0..=0xbf => Head::Text((marker & 0x1f).into()),
            0xc4 => Head::Bytes(self.count::<1>()?),
            0xc5 => Head::Bytes(self.count::<2>()?),
            0xc6 => Head::Bytes(self.count::<4>()?),
            0xc7..=0xc9 | 0xd4..=0xd8 => {
                let count = match marker {
                    0xc7 => self.count::<1>()?,
                    0xc8 => self.count::<2>()?,
                    0xc9 => self.count::<4>()?,
                    _ => 1 << (marker - 0xd4),
                };
                Head::Extension(i8::from_be_bytes(self.fixed()?), count)
            }
            0xd9 => Head::Text(self.count::<1>()?),
            0xda => Head::Text(self.count::<2>()?),
            0xdb => Head::Text(self.count::<4>()?),
            0xdc => Head::Array(self.count::<2>()?),
            0xdd => Head::Array(self.count::<4>()?),
            0xde => Head::Map(self.count::<2>()?),
            0xdf => Head::Map(self.count::<4>()?),
            _ => Head::Other,
        })
    }

    #[inline]
    fn count<const N: usize>(&mut self) -> Result<usize, Error> {
        let bytes: [u8; N] = self.fixed()?;
        Ok(bytes.iter().fold(0, |count, byte| count << 8 | usize::from(*byte)))
    }
}

/// How many elements to make room for at once.
fn room<T>(count: usize) -> usize {
    count.min(MOST_AT_ONCE / size_of::<T>().max(1))
}
