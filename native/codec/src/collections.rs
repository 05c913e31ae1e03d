//! Sequences, maps, sets, tuples.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::hash::{BuildHasher, Hash};

use crate::{Error, Pack, Reader, Unpack, Writer};

impl<T: Pack> Pack for [T] {
    fn pack(&self, writer: &mut Writer) {
        T::pack_all(self, writer);
    }
}

impl<T: Pack> Pack for Vec<T> {
    fn pack(&self, writer: &mut Writer) {
        T::pack_all(self, writer);
    }
}

impl<'a, T: Unpack<'a>> Unpack<'a> for Vec<T> {
    #[inline]
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        T::unpack_many(reader)
    }
}

impl<'a, T: Unpack<'a> + 'a> Unpack<'a> for &'a [T] {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let values = T::unpack_many(reader)?;
        Ok(reader.keep(values))
    }
}

impl<T: Pack, const N: usize> Pack for [T; N] {
    fn pack(&self, writer: &mut Writer) {
        T::pack_all(self, writer);
    }
}

impl<'a, T: Unpack<'a>, const N: usize> Unpack<'a> for [T; N] {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        T::unpack_many(reader)?.try_into().map_err(|_| reader.error("another number of elements"))
    }
}

impl<T: Pack> Pack for VecDeque<T> {
    fn pack(&self, writer: &mut Writer) {
        writer.sequence_or_bytes(self.len(), self);
    }
}

impl<'a, T: Unpack<'a>> Unpack<'a> for VecDeque<T> {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        T::unpack_many(reader).map(Self::from)
    }
}

impl<T: Pack> Pack for LinkedList<T> {
    fn pack(&self, writer: &mut Writer) {
        writer.sequence_or_bytes(self.len(), self);
    }
}

impl<'a, T: Unpack<'a>> Unpack<'a> for LinkedList<T> {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        Ok(T::unpack_many(reader)?.into_iter().collect())
    }
}

impl<T: Pack + Ord> Pack for BinaryHeap<T> {
    fn pack(&self, writer: &mut Writer) {
        let mut ordered: Vec<&T> = self.iter().collect();
        ordered.sort_by(|one, other| other.cmp(one));
        writer.sequence_or_bytes(ordered.len(), ordered);
    }
}

impl<'a, T: Unpack<'a> + Ord> Unpack<'a> for BinaryHeap<T> {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        T::unpack_many(reader).map(Self::from)
    }
}

impl<K: Pack, V: Pack, S> Pack for HashMap<K, V, S> {
    fn pack(&self, writer: &mut Writer) {
        writer.map_head(self.len());
        writer.sorted(self, |(key, value), writer| {
            key.pack(writer);
            let key_end = writer.written();
            value.pack(writer);
            key_end
        });
    }
}

impl<'a, K, V, S> Unpack<'a> for HashMap<K, V, S>
where
    K: Unpack<'a> + Eq + Hash,
    V: Unpack<'a>,
    S: BuildHasher + Default,
{
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let make = |room| Self::with_capacity_and_hasher(room, S::default());
        reader.map(make, |map, key, value| {
            map.insert(key, value);
        })
    }
}

impl<K: Pack, V: Pack> Pack for BTreeMap<K, V> {
    fn pack(&self, writer: &mut Writer) {
        writer.map(self.len(), self);
    }
}

impl<'a, K: Unpack<'a> + Ord, V: Unpack<'a>> Unpack<'a> for BTreeMap<K, V> {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        reader.map(
            |_| Self::new(),
            |map, key, value| {
                map.insert(key, value);
            },
        )
    }
}

impl<T: Pack, S> Pack for HashSet<T, S> {
    fn pack(&self, writer: &mut Writer) {
        writer.array_head(self.len());
        writer.sorted(self, |element, writer| {
            element.pack(writer);
            writer.written()
        });
    }
}

impl<'a, T: Unpack<'a> + Eq + Hash, S: BuildHasher + Default> Unpack<'a> for HashSet<T, S> {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        Ok(reader.sequence::<T>()?.into_iter().collect())
    }
}

impl<T: Pack> Pack for BTreeSet<T> {
    fn pack(&self, writer: &mut Writer) {
        writer.sequence(self.len(), self);
    }
}

impl<'a, T: Unpack<'a> + Ord> Unpack<'a> for BTreeSet<T> {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        Ok(reader.sequence::<T>()?.into_iter().collect())
    }
}

macro_rules! tuples {
    ($(($count:literal: $($member:ident $index:tt),*))*) => {$(
        impl<$($member: Pack),*> Pack for ($($member,)*) {
            fn pack(&self, writer: &mut Writer) {
                writer.array($count, |writer| {
                    $(self.$index.pack(writer);)*
                });
            }
        }

        impl<'a, $($member: Unpack<'a>),*> Unpack<'a> for ($($member,)*) {
            fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
                reader.array($count, |reader| Ok(($(reader.take::<$member>()?,)*)))
            }
        }
    )*};
}

tuples! {
    (1: A 0)
    (2: A 0, B 1)
    (3: A 0, B 1, C 2)
    (4: A 0, B 1, C 2, D 3)
    (5: A 0, B 1, C 2, D 3, E 4)
    (6: A 0, B 1, C 2, D 3, E 4, F 5)
    (7: A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
    (9: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8)
    (10: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9)
    (11: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10)
    (12: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11)
}
