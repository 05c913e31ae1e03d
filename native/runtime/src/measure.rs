//! How long a function takes, by a clock that it cannot reach.
//!
//! A sample is a batch of calls, as many as the clock needs to be exact, each with arguments of its own: what
//! a call changes is copied before the clock is started. What the calls gave is looked at when it has stopped:
//! it must be what the first call gave, so that a function gains nothing by doing its work once.

use std::cell::Cell;
use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::frame::Frame;
use crate::guard::guard;
use crate::outcome::{Outcome, Return};
use crate::{OUTCOME_WORDS, PANICKED, REFUSED, RETURNED, Slot};

/// A batch takes at least so long, where it may have as many calls as that needs.
const LONG_ENOUGH: Duration = Duration::from_micros(50);
const MOST_CALLS: usize = 1 << 16;
const MOST_MEMORY: usize = 64 << 20;
/// What is read of the clock in vain, to know what reading it takes.
const READINGS: u32 = 200;

/// What of a call is timed: where arguments are converted first, the call proper, as `time` is told of it.
#[derive(Debug)]
pub struct Clock {
    spent: Cell<Duration>,
    reading: Duration,
    by_call: bool,
}

impl Clock {
    fn new(by_call: bool) -> Self {
        let mut clock = Self { spent: Cell::default(), reading: Duration::ZERO, by_call };
        let readings = (0..READINGS).map(|_| {
            clock.spent.set(Duration::ZERO);
            clock.time(|| ());
            clock.spent.get()
        });
        clock.reading = readings.min().unwrap_or_default();
        clock
    }

    /// Makes the call proper.
    #[inline]
    pub fn time<R>(&self, call: impl FnOnce() -> R) -> R {
        if !self.by_call {
            return call();
        }
        let before = Instant::now();
        let result = black_box(call());
        let took = before.elapsed().saturating_sub(self.reading);
        self.spent.set(self.spent.get() + took);
        result
    }
}

/// The words of one call, without its outcome's, and what in them points to memory that the call changes.
struct Request<'a> {
    words: &'a [u64],
    /// Pairs: which word, and how many bytes.
    changed: &'a [u64],
}

impl Request<'_> {
    /// How much one call's own words and memory take, in units of 16 bytes.
    fn size(&self) -> usize {
        (self.words.len() + OUTCOME_WORDS).div_ceil(2)
            + self.changed.chunks_exact(2).map(|pair| bytes(pair[1]).div_ceil(16)).sum::<usize>()
    }

    /// Room for one call more: its words, and behind them what it changes.
    fn copy(&self, room: &mut [u128]) -> *mut u64 {
        let start = room.as_mut_ptr();
        let words = start.cast::<u64>();
        // SAFETY: `room` has `size` units; both parts stay inside, and the caller vouched for the addresses.
        unsafe {
            words.copy_from_nonoverlapping(self.words.as_ptr(), self.words.len());
            let mut place = start.add((self.words.len() + OUTCOME_WORDS).div_ceil(2));
            for pair in self.changed.chunks_exact(2) {
                let (word, length) = (bytes(pair[0]), bytes(pair[1]));
                if length > 0 {
                    let original = self.words[word] as *const u8;
                    place.cast::<u8>().copy_from_nonoverlapping(original, length);
                }
                words.add(word).write(place as u64);
                place = place.add(length.div_ceil(16));
            }
        }
        words
    }

    /// What the call with these words has left in memory that it may change.
    fn left(&self, words: *const u64) -> Vec<u8> {
        let mut all = Vec::new();
        for pair in self.changed.chunks_exact(2) {
            // SAFETY: `copy` wrote this address, of so many bytes.
            let memory = unsafe {
                std::slice::from_raw_parts(*words.add(bytes(pair[0])) as *const u8, bytes(pair[1]))
            };
            all.extend_from_slice(memory);
        }
        all
    }
}

/// Of this process's own memory, so it fits.
fn bytes(word: u64) -> usize {
    usize::try_from(word).unwrap_or(0)
}

/// What a call gave, to be compared: status, scalar, memory, and what it left of its arguments.
#[derive(PartialEq)]
struct Gave {
    status: u32,
    scalar: [u64; 2],
    data: Vec<u8>,
    left: Vec<u8>,
}

impl Gave {
    fn of(result: impl Return, left: Vec<u8>) -> Self {
        let mut outcome =
            Outcome { words: [0; 2], data: std::ptr::null_mut(), length: 0, capacity: 0, align: 0 };
        let status = result.give(&mut outcome);
        let mut data = Vec::new();
        if !outcome.data.is_null() {
            // SAFETY: this memory was handed over just now, and is given back once.
            unsafe {
                data.extend_from_slice(std::slice::from_raw_parts(outcome.data, bytes(outcome.length)));
                crate::abi::symbiont_free(outcome.data, outcome.capacity, outcome.align);
            }
        }
        Self { status, scalar: outcome.words, data, left }
    }
}

/// Times what `slot` points to. The frame has, in words: how many samples, for how many nanoseconds at most,
/// how many words the arguments take; the pairs of [`Request`] as a buffer; then the arguments. `invoke` takes
/// them and calls. With `by_call` only what it does within [`Clock::time`] counts.
///
/// Leaves the nanoseconds of one call, a number for each sample.
///
/// # Safety
/// `words` is such a frame, and `slot` holds an entry of the type `E`.
pub unsafe fn measure<'a, E: Copy, R: Return>(
    slot: *const Slot,
    words: *mut u64,
    by_call: bool,
    invoke: impl Fn(E, &mut Frame<'a>, &Clock) -> R,
) -> u32 {
    let mut status = PANICKED;
    guard(|| {
        // SAFETY: the caller vouches for both pointers, the frame and the entry's type.
        let (entry, mut frame) = unsafe { ((*slot).entry::<E>(), Frame::new(words)) };
        // SAFETY: as above: three numbers, a buffer, and the arguments' own words.
        let (samples, most, request) = unsafe {
            let (samples, most, count) = (frame.take::<u64>(), frame.take::<u64>(), frame.take::<usize>());
            let changed = frame.take::<&[u64]>();
            (samples, most, Request { words: frame.rest(count), changed })
        };
        let clock = Clock::new(by_call);
        let batch = |calls: usize| run(&request, calls, &clock, |frame| invoke(entry, frame, &clock));
        let timed = sample(samples, Duration::from_nanos(most), &request, batch);
        // SAFETY: the arguments' words were passed over.
        let outcome = unsafe { frame.outcome() };
        outcome.data = std::ptr::null_mut();
        status = match timed {
            Ok(samples) => samples.give(outcome),
            // Its reason is the first call's own.
            Err(Some(Gave { status: REFUSED, data, .. })) => {
                Err::<(), _>(String::from_utf8_lossy(&data).into_owned()).give(outcome)
            }
            Err(_) => Err::<(), _>("the calls disagree".to_owned()).give(outcome),
        };
    });
    status
}

/// Takes the samples. What the first call gave is the error where it is none, or where another gave something else.
fn sample(
    samples: u64,
    most: Duration,
    request: &Request<'_>,
    batch: impl Fn(usize) -> (Duration, Vec<Gave>),
) -> Result<Vec<f64>, Option<Gave>> {
    let started = Instant::now();
    let (mut took, mut gave) = batch(1);
    let first = gave.remove(0);
    if first.status != RETURNED {
        return Err(Some(first));
    }
    let most_calls = (MOST_MEMORY / (16 * request.size() + first.data.len() + 1)).clamp(1, MOST_CALLS);
    let mut calls = 1;
    let mut all = vec![nanoseconds(took, calls)];
    let checked = |calls| {
        let (took, gave) = batch(calls);
        if gave.iter().all(|other| *other == first) { Ok(took) } else { Err(None) }
    };
    // The first call found nothing in its caches: it is a sample only where there is no time for another.
    while started.elapsed() + took < most && took < LONG_ENOUGH && calls < most_calls {
        calls = (calls * 2).min(most_calls);
        took = checked(calls)?;
        all = vec![nanoseconds(took, calls)];
    }
    let mut fresh = Vec::new();
    while (fresh.len() as u64) < samples && started.elapsed() + took < most {
        took = checked(calls)?;
        fresh.push(nanoseconds(took, calls));
    }
    Ok(if fresh.is_empty() { all } else { fresh })
}

#[expect(clippy::cast_precision_loss, reason = "a batch lasts seconds at most")]
fn nanoseconds(took: Duration, calls: usize) -> f64 {
    took.as_nanos() as f64 / calls as f64
}

/// Makes so many calls; how long they took, and what each gave.
fn run<'a, R: Return>(
    request: &Request<'_>,
    calls: usize,
    clock: &Clock,
    call: impl Fn(&mut Frame<'a>) -> R,
) -> (Duration, Vec<Gave>) {
    let size = request.size();
    let mut room = vec![0_u128; size * calls];
    let frames: Vec<*mut u64> = room.chunks_exact_mut(size).map(|part| request.copy(part)).collect();
    let mut results = Vec::with_capacity(calls);
    clock.spent.set(Duration::ZERO);
    let before = Instant::now();
    for words in &frames {
        // SAFETY: a copy of the request, which lives longer than the call.
        results.push(black_box(call(&mut unsafe { Frame::new(*words) })));
    }
    let took = before.elapsed();
    let took = if clock.by_call { clock.spent.get() } else { took };
    let gave = results.into_iter().zip(frames).map(|(result, words)| Gave::of(result, request.left(words)));
    (took, gave.collect())
}

#[cfg(test)]
mod tests {
    use super::measure;
    use crate::frame::Frame;
    use crate::{OUTCOME_WORDS, Outcome, REFUSED, RETURNED, Slot};
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::{Duration, Instant};

    type Entry = fn(&mut [u64]) -> u64;

    fn run(entry: Entry, by_call: bool, values: &mut [u64]) -> (u32, Vec<f64>, String) {
        let slot = Slot::empty();
        slot.store(entry as *mut ());
        let changed = [0, 8 * values.len() as u64];
        let mut words = vec![5, 1_000_000_000, 2, changed.as_ptr() as u64, 2];
        words.extend([values.as_mut_ptr() as u64, values.len() as u64]);
        words.resize(words.len() + OUTCOME_WORDS, 0);
        // SAFETY: the frame is laid out for one mutable slice.
        unsafe {
            let invoke = |entry: Entry, frame: &mut Frame<'_>, clock: &super::Clock| {
                let values = frame.take();
                clock.time(|| entry(values))
            };
            let status = measure(&raw const slot, words.as_mut_ptr(), by_call, invoke);
            let outcome: &Outcome = &*words.as_ptr().add(7).cast();
            let length = usize::try_from(outcome.length).unwrap();
            let data = std::slice::from_raw_parts(outcome.data, length).to_vec();
            crate::abi::symbiont_free(outcome.data, outcome.capacity, outcome.align);
            let samples = data.chunks_exact(8).map(|chunk| f64::from_le_bytes(chunk.try_into().unwrap()));
            match status {
                RETURNED => (status, samples.collect(), String::new()),
                _ => (status, vec![], String::from_utf8(data).unwrap()),
            }
        }
    }

    #[test]
    fn every_call_gets_what_the_first_got() {
        let entry: Entry = |values| {
            assert_eq!(values, [3, 1, 2]);
            values.sort_unstable();
            values[0]
        };
        for by_call in [false, true] {
            let mut values = [3, 1, 2];
            let (status, samples, _) = run(entry, by_call, &mut values);
            assert_eq!((status, samples.len()), (RETURNED, 5));
            assert!(samples.iter().all(|sample| *sample >= 0.0 && *sample < 1e7));
            assert_eq!(values, [3, 1, 2]);
        }
    }

    #[test]
    fn what_gives_something_else_later_is_not_timed() {
        static CALLS: AtomicU64 = AtomicU64::new(0);
        static LATER: AtomicU64 = AtomicU64::new(0);
        let counts: Entry = |_| CALLS.fetch_add(1, Ordering::Relaxed).min(3);
        let (status, _, reason) = run(counts, false, &mut []);
        assert_eq!((status, reason.as_str()), (REFUSED, "the calls disagree"));
        let lazy: Entry = |values| {
            if LATER.fetch_add(1, Ordering::Relaxed) == 0 {
                values.sort_unstable();
            }
            0
        };
        assert_eq!(run(lazy, false, &mut [2, 1]).0, REFUSED);
    }

    #[test]
    fn the_time_is_the_call_s() {
        let spins: Entry = |_| {
            let before = Instant::now();
            while before.elapsed() < Duration::from_micros(300) {}
            0
        };
        for by_call in [false, true] {
            let (_, samples, _) = run(spins, by_call, &mut []);
            assert!(samples.iter().all(|sample| *sample >= 300e3), "{samples:?}");
        }
    }
}
