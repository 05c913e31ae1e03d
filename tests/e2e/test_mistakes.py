"""Tried as a new user would: one clear message each, nothing written, no answer lost, pytest's exit codes."""

# ruff: noqa: E501, ISC004 - a message stands in its row, whole

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest
from adding import FILES, GREEN, RED, RIGHT, TESTS, WRONG
from example import rust
from model_server import Fault

if TYPE_CHECKING:
    from pathlib import Path

    from example import NewExample, Ran


def _clean(ran: Ran) -> str:
    """Everything that was said, without a traceback through our package."""
    said = ran.out + ran.err
    assert "Traceback" not in said
    assert "INTERNALERROR" not in said
    assert "pytest_symbiont/" not in said
    return said


def _usage(ran: Ran) -> str:
    """The one error of a run that did not begin."""
    _clean(ran)
    (line,) = [line for line in ran.err.splitlines() if line.strip()]
    return line


@pytest.mark.parametrize("args", [(), ("--evolve",)])
@pytest.mark.parametrize(
    ("declaration", "message"),
    [
        ('evolvable("sum.rs::add")',
         'sum.rs: no such file (looked for {path}/sum.rs); write it, or declare a function that is not there yet: '
         'evolvable("fn name(x: u64) -> u64", file="sum.rs")'),
        ('evolvable("add.rs::ad")', "add.rs: no function 'ad' (found: add); did you mean 'add'?"),
        ('evolvable("add.rs::inner::add")', "add.rs: no function 'inner::add' (found: add)"),
        ('evolvable("add::add")', """evolvable('add::add'): expected "FILE.rs::FUNCTION", "FILE.rs", or a signature"""),
        ('evolvable("fn add(a: i64)")', 'expected "FILE.rs::FUNCTION", "FILE.rs", or a signature with file='),
        ('evolvable("fn add(a: i64, b: i64) -> u8", file="add.rs")',
         "add.rs: `pub fn add(a: i64, b: i64) -> u8` was declared, but the file has `pub fn add(a: i64, b: i64) -> i64`; "
         "change one of them"),
        ('evolvable("fn add(a: i64", file="add.rs")', "fn add(a: i64"),
        ('evolvable("fn other()", file="add.txt")', "a Rust file's name ends in .rs"),
        ('evolvable("fn pick(x: Option<fn()>)", file="add.rs")',
         "parameter `x: Option<fn()>`: `fn()` is no value that Python could hold"),
        ('evolvable("unsafe fn pick<T>(x: T)", file="add.rs")', "pick is `unsafe`"),
        ('evolvable("add.rs").nothing', "has no public function, type or constant 'nothing' (found: add)"),
    ],
)  # fmt: skip
def test_a_wrong_declaration(
    example: NewExample, args: tuple[str, ...], declaration: str, message: str
) -> None:
    add = example({**FILES, "test_add.py": TESTS.replace('evolvable("add.rs::add")', declaration)})
    ran = add.run(*args, answers=[], code=2, outcomes={"errors": 1})
    if "nothing" not in declaration:  # a missing attribute is Python's own AttributeError
        assert "test_add.py:4: " in _clean(ran)
    assert message.format(path=add.path) in ran.out
    assert "nothing to evolve" not in ran.out


def test_no_rustc(example: NewExample, tmp_path: Path) -> None:
    add = example(FILES)
    hidden = {"PATH": str(tmp_path), "RUSTC": None}
    message = (
        "no Rust compiler: 'rustc' was not found (looked on PATH); install Rust from https://rustup.rs (or your "
        "system's rustc package) and try again"
    )
    assert _usage(add.run("--evolve", answers=[], env=hidden, code=4)) == f"ERROR: {message}"
    ran = add.run(env=hidden, code=1, outcomes={"failed": 2})
    assert _clean(ran).count(f"E       pytest_symbiont.SymbiontError: {message}") == 2


def test_no_model(example: NewExample) -> None:
    line = _usage(example(FILES).run("--evolve", code=4))
    for way in ("OPENAI_API_KEY", "--evolve-model=NAME@http://HOST:PORT/v1", "--evolve-model=replay"):
        assert way in line


def test_a_model_and_recorded_answers(example: NewExample) -> None:
    ran = example(FILES).run("--evolve", "--evolve-model=a", "--evolve-model=replay", answers=[], code=4)
    assert _usage(ran) == (
        "ERROR: --evolve-model=replay: recorded answers and live ones do not mix; leave one of them out"
    )


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault(401, {"error": {"message": "no"}}), "wants a key (401, 1 try: no): set OPENAI_API_KEY"),
        (Fault(404, {"error": {"message": "no"}}), "has no scripted (404, 1 try: no): it serves scripted"),
        (
            Fault(500, {"error": {"message": "no"}}),
            "failed (500, 5 tries: no): try again later, or look into the server",
        ),
        (
            Fault(200, "<html>hello</html>"),
            "sent no answer that can be read (<html>hello</html>): is it the API's URL?",
        ),
        (Fault(200, {"choices": []}), "sent no choices: try again or name another model"),
        (
            Fault(400, {"error": {"message": "\x1b[31mred"}}),
            r"refused the request to scripted (400, 1 try: \x1b[31mred)",
        ),
    ],
)
def test_a_server_that_gives_no_answer(example: NewExample, fault: Fault, message: str) -> None:
    ran = example(FILES).run("--evolve", answers=[fault], repeat=True, code=1, outcomes={"failed": 2})
    said = _clean(ran)
    assert said.count(message) == 1
    assert "add.rs::add: not evolved: " in ran.summary
    # The tests are reported as they fail against what is on disk.
    assert said.count("E       pytest_symbiont.RustPanic: not yet implemented (add.rs:3:5)") == 2


def test_no_server(example: NewExample) -> None:
    ran = example(FILES).run("--evolve", answers=[Fault(503, "x", {"x-should-retry": "false"})], code=1)
    assert "not evolved" in _clean(ran)


def test_a_server_that_fails_later_loses_no_answer(example: NewExample) -> None:
    add = example(FILES)
    ran = add.run("--evolve", answers=[WRONG, Fault(401, {"error": {"message": "no"}})], code=1)
    assert "1 answer of scripted" in ran.summary
    assert "wants a key" in ran.summary
    kept = "".join(
        path.read_text() for path in (add.path / ".pytest_cache/d/symbiont-answers").rglob("*.jsonl")
    )
    # The file has what became of bodies too, which is no answer.
    told = [json.loads(line) for line in kept.splitlines()]
    assert [one["answer"] for one in told if one.get("answer", "").startswith("Here")] == [WRONG]


def test_a_fixture_that_fails(example: NewExample) -> None:
    broken = """
        import pytest

        @pytest.fixture(autouse=True, scope="{scope}")
        def database():
            raise ConnectionError("no database")
        """
    for scope in ("function", "session"):
        add = example({**FILES, "conftest.py": broken.replace("{scope}", scope)})
        ran = add.run("--evolve", answers=[], code=1, outcomes={"errors": 2})
        assert _clean(ran).count(
            "test_add.py::test_adds fails in a fixture before it calls `add`, which no body can mend: ConnectionError: "
            "no database; repair the fixture"
        ) == 1  # fmt: skip


def test_a_read_only_file(example: NewExample) -> None:
    add = example(FILES)
    path = add.path / "add.rs"
    path.chmod(stat.S_IRUSR)
    ran = add.run("--evolve", answers=[RIGHT], code=1, outcomes={"passed": 2})
    assert "not written: " in ran.summary
    assert "add.rs: is not writable (mode 0400); allow it with chmod u+w and run again" in _clean(ran)
    # The answer was paid for: it is replayed from what pytest's cache keeps, or found there.
    assert RIGHT.splitlines()[3] in "".join(
        json.loads(line)["answer"]
        for kept in (add.path / ".pytest_cache/d/symbiont-answers").rglob("*.jsonl")
        for line in kept.read_text().splitlines()
    )


def test_a_body_that_does_not_compile_is_evolved(example: NewExample) -> None:
    add = example({**FILES, "add.rs": RED.replace("todo!()", "a + c")})
    ran = add.run("--evolve", answers=[RIGHT], changed={"add.rs": GREEN}, outcomes={"passed": 2})
    assert "what is on disk does not compile" in _clean(ran)
    assert "cannot find value `c`" in ran.prompt(0)


def test_a_file_that_does_not_compile_around_the_body(example: NewExample) -> None:
    add = example({**FILES, "add.rs": "fn other() -> u8 {\n    nope\n}\n" + RED})
    ran = add.run("--evolve", answers=[], code=1, outcomes={"failed": 2})
    assert (
        "not evolved: add.rs does not compile outside of the bodies to evolve; mend it first:" in ran.summary
    )
    assert " --> add.rs:2:5" in _clean(ran)


def test_a_file_that_needs_more_than_candidates_get(example: NewExample) -> None:
    add = example({**FILES, "add.rs": "fn other() {\n    std::process::exit(1)\n}\n" + RED})
    ran = add.run("--evolve", answers=[], code=1, outcomes={"failed": 2})
    assert (
        "add.rs compiles by itself, but not with the safe part of std that candidates are given"
        in ran.summary
    )
    assert " --> add.rs:2:10" in _clean(ran)


def test_a_file_that_is_not_utf8(example: NewExample) -> None:
    add = example({**FILES, "add.rs": RED.replace("sum", "s\xfcm").encode("latin-1")})
    assert "add.rs: byte 9 (0xfc, counted from 0) is not UTF-8" in _clean(
        add.run("--evolve", answers=[], code=2)
    )


def test_dash_k_evolves_what_is_selected_and_writes_nothing(example: NewExample) -> None:
    ran = example(FILES).run(
        "--evolve", "-k", "zero", answers=[RIGHT], code=1, outcomes={"passed": 1, "deselected": 1}
    )
    assert _clean(ran).count("1 of 2 tests of the suite were not selected") == 1
    assert "test_zero" in ran.prompt(0)


def test_nothing_selected(example: NewExample) -> None:
    for selection in (("-k", "nobody"), ("-m", "not evolve")):
        ran = example(FILES).run("--evolve", *selection, answers=[], code=5, outcomes={"deselected": 2})
        assert "symbiont: no selected test is marked with @pytest.mark.evolve: nothing to evolve" in _clean(
            ran
        )


def test_dash_x_means_the_logged_run(example: NewExample) -> None:
    add = example(FILES)
    ran = add.run("--evolve", "-x", answers=[WRONG, RIGHT], changed={"add.rs": GREEN}, outcomes={"passed": 2})
    assert "green after 2 rounds" in ran.summary
    add.write(FILES)
    ran = add.run("--evolve", "-x", "--evolve-rounds=1", answers=[WRONG], code=1, outcomes={"failed": 1})
    assert "stopping after 1 failures" in _clean(ran)


@pytest.mark.parametrize("flag", ["--pdb", "--trace", "--setup-only", "--setup-plan", "--looponfail"])
def test_what_does_not_go_with_it_yet(pytester: pytest.Pytester, example: NewExample, flag: str) -> None:
    pytester.plugins = []
    if flag == "--looponfail":  # of pytest-xdist
        pytest.importorskip("xdist")
    ran = example(FILES).run("--evolve", flag, answers=[], code=4, subprocess=True)
    (line,) = [line for line in ran.err.splitlines() if line.strip()]
    assert line == f"ERROR: {flag} does not go with --evolve yet; leave one of them out"


def test_collect_only_collects(example: NewExample) -> None:
    for args in (("--collect-only",), ("--collect-only", "-q"), ("--fixtures",), ("--markers",)):
        ran = example(FILES).run("--evolve", *args, answers=[])
        assert "= symbiont =" not in ran.out


def test_without_the_plugin(pytester: pytest.Pytester, example: NewExample) -> None:
    example({**FILES, "add.rs": GREEN})
    ran = pytester.runpytest_subprocess("-p", "no:symbiont")
    # The functions are plain Python objects; only the marker is nobody's.
    ran.assert_outcomes(passed=2, warnings=2)
    ran.stdout.fnmatch_lines(["*PytestUnknownMarkWarning: Unknown pytest.mark.evolve*"])
    ran = pytester.runpytest_subprocess("-p", "no:symbiont", "--evolve")
    assert ran.ret == 4
    assert "unrecognized arguments: --evolve" in str(ran.stderr)


def test_a_file_that_changes_meanwhile_is_left_alone(example: NewExample) -> None:
    saved = RED.replace("The sum", "The sum, as I said")
    saving = f"""
        import pathlib
        import pytest

        @pytest.fixture(scope="session", autouse=True)
        def editor():
            yield
            pathlib.Path(__file__).with_name("add.rs").write_text({saved!r})
        """
    add = example({**FILES, "conftest.py": saving})
    ran = add.run("--evolve", answers=[RIGHT], code=1, outcomes={"passed": 2}, changed={"add.rs": saved})
    assert (
        "add.rs: changed after this session had read it; run again to start from what is there now"
        in _clean(ran)
    )


def test_a_file_that_appears_meanwhile_is_left_alone(example: NewExample) -> None:
    declared = TESTS.replace(
        'evolvable("add.rs::add")', 'evolvable("fn add(a: i64, b: i64) -> i64", file="add.rs")'
    )
    writing = declared.replace(
        "    assert add(0, 0) == 0",
        "    assert add(0, 0) == 0\n    open(__file__[:-11] + 'add.rs', 'w').close()",
    )
    add = example({"test_add.py": writing})
    ran = add.run("--evolve", answers=[RIGHT], code=1, outcomes={"passed": 2}, changed={"add.rs": ""})
    assert "add.rs: appeared after this session had found no such file; run again to start from it" in _clean(
        ran
    )


@pytest.mark.parametrize("args", [(), ("--evolve",)])
@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ("evolve(42)", "its evolve marker names 42, which is no evolvable; pass what evolvable(...) returned"),
        ("evolve('add')", "its evolve marker names 'add', which is no evolvable; pass what evolvable(...) returned"),
        ("evolve(add, holdout='yes')", "evolve marker: holdout='yes' is not valid; use True or False"),
        ("evolve(add, weight=0)", "evolve marker: weight=0 is not valid; use a number above 0"),
        ("evolve(add, weight=True)", "evolve marker: weight=True is not valid; use a number above 0"),
        ("evolve(add, timeout=-1)", "evolve marker: timeout=-1 is not valid; use seconds above 0"),
        ("evolve(add, profile='fast')", "evolve marker: profile='fast' is not valid; choose from trial, promotion"),
        ("evolve(add, prompt=1)", "evolve marker: prompt=1 is not valid; use a text"),
        ("evolve(add, wieght=2)", "unknown argument 'wieght' in marker; it is evolve(*targets, holdout=False, "),
    ],
)  # fmt: skip
def test_a_wrong_marker(example: NewExample, args: tuple[str, ...], marker: str, message: str) -> None:
    tests = TESTS.replace("evolve(add)\ndef test_adds", f"{marker}\ndef test_adds")
    line = _usage(example({**FILES, "test_add.py": tests}).run(*args, answers=[], code=4))
    assert line.startswith("ERROR: test_add.py::test_adds: ")
    assert message in line


def test_a_bare_marker_on_a_test_that_calls_nothing(example: NewExample) -> None:
    tests = TESTS + "\n@pytest.mark.evolve\ndef test_nothing():\n    pass\n"
    line = _usage(example({**FILES, "test_add.py": tests}).run("--evolve", answers=[], code=4))
    assert line == (
        "ERROR: test_add.py::test_nothing: its evolve marker names no target, and it is not seen to call one; write "
        "@pytest.mark.evolve(target) with what evolvable(...) returned"
    )


def test_a_suite_that_tests_nothing(example: NewExample) -> None:
    tests = """
        import pytest
        from pytest_symbiont import evolvable

        add = evolvable("add.rs::add")

        @pytest.mark.evolve(add)
        def test_{name}():
            {body}
        """
    for body, message in (
        ("pass", "no test of the suite calls `add`: it stays green whatever the body is; test the function"),
        ("assert 1 == 2", "no test calls `add`, and one fails for another reason, which no body can mend:"),
        ("try: add(1, 2)\n            except Exception: pass",
         "the suite stays green when `add` panics, so any body would do; assert on what it returns or changes"),
    ):  # fmt: skip
        files = {"add.rs": RED, "test_add.py": tests.replace("{name}", "it").replace("{body}", body)}
        again = "--evolve-again" if "Exception" in body else "--evolve"
        ran = example(files).run(again, answers=[], code=1)
        assert message in _clean(ran)


def test_an_interrupted_run_leaves_the_file_whole_and_says_so(example: NewExample) -> None:
    tests = TESTS.replace(
        "    assert add(0, 0) == 0",
        "    if add(0, 0) == -1:\n        raise KeyboardInterrupt\n    assert add(0, 0) == 0",
    )
    stop = rust("pub fn add(a: i64, b: i64) -> i64 { a + b - 1 }")
    ran = example({**FILES, "test_add.py": tests}).run("--evolve", answers=[stop], code=2, subprocess=True)
    assert "add.rs::add: interrupted after" in ran.summary
    assert "its file is untouched" in ran.summary
