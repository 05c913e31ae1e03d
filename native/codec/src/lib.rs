//! Values as `MessagePack`: what crosses between Python and Rust and is no plain word or buffer.
//!
//! The format is the one that `rmp-serde` writes for the same std types, with these additions:
//!
//! | Rust | bytes |
//! | --- | --- |
//! | `Vec`, `VecDeque`, slices and arrays of `u8` | `bin` |
//! | sequences of other numbers | each number in the full width of its type; also, when read, an extension of type [`Number::CODE`]: the numbers as they lie in memory |
//! | `Some` of what may itself be nil (`Option`, `()`) | an array of one |
//! | `Result` | an array of two: whether it is `Ok`, and the value |
//! | `Ordering` | -1, 0 or 1 |
//! | `BinaryHeap` | an array in the order in which it pops |
//! | hash maps and hash sets | in the order of their keys' bytes, so that a result is the same in every run |
//!
//! Everything here is safe to use, and so is whatever a candidate may do with it. Reading never trusts a length.

mod arena;
mod collections;
mod objects;
mod pointers;
mod python;
mod reader;
mod resumed;
mod scalars;
mod std_types;
mod system;
mod text;
mod writer;

pub use arena::Arena;
pub use objects::{Exclusive, Is, Kept, Lender, Neither, Object, Shared, forget, hash, kept, lend};
pub use python::{Ask, Elements, Given, Python};
pub use reader::{Error, Reader, read, read_for_ever};
pub use resumed::{Resumed, resume};
pub use scalars::Number;
pub use writer::Writer;

/// How deep values may be nested: Python's own recursion limit, and the stack of a thread, allow little more.
pub const DEEPEST: u32 = 800;

/// A type that can be written.
pub trait Pack {
    /// Whether a value of this type may be nil, so that `Some` of it must be told from `None`.
    const NULLABLE: bool = false;
    /// Whether this is `u8`, a sequence of which is text's plainer sibling.
    const BYTE: bool = false;

    /// Writes this value.
    fn pack(&self, writer: &mut Writer);

    /// Writes many values as one sequence.
    fn pack_all(values: &[Self], writer: &mut Writer)
    where
        Self: Sized,
    {
        writer.sequence(values.len(), values);
    }

    /// This value where [`BYTE`](Pack::BYTE) is true.
    fn byte(&self) -> u8 {
        0
    }
}

/// A type that can be read. What it borrows lives for `'a`, which is as long as the call.
pub trait Unpack<'a>: Sized {
    /// See [`Pack::NULLABLE`].
    const NULLABLE: bool = false;

    /// Reads a value.
    ///
    /// # Errors
    /// Where the bytes hold no value of this type.
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error>;

    /// Reads a sequence.
    ///
    /// # Errors
    /// Where the bytes hold no sequence of this type.
    fn unpack_many(reader: &mut Reader<'a>) -> Result<Vec<Self>, Error> {
        reader.sequence()
    }
}
