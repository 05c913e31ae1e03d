//! Numbers, bool, char and unit.

use std::num::{NonZero, Saturating, Wrapping};

use crate::reader::Integer;
use crate::{Error, Pack, Reader, Unpack, Writer};

/// A number whose sequences may be read as they lie in memory.
pub trait Number: Copy {
    /// The type of the extension that holds such memory.
    const CODE: i8;

    /// These numbers' bytes.
    fn as_bytes(values: &[Self]) -> &[u8];

    /// The numbers in these bytes; None where their count is no multiple of a number's size.
    fn from_bytes(bytes: &[u8]) -> Option<Vec<Self>>;
}

macro_rules! numbers {
    ($($number:ty: $code:literal),* $(,)?) => {$(
        impl Number for $number {
            const CODE: i8 = $code;

            #[inline]
            fn as_bytes(values: &[Self]) -> &[u8] {
                // SAFETY: a number has no padding, and any memory may be looked at as bytes.
                unsafe { std::slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }
            }

            #[inline]
            fn from_bytes(bytes: &[u8]) -> Option<Vec<Self>> {
                let count = bytes.len() / size_of::<Self>();
                if bytes.len() % size_of::<Self>() != 0 {
                    return None;
                }
                let mut values = Vec::<Self>::with_capacity(count);
                // SAFETY: there is room for these bytes, and any of them are a number.
                unsafe {
                    std::ptr::copy_nonoverlapping(bytes.as_ptr(), values.as_mut_ptr().cast(), bytes.len());
                    values.set_len(count);
                }
                Some(values)
            }
        }
    )*};
}

numbers!(i8: 1, u8: 2, i16: 3, u16: 4, i32: 5, u32: 6, i64: 7, u64: 8, f32: 9, f64: 10, isize: 7, usize: 8);

fn unpack_memory<T: Number>(reader: &mut Reader<'_>) -> Result<Option<Vec<T>>, Error> {
    let Some(bytes) = reader.extension(T::CODE)? else {
        return Ok(None);
    };
    T::from_bytes(bytes).map(Some).ok_or_else(|| reader.error("half a number"))
}

macro_rules! integers {
    ($($integer:ty as $wide:ty, $write:ident, $marker:literal);* $(;)?) => {$(
        impl Pack for $integer {
            #[inline]
            fn pack(&self, writer: &mut Writer) {
                writer.$write(*self as $wide);
            }

            fn pack_all(values: &[Self], writer: &mut Writer) {
                writer.numbers($marker, values.iter().map(|value| value.to_be_bytes()));
            }
        }

        impl<'a> Unpack<'a> for $integer {
            #[inline]
            fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
                let value = match reader.integer()? {
                    Some(Integer::Positive(value)) => Self::try_from(value).ok(),
                    Some(Integer::Negative(value)) => Self::try_from(value).ok(),
                    None => return Err(reader.error(concat!("no ", stringify!($integer)))),
                };
                value.ok_or_else(|| reader.error(concat!("out of range for ", stringify!($integer))))
            }

            fn unpack_many(reader: &mut Reader<'a>) -> Result<Vec<Self>, Error> {
                match unpack_memory(reader)? {
                    Some(values) => Ok(values),
                    None => reader.sequence(),
                }
            }
        }
    )*};
}

integers!(
    i8 as i64, signed, 0xd0;
    i16 as i64, signed, 0xd1;
    i32 as i64, signed, 0xd2;
    i64 as i64, signed, 0xd3;
    isize as i64, signed, 0xd3;
    u16 as u64, unsigned, 0xcd;
    u32 as u64, unsigned, 0xce;
    u64 as u64, unsigned, 0xcf;
    usize as u64, unsigned, 0xcf;
);

impl Pack for u8 {
    const BYTE: bool = true;

    #[inline]
    fn pack(&self, writer: &mut Writer) {
        writer.unsigned((*self).into());
    }

    fn pack_all(values: &[Self], writer: &mut Writer) {
        writer.binary(values);
    }

    fn byte(&self) -> u8 {
        *self
    }
}

impl<'a> Unpack<'a> for u8 {
    #[inline]
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        match reader.integer()? {
            Some(Integer::Positive(value)) => {
                Self::try_from(value).map_err(|_| reader.error("out of range for u8"))
            }
            Some(Integer::Negative(_)) => Err(reader.error("out of range for u8")),
            None => Err(reader.error("no u8")),
        }
    }

    fn unpack_many(reader: &mut Reader<'a>) -> Result<Vec<Self>, Error> {
        if let Some(bytes) = reader.binary()? {
            return Ok(bytes.to_vec());
        }
        match unpack_memory(reader)? {
            Some(values) => Ok(values),
            None => reader.sequence(),
        }
    }
}

macro_rules! wide_integers {
    ($($integer:ty),*) => {$(
        impl Pack for $integer {
            fn pack(&self, writer: &mut Writer) {
                writer.binary(&self.to_be_bytes());
            }
        }

        impl<'a> Unpack<'a> for $integer {
            fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
                if let Some(bytes) = reader.binary()? {
                    let bytes = bytes.try_into().map_err(|_| reader.error("not 16 bytes"))?;
                    return Ok(Self::from_be_bytes(bytes));
                }
                let value = match reader.integer()? {
                    Some(Integer::Positive(value)) => Self::try_from(value).ok(),
                    Some(Integer::Negative(value)) => Self::try_from(value).ok(),
                    None => return Err(reader.error(concat!("no ", stringify!($integer)))),
                };
                value.ok_or_else(|| reader.error(concat!("out of range for ", stringify!($integer))))
            }
        }
    )*};
}

wide_integers!(i128, u128);

macro_rules! floats {
    ($($float:ty, $marker:literal, $narrow:expr);*) => {$(
        impl Pack for $float {
            #[inline]
            fn pack(&self, writer: &mut Writer) {
                writer.marked($marker, self.to_be_bytes());
            }

            fn pack_all(values: &[Self], writer: &mut Writer) {
                writer.numbers($marker, values.iter().map(|value| value.to_be_bytes()));
            }
        }

        impl<'a> Unpack<'a> for $float {
            #[inline]
            #[allow(clippy::cast_precision_loss, reason = "as Python's float(int) rounds")]
            fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
                if let Some(value) = reader.float()? {
                    let narrow: fn(f64) -> Option<Self> = $narrow;
                    return narrow(value).ok_or_else(|| reader.error("out of range for f32"));
                }
                match reader.integer()? {
                    Some(Integer::Positive(value)) => Ok(value as Self),
                    Some(Integer::Negative(value)) => Ok(value as Self),
                    None => Err(reader.error(concat!("no ", stringify!($float)))),
                }
            }

            fn unpack_many(reader: &mut Reader<'a>) -> Result<Vec<Self>, Error> {
                match unpack_memory(reader)? {
                    Some(values) => Ok(values),
                    None => reader.sequence(),
                }
            }
        }
    )*};
}

#[allow(clippy::cast_possible_truncation, reason = "what does not fit is refused")]
fn narrow(value: f64) -> Option<f32> {
    let narrow = value as f32;
    (!narrow.is_infinite() || value.is_infinite()).then_some(narrow)
}

floats!(f32, 0xca, narrow; f64, 0xcb, Some);

impl Pack for bool {
    fn pack(&self, writer: &mut Writer) {
        writer.boolean(*self);
    }
}

impl<'a> Unpack<'a> for bool {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        reader.boolean()
    }
}

impl Pack for char {
    fn pack(&self, writer: &mut Writer) {
        writer.text(self.encode_utf8(&mut [0; 4]));
    }
}

impl<'a> Unpack<'a> for char {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let mut characters = reader.text()?.chars();
        match (characters.next(), characters.next()) {
            (Some(character), None) => Ok(character),
            _ => Err(reader.error("not one character")),
        }
    }
}

impl Pack for () {
    const NULLABLE: bool = true;

    fn pack(&self, writer: &mut Writer) {
        writer.nil();
    }
}

impl<'a> Unpack<'a> for () {
    const NULLABLE: bool = true;

    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        if reader.nil() { Ok(()) } else { Err(reader.error("no unit")) }
    }
}

macro_rules! non_zero {
    ($($integer:ty),*) => {$(
        impl Pack for NonZero<$integer> {
            fn pack(&self, writer: &mut Writer) {
                self.get().pack(writer);
            }
        }

        impl<'a> Unpack<'a> for NonZero<$integer> {
            fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
                Self::new(reader.take()?).ok_or_else(|| reader.error("zero where none may be"))
            }
        }
    )*};
}

non_zero!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);

macro_rules! wrappers {
    ($($wrapper:ident),*) => {$(
        impl<T: Pack> Pack for $wrapper<T> {
            fn pack(&self, writer: &mut Writer) {
                self.0.pack(writer);
            }
        }

        impl<'a, T: Unpack<'a>> Unpack<'a> for $wrapper<T> {
            fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
                reader.take().map(Self)
            }
        }
    )*};
}

wrappers!(Wrapping, Saturating);
