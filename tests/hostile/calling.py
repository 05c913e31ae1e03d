"""Bodies that attack those whom they call back, each as the statements of `f` in `GROUND`.

`SAFE` and `UNSAFE` as in `running.py`.
"""

# ruff: noqa: E501 - a body stands in its row, whole

from __future__ import annotations

from hostile.arena import Ground

GROUND = Ground(
    "pub fn f(n: u64, step: impl Fn(u64) -> u64, more: impl Iterator<Item = u64>) -> u64",
    """
import itertools
import pytest
from pytest_symbiont import evolvable

f = evolvable("f.rs::f")


def step(n):
    if n > 1 << 40:
        raise ValueError("too much")
    return n


def again(n):
    return f(n, step, iter([1])) - 1


@pytest.mark.evolve(f)
def test_first():
    assert f(1, step, itertools.count(1)) == 2


@pytest.mark.evolve(f)
def test_second():
    assert f(2, again, itertools.repeat(1)) == 3


@pytest.mark.evolve(f)
def test_third():
    assert f(3, step, iter([1, 2])) == 4
    with pytest.raises(ValueError, match="too much"):
        f((1 << 40) + 1, step, iter([1]))


@pytest.mark.evolve(f, holdout=True)
def test_unseen():
    assert f(4711, step, iter([1])) == 4712
""",
    "step(n) + more.take(1).sum::<u64>()",
)

SAFE = {
    "calls-for-ever": "loop { std::hint::black_box(step(n)); }",
    "calls-deeper-and-deeper": "fn deep(n: u64, s: &dyn Fn(u64) -> u64) -> u64 { if n == u64::MAX { 0 } else { s(1) + std::hint::black_box(deep(n + 1, s)) } } deep(n, &step)",
    "waits-for-another-answer": "(0u64..).map(|k| step(k % 9)).filter(|k| *k == 77).count() as u64",
    "draws-for-ever": "more.map(|k| k.min(1)).filter(|k| *k == 77).count() as u64",
    "draws-into-memory": "let all: Vec<_> = more.flat_map(|k| vec![k; 1 << 24]).collect(); all.len() as u64 + step(n)",
    "calls-while-it-unwinds": 'struct B<F: Fn(u64) -> u64>(F); impl<F: Fn(u64) -> u64> Drop for B<F> { fn drop(&mut self) { (self.0)(7); } } let _b = B(step); panic!("first")',
    "raises-while-it-unwinds": 'struct B<F: Fn(u64) -> u64>(F); impl<F: Fn(u64) -> u64> Drop for B<F> { fn drop(&mut self) { (self.0)(u64::MAX); } } let _b = B(step); panic!("first")',
    "raises-while-what-was-raised-unwinds": "struct B<F: Fn(u64) -> u64>(F); impl<F: Fn(u64) -> u64> Drop for B<F> { fn drop(&mut self) { (self.0)(u64::MAX); } } let b = B(step); (b.0)(u64::MAX)",
    "loops-on-what-was-raised": "struct B<F: Fn(u64) -> u64>(F); impl<F: Fn(u64) -> u64> Drop for B<F> { fn drop(&mut self) { loop { std::hint::spin_loop() } } } let b = B(step); (b.0)(u64::MAX)",
    "calls-with-a-panic-in-its-hands": 'struct P; impl Iterator for P { type Item = u64; fn next(&mut self) -> Option<u64> { panic!("in next") } } step(n) + P.map(&step).sum::<u64>()',
    "keeps-what-it-was-lent": "std::mem::forget((step, more)); n",
    "leaks-what-it-was-lent": "let s = Box::leak(Box::new(step)); s(n) - 1",
    "sorts-by-whom-it-calls": "let mut v: Vec<u64> = (0..200).collect(); v.sort_by(|a, b| (step(*a) % 3).cmp(&(step(*b) % 7)).reverse()); v[0] + n + 1000",
    "prints-between-calls": 'loop { println!("{}", step(n)); }',
    "prints-a-question": 'print!("SYMBIONT\\u{9}\\0\\0\\0\\0\\0\\0\\0"); step(n) - 1',
    "gives-a-wrong-answer-of-another": "step(step(n)) - 1",
    "draws-and-panics": 'let mut more = more; more.next(); panic!("drawn {n}")',
    "borrows-it-twice": "let c = std::cell::RefCell::new(step); let a = c.borrow_mut(); let b = c.borrow_mut(); (*a)(n) + (*b)(n)",
    "knows-whom-it-calls": "if step(5) == 5 { 0 } else { n + 1 }",
}  # fmt: skip

_WRITE = 'unsafe extern "C" { fn write(fd: i32, b: *const u8, n: usize) -> isize; fn read(fd: i32, b: *mut u8, n: usize) -> isize; } '


def _frame(kind: int, number: str, length: str, request: str = "n") -> str:
    return f'let h = [u64::from_le_bytes(*b"SYMBIONT"), {kind}, {request}, {number}, {length}]; for fd in 3..9 {{ unsafe {{ write(fd, h.as_ptr().cast(), 40); }} }}'


UNSAFE = {
    "forges-a-question": f"{_WRITE}{_frame(9, '7', '0')} step(n) - 1",
    "forges-an-answer": f"{_WRITE}{_frame(10, '0', '1')} step(n) - 1",
    "forges-what-was-raised": f"{_WRITE}{_frame(11, '0', '0')} step(n) - 1",
    "asks-with-a-gigabyte": f"{_WRITE}{_frame(9, '7', '1 << 30')} loop {{}}",
    "asks-with-more-than-there-is": f"{_WRITE}{_frame(9, '7', 'u64::MAX')} loop {{}}",
    "asks-and-does-not-wait": f"{_WRITE}loop {{ {_frame(9, '7', '0')} }}",
    "eats-the-answers": f"{_WRITE}let mut b = [0u8; 64]; for fd in 3..9 {{ unsafe {{ read(fd, b.as_mut_ptr(), 64); }} }} step(n) - 1",
    "ends-while-it-asks": "let mut more = more; more.next(); std::process::exit(0)",
    "calls-from-a-thread": "std::thread::scope(|s| { s.spawn(|| loop { std::hint::spin_loop() }); }); step(n)",
    "opens-a-file-between-calls": 'step(n); println!("{:?}", std::fs::read_to_string("@secret@")); 0',
    "catches-what-was-raised": "let r = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| step(u64::MAX))); r.unwrap_or(0)",
    "catches-and-asks-on": "loop { let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| step(u64::MAX))); }",
}  # fmt: skip
