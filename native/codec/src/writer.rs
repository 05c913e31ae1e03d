//! Bytes out.

use crate::{DEEPEST, Number, Pack};

/// So many bytes come from the allocator's quickest bins, and most results need no more.
const ROOM: usize = 1000;

/// Writes values, one behind the other.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
    depth: u32,
    too_deep: bool,
}

impl Writer {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self { bytes: Vec::with_capacity(ROOM), depth: 0, too_deep: false }
    }

    /// Writes a value.
    #[inline]
    pub fn put<T: Pack + ?Sized>(&mut self, value: &T) {
        value.pack(self);
    }

    /// Writes the head of an array of `count` elements, each to be put by `inside`.
    pub fn array(&mut self, count: usize, inside: impl FnOnce(&mut Self)) {
        self.array_head(count);
        self.nested(inside);
    }

    /// Writes the head of an array of so many elements, which are to follow.
    pub fn elements(&mut self, count: usize) {
        self.array_head(count);
    }

    /// Writes numbers as they lie in memory, as an extension.
    pub fn memory<T: Number>(&mut self, values: &[T]) {
        let bytes = T::as_bytes(values);
        match u8::try_from(bytes.len()) {
            Ok(count) => self.bytes.extend_from_slice(&[0xc7, count]),
            Err(_) => self.long_head(bytes.len(), 0xc8, 0xc9),
        }
        self.bytes.extend_from_slice(&T::CODE.to_be_bytes());
        self.bytes.extend_from_slice(bytes);
    }

    /// What was written.
    ///
    /// # Errors
    /// Where a value was nested deeper than [`DEEPEST`].
    pub fn finish(self) -> Result<Vec<u8>, String> {
        if self.too_deep {
            return Err(format!("the result is nested deeper than {DEEPEST} levels"));
        }
        Ok(self.bytes)
    }

    /// Only what is not too deep is written: Rust's own values may be nested deeper than any stack.
    pub(crate) fn nested(&mut self, inside: impl FnOnce(&mut Self)) {
        if self.depth == DEEPEST {
            self.too_deep = true;
            return;
        }
        self.depth += 1;
        inside(self);
        self.depth -= 1;
    }

    /// Writes a sequence.
    pub(crate) fn sequence<'t, T: Pack + 't>(
        &mut self,
        count: usize,
        values: impl IntoIterator<Item = &'t T>,
    ) {
        self.array(count, |writer| values.into_iter().for_each(|value| value.pack(writer)));
    }

    /// Writes a sequence, one of bytes as such.
    pub(crate) fn sequence_or_bytes<'t, T: Pack + 't>(
        &mut self,
        count: usize,
        values: impl IntoIterator<Item = &'t T>,
    ) {
        if T::BYTE {
            self.binary_head(count);
            self.bytes.extend(values.into_iter().map(Pack::byte));
        } else {
            self.sequence(count, values);
        }
    }

    /// Writes a sequence of numbers, each in the full width of its type: lengths that vary cost more time, to
    /// write and to read, than the bytes that they save.
    pub(crate) fn numbers<const N: usize>(
        &mut self,
        marker: u8,
        values: impl ExactSizeIterator<Item = [u8; N]>,
    ) {
        self.array_head(values.len());
        self.bytes.reserve(values.len() * (1 + N));
        for value in values {
            self.marked(marker, value);
        }
    }

    /// Writes a map in its own order.
    pub(crate) fn map<'t, K: Pack + 't, V: Pack + 't>(
        &mut self,
        count: usize,
        entries: impl IntoIterator<Item = (&'t K, &'t V)>,
    ) {
        self.map_head(count);
        self.nested(|writer| {
            for (key, value) in entries {
                key.pack(writer);
                value.pack(writer);
            }
        });
    }

    /// Writes what comes in no order of its own in the order of its bytes. `each` writes one element and
    /// says where its key ends.
    pub(crate) fn sorted<T>(
        &mut self,
        elements: impl IntoIterator<Item = T>,
        mut each: impl FnMut(T, &mut Self) -> usize,
    ) {
        self.nested(|writer| {
            let start = writer.bytes.len();
            let mut spans = Vec::new();
            for element in elements {
                let begin = writer.bytes.len();
                let key_end = each(element, writer);
                spans.push((begin, key_end, writer.bytes.len()));
            }
            let bytes = &writer.bytes;
            spans.sort_unstable_by(|one, other| bytes[one.0..one.1].cmp(&bytes[other.0..other.1]));
            let mut ordered = Vec::with_capacity(bytes.len() - start);
            for (begin, _, end) in spans {
                ordered.extend_from_slice(&bytes[begin..end]);
            }
            writer.bytes[start..].copy_from_slice(&ordered);
        });
    }

    pub(crate) fn written(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn array_head(&mut self, count: usize) {
        self.head(count, 15, 0x90, [0, 0xdc, 0xdd]);
    }

    pub(crate) fn map_head(&mut self, count: usize) {
        self.head(count, 15, 0x80, [0, 0xde, 0xdf]);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.head(text.len(), 31, 0xa0, [0xd9, 0xda, 0xdb]);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    pub(crate) fn binary(&mut self, bytes: &[u8]) {
        self.binary_head(bytes.len());
        self.bytes.extend_from_slice(bytes);
    }

    fn binary_head(&mut self, count: usize) {
        match u8::try_from(count) {
            Ok(count) => self.bytes.extend_from_slice(&[0xc4, count]),
            Err(_) => self.long_head(count, 0xc5, 0xc6),
        }
    }

    pub(crate) fn nil(&mut self) {
        self.bytes.push(0xc0);
    }

    pub(crate) fn boolean(&mut self, value: bool) {
        self.bytes.push(if value { 0xc3 } else { 0xc2 });
    }

    #[inline]
    pub(crate) fn unsigned(&mut self, value: u64) {
        if value < 0x80 {
            self.bytes.push(value.to_le_bytes()[0]);
        } else if let Ok(value) = u8::try_from(value) {
            self.bytes.extend_from_slice(&[0xcc, value]);
        } else if let Ok(value) = u16::try_from(value) {
            self.marked(0xcd, value.to_be_bytes());
        } else if let Ok(value) = u32::try_from(value) {
            self.marked(0xce, value.to_be_bytes());
        } else {
            self.marked(0xcf, value.to_be_bytes());
        }
    }

    #[inline]
    pub(crate) fn signed(&mut self, value: i64) {
        if let Ok(value) = u64::try_from(value) {
            self.unsigned(value);
        } else if value >= -32 {
            self.bytes.push(value.to_le_bytes()[0]);
        } else if let Ok(value) = i8::try_from(value) {
            self.marked(0xd0, value.to_be_bytes());
        } else if let Ok(value) = i16::try_from(value) {
            self.marked(0xd1, value.to_be_bytes());
        } else if let Ok(value) = i32::try_from(value) {
            self.marked(0xd2, value.to_be_bytes());
        } else {
            self.marked(0xd3, value.to_be_bytes());
        }
    }

    #[inline]
    pub(crate) fn marked<const N: usize>(&mut self, marker: u8, bytes: [u8; N]) {
        self.bytes.push(marker);
        self.bytes.extend_from_slice(&bytes);
    }

    /// `tiny` is the largest count that the marker `small` itself holds; of the longer forms, that for one
    /// byte may be missing (0).
    #[inline]
    fn head(&mut self, count: usize, tiny: u8, small: u8, [one, two, four]: [u8; 3]) {
        match u8::try_from(count) {
            Ok(count) if count <= tiny => self.bytes.push(small | count),
            Ok(count) if one != 0 => self.bytes.extend_from_slice(&[one, count]),
            _ => self.long_head(count, two, four),
        }
    }

    fn long_head(&mut self, count: usize, two: u8, four: u8) {
        if let Ok(count) = u16::try_from(count) {
            self.marked(two, count.to_be_bytes());
        } else if let Ok(count) = u32::try_from(count) {
            self.marked(four, count.to_be_bytes());
        } else {
            // MessagePack has no larger count: panicking here is a panic of the call.
            panic!("a result of {count} elements is more than can be carried");
        }
    }
}
