//! Paths, the system's strings and addresses.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use crate::{Error, Pack, Reader, Unpack, Writer};

macro_rules! packed_as_bytes {
    ($($name:ty),*) => {$(
        impl Pack for $name {
            fn pack(&self, writer: &mut Writer) {
                let text: &OsStr = self.as_ref();
                text.as_bytes().pack(writer);
            }
        }
    )*};
}

packed_as_bytes!(OsStr, OsString, Path, PathBuf);

impl<'a> Unpack<'a> for OsString {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        reader.take().map(Self::from_vec)
    }
}

impl<'a> Unpack<'a> for PathBuf {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        reader.take::<OsString>().map(Self::from)
    }
}

impl<'a> Unpack<'a> for &'a OsStr {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        reader.take::<&[u8]>().map(OsStr::from_bytes)
    }
}

impl<'a> Unpack<'a> for &'a Path {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        reader.take::<&OsStr>().map(Path::new)
    }
}

macro_rules! owners {
    ($($owner:ident),*) => {$(
        impl<'a> Unpack<'a> for $owner<Path> {
            fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
                reader.take::<PathBuf>().map(Self::from)
            }
        }

        impl<'a> Unpack<'a> for $owner<OsStr> {
            fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
                reader.take::<OsString>().map(Self::from)
            }
        }
    )*};
}

owners!(Arc, Box, Rc);

impl<'a> Unpack<'a> for Cow<'a, Path> {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        reader.take().map(Cow::Borrowed)
    }
}

impl<'a> Unpack<'a> for Cow<'a, OsStr> {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        reader.take().map(Cow::Borrowed)
    }
}

macro_rules! addresses {
    ($($name:ty),*) => {$(
        impl Pack for $name {
            fn pack(&self, writer: &mut Writer) {
                writer.text(&self.to_string());
            }
        }

        impl<'a> Unpack<'a> for $name {
            fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
                reader.text()?.parse().map_err(|_| reader.error("no address"))
            }
        }
    )*};
}

addresses!(IpAddr, Ipv4Addr, Ipv6Addr);
