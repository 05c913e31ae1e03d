//! What candidates may write: about 200 paths and macros of `std`, with and without `use`.
//!
//! Compiled and run with the facade and with the real `std`; both must print the same.

extern crate alloc;

use std::any::{Any, TypeId, type_name};
use std::borrow::{Borrow, BorrowMut, Cow};
use std::cell::{Cell, LazyCell, OnceCell, Ref, RefCell, RefMut};
use std::cmp::{self, Ordering, Reverse};
use std::collections::binary_heap::PeekMut;
use std::collections::hash_map::{DefaultHasher, Entry, HashMap, RandomState};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashSet, LinkedList, VecDeque, btree_map, hash_set};
use std::convert::{Infallible, TryFrom, identity};
use std::error::Error;
use std::fmt::{self, Debug, Display, Formatter, Write as _};
use std::future::{Future, poll_fn, ready};
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher};
use std::iter::{FromIterator, FusedIterator, Peekable, Product, Rev, Sum};
use std::marker::{PhantomData, PhantomPinned};
use std::mem::{self, ManuallyDrop, MaybeUninit};
use std::num::{IntErrorKind, NonZeroU32, NonZeroUsize, ParseFloatError, ParseIntError, Saturating, Wrapping};
use std::ops::{
    Add, AddAssign, Bound, ControlFlow, Deref, DerefMut, Index, IndexMut, Mul, Neg, Not, Range, RangeBounds,
    RangeInclusive, Rem, Shl, Sub,
};
use std::panic::Location;
use std::pin::{Pin, pin};
use std::ptr::NonNull;
use std::rc::{Rc, Weak};
use std::str::{Chars, FromStr, Utf8Error};
use std::string::FromUtf8Error;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering as Memory};
use std::sync::{Arc, LazyLock, Mutex, Once, OnceLock, PoisonError, RwLock, TryLockError, mpsc};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
enum Kind {
    #[default]
    Small,
    Large(u8),
}

#[derive(Debug, Clone, PartialEq, PartialOrd, Default)]
struct Point<T> {
    x: T,
    y: T,
    kind: Kind,
}

impl<T: Add<Output = T>> Add for Point<T> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { x: self.x + other.x, y: self.y + other.y, kind: self.kind }
    }
}

#[derive(Debug)]
enum Failure {
    Number(ParseIntError),
    Float(ParseFloatError),
    Text(Utf8Error),
    Format(fmt::Error),
}

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "failure: {self:?}")
    }
}

impl Error for Failure {}

macro_rules! from {
    ($($variant:ident $type:ty),*) => { $(impl From<$type> for Failure {
        fn from(error: $type) -> Self { Failure::$variant(error) }
    })* };
}
from!(Number ParseIntError, Float ParseFloatError, Text Utf8Error, Format fmt::Error);

fn question_mark(text: &str) -> Result<f64, Failure> {
    let mut out = String::new();
    write!(out, "{}", text.trim())?;
    writeln!(out)?;
    let bytes: Vec<u8> = out.bytes().collect();
    let whole: i64 = std::str::from_utf8(&bytes)?.trim().parse()?;
    Ok(whole as f64 + "0.5".parse::<f64>()?)
}

fn boxed_error(text: &str) -> Result<u8, Box<dyn Error + Send + Sync>> {
    if text.is_empty() {
        return Err("empty".into());
    }
    Ok(text.parse::<u8>()?)
}

fn evens(limit: u32) -> impl Iterator<Item = u32> + Clone {
    (0..limit).step_by(2)
}

fn compose<A, B, C>(f: impl Fn(A) -> B, g: impl Fn(B) -> C) -> impl Fn(A) -> C {
    move |a| g(f(a))
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = Future::poll(Pin::as_mut(&mut future), &mut context) {
            return value;
        }
        std::hint::spin_loop();
    }
}

struct Countdown(u32);

impl Iterator for Countdown {
    type Item = u32;
    fn next(&mut self) -> Option<u32> {
        self.0 = self.0.checked_sub(1)?;
        Some(self.0)
    }
}
impl FusedIterator for Countdown {}

struct Stack<T>(Vec<T>);
impl<T> Deref for Stack<T> {
    type Target = Vec<T>;
    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}
impl<T> DerefMut for Stack<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.0
    }
}
impl<T> FromIterator<T> for Stack<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Stack(items.into_iter().collect())
    }
}
impl<T> Drop for Stack<T> {
    fn drop(&mut self) {
        self.0.clear();
    }
}

#[track_caller]
fn line_of_caller() -> u32 {
    Location::caller().line()
}

static COUNTER: AtomicUsize = AtomicUsize::new(0);
static TABLE: LazyLock<HashMap<&'static str, u32>> = LazyLock::new(|| HashMap::from([("a", 1), ("b", 2)]));
static CELL: OnceLock<String> = OnceLock::new();
const LIMIT: i64 = std::i64::MAX;

fn collections(out: &mut Vec<String>) {
    let mut counts: HashMap<char, usize> = HashMap::new();
    "hello".chars().for_each(|c| *counts.entry(c).or_insert(0) += 1);
    if let Entry::Occupied(mut entry) = counts.entry('l') {
        *entry.get_mut() += 10;
    }
    let mut sorted: Vec<_> = counts.into_iter().collect();
    sorted.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    out.push(format!("{sorted:?}"));

    let mut tree = BTreeMap::new();
    if let btree_map::Entry::Vacant(slot) = tree.entry(3) {
        slot.insert("three");
    }
    out.push(format!("{:?} {:?}", tree.range(..=3).next(), tree.first_key_value()));
    let set: HashSet<i32, BuildHasherDefault<DefaultHasher>> = [1, 2, 3].into_iter().collect();
    let both: hash_set::Intersection<'_, _, _> = set.intersection(&set);
    out.push(format!("{} {}", both.count(), BTreeSet::from([3, 1]).iter().sum::<i32>()));
    let mut heap: BinaryHeap<Reverse<u32>> = vec![Reverse(3), Reverse(1)].into();
    if let Some(top) = heap.peek_mut() {
        out.push(format!("{:?}", PeekMut::pop(top)));
    }
    let deque: VecDeque<u8> = VecDeque::from(std::vec![1, 2]);
    let list: LinkedList<u8> = deque.iter().copied().collect();
    out.push(format!("{deque:?} {list:?} {}", RandomState::new().build_hasher().finish() == 0));
    let nested: std::collections::BTreeMap<String, alloc::vec::Vec<u8>> = std::default::Default::default();
    out.push(format!("{nested:?} {:?}", std::collections::VecDeque::<u8>::with_capacity(2)));
}

fn numbers(out: &mut Vec<String>) {
    out.push(format!("{} {} {}", i64::MAX == LIMIT, u8::MAX, std::u32::MAX));
    out.push(format!("{:.3} {:.3} {}", std::f64::consts::PI, f64::EPSILON.sqrt(), std::f64::INFINITY));
    out.push(format!("{} {}", f32::NAN.is_nan(), core::f32::consts::E > 2.7));
    out.push(format!("{:?}", NonZeroU32::new(7).map(NonZeroU32::get)));
    out.push(format!("{} {}", Wrapping(250u8) + Wrapping(10), Saturating(250u8) + Saturating(10)));
    out.push(format!("{:?}", "x".parse::<u8>().map_err(|e| *e.kind() == IntErrorKind::InvalidDigit)));
    out.push(format!("{:?} {:?}", u8::try_from(300i32).is_err(), u16::from_str("17")));
    out.push(format!("{:?} {:?}", 5u8.checked_sub(6), 5i32.overflowing_mul(7)));
    out.push(format!("{} {}", std::cmp::max(1, 2), cmp::min_by_key(-3, 2, |x: &i32| x.abs())));
    out.push(format!("{:?}", 2.5f64.total_cmp(&1.0) == Ordering::Greater));
    out.push(format!("{}", i32::from_str_radix("-7f", 16).unwrap_or_else(|_| unreachable!())));
    out.push(format!("{:?} {}", NonZeroUsize::MIN, u64::MAX.count_ones()));
    out.push(format!("{:?}", <u32 as std::ops::BitXor>::bitxor(6, 3)));
    out.push(format!("{}", <std::primitive::u8 as Default>::default()));
}

fn iterators(out: &mut Vec<String>) {
    let xs = [3i64, 1, 2];
    out.push(format!("{:?}", xs.iter().zip(evens(9)).map(|(a, b)| a + i64::from(b)).collect::<Vec<_>>()));
    out.push(format!("{:?}", std::iter::successors(Some(1u32), |x| x.checked_mul(10)).count()));
    out.push(format!("{:?}", std::iter::repeat_n("ab", 2).collect::<String>()));
    out.push(format!("{:?}", std::iter::once(1).chain(std::iter::empty()).last()));
    out.push(format!("{:?}", std::iter::from_fn(|| None::<u8>).next()));
    out.push(format!("{:?}", std::iter::zip([1], [2]).next()));
    let mut peekable: Peekable<Chars<'_>> = "12a".chars().peekable();
    while let Some(digit) = peekable.next_if(char::is_ascii_digit) {
        out.push(digit.to_string());
    }
    let back: Rev<Countdown2> = Countdown2(0..3).rev();
    out.push(format!("{:?} {}", back.collect::<Vec<_>>(), Countdown(3).map(|x| x + 1).product::<u32>()));
    out.push(format!("{} {}", <u8 as Sum>::sum([1u8, 2].into_iter()), u8::product([2u8, 3].into_iter())));
    let total = xs.iter().try_fold(0i8, |sum, &x| match sum.checked_add(x as i8) {
        Some(sum) => ControlFlow::Continue(sum),
        None => ControlFlow::Break(()),
    });
    out.push(format!("{total:?}"));
    let stack: Stack<u8> = (1..=3).collect();
    out.push(format!("{} {:?}", stack.len(), stack.windows(2).map(|w| w[0] * w[1]).collect::<Vec<_>>()));
    out.push(format!("{:?} {:?}", xs.binary_search(&9), xs.chunks(2).next().map(<[i64]>::len)));
    out.push(format!("{:?}", std::array::from_fn::<usize, 3, _>(|i| i * i)));
    out.push(format!("{:?}", std::slice::from_ref(&7)));
    let bounds: (Bound<u8>, Bound<u8>) = (Bound::Included(1), Bound::Excluded(4));
    out.push(format!("{} {:?}", bounds.contains(&3), (1..=4).rev().collect::<Box<[i32]>>()));
}

struct Countdown2(Range<u32>);
impl Iterator for Countdown2 {
    type Item = u32;
    fn next(&mut self) -> Option<u32> {
        self.0.next()
    }
}
impl DoubleEndedIterator for Countdown2 {
    fn next_back(&mut self) -> Option<u32> {
        self.0.next_back()
    }
}

fn memory(out: &mut Vec<String>) {
    let shared = Rc::new(RefCell::new(vec![1]));
    let weak: Weak<_> = Rc::downgrade(&shared);
    {
        let mut inner: RefMut<'_, Vec<i32>> = RefCell::borrow_mut(&shared);
        inner.push(2);
    }
    let seen: Ref<'_, [i32]> = Ref::map(RefCell::borrow(&shared), |v| v.as_slice());
    out.push(format!("{seen:?} {} {}", Rc::strong_count(&shared), weak.upgrade().is_some()));
    let cell = Cell::new(1);
    cell.set(cell.get() + 1);
    out.push(format!("{cell:?} {:?} {}", OnceCell::<u8>::new().get(), *LazyCell::new(|| 5)));
    let (mut a, mut b) = (1, 2);
    mem::swap(&mut a, &mut b);
    let old = mem::replace(&mut a, 9) + mem::take(&mut b);
    out.push(format!("{old} {} {} {}", size_of::<u64>(), std::mem::align_of::<u16>(), mem::size_of_val(&a)));
    drop(ManuallyDrop::into_inner(ManuallyDrop::new(String::from("kept"))));
    out.push(format!("{}", mem::size_of::<MaybeUninit<u32>>() + mem::discriminant(&Some(1)).eq(&mem::discriminant(&None)) as usize));
    let cow: Cow<'_, str> = Cow::Borrowed("cow");
    let owned: String = cow.clone().into_owned();
    let text: &str = Borrow::borrow(&owned);
    let mut items = vec![1];
    let slice: &mut [i32] = BorrowMut::borrow_mut(&mut items);
    out.push(format!("{text} {slice:?} {}", std::ptr::eq(text, text)));
    out.push(format!("{} {}", NonNull::from(&a) == NonNull::from(&a), std::ptr::null::<u8>().is_null()));
    let any: Box<dyn Any> = Box::new(5u8);
    out.push(format!("{:?} {}", any.downcast_ref::<u8>(), TypeId::of::<u8>() == any.as_ref().type_id()));
    out.push(format!("{} {:?}", type_name::<u8>(), (PhantomData::<u8>, PhantomPinned)));
    out.push(format!("{} {}", identity(3), std::hint::black_box(4)));
}

fn locks(out: &mut Vec<String>) {
    let mutex = Arc::new(Mutex::new(1));
    *mutex.lock().unwrap_or_else(PoisonError::into_inner) += 1;
    let guard = mutex.lock();
    out.push(format!("{}", matches!(mutex.try_lock(), Err(TryLockError::WouldBlock))));
    drop(guard);
    let lock = RwLock::new(String::from("rw"));
    out.push(format!("{} {}", *lock.read().unwrap(), Arc::strong_count(&mutex)));
    static ONCE: Once = Once::new();
    ONCE.call_once(|| drop(COUNTER.fetch_add(1, Memory::SeqCst)));
    let flag = AtomicBool::new(false);
    flag.store(true, Memory::Release);
    out.push(format!("{} {flag:?} {:?}", COUNTER.load(Memory::Acquire), AtomicU64::new(3).into_inner()));
    out.push(format!("{} {}", TABLE["b"], CELL.get_or_init(|| "init".to_owned())));
    let (send, receive) = mpsc::channel();
    send.send(7).unwrap();
    out.push(format!("{:?} {:?}", receive.try_recv(), Duration::from_millis(1500).as_secs_f64()));
    out.push(format!("{}", std::sync::atomic::AtomicI32::new(1).fetch_max(5, std::sync::atomic::Ordering::Relaxed)));
}

fn text(out: &mut Vec<String>) {
    let utf8: Result<String, FromUtf8Error> = String::from_utf8(vec![0xff]);
    out.push(format!("{:?} {}", utf8.is_err(), String::from_utf8_lossy(b"ok")));
    out.push(format!("{:>5}|{:<5}|{:^5}|{:05}|{:+}|{:#x}|{:e}", "a", "b", "c", 42, 7, 255, 1500.0));
    out.push("a,b;c".split([',', ';']).rev().collect::<Vec<_>>().join("-"));
    out.push(format!("{:?} {:?}", "ß".to_uppercase(), 'z'.to_digit(36)));
    out.push(format!("{:?} {:?}", char::from_u32(0x41), std::char::from_digit(7, 10)));
    out.push(format!("{} {}", std::ascii::escape_default(b'\n'), 'a'.is_alphanumeric()));
    out.push(["x", "y"].concat() + &"z".repeat(2) + &format_args!("{}", 1).to_string());
    out.push(format!("{:?}", "k=v".split_once('=').ok_or(fmt::Error)));
    out.push(format!("{:?}", std::fmt::format(format_args!("{:?}", Kind::Large(3)))));
    out.push(format!("{:?} {:?}", question_mark("12"), question_mark("no").map_err(|e| e.to_string())));
    out.push(format!("{:?} {:?}", boxed_error("").map_err(|e| e.to_string()), boxed_error("9").ok()));
}

fn language(out: &mut Vec<String>) {
    let point = Point { x: 1.5, y: 2.0, ..Point::default() } + Point::default();
    out.push(format!("{point:?} {point:#?} {:?}", point.partial_cmp(&point.clone())));
    let mut hasher = DefaultHasher::new();
    Kind::Small.hash(&mut hasher);
    out.push(format!("{} {}", hasher.finish() != 0, Kind::default() < Kind::Large(0)));
    let add = compose(|x: i32| x + 1, |x: i32| x * 2);
    let boxed: Vec<Box<dyn Fn(i32) -> i32>> = vec![Box::new(add), Box::new(|x| -x)];
    out.push(format!("{:?}", boxed.iter().map(|f| f(3)).collect::<Vec<_>>()));
    let value = async {
        let one = ready(1).await;
        let closure = async |x: i32| x + one;
        closure(2).await + poll_fn(|_| Poll::Ready(4)).await
    };
    out.push(format!("{}", block_on(value)));
    let never: Result<u8, Infallible> = Ok(1);
    let Ok(one) = never;
    let Some(two) = Some(2) else { panic!("no value") };
    'outer: for i in 0.. {
        for j in 0..i {
            if i * j > 6 {
                out.push(format!("{i} {j}"));
                break 'outer;
            }
        }
    }
    out.push(format!("{one} {two} {}", if let [first, .., last] = [1, 2, 3] { first + last } else { 0 }));
    out.push(format!("{} {} {}", -<i32 as Neg>::neg(1), <bool as Not>::not(true), <u8 as Shl<u8>>::shl(1, 3)));
    out.push(format!("{} {} {}", Sub::sub(3, 1), Mul::mul(3, 2), Rem::rem(7, 4)));
    let mut grid = vec![vec![0; 2]; 2];
    grid[0] = vec![*Index::index(&[1], 0)];
    AddAssign::add_assign(IndexMut::index_mut(&mut grid[1], 1), 5);
    let inclusive: RangeInclusive<u8> = 1..=2;
    out.push(format!("{grid:?} {inclusive:?} {:?}", RangeBounds::start_bound(&(1..2))));
}

fn macros(out: &mut Vec<String>) {
    assert!(true, "{}", 1);
    assert_eq!(1, 1);
    assert_ne!(1, 2, "differ");
    debug_assert!(true);
    debug_assert_eq!(1, 1);
    debug_assert_ne!(1, 2);
    std::assert!(core::matches!(Some(1), Some(_)));
    out.push(concat!("a", 1, true).to_owned() + stringify!(a + b));
    out.push(format!("{} {}", line!() > 0, column!() > 0));
    out.push(format!("{} {}", file!().is_empty(), module_path!().is_empty()));
    out.push(format!("{} {}", cfg!(windows), line_of_caller() > 0));
    out.push(std::format!("{:?}", std::vec![1; 2]) + &core::concat!("x", "y"));
    out.push(alloc::format!("{}", alloc::string::String::new()));
    let _: [fn(); 3] = [|| todo!(), || unimplemented!("later"), || unreachable!("{}", 1)];
    let _ = || std::panic!("with {}", "path");
    out.push(format!("{}", dbg!(1 + 1)));
    print!("printed ");
    println!("line {}", 1);
    std::println!();
    eprint!("to ");
    std::eprintln!("stderr {:?}", Some(1));
    let mut text = std::string::String::new();
    std::write!(text, "{}", 1).and_then(|()| std::writeln!(text)).unwrap();
    out.push(text);
}

/// One line a check.
pub fn report() -> Vec<String> {
    let mut out = Vec::new();
    for section in [collections, numbers, iterators, memory, locks, text, language, macros] {
        section(&mut out);
    }
    out
}

#[allow(dead_code)]
fn main() {
    for line in report() {
        println!("{line}");
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn models_like_to_append_tests() {
        assert!(!super::report().is_empty());
    }
}
