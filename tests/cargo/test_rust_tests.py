"""`#[test]` functions of a package as pytest items, which drive evolution too."""

from __future__ import annotations

import pytest
from example import NewExample, rust

from pytest_symbiont.source.rust_tests import exposed, rust_tests

LIBRARY = """\
//! A clock.
#[derive(Debug, PartialEq)]
pub struct Error(String);

mod other;

/// Minutes since midnight of `h:mm`.
fn minutes(text: &str) -> Result<Clock, Error> {
    todo!()
}

/// A time of day, of which Python knows nothing.
#[derive(Debug, PartialEq)]
struct Clock(std::num::NonZeroU16, std::marker::PhantomData<fn()>);

#[cfg(test)]
mod tests {
    use super::*;
    use dev::two;

    #[test]
    fn reads() {
        let clock = minutes("1:30").unwrap();
        assert_eq!(clock.0.get(), 90, "ninety");
    }

    #[test]
    fn refuses() -> Result<(), String> {
        match minutes("x") {
            Err(_) => Ok(()),
            Ok(clock) => Err(format!("took {clock:?}")),
        }
    }

    #[test]
    #[should_panic(expected = "no \\"hour\\"")]
    fn panics() {
        minutes("hour").map_err(|_| panic!("no {:?}", "hour")).unwrap();
    }

    #[test]
    #[ignore = "for nights"]
    fn is_slow() {
        loop {}
    }

    #[test]
    fn has_what_tests_have() {
        assert_eq!(two(), 2);
    }
}
"""
RIGHT = """\
let (hours, minutes) = text.split_once(':').ok_or(Error(text.to_string()))?;
let parsed = |s: &str| s.parse::<u16>().map_err(|e| Error(e.to_string()));
let all = std::num::NonZeroU16::new(60 * parsed(hours)? + parsed(minutes)?).ok_or(Error(String::new()))?;
Ok(Clock(all, std::marker::PhantomData))
"""
LOOSE = "Ok(Clock(std::num::NonZeroU16::new(text.len() as u16 + 76).unwrap(), std::marker::PhantomData))"
FILES = {
    "pytest.ini": "[pytest]\nevolve_crates = clock\n",
    "clock/Cargo.toml": """\
[package]
name = "clock"
version = "0.1.0"
edition = "2021"

[dev-dependencies]
dev = { path = "dev" }
""",
    "clock/src/lib.rs": LIBRARY,
    "clock/src/other.rs": """\
#[cfg(test)]
mod tests {
    #[test]
    fn is_beside() {
        assert!(super::super::minutes as usize > 0);
    }
}
""",
    "clock/dev/Cargo.toml": '[package]\nname = "dev"\nversion = "0.1.0"\nedition = "2021"\n',
    "clock/dev/src/lib.rs": "pub fn two() -> u8 {\n    2\n}\n",
}


def answer(body: str) -> str:
    return rust(f"fn minutes(text: &str) -> Result<Clock, Error> {{\n{body}\n}}")


def test_tests_in_rust_are_tests(example: NewExample) -> None:
    clock = example(FILES)
    ran = clock.run(
        "-rfs", code=1, outcomes={"failed": 3, "passed": 2, "skipped": 1}, changed={"clock/Cargo.lock": ...}
    )
    assert "FAILED clock/src/lib.rs::tests::reads - pytest_symbiont.RustPanic: not yet" in ran.out
    assert "clock/src/lib.rs:9: RustPanic" in ran.out
    assert "panicked with 'not yet implemented', expected 'no \"hour\"' in it" in ran.out
    assert "for nights" in ran.out
    chosen = clock.run("clock/src/lib.rs::tests::has_what_tests_have", "-v", outcomes={"passed": 1})
    assert "clock/src/lib.rs::tests::has_what_tests_have PASSED" in chosen.out
    other = clock.run("-c", "/dev/null", "--rootdir=.", code=5)
    assert "no tests ran" in other.out


def test_they_drive_evolution(example: NewExample) -> None:
    clock = example(FILES)
    ran = clock.run(
        "--evolve",
        answers=[answer(LOOSE), answer(RIGHT)],
        outcomes={"passed": 5, "skipped": 1},
        changed={"clock/src/lib.rs": ..., "clock/Cargo.lock": ...},
    )
    assert "lib.rs::minutes: 2 of 5 tests pass as it is on disk" in ran.out
    said = ran.last_message(1)
    assert "left: 80" in said
    assert "right: 90" in said
    assert "ninety" in said
    assert "has the whole std" in ran.out
    written = clock.read("clock/src/lib.rs")
    assert "split_once(':')" in written
    assert written.partition("#[cfg(test)]")[2] == LIBRARY.partition("#[cfg(test)]")[2]
    # It is written now: its tests are ordinary tests, and there is nothing to do.
    again = clock.run("--evolve", answers=[], outcomes={"passed": 5, "skipped": 1})
    assert "nothing to evolve" in again.out


def test_a_folder_without_a_package_is_said(example: NewExample) -> None:
    ran = example({**FILES, "pytest.ini": "[pytest]\nevolve_crates = nowhere\n"}).run(code=4)
    assert "evolve_crates = nowhere: there is no Cargo.toml in " in ran.out + ran.err


@pytest.mark.parametrize(
    ("text", "names", "made"),
    [
        ("#[test]\nfn a() {}", ["a"], "#[cold]\npub(crate) fn a() {}"),
        ("mod m { #[ test ] pub fn a() {} }", ["m::a"], "mod m { #[ cold ] pub fn a() {} }"),
        ("mod m { mod n { #[test] fn a() {} } }", [], None),
        ("#[tokio::test]\nasync fn a() {}", [], None),
        ('// #[test]\nfn a() {}\nfn b() { let s = "#[test]"; }', [], None),
    ],
)
def test_what_is_seen_of_a_file(text: str, names: list[str], made: str | None) -> None:
    assert [test.function.path for test in rust_tests(text)] == names
    assert exposed(text) == (made or text)
