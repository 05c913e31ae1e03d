"""Functions inside of a Cargo package."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from example import rust

from cargo.package import FILES, PARSE, TESTS
from pytest_symbiont.evolution import candidate

if TYPE_CHECKING:
    from example import NewExample

FILE = "src/inner/parse.rs"
BODY = "crate::inner::text::trimmed(s).parse::<u64>().unwrap_or(0) + helper::twice(0)"
WRITTEN = PARSE.replace("todo!()", BODY)


def number(body: str) -> str:
    return rust(f"fn number(s: &str) -> u64 {{ {body} }}")


def test_a_private_function_evolves_in_its_package(example: NewExample) -> None:
    package = example({**FILES, "tests/test_number.py": TESTS})
    ran = package.run(
        "--evolve",
        answers=[
            number('std::fs::read_to_string("Cargo.toml").unwrap().len() as u64'),
            number('println!("{:?}", option_env!("GREETING")); 0'),
            number("super::text::nothing(s)"),
            number("s.parse().unwrap()"),
            number(BODY),
        ],
        outcomes={"passed": 2},
        changed={FILE: WRITTEN, "Cargo.lock": ...},
    )
    assert "isolation: worker (landlock 7, seccomp, rlimits); my-parse has the whole std" in ran.out
    assert "edition 2021, its standard library and what the file's package has: its items, by `crate::`" in (
        ran.prompt(0)
    )
    assert "and the crates helper, mac. No other crates, no `unsafe`" in ran.prompt(0)
    assert f"This is {FILE}:" in ran.prompt(0)
    assert "uses `std::fs`, which is not allowed here" in ran.last_message(1)
    assert "uses `option_env!`, which is not allowed here" in ran.last_message(2)
    assert "cannot find function `nothing` in module `super::text`" in ran.last_message(3)
    assert "called `Result::unwrap()` on an `Err` value" in ran.last_message(4)
    assert "> " in ran.last_message(4), "the line that panicked is shown"
    assert "canary-of-the-package" not in "".join(str(request.body) for request in ran.requests)
    # It is the package's own function now, in its own build.
    cargo = shutil.which("cargo")
    assert cargo
    tested = subprocess.run(
        [cargo, "test", "--offline", "--quiet", "--lib"], cwd=package.path, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert "1 passed" in tested.stdout, tested.stderr
    shutil.rmtree(package.path / "target")
    package.run("--evolve-isolation=strict", outcomes={"passed": 2})


def test_what_features_and_types_a_package_has_is_there(example: NewExample) -> None:
    tests = """
        import pytest
        from pytest_symbiont import CompileError, RustPanic, evolvable

        here = {"crate": "..", "features": ["twice"]}
        double = evolvable("src/inner/parse.rs::double", **here)
        Tally = evolvable("src/inner/parse.rs::Tally", **here)
        total = evolvable("src/inner/parse.rs::total", **here)

        def test_all():
            assert double(21) == 42
            tally = Tally.default()
            assert [tally.add(2), tally.add(3)] == [2, 5]
            with pytest.raises(RustPanic, match=r"not yet implemented \\(src/inner/parse.rs:12:5\\)"):
                total("1")
        """
    example({**FILES, "tests/test_all.py": tests}).run(outcomes={"passed": 1}, changed={"Cargo.lock": ...})


def test_a_body_on_disk_that_does_not_compile_evolves(example: NewExample) -> None:
    broken = PARSE.replace("todo!()", "missing(s)")
    package = example({**FILES, FILE: broken, "tests/test_number.py": TESTS})
    ran = package.run(outcomes={"failed": 2}, code=1, changed={"Cargo.lock": ...})
    assert "cannot find function `missing` in this scope" in ran.out
    package.run("--evolve", answers=[number(BODY)], outcomes={"passed": 2}, changed={FILE: WRITTEN})


def test_without_a_screen_jail_and_worker_hold(example: NewExample, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidate, "screen", lambda *_, **__: None)
    package = example({**FILES, "tests/test_number.py": TESTS})
    secret = package.path / ".env"
    ran = package.run(
        "--evolve",
        answers=[
            number(f'include_str!("{secret}").len() as u64'),
            number('include_str!("../../.env").len() as u64'),
            number(f'std::fs::read("{secret}").unwrap().len() as u64'),
            number(BODY),
        ],
        outcomes={"passed": 2},
        changed={FILE: WRITTEN, "Cargo.lock": ...},
    )
    assert "couldn't read" in ran.last_message(1)
    assert "couldn't read" in ran.last_message(2)
    assert "tried to open a file" in ran.last_message(3)
    said = ran.out + "".join(str(request.body) for request in ran.requests)
    assert "canary-of-the-package" not in said


DECLARED = 'from pytest_symbiont import evolvable\nnumber = evolvable("src/inner/parse.rs::number", {0})\n'
LIBRARY = '[package]\nname = "a"\nversion = "0.1.0"\nedition = "{0}"\n'
TWO_MAINS = {"src/bin/one.rs": "fn main() {}", "src/bin/two.rs": "fn main() {}"}


@pytest.mark.parametrize(
    ("files", "declaration", "problem"),
    [
        ({}, 'crate="nowhere"', "there is no Cargo.toml in {0}/tests/nowhere; name the folder of a package"),
        ({"Cargo.toml": '[workspace]\nmembers = ["mac"]\n'}, 'crate=".."', "is of a workspace; name the"),
        ({"Cargo.toml": "[package"}, 'crate=".."', "cargo cannot read {0}/Cargo.toml: error: "),
        ({"more/Cargo.toml": LIBRARY.format(2021)}, 'crate="../more"', "cargo cannot read {0}/more/"),
        ({"src/inner/parse.rs": None}, 'crate=".."', "no such file (looked for {0}/src/inner/parse.rs)"),
        ({"mac/src/inner/parse.rs": PARSE}, 'crate="../mac"', "mac is a crate of proc macros"),
        ({"Cargo.toml": LIBRARY.format(2015)}, 'crate=".."', "a has edition 2015, which crate= does not"),
        (
            {"Cargo.toml": LIBRARY.format(2021), "src/lib.rs": None, **TWO_MAINS},
            'crate=".."',
            "a has no library, and nobody knows to which of its binaries (one, two) parse.rs belongs",
        ),
        ({}, 'features=["twice"]', "features=...): say of which package, crate=..."),
        ({}, 'file="a.rs", crate=".."', "name a function that the package has"),
    ],
)  # fmt: skip
def test_what_is_no_package_is_said_at_once(
    example: NewExample, files: dict[str, str | None], declaration: str, problem: str
) -> None:
    given = {**FILES, **files, "tests/test_number.py": DECLARED.format(declaration)}
    package = example({name: text for name, text in given.items() if text is not None})
    ran = package.run("--evolve", answers=[], code=2)
    assert problem.format(package.path) in " ".join(ran.out.replace("E   ", "").split())


def test_what_cargo_cannot_build_costs_nothing(example: NewExample) -> None:
    files = {**FILES, "helper/src/lib.rs": "fn broken( {", "tests/test_number.py": TESTS}
    ran = example(files).run("--evolve", answers=[], code=4, changed={"Cargo.lock": ...})
    assert (
        "cargo cannot build what my-parse needs: error: this file contains an unclosed delimiter" in ran.err
    )
    assert "run `cargo build` in" in ran.err


def test_one_file_is_of_one_package(example: NewExample) -> None:
    other = DECLARED.format('crate=".."') + DECLARED.format('crate="..", features="twice"')
    ran = example({**FILES, "tests/test_number.py": other}).run(code=2)
    assert "parse.rs was declared in two ways" in ran.out
