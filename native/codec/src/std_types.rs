//! `Option`, `Result` and the small types of std.

use std::cmp::Ordering;
use std::marker::PhantomData;
use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};
use std::time::Duration;

use crate::{Error, Pack, Reader, Unpack, Writer};

const NANOSECONDS: u32 = 1_000_000_000;

impl<T: Pack> Pack for Option<T> {
    const NULLABLE: bool = true;

    #[inline]
    fn pack(&self, writer: &mut Writer) {
        match self {
            None => writer.nil(),
            Some(value) if T::NULLABLE => writer.array(1, |writer| value.pack(writer)),
            Some(value) => value.pack(writer),
        }
    }
}

impl<'a, T: Unpack<'a>> Unpack<'a> for Option<T> {
    const NULLABLE: bool = true;

    #[inline]
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        if reader.nil() {
            Ok(None)
        } else if T::NULLABLE {
            reader.array(1, Reader::take).map(Some)
        } else {
            reader.take().map(Some)
        }
    }
}

impl<T: Pack, E: Pack> Pack for Result<T, E> {
    fn pack(&self, writer: &mut Writer) {
        writer.array(2, |writer| {
            writer.boolean(self.is_ok());
            match self {
                Ok(value) => value.pack(writer),
                Err(error) => error.pack(writer),
            }
        });
    }
}

impl<'a, T: Unpack<'a>, E: Unpack<'a>> Unpack<'a> for Result<T, E> {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        reader
            .array(2, |reader| if reader.boolean()? { reader.take().map(Ok) } else { reader.take().map(Err) })
    }
}

impl<T: ?Sized> Pack for PhantomData<T> {
    const NULLABLE: bool = true;

    fn pack(&self, writer: &mut Writer) {
        writer.nil();
    }
}

impl<'a, T: ?Sized> Unpack<'a> for PhantomData<T> {
    const NULLABLE: bool = true;

    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        reader.take::<()>().map(|()| Self)
    }
}

impl Pack for Ordering {
    fn pack(&self, writer: &mut Writer) {
        writer.signed(*self as i64);
    }
}

impl<'a> Unpack<'a> for Ordering {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        match reader.take::<i8>()? {
            -1 => Ok(Self::Less),
            0 => Ok(Self::Equal),
            1 => Ok(Self::Greater),
            _ => Err(reader.error("no ordering")),
        }
    }
}

impl Pack for Duration {
    fn pack(&self, writer: &mut Writer) {
        (self.as_secs(), self.subsec_nanos()).pack(writer);
    }
}

impl<'a> Unpack<'a> for Duration {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let (seconds, nanoseconds): (u64, u32) = reader.take()?;
        if nanoseconds < NANOSECONDS {
            Ok(Self::new(seconds, nanoseconds))
        } else {
            Err(reader.error("no duration"))
        }
    }
}

impl<T: Pack> Pack for Range<T> {
    fn pack(&self, writer: &mut Writer) {
        (&self.start, &self.end).pack(writer);
    }
}

impl<'a, T: Unpack<'a>> Unpack<'a> for Range<T> {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let (start, end) = reader.take()?;
        Ok(start..end)
    }
}

impl<T: Pack> Pack for RangeInclusive<T> {
    fn pack(&self, writer: &mut Writer) {
        (self.start(), self.end()).pack(writer);
    }
}

impl<'a, T: Unpack<'a>> Unpack<'a> for RangeInclusive<T> {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let (start, end) = reader.take()?;
        Ok(start..=end)
    }
}

macro_rules! half_open {
    ($($range:ident, $field:ident);*) => {$(
        impl<T: Pack> Pack for $range<T> {
            fn pack(&self, writer: &mut Writer) {
                (&self.$field,).pack(writer);
            }
        }

        impl<'a, T: Unpack<'a>> Unpack<'a> for $range<T> {
            fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
                let ($field,) = reader.take()?;
                Ok(Self { $field })
            }
        }
    )*};
}

half_open!(RangeFrom, start; RangeTo, end; RangeToInclusive, end);

impl Pack for RangeFull {
    fn pack(&self, writer: &mut Writer) {
        writer.array(0, |_| ());
    }
}

impl<'a> Unpack<'a> for RangeFull {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        reader.array(0, |_| Ok(..))
    }
}
