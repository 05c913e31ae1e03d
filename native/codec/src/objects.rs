//! Values that stay in Rust. What crosses is a number.
//!
//! Each build has its own objects, because the types are its own. An object is borrowed as a `RefCell` is,
//! and across threads: what is in use is refused, and what is not `Send` is used by the thread that made it
//! alone.

use std::any::Any;
use std::cell::{RefCell, UnsafeCell};
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use crate::arena::Arena;
use crate::{Error, Pack, Reader, Unpack, Writer};

/// A type whose values can be kept.
pub trait Kept: 'static {
    /// How messages name it.
    const NAME: &'static str;
    /// Whether it is `Send`.
    const SEND: bool;
    /// Whether it is `Sync`.
    const SYNC: bool;
}

/// Asks whether a type is `Send` or `Sync`: `Is::<T>::SEND`, with [`Neither`] in scope.
#[derive(Debug)]
pub struct Is<T>(PhantomData<T>);

impl<T: Send> Is<T> {
    /// It is.
    pub const SEND: bool = true;
}

impl<T: Sync> Is<T> {
    /// It is.
    pub const SYNC: bool = true;
}

/// The answer where [`Is`] has none of its own.
pub trait Neither {
    /// It is not.
    const SEND: bool = false;
    /// It is not.
    const SYNC: bool = false;
}

impl<T> Neither for Is<T> {}

/// The number of a kept value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object(u64);

impl Object {
    /// The number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl From<u64> for Object {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

impl Pack for Object {
    fn pack(&self, writer: &mut Writer) {
        writer.put(&self.0);
    }
}

impl<'a> Unpack<'a> for Object {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, Error> {
        reader.take().map(Self)
    }
}

struct Use {
    shared: usize,
    exclusive: bool,
    by: ThreadId,
}

struct Record {
    // First the value, then what it may borrow.
    value: UnsafeCell<Option<Box<dyn Any>>>,
    lent: Mutex<Vec<Arc<Lent>>>,
    state: Mutex<Use>,
    owner: ThreadId,
    send: bool,
    sync: bool,
}

// SAFETY: `value` is reached through `state` alone, which lets in many that share or one that does not; other
// threads than the owner only where the type is `Send`, several at once only where it is `Sync`.
unsafe impl Send for Record {}
// SAFETY: as above.
unsafe impl Sync for Record {}

/// What a value may borrow from.
struct Lent(#[expect(dead_code, reason = "it is there to be dropped")] Box<dyn Any>);

// SAFETY: it is only ever dropped, behind the values that borrow from it; see `Record`.
unsafe impl Send for Lent {}
// SAFETY: nothing can be done with a shared one.
unsafe impl Sync for Lent {}

static ALL: Mutex<BTreeMap<u64, Arc<Record>>> = Mutex::new(BTreeMap::new());
static NEXT: AtomicU64 = AtomicU64::new(1);
/// What another thread gave up and only its owner may drop.
static LEFT: Mutex<Vec<Arc<Record>>> = Mutex::new(Vec::new());

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn drop_left() {
    let here = thread::current().id();
    let mine = {
        let mut left = locked(&LEFT);
        if left.is_empty() {
            return;
        }
        let (mine, others) = left.drain(..).partition::<Vec<_>, _>(|record| record.owner == here);
        *left = others;
        mine
    };
    drop(mine);
}

impl Object {
    /// Keeps a value.
    pub fn keep<T: Kept>(value: T) -> Self {
        Self::keep_with(value, Vec::new())
    }

    fn keep_with<T: Kept>(value: T, lent: Vec<Arc<Lent>>) -> Self {
        drop_left();
        let owner = thread::current().id();
        let record = Record {
            value: UnsafeCell::new(Some(Box::new(value))),
            lent: Mutex::new(lent),
            state: Mutex::new(Use { shared: 0, exclusive: false, by: owner }),
            owner,
            send: T::SEND,
            sync: T::SYNC,
        };
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        locked(&ALL).insert(number, Arc::new(record));
        Self(number)
    }

    fn record<T: Kept>(self) -> Result<Arc<Record>, String> {
        drop_left();
        let found = locked(&ALL).get(&self.0).cloned();
        let record = found.ok_or_else(|| format!("gone: this {} is no more", T::NAME))?;
        if !record.send && record.owner != thread::current().id() {
            let name = T::NAME;
            return Err(format!("in use: this {name} is not Send: only the thread that made it can use it"));
        }
        Ok(record)
    }

    /// Borrows a value.
    ///
    /// # Errors
    /// Where it is gone, or in use by a call that may change it.
    pub fn shared<T: Kept>(self) -> Result<Shared<T>, String> {
        let record = self.record::<T>()?;
        let here = thread::current().id();
        {
            let mut state = locked(&record.state);
            if state.exclusive || (state.shared > 0 && state.by != here && !record.sync) {
                return Err(in_use::<T>("which may change it"));
            }
            state.shared += 1;
            state.by = here;
        }
        let guard = Guard { record, exclusive: false };
        // SAFETY: it is counted as shared until the guard is dropped.
        let value = unsafe { &*guard.record.value.get() };
        let value = value.as_deref().and_then(<dyn Any>::downcast_ref::<T>).map(std::ptr::from_ref);
        Ok(Shared { value: value.ok_or_else(wrong::<T>)?, guard })
    }

    /// Borrows a value to change it.
    ///
    /// # Errors
    /// Where it is gone, or in use.
    pub fn exclusive<T: Kept>(self) -> Result<Exclusive<T>, String> {
        let record = self.record::<T>()?;
        {
            let mut state = locked(&record.state);
            if state.exclusive || state.shared > 0 {
                return Err(in_use::<T>("or by what borrows from it, such as an iterator"));
            }
            state.exclusive = true;
        }
        let guard = Guard { record, exclusive: true };
        // SAFETY: nothing else gets at it until the guard is dropped.
        let value = unsafe { &mut *guard.record.value.get() };
        let value = value.as_deref_mut().and_then(<dyn Any>::downcast_mut::<T>).map(std::ptr::from_mut);
        Ok(Exclusive { value: value.ok_or_else(wrong::<T>)?, guard })
    }

    /// Takes a value out.
    ///
    /// # Errors
    /// Where it is gone, or in use.
    pub fn take<T: Kept>(self) -> Result<T, String> {
        Ok(*self.taken::<T>()?.0)
    }

    fn taken<T: Kept>(self) -> Result<(Box<T>, Vec<Arc<Lent>>), String> {
        let guard = self.exclusive::<T>()?.guard;
        locked(&ALL).remove(&self.0);
        // SAFETY: as in `exclusive`.
        let value = unsafe { &mut *guard.record.value.get() }.take();
        let value = value.and_then(|value| value.downcast().ok()).ok_or_else(wrong::<T>)?;
        let lent = std::mem::take(&mut *locked(&guard.record.lent));
        Ok((value, lent))
    }
}

/// Drops a kept value; one that is in use or another thread's, as soon as that is possible.
pub fn forget(number: u64) {
    drop_left();
    let Some(record) = locked(&ALL).remove(&number) else { return };
    if record.send || record.owner == thread::current().id() {
        drop(record);
    } else {
        locked(&LEFT).push(record);
    }
}

/// How many values are kept.
#[must_use]
pub fn kept() -> u64 {
    locked(&ALL).len() as u64
}

#[cold]
fn in_use<T: Kept>(how: &str) -> String {
    format!("in use: this {} is in use by a call that has not returned, {how}", T::NAME)
}

#[cold]
fn wrong<T: Kept>() -> String {
    format!("gone: this is no {}", T::NAME)
}

struct Guard {
    record: Arc<Record>,
    exclusive: bool,
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mut state = locked(&self.record.state);
        if self.exclusive {
            state.exclusive = false;
        } else {
            state.shared -= 1;
        }
    }
}

/// A borrowed value.
pub struct Shared<T> {
    value: *const T,
    #[expect(dead_code, reason = "it is there to be dropped")]
    guard: Guard,
}

/// A value borrowed to be changed.
pub struct Exclusive<T> {
    value: *mut T,
    guard: Guard,
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: it lives in a box of the record, which the guard keeps, and only others that share reach it.
        unsafe { &*self.value }
    }
}

impl<T> Deref for Exclusive<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: as for `Shared`, and nothing else reaches it.
        unsafe { &*self.value }
    }
}

impl<T> DerefMut for Exclusive<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: nothing else reaches it while the guard is there.
        unsafe { &mut *self.value }
    }
}

impl<T> std::fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shared")
    }
}

impl<T> std::fmt::Debug for Exclusive<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Exclusive")
    }
}

struct Memory {
    // First what was read, then the bytes that it may point into.
    arena: Arena,
    bytes: Vec<u8>,
}

/// What a call borrows, for results that go on borrowing it: their objects keep it alive.
///
/// References come as `'static`; they are valid as long as the lender, or an object that it kept.
#[derive(Default)]
pub struct Lender(RefCell<Vec<Arc<Lent>>>);

impl std::fmt::Debug for Lender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lender({})", self.0.borrow().len())
    }
}

/// Like [`read`](crate::read), for functions whose result, or an object, keeps what they borrow.
pub fn lend<R>(bytes: &[u8], work: impl FnOnce(&mut Reader<'static>, &Lender) -> R) -> R {
    let memory = Box::new(Memory { arena: Arena::default(), bytes: bytes.to_vec() });
    // SAFETY: both live in the box, which the lender keeps until nothing borrows from it any more.
    let (bytes, arena) =
        unsafe { (&*std::ptr::from_ref(memory.bytes.as_slice()), &*std::ptr::from_ref(&memory.arena)) };
    let lender = Lender::default();
    lender.hold(memory);
    work(&mut Reader::over(bytes, arena), &lender)
}

impl Lender {
    fn hold(&self, what: Box<dyn Any>) {
        self.0.borrow_mut().push(Arc::new(Lent(what)));
    }

    /// Keeps a value together with all that it may borrow.
    pub fn keep<T: Kept>(&self, value: T) -> Object {
        Object::keep_with(value, self.0.borrow().clone())
    }

    /// Borrows an object as long as this lender, or what it keeps, is there.
    ///
    /// # Errors
    /// As for [`Object::shared`].
    pub fn shared<T: Kept>(&self, object: Object) -> Result<&'static T, String> {
        let shared = object.shared::<T>()?;
        let value = shared.value;
        self.hold(Box::new(shared));
        // SAFETY: the guard is held, and the caller's result with it.
        Ok(unsafe { &*value })
    }

    /// Borrows an object to change it; it keeps what the call borrows.
    ///
    /// # Errors
    /// As for [`Object::exclusive`].
    pub fn exclusive<T: Kept>(&self, object: Object) -> Result<Exclusive<T>, String> {
        let exclusive = object.exclusive::<T>()?;
        locked(&exclusive.guard.record.lent).extend(self.0.borrow().iter().cloned());
        Ok(exclusive)
    }

    /// Takes an object; what it borrows goes on being held.
    ///
    /// # Errors
    /// As for [`Object::take`].
    pub fn take<T: Kept>(&self, object: Object) -> Result<T, String> {
        let (value, lent) = object.taken::<T>()?;
        self.0.borrow_mut().extend(lent);
        Ok(*value)
    }
}

/// A hash of a value: the same in every run.
pub fn hash<T: std::hash::Hash + ?Sized>(value: &T) -> i64 {
    use std::hash::Hasher;
    let mut hasher = std::hash::DefaultHasher::new();
    value.hash(&mut hasher);
    i64::from_ne_bytes(hasher.finish().to_ne_bytes())
}

#[cfg(test)]
mod tests {
    use super::{Is, Kept, Neither, Object, forget, lend};
    use std::rc::Rc;
    use std::thread;

    #[derive(Debug)]
    struct Counter(Rc<u8>);

    impl Kept for Counter {
        const NAME: &'static str = "Counter";
        const SEND: bool = Is::<Self>::SEND;
        const SYNC: bool = Is::<Self>::SYNC;
    }

    struct Text(&'static str);

    impl Kept for Text {
        const NAME: &'static str = "Text";
        const SEND: bool = Is::<Self>::SEND;
        const SYNC: bool = Is::<Self>::SYNC;
    }

    #[test]
    fn an_object_is_borrowed_as_a_refcell_is() {
        let counted = Rc::new(1);
        let object = Object::keep(Counter(Rc::clone(&counted)));
        {
            let _one = object.shared::<Counter>().unwrap();
            assert_eq!(*object.shared::<Counter>().unwrap().0, 1);
            assert!(object.exclusive::<Counter>().unwrap_err().contains("Counter is in use"));
        }
        {
            let _one = object.exclusive::<Counter>().unwrap();
            assert!(object.shared::<Counter>().is_err());
            assert!(object.take::<Counter>().is_err());
        }
        assert!(object.shared::<Text>().unwrap_err().contains("no Text"));
        assert_eq!(Rc::strong_count(&counted), 2);
        drop(object.take::<Counter>().unwrap());
        assert_eq!(Rc::strong_count(&counted), 1);
        assert!(object.take::<Counter>().unwrap_err().contains("no more"));
    }

    #[test]
    fn what_is_not_send_stays_with_its_thread() {
        let counted = Rc::new(1);
        let object = Object::keep(Counter(Rc::clone(&counted)));
        thread::spawn(move || {
            assert!(object.shared::<Counter>().unwrap_err().contains("not Send"));
            forget(object.0);
        })
        .join()
        .unwrap();
        assert_eq!(Rc::strong_count(&counted), 2);
        drop(Object::keep(Text("")).take::<Text>());
        assert_eq!(Rc::strong_count(&counted), 1);
    }

    #[test]
    fn an_object_keeps_what_it_borrows() {
        let object = lend(b"\xa5hello", |reader, lender| lender.keep(Text(reader.take().unwrap())));
        assert_eq!(object.shared::<Text>().unwrap().0, "hello");
        thread::spawn(move || forget(object.0)).join().unwrap();
    }
}
