//! Text, and errors as the text that they show.

use crate::{Error, Pack, Reader, Unpack, Writer};

impl Pack for str {
    #[inline]
    fn pack(&self, writer: &mut Writer) {
        writer.text(self);
    }
}

impl<'a> Unpack<'a> for &'a str {
    #[inline]
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        reader.text()
    }
}

impl Pack for String {
    #[inline]
    fn pack(&self, writer: &mut Writer) {
        writer.text(self);
    }
}

impl<'a> Unpack<'a> for String {
    #[inline]
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        reader.text().map(str::to_owned)
    }
}

macro_rules! shown {
    ($($error:ty),* $(,)?) => {$(
        impl Pack for $error {
            fn pack(&self, writer: &mut Writer) {
                writer.text(&self.to_string());
            }
        }
    )*};
}

shown!(
    dyn std::error::Error + '_,
    dyn std::error::Error + Send + '_,
    dyn std::error::Error + Send + Sync + '_,
    std::array::TryFromSliceError,
    std::char::CharTryFromError,
    std::char::DecodeUtf16Error,
    std::char::ParseCharError,
    std::char::TryFromCharError,
    std::convert::Infallible,
    std::collections::TryReserveError,
    std::fmt::Error,
    std::io::Error,
    std::net::AddrParseError,
    std::num::ParseFloatError,
    std::num::ParseIntError,
    std::num::TryFromIntError,
    std::str::ParseBoolError,
    std::str::Utf8Error,
    std::string::FromUtf16Error,
    std::string::FromUtf8Error,
    std::time::SystemTimeError,
    std::time::TryFromFloatSecsError,
);
