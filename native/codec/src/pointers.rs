//! What is in Python just what it points to.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::rc::Rc;
use std::sync::{Arc, Mutex, RwLock};

use crate::{Error, Pack, Reader, Unpack, Writer};

macro_rules! packed_as_its_target {
    ($($pointer:ty),*) => {$(
        impl<T: Pack + ?Sized> Pack for $pointer {
            const NULLABLE: bool = T::NULLABLE;

            #[inline]
            fn pack(&self, writer: &mut Writer) {
                (**self).pack(writer);
            }
        }
    )*};
}

packed_as_its_target!(&T, &mut T, Box<T>, Rc<T>, Arc<T>);

impl<'a, T: Unpack<'a> + 'a> Unpack<'a> for &'a T {
    const NULLABLE: bool = T::NULLABLE;

    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let value: T = reader.take()?;
        Ok(reader.keep(value))
    }
}

macro_rules! owners {
    ($($owner:ident),*) => {$(
        impl<'a, T: Unpack<'a>> Unpack<'a> for $owner<T> {
            const NULLABLE: bool = T::NULLABLE;

            fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
                reader.take().map(Self::new)
            }
        }

        impl<'a> Unpack<'a> for $owner<str> {
            fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
                reader.text().map(Self::from)
            }
        }

        impl<'a, T: Unpack<'a>> Unpack<'a> for $owner<[T]> {
            fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
                T::unpack_many(reader).map(Self::from)
            }
        }
    )*};
}

owners!(Box, Rc, Arc);

impl<B: Pack + ToOwned + ?Sized> Pack for Cow<'_, B> {
    const NULLABLE: bool = B::NULLABLE;

    fn pack(&self, writer: &mut Writer) {
        (**self).pack(writer);
    }
}

impl<'a> Unpack<'a> for Cow<'a, str> {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        reader.text().map(Cow::Borrowed)
    }
}

impl<'a, T: Unpack<'a> + Clone> Unpack<'a> for Cow<'a, [T]> {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        T::unpack_many(reader).map(Cow::Owned)
    }
}

impl<'a, T: Unpack<'a> + Clone> Unpack<'a> for Cow<'a, T> {
    const NULLABLE: bool = T::NULLABLE;

    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        reader.take().map(Cow::Owned)
    }
}

impl<T: Pack> Pack for Reverse<T> {
    const NULLABLE: bool = T::NULLABLE;

    fn pack(&self, writer: &mut Writer) {
        self.0.pack(writer);
    }
}

impl<'a, T: Unpack<'a>> Unpack<'a> for Reverse<T> {
    const NULLABLE: bool = T::NULLABLE;

    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        reader.take().map(Self)
    }
}

impl<T: Pack + Copy> Pack for Cell<T> {
    const NULLABLE: bool = T::NULLABLE;

    fn pack(&self, writer: &mut Writer) {
        self.get().pack(writer);
    }
}

impl<T: Pack> Pack for RefCell<T> {
    const NULLABLE: bool = T::NULLABLE;

    fn pack(&self, writer: &mut Writer) {
        self.borrow().pack(writer);
    }
}

macro_rules! locks {
    ($($lock:ident, $open:ident);*) => {$(
        impl<T: Pack> Pack for $lock<T> {
            const NULLABLE: bool = T::NULLABLE;

            fn pack(&self, writer: &mut Writer) {
                self.$open().unwrap_or_else(std::sync::PoisonError::into_inner).pack(writer);
            }
        }
    )*};
}

locks!(Mutex, lock; RwLock, read);

macro_rules! cells {
    ($($cell:ident),*) => {$(
        impl<'a, T: Unpack<'a>> Unpack<'a> for $cell<T> {
            const NULLABLE: bool = T::NULLABLE;

            fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
                reader.take().map(Self::new)
            }
        }
    )*};
}

cells!(Cell, RefCell, Mutex, RwLock);
