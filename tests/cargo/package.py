"""A Cargo package of the awkward kind, without a crate of the registry."""

from __future__ import annotations

PARSE = """\
//! Numbers.
use super::text::BASE;
include!(concat!(env!("OUT_DIR"), "/generated.rs"));

/// The sum of all numbers in `text`, between commas.
pub fn total(text: &str) -> u64 {
    text.split(',').map(number).sum::<u64>() + mac::seven!() - SEVEN
}

/// The decimal number that `s` is, without the space around it; 0 where it is none.
fn number(s: &str) -> u64 {
    todo!()
}

/// Twice `n`, or once.
fn double(n: u64) -> u64 {
    if cfg!(feature = "twice") {
        helper::twice(n) * BASE / 10
    } else {
        n
    }
}

/// A counter of what it was told.
#[derive(Default)]
pub(crate) struct Tally {
    seen: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, n: u64) -> u64 {
        self.seen += n;
        self.seen
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn sums() {
        assert_eq!(super::total("1, 2,3"), 6);
    }
}
"""

_MANIFEST = """\
[package]
name = "{name}"
version = "0.3.0"
edition = "2021"
{more}
"""

FILES = {
    "Cargo.toml": _MANIFEST.format(
        name="my-parse",
        more="""
[features]
twice = []

[dependencies]
helper = { path = "helper" }
mac = { path = "mac" }

[profile.release]
panic = "abort"
lto = true
strip = true

[workspace]
members = ["helper", "mac"]
""",
    ),
    "build.rs": """\
fn main() {
    let folder = std::env::var("OUT_DIR").unwrap();
    std::fs::write(format!("{folder}/generated.rs"), "const SEVEN: u64 = 7;").unwrap();
    println!("cargo:rustc-env=GREETING=hello");
}
""",
    "src/lib.rs": """\
#![no_std]
#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code, unused_variables, unused_imports)]
//! A parser.
mod inner;
pub use inner::parse::total;
""",
    "src/inner/mod.rs": "pub(crate) mod parse;\npub(crate) mod text;\n",
    "src/inner/text.rs": """\
pub(crate) fn trimmed(s: &str) -> &str {
    s.trim()
}
pub(super) const BASE: u64 = 10;
""",
    "src/inner/parse.rs": PARSE,
    "helper/Cargo.toml": _MANIFEST.format(name="helper", more=""),
    "helper/src/lib.rs": "#![no_std]\npub fn twice(n: u64) -> u64 {\n    2 * n\n}\n",
    "mac/Cargo.toml": _MANIFEST.format(name="mac", more="[lib]\nproc-macro = true\n"),
    "mac/src/lib.rs": """\
use proc_macro::TokenStream;
#[proc_macro]
pub fn seven(_: TokenStream) -> TokenStream {
    "7u64".parse().unwrap()
}
""",
    ".env": "TOKEN=canary-of-the-package\n",
}

TESTS = """
import pytest
from pytest_symbiont import evolvable

number = evolvable("src/inner/parse.rs::number", crate="..")
total = evolvable("src/inner/parse.rs::total", crate="..")


@pytest.mark.evolve(number)
def test_number():
    assert number("12") == 12
    assert number("x") == 0


@pytest.mark.evolve(number)
def test_total():
    assert total("1, 2,30") == 33
"""
