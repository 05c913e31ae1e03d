from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_symbiont.source.answer import NoCandidate, take
from pytest_symbiont.source.edit import replace_bodies
from pytest_symbiont.source.parse import declaration, find, functions

GCD = declaration("fn gcd(a: u64, b: u64) -> u64")
LCM = declaration("fn lcm(a: u64, b: u64) -> u64")
SORT = declaration("fn sort(xs: &mut [i64])")

BODY = "{\n    if b == 0 { a } else { gcd(b, a % b) }\n}"
WHOLE = f"pub fn gcd(a: u64, b: u64) -> u64 {BODY}"
FENCED = f"```rust\n{WHOLE}\n```"

HOW_IT_IS_SENT = {
    "fence": FENCED,
    "prose around": f"Sure! Here's \"it\" (you're welcome:\n\n{FENCED}\n\nIt doesn't \"loop.",
    "no fence": WHOLE,
    "no fence, prose around": f"Here's Euclid's algorithm:\n\n{WHOLE}\n\nIt's O(log n), isn't it?",
    "no info string": f"```\n{WHOLE}\n```",
    "info Rust": f"``` Rust\n{WHOLE}\n```",
    "info rs": f"```rs\n{WHOLE}\n```",
    "info rust with attributes": f"```rust,no_run\n{WHOLE}\n```",
    "info path": f"```src/gcd.rs\n{WHOLE}\n```",
    "info other": f"```text\n{WHOLE}\n```",
    "tildes": f"~~~rust\n{WHOLE}\n~~~",
    "four backticks": f"````rust\n{WHOLE}\n````",
    "fence in a fence": f"````markdown\nHi\n{FENCED}\n````",
    "indented in a list": "1. So:\n\n   " + FENCED.replace("\n", "\n   ") + "\n2. Done.",
    "unclosed fence": f"```rust\n{WHOLE}\n",
    "closing fence glued on": f"```rust\n{WHOLE}```\nThat's it.",
    "opening fence behind prose": f"Like this: ```rust\n{WHOLE}\n```\n",
    "all on one line": f"```rust {WHOLE}```",
    "inline code": f"Use `{WHOLE}`.",
    "byte order mark": f"\ufeff{FENCED}",
    "thoughts": f"<think>\n```rust\nfn gcd(a: u64, b: u64) -> u64 {{ 0 }}\n```\n</think>\n{FENCED}",
    "end of thoughts only": f"fn gcd(a: u64, b: u64) -> u64 {{ 0 }}, hm.\n</think>\n\n{FENCED}",
    "thoughts inside code": f"{FENCED}\n<thinking>\nIs it right?\n</thinking>",
    "body alone": f"```rust\n{BODY[2:-2]}\n```",
    "body alone in braces": f"```rust\n{BODY}\n```",
    "body alone without fence": BODY[6:-2],
    "last block wins": f"```rust\nfn gcd(a: u64, b: u64) -> u64 {{ 0 }}\n```\nNo, wait:\n{FENCED}",
    "last complete block wins": f"{FENCED}\nOr:\n```rust\nfn gcd(a: u64, b: u64) -> u64 {{ a +",
    "last definition in a block wins": f"```rust\nfn gcd(a: u64, b: u64) -> u64 {{ 0 }}\n\n{WHOLE}\n```",
    "example of use behind": f"{FENCED}\nUse it:\n```rust\nassert_eq!(gcd(4, 6), 2);\n```",
    "example of use, body alone": f"```rust\n{BODY}\n```\n```rust\nlet d = gcd(4, 6);\n```",
    "shell block behind": f"{FENCED}\n```sh\ncargo test\n```",
    "main": f'```rust\n{WHOLE}\n\nfn main() {{\n    println!("{{}}", gcd(4, 6));\n}}\n```',
    "tests": f"```rust\n{WHOLE}\n#[cfg(test)]\nmod tests {{\n    use super::*;\n    fn t() {{}}\n}}\n```",
    "a test": f"```rust\n{WHOLE}\n#[test]\nfn works() {{ assert_eq!(gcd(4, 6), 2) }}\n```",
    "doc comment": f"```rust\n/// Euclid's.\n///\n/// ```\n/// gcd(4, 6);\n/// ```\n{WHOLE}\n```",
    "attributes": f"```rust\n#[inline]\n#[unsafe(no_mangle)]\n{WHOLE}\n```",
    "inner attributes": f"```rust\n#![allow(dead_code)]\n//! Numbers.\n{WHOLE}\n```",
    "private": f"```rust\n{WHOLE.removeprefix('pub ')}\n```",
    "crate visibility": f"```rust\n{WHOLE.replace('pub', 'pub(crate)')}\n```",
    "extern C": f"```rust\n{WHOLE.replace('pub', 'pub extern')}\n```",
    "changed types": f"```rust\n{WHOLE.replace('u64', 'u32')}\n```",
    "generic": f"```rust\n{WHOLE.replace('gcd(a', 'gcd<T>(a').replace('u64', 'T')}\n```",
    "signature over lines": f"```rust\npub fn gcd(\n    a: u64,\n    b: u64,\n) -> u64 {BODY}\n```",
    "brace on its own line": f"```rust\nfn gcd(a: u64, b: u64) -> u64\n{BODY}\n```",
    "impl around": f"```rust\nstruct Solution;\n\nimpl Solution {{\n{WHOLE}\n}}\n```",
    "mod around": f"```rust\nmod numbers {{\n    use super::*;\n{WHOLE}\n}}\npub use numbers::gcd;\n```",
    "idle helper": f"```rust\nfn idle() {{}}\n{WHOLE}\n```",
    "renamed": f"```rust\n{WHOLE.replace('gcd', 'euclid')}\n```",
    "windows": FENCED.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("answer", HOW_IT_IS_SENT.values(), ids=HOW_IT_IS_SENT)
def test_the_body_is_found_however_it_is_sent(answer: str) -> None:
    assert take(answer, [GCD]).bodies == {"gcd": BODY}


# What the code of an answer is, and the body that comes of it; each begins and ends with a line break.
WHAT_IS_SENT = {
    "renamed parameters": (
        """
fn gcd(x: u64, y: u64) -> u64 {
    x % y
}
""",
        """
{
    let x = a;
    let y = b;
    x % y
}
""",
    ),
    "swapped names": (
        """
fn gcd(b: u64, a: u64) -> u64 {
    a - b
}
""",
        """
{
    let (b, a) = (a, b);
    a - b
}
""",
    ),
    "mut": (
        """
fn gcd(mut a: u64, mut b: u64) -> u64 {
    a += 1;
    b
}
""",
        """
{
    let mut a = a;
    let mut b = b;
    a += 1;
    b
}
""",
    ),
    "renamed and mut": (
        """
fn gcd(mut x: u64, b: u64) -> u64 {
    x += b;
    x
}
""",
        """
{
    let mut x = a;
    x += b;
    x
}
""",
    ),
    "unused new name": (
        """
fn gcd(a: u64, _b: u64) -> u64 { a }
""",
        """
{ a }
""",
    ),
    "more parameters": (
        """
fn gcd(mut a: u64, b: u64, d: u8) -> u64 { a }
""",
        """
{
    let mut a = a;
    a
}
""",
    ),
    "one line with a helper": (
        """
fn half(x: u64) -> u64 { x / 2 }
fn gcd(a: u64, b: u64) -> u64 { half(a) }
""",
        """
{
    fn half(x: u64) -> u64 { x / 2 }

    half(a)
}
""",
    ),
    "use, const, struct, impl": (
        """
use std::mem;
use std::fmt::Write;

/// Most.
const MOST: u64 = 9;
#[derive(Clone)]
struct P(u64);
impl P {
    fn new() -> P { P(MOST) }
}
fn gcd(a: u64, b: u64) -> u64 {
    P::new().0
}
""",
        """
{
    use std::mem;
    use std::fmt::Write;

    /// Most.
    const MOST: u64 = 9;

    #[derive(Clone)]
    struct P(u64);

    impl P {
        fn new() -> P { P(MOST) }
    }

    P::new().0
}
""",
    ),
    "trait by its method": (
        """
trait Twice { fn twice(self) -> u64; }
impl Twice for u64 { fn twice(self) -> u64 { self * 2 } }
fn gcd(a: u64, b: u64) -> u64 {
    a.twice()
}
""",
        """
{
    trait Twice { fn twice(self) -> u64; }
    impl Twice for u64 { fn twice(self) -> u64 { self * 2 } }

    a.twice()
}
""",
    ),
    "const in a format string": (
        """
const K: u8 = 1;
fn gcd(a: u64, b: u64) -> u64 {
    format!("{K}").len() as u64
}
""",
        """
{
    const K: u8 = 1;

    format!("{K}").len() as u64
}
""",
    ),
    "helpers of helpers": (
        """
fn gcd(a: u64, b: u64) -> u64 {
    one(a)
}
fn one(x: u64) -> u64 {
    two(x)
}
fn two(x: u64) -> u64 {
    x
}
""",
        """
{
    fn one(x: u64) -> u64 {
        two(x)
    }

    fn two(x: u64) -> u64 {
        x
    }

    one(a)
}
""",
    ),
    "helper and new names": (
        """
fn half(x: u64) -> u64 { x / 2 }
fn gcd(x: u64, b: u64) -> u64 {
    half(x)
}
""",
        """
{
    fn half(x: u64) -> u64 { x / 2 }

    let x = a;
    half(x)
}
""",
    ),
    "impl with helpers": (
        """
struct S;
impl S {
    pub fn gcd(a: u64, b: u64) -> u64 {
        if b == 0 {
            return S::half(a);
        }
        Self::gcd(b, a)
    }

    fn half(x: u64) -> u64 {
        x
    }
}
""",
        """
{
    fn half(x: u64) -> u64 {
        x
    }

    if b == 0 {
        return half(a);
    }
    gcd(b, a)
}
""",
    ),
    "renamed and recursive": (
        """
fn euclid(x: u64, b: u64) -> u64 {
    euclid(b, x.euclid())
}
""",
        """
{
    let x = a;
    gcd(b, x.euclid())
}
""",
    ),
    "multi-line string": (
        """
    fn gcd(a: u64, b: u64) -> u64 {
        let s = "
  x
";
        1
    }
""",
        """
{
    let s = "
  x
";
    1
}
""",
    ),
    "does not parse inside": (
        """
fn gcd(a: u64, b: u64) -> u64 {
    let x = (a;
    x
}
""",
        """
{
    let x = (a;
    x
}
""",
    ),
    "body with its own helper": (
        """
fn half(x: u64) -> u64 { x / 2 }
half(a) + half(b)
""",
        """
{
    fn half(x: u64) -> u64 { x / 2 }
    half(a) + half(b)
}
""",
    ),
    "umlauts": (
        """
// für
const Ä: &str = "ß";
fn gcd(a: u64, b: u64) -> u64 {
    // ö
    Ä.len() as u64
}
""",
        """
{
    const Ä: &str = "ß";

    // ö
    Ä.len() as u64
}
""",
    ),
}


@pytest.mark.parametrize(("code", "body"), WHAT_IS_SENT.values(), ids=WHAT_IS_SENT)
def test_the_body_gets_what_it_needs(code: str, body: str) -> None:
    assert take(f"```rust{code}```", [GCD]).bodies == {"gcd": body.strip("\n")}


def test_patterns_are_bound_to_declared_names() -> None:
    function = declaration("fn f(p: (u8, u8), (x, y): (u8, u8), _: u8) -> u8")
    candidate = take("fn f((a, b): (u8, u8), q: (u8, u8), n: u8) -> u8 {\n    a + q.0 + n\n}", [function])
    assert candidate.bodies == {"f": "{\n    let (a, b) = p;\n    let q = (x, y);\n    a + q.0 + n\n}"}
    assert "not bound in `f`, whose declaration has no name for it: n" in candidate.notes


def test_a_body_alone_that_returns_nothing() -> None:
    assert take("```rust\nxs.sort();\n```", [SORT]).bodies == {"sort": "{\n    xs.sort();\n}"}


def test_helpers_from_another_block() -> None:
    blocks = [
        "fn half(x: u64) -> u64 { x / 2 }",
        "fn gcd(a: u64, b: u64) -> u64 { half(a) }",
        "use gcd::gcd;\nfn idle() {}\nfn main() { gcd(1, 2); }",
    ]
    answer = "\n".join(f"```rust\n{block}\n```" for block in blocks)
    assert take(answer, [GCD]).bodies == {"gcd": "{\n    fn half(x: u64) -> u64 { x / 2 }\n\n    half(a)\n}"}


CONTEXT = """\
use std::collections::HashMap;

struct Point(u8);

fn half(x: u8) -> u8 { x / 2 }

pub fn work(x: u8) -> u8 { todo!() }

mod inner {
    use super::half;

    pub fn work(x: u8) -> u8 {
        todo!()
    }

    fn near() {}
}
"""


def test_items_of_the_file_are_not_taken_again() -> None:
    work = find(CONTEXT, "work", file="x.rs")
    answer = CONTEXT.replace("{ todo!() }", "{ half(x) + extra() }") + "fn extra() -> u8 { 1 }\n"
    candidate = take(answer, [work], context=CONTEXT)
    assert candidate.bodies == {"work": "{\n    fn extra() -> u8 { 1 }\n\n    half(x) + extra()\n}"}
    assert any(note.startswith("left out because the file has its own: `use std") for note in candidate.notes)


def test_the_path_decides_between_functions_of_one_name() -> None:
    work = find(CONTEXT, "inner::work", file="x.rs")
    answer = CONTEXT.replace("        todo!()", "        near(); x")
    assert take(answer, [work], context=CONTEXT).bodies == {"inner::work": "{\n    near(); x\n}"}
    with pytest.raises(NoCandidate, match="in `mod inner`"):
        take("fn work(x: u8) -> u8 { x }", [work], context=CONTEXT)


def test_a_function_of_a_module_may_come_without_it() -> None:
    context = CONTEXT.replace("pub fn work(x: u8) -> u8 { todo!() }", "")
    work = find(context, "inner::work", file="x.rs")
    assert take("fn work(x: u8) -> u8 { x }", [work], context=context).bodies == {"inner::work": "{ x }"}


def test_several_functions_and_helpers_where_they_are_used() -> None:
    answer = """```rust
fn gcd(a: u64, b: u64) -> u64 { both(a) }
fn lcm(a: u64, b: u64) -> u64 { both(b) + only() }
fn both(x: u64) -> u64 { x }
fn only() -> u64 { 1 }
```"""
    assert take(answer, [GCD, LCM]).bodies == {
        "gcd": "{\n    fn both(x: u64) -> u64 { x }\n\n    both(a)\n}",
        "lcm": "{\n    fn both(x: u64) -> u64 { x }\n    fn only() -> u64 { 1 }\n\n    both(b) + only()\n}",
    }


def test_several_functions_in_several_blocks() -> None:
    answer = f"{FENCED}\n```rust\nfn lcm(a: u64, b: u64) -> u64 {{ a / gcd(a, b) * b }}\n```"
    assert take(answer, [GCD, LCM]).bodies == {"gcd": BODY, "lcm": "{ a / gcd(a, b) * b }"}


DEEP = "fn gcd(a: u64, b: u64) -> u64 { " + "(" * 64 + "a" + ")" * 64 + " }"
NO_CANDIDATES = {
    "nothing": ("", "no text"),
    "only thoughts": ("<think>\nfn gcd(a: u64, b: u64) -> u64 { 1 }", "nothing but thoughts"),
    "prose": ("I am sorry, I cannot do that.", "does not define `pub fn gcd(a: u64, b: u64) -> u64`"),
    "one word": ("Sure", "does not define"),
    "one word in a fence": ("```\nDone;\n```", "does not define"),
    "signature alone": ("```rust\nfn gcd(a: u64, b: u64) -> u64;\n```", "does not define"),
    "another language": ("```python\ndef gcd(a, b):\n    return a\n```", "does not define"),
    "body in another language": ("```js\na + b\n```", "does not define"),
    "example of use": ("```rust\nlet d = gcd(4, 6);\nassert_eq!(d, 2);\n```", "does not define"),
    "only tests": ("```rust\n#[test]\nfn gcd() {}\n```", "does not define"),
    "in a string": ('```json\n{"code": "fn gcd(a: u64, b: u64) -> u64 { 1 }"}\n```', "does not define"),
    "renamed, other parameters": ("fn euclid(a: u64) -> u64 { a }", "but `euclid`"),
    "renamed, which one": ("fn x(a: u8, b: u8) {}\nfn y(a: u8, b: u8) {}", "but `x`, `y`"),
    "cut off": ("```rust\nfn gcd(a: u64, b: u64) -> u64 {\n    if a {", "`gcd` does not parse to its end"),
    "cut off in a string": ('fn gcd(a: u64, b: u64) -> u64 { "', "`gcd` does not parse to its end"),
    "cut off in a helper": ("fn gcd(a: u64, b: u64) -> u64 { h(a) }\nfn h(a: u64) { a +", "`h`, which `gcd`"),
    "broken signature": ("```rust\nfn gcd(a u64, b u64) -> u64 { 1 }\n```", "`gcd` does not parse"),
    "NUL": ("fn gcd(a: u64, b: u64) -> u64 { 1 }\0", "NUL"),
    "surrogate": ("fn gcd(a: u64, b: u64) -> u64 { 1 }\ud800", "surrogate"),
    "too long": (WHOLE + " " * (256 * 1024), "bytes"),
    "too deep": (DEEP, "more than 64 deep"),
    "too deep in a fence": (f"```rust\n{DEEP}\n```", "more than 64 deep"),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "reason"), NO_CANDIDATES.values(), ids=NO_CANDIDATES)
def test_no_candidate_and_why(answer: str, reason: str) -> None:
    with pytest.raises(NoCandidate) as caught:
        take(answer, [GCD])
    assert reason in caught.value.reason
    assert "\n" not in caught.value.reason


def test_missing_functions_are_named() -> None:
    with pytest.raises(NoCandidate) as caught:
        take(FENCED, [GCD, LCM])
    assert "does not define `pub fn lcm(a: u64, b: u64) -> u64` but `gcd`" in caught.value.reason


CHANGED_SIGNATURE = (
    "the signature of `gcd` became `pub fn gcd(a: u32, b: u32) -> u32` in the answer; the declared one stays"
)


def test_the_deepest_that_is_taken() -> None:
    body = DEEP.replace("((", "(", 1).replace("))", ")", 1).removeprefix("fn gcd(a: u64, b: u64) -> u64 ")
    assert take(f"fn gcd(a: u64, b: u64) -> u64 {body}", [GCD]).bodies == {"gcd": body}


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (HOW_IT_IS_SENT["windows"], "line ends made LF"),
        (HOW_IT_IS_SENT["thoughts"], "thoughts left out"),
        (HOW_IT_IS_SENT["body alone"], "the answer was the body alone"),
        (HOW_IT_IS_SENT["renamed"], "`euclid` taken as `gcd`"),
        (HOW_IT_IS_SENT["attributes"], "attributes of `gcd` left out: #[inline], #[unsafe(no_mangle)]"),
        (HOW_IT_IS_SENT["impl around"], "`impl Solution` around `gcd` left out"),
        (HOW_IT_IS_SENT["mod around"], "module `numbers` around `gcd` left out"),
        (HOW_IT_IS_SENT["main"], "left out: `main`"),
        (HOW_IT_IS_SENT["tests"], "left out: `tests`"),
        (HOW_IT_IS_SENT["idle helper"], "left out because nothing uses it: `idle`"),
        (
            HOW_IT_IS_SENT["changed types"],
            CHANGED_SIGNATURE,
        ),
        (WHAT_IS_SENT["one line with a helper"][0], "nested inside the body: `half`"),
        (WHAT_IS_SENT["renamed and mut"][0], "bound at the top of `gcd`: `let mut x = a;`"),
    ],
)  # fmt: skip
def test_what_was_done_is_noted(answer: str, note: str) -> None:
    assert note in take(answer, [GCD]).notes


def test_nothing_is_noted_where_nothing_was_done() -> None:
    assert take(FENCED, [GCD]).notes == ()


prose = st.text(alphabet="Ab c.,'\"():!?-é\n", max_size=60).map(lambda text: f"{text}\n\n")
fences = st.sampled_from(["```", "````", "~~~", "~~~~~"])
infos = st.sampled_from(["", "rust", "Rust", "rs", "rust,ignore", "src/lib.rs"])
codes = st.sampled_from([code.strip("\n") for code, _ in WHAT_IS_SENT.values()] + [WHOLE])


@given(codes, prose, prose, fences, infos, st.booleans(), st.booleans())
def test_packing_changes_nothing(
    code: str, before: str, after: str, fence: str, info: str, closed: bool, windows: bool
) -> None:
    answer = f"{before}{fence}{info}\n{code}\n" + (f"{fence}\n{after}" if closed else "")
    packed = answer.replace("\n", "\r\n") if windows else answer
    assert take(packed, [GCD]).bodies == take(f"```rust\n{code}\n```", [GCD]).bodies


@given(codes)
def test_what_is_taken_fits_into_the_file(code: str) -> None:
    text = f"const X: u8 = 1;\n\n{GCD.signature} {{ todo!() }}\n\nfn after() {{}}\n"
    result = replace_bodies(text, take(code, [GCD]).bodies)
    assert [f.path for f in functions(result)] == ["gcd", "after"]
    assert result.startswith(f"const X: u8 = 1;\n\n{GCD.signature} {{")
    assert result.endswith("}\n\nfn after() {}\n")


@given(st.text(alphabet="fn gcd(a:u64,){}<>`~\"'/ \nlet;mut", max_size=120))
def test_any_text_is_taken_or_refused(text: str) -> None:
    try:
        candidate = take(text, [GCD])
    except NoCandidate:
        return
    kept = text.replace(" ", "").replace("\n", "")
    inside = candidate.bodies["gcd"].removeprefix("{").removesuffix("}")
    assert all(line.replace(" ", "") in kept for line in inside.split("\n") if "let" not in line)
