//! Two judges: `rmp-serde` reads what we write and we read what it writes, and no garbage is taken for a value.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::fmt::Debug;
use std::num::{NonZero, Wrapping};
use std::ops::{Range, RangeInclusive};
use std::rc::Rc;
use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};
use symbiont_codec::{DEEPEST, Pack, Reader, Unpack, Writer, read, read_for_ever};

fn packed<T: Pack + ?Sized>(value: &T) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.put(value);
    writer.finish().unwrap()
}

fn unpacked<T: for<'a> Unpack<'a>>(bytes: &[u8]) -> Result<T, String> {
    read(bytes, |reader| {
        let value = reader.take().map_err(|error| error.to_string())?;
        reader.end().map_err(|error| error.to_string())?;
        Ok(value)
    })
}

/// The same bytes as rmp-serde's, and each reads the other's.
fn agrees<T>(value: &T)
where
    T: Pack + for<'a> Unpack<'a> + Serialize + DeserializeOwned + PartialEq + Debug,
{
    let theirs = rmp_serde::to_vec(value).unwrap();
    assert_eq!(packed(value), theirs, "{value:?}");
    readable(value);
}

/// Each reads the other's, whose bytes may differ (bytes as `bin`, the order of a hash map, full-width numbers).
fn readable<T>(value: &T)
where
    T: Pack + for<'a> Unpack<'a> + Serialize + DeserializeOwned + PartialEq + Debug,
{
    let theirs = rmp_serde::to_vec(value).unwrap();
    assert_eq!(unpacked::<T>(&theirs).as_ref(), Ok(value));
    assert_eq!(rmp_serde::from_slice::<T>(&packed(value)).unwrap(), *value);
    returns(value);
}

/// What was written is read again, and no beginning of it is.
fn returns<T>(value: &T)
where
    T: Pack + for<'a> Unpack<'a> + PartialEq + Debug,
{
    let bytes = packed(value);
    assert_eq!(unpacked::<T>(&bytes).as_ref(), Ok(value));
    for end in (0..bytes.len()).step_by(bytes.len() / 100 + 1) {
        assert!(unpacked::<T>(&bytes[..end]).is_err(), "{value:?} from {end} of {} bytes", bytes.len());
    }
}

macro_rules! integers {
    ($($integer:ty),*) => {$(
        for shift in 0..<$integer>::BITS {
            for value in [<$integer>::MAX >> shift, <$integer>::MIN >> shift, (<$integer>::MAX >> shift) / 2 + 1] {
                agrees(&value);
                agrees(&vec![Some(value)]);
                readable(&vec![value]);
            }
        }
    )*};
}

#[test]
fn integers() {
    integers!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);
    agrees(&NonZero::new(7_u8).unwrap());
    agrees(&Wrapping(-1_i16));
}

#[test]
fn floats_keep_their_bits() {
    for value in [0.0, -0.0, 1.5, f64::MAX, f64::MIN_POSITIVE, f64::INFINITY, f64::NEG_INFINITY] {
        agrees(&value);
    }
    for bits in [0x7ff8_0000_0000_0123, 0xfff8_0000_0000_0000, 0x7ff0_0000_0000_0001] {
        let again: f64 = unpacked(&packed(&f64::from_bits(bits))).unwrap();
        assert_eq!(again.to_bits(), bits);
    }
    agrees(&[1.5_f32, -0.0, f32::MIN]);
    agrees(&vec![1.5, -0.0]);
    assert_eq!(unpacked(&packed(&3_u64)), Ok(3.0_f64));
    assert!(unpacked::<f32>(&packed(&1e39_f64)).is_err());
    assert_eq!(unpacked(&packed(&f64::INFINITY)), Ok(f32::INFINITY));
}

#[test]
fn text_and_small_types() {
    for text in ["", "a", "é", &"x".repeat(31), &"x".repeat(32), &"ü".repeat(300), &"x".repeat(70_000)] {
        agrees(&text.to_owned());
        agrees(&Rc::<str>::from(text));
    }
    agrees(&'\u{10ffff}');
    agrees(&true);
    agrees(&());
    agrees(&Duration::new(1, 999_999_999));
    agrees(&Range { start: 1, end: 3 });
    agrees(&RangeInclusive::new('a', 'z'));
    returns(&std::cmp::Ordering::Less);
    returns(&(1.., ..2, ..=3, ..));
    returns(&[Ok(1), Err("no".to_owned())]);
}

#[test]
fn containers() {
    for count in [0_u16, 1, 15, 16, 255, 256, u16::MAX] {
        readable(&(0..count).collect::<Vec<_>>());
        agrees(&(0..count).collect::<VecDeque<_>>());
        agrees(&(0..count).collect::<LinkedList<_>>());
        agrees(&(0..count).collect::<BTreeSet<_>>());
        agrees(&(0..count).map(|key| (key, key.to_string())).collect::<BTreeMap<_, _>>());
        readable(&(0..count).map(|key| (key, key.to_string())).collect::<HashMap<_, _>>());
        readable(&(0..count).collect::<HashSet<_>>());
        returns(&(0..count).map(|value| value.to_le_bytes()[0]).collect::<Vec<u8>>());
    }
    agrees(&(1, "two".to_owned(), [3.0, 4.0], None::<u8>, (Some('5'),)));
    agrees(&vec![Some((String::from("deep"), BTreeMap::from([(7_u8, vec![1.5])])))]);
    agrees(&Box::new(std::cell::RefCell::new(5)));
    readable(&vec![1_u8, 2]);
    returns(&[[1_u8; 3]; 2]);
}

#[test]
fn what_rmp_serde_flattens_is_told_apart() {
    for value in [None, Some(None), Some(Some(1))] {
        returns(&value);
        returns(&vec![Box::new(value)]);
    }
    for value in [None, Some(())] {
        returns(&value);
    }
}

#[test]
fn a_heap_comes_in_the_order_in_which_it_pops() {
    assert_eq!(packed(&BinaryHeap::from([1, 3, 2])), rmp_serde::to_vec(&[3, 2, 1]).unwrap());
    let heap: BinaryHeap<i32> = unpacked(&packed(&[1, 3, 2])).unwrap();
    assert_eq!(heap.into_sorted_vec(), [1, 2, 3]);
}

#[test]
fn a_hash_map_is_written_in_one_order() {
    let map = |keys: &[&str]| keys.iter().map(|key| ((*key).to_owned(), 1)).collect::<HashMap<_, _>>();
    assert_eq!(packed(&map(&["b", "a", "c"])), packed(&BTreeMap::from([("a", 1), ("b", 1), ("c", 1)])));
}

#[test]
fn memory_is_read_as_numbers() {
    let mut writer = Writer::new();
    writer.memory(&[1.5_f64, -0.0]);
    let bytes = writer.finish().unwrap();
    assert_eq!(unpacked(&bytes), Ok(vec![1.5_f64, -0.0]));
    assert!(unpacked::<Vec<i64>>(&bytes).is_err());
    assert!(unpacked::<Vec<f64>>(&[0xc7, 3, 10, 0, 0, 0]).is_err());
}

#[test]
fn references_live_as_long_as_the_call() {
    let bytes = packed(&(vec!["a", "bc"], Some("de")));
    let total = read(&bytes, |reader| {
        let (texts, option): (&[&str], Option<&&str>) = reader.take().unwrap();
        texts.iter().chain(option).map(|text| text.len()).sum::<usize>()
    });
    assert_eq!(total, 5);
    let lines = read(&packed(&("one", [2_u8, 3])), |reader| {
        let (text, bytes): (Cow<'_, str>, Cow<'_, [u8]>) = reader.take().unwrap();
        format!("{text} {bytes:?} {}", matches!(text, Cow::Borrowed(_)))
    });
    assert_eq!(lines, "one [2, 3] true");
    let text: &'static [&'static str] =
        read_for_ever(&packed(&["for ever"]), |reader| reader.take().unwrap());
    assert_eq!(text, ["for ever"]);
}

struct Chain(Option<Box<Chain>>);

impl<'a> Unpack<'a> for Chain {
    fn unpack(reader: &mut Reader<'a>) -> Result<Self, symbiont_codec::Error> {
        reader.array(1, |reader| reader.take().map(Self))
    }
}

impl Pack for Chain {
    fn pack(&self, writer: &mut Writer) {
        writer.array(1, |writer| writer.put(&self.0));
    }
}

#[test]
fn depth_has_an_end_both_ways() {
    let nested = |depth: usize| [vec![0x91; depth], vec![0xc0]].concat();
    let deepest = DEEPEST as usize;
    assert!(unpacked::<Chain>(&nested(deepest)).is_ok());
    assert_eq!(unpacked::<Chain>(&nested(deepest + 1)).err().unwrap(), "nested too deeply (byte 801)");
    let chain = (0..=deepest).fold(Chain(None), |chain, _| Chain(Some(Box::new(chain))));
    let mut writer = Writer::new();
    writer.put(&chain);
    assert_eq!(writer.finish().unwrap_err(), "the result is nested deeper than 800 levels");
}

/// A fixed sequence of pseudo-random numbers (Steele, Lea, Flood 2014: `SplitMix64`).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// Whatever is read from garbage is a value that these very bytes could have meant: it is written as bytes that
/// are read as the same value.
fn survives<T: Pack + for<'a> Unpack<'a>>(bytes: &[u8]) {
    if let Ok(value) = unpacked::<T>(bytes) {
        let once = packed(&value);
        assert_eq!(packed(&unpacked::<T>(&once).unwrap()), once);
    }
}

#[test]
fn garbage_is_never_taken_for_a_value() {
    type Deep = Vec<Option<(String, HashMap<u8, Vec<f64>>)>>;
    type Wide = (i128, char, [u16; 2], Result<BTreeSet<String>, Duration>, Option<Option<bool>>);
    let mut random = Random(1);
    let good: [Vec<u8>; 2] = [
        packed(&vec![Some(("a".to_owned(), HashMap::from([(1_u8, vec![1.5])]))), None]),
        packed(&(
            -1_i128,
            'x',
            [1_u16, 2],
            Ok::<_, Duration>(BTreeSet::from(["b".to_owned()])),
            Some(Some(true)),
        )),
    ];
    for round in 0..50_000_usize {
        let mut bytes = good[round % 2].clone();
        for _ in 0..=random.next() % 4 {
            let at = usize::try_from(random.next() % bytes.len() as u64).unwrap();
            bytes[at] = random.next().to_le_bytes()[0];
        }
        survives::<Deep>(&bytes);
        survives::<Wide>(&bytes);
        survives::<Chain>(&bytes);
    }
    // A count that lies costs no memory.
    for head in
        [[0xdd, 0xff, 0xff, 0xff, 0xff], [0xdf, 0xff, 0xff, 0xff, 0xff], [0xdb, 0xff, 0xff, 0xff, 0xff]]
    {
        assert!(unpacked::<Vec<Vec<u64>>>(&head).is_err());
        assert!(unpacked::<HashMap<u64, u64>>(&head).is_err());
        assert!(unpacked::<String>(&head).is_err());
    }
}
