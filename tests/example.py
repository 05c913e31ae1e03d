"""A folder of files in which pytest runs with the plugin, so that an end-to-end test is five lines long.

    def test_goes_green(example: NewExample) -> None:
        gcd = example({"gcd.rs": RED, "test_gcd.py": TESTS})
        ran = gcd.run("--evolve", answers=[rust(WRONG), rust(GREEN)], changed={"gcd.rs": GREEN})
        assert "fails" in ran.prompt(1)

`example` is a fixture of conftest.py. Files are texts (dedented, without the first line break) or bytes
(as they are). `run` is strict unless told otherwise: exit code 0, no file changed, and exactly the scripted
answers asked for. It returns what was printed and every request that the server received. Its keywords:

- ``answers``: what the scripted model server of model_server.py says; without, there is no server
- ``outcomes``: exactly pytest's own counts; without, they are not checked
- ``code``: the exit code
- ``changed``: file name → text or bytes afterwards; None where it is gone, `...` for any content;
  `...` in place of all that, where the test itself looks at them. A ``symbiont.lock`` beside
  a Rust file that changed need not be named
- ``requests``: how many; without, the number of answers
- ``repeat``: the last answer for ever; then ``requests`` is not checked unless given
- ``env``: variables on top; None removes one
- ``subprocess``: a process of its own (Ctrl-C, output by descriptor); without, it is this one, and faster

Runs turn warnings into errors; `-W default` among the arguments undoes that.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import walk_packages
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from asking import ask
from model_server import Fault, ModelServer, Received, Scripted

import pytest_symbiont
from pytest_symbiont.models.anthropic import anthropic_model
from pytest_symbiont.models.openai import openai_model
from pytest_symbiont.models.values import Message, Position, Request

if TYPE_CHECKING:
    from pathlib import Path
    from types import EllipsisType

Content = str | bytes
NewExample = Callable[[Mapping[str, Content]], "Example"]

_PLUGIN = "pytest_symbiont.plugin"
# What Python, pytest, hypothesis and pytester's subprocesses leave.
_CACHES = {"__pycache__", ".pytest_cache", ".hypothesis", "stdout", "stderr"}


def rust(code: str) -> str:
    """An answer as models give it: a word and a fenced block."""
    return f"Here it is.\n\n```rust\n{dedent(code).strip()}\n```"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run said and asked. ``requests`` are in order, `prompt` counts from 0."""

    result: pytest.RunResult
    requests: tuple[Received, ...]

    @property
    def out(self) -> str:
        return str(self.result.stdout)

    @property
    def err(self) -> str:
        return str(self.result.stderr)

    def prompt(self, number: int) -> str:
        """Every message of a request in one text."""
        return "\n\n".join(message["content"] for message in self.requests[number].body["messages"])

    def last_message(self, number: int) -> str:
        """The last message of a request: the feedback, from the second request of a line on."""
        content = self.requests[number].body["messages"][-1]["content"]
        assert isinstance(content, str)
        return content

    @property
    def summary(self) -> str:
        """The section `symbiont` at the end."""
        _, found, rest = self.out.rpartition("= symbiont =")
        return rest if found else ""


class Example:
    """Files, and runs of pytest over them; ``path`` is their folder."""

    def __init__(self, pytester: pytest.Pytester, files: Mapping[str, Content]) -> None:
        self.path: Path = pytester.path
        self._pytester = pytester
        self.write(files)

    def write(self, files: Mapping[str, Content]) -> None:
        """Add or replace files."""
        for name, content in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_bytes(content))

    def read(self, name: str) -> str:
        """A file's text, line ends as they are."""
        return (self.path / name).read_bytes().decode()

    def files(self) -> dict[str, bytes]:
        """Everything below the folder, caches of Python, pytest and hypothesis left out."""
        found: dict[str, bytes] = {}
        for path in sorted(self.path.rglob("*")):
            parts = path.relative_to(self.path).parts
            temporary = _CACHES.intersection(parts) or parts[0].startswith("runpytest-")
            if path.is_file() and not temporary:
                found["/".join(parts)] = path.read_bytes()
        return found

    def run(
        self,
        *args: str,
        answers: Sequence[Scripted] | None = None,
        outcomes: Mapping[str, int] | None = None,
        code: int = 0,
        changed: Mapping[str, Content | EllipsisType | None] | EllipsisType | None = None,
        requests: int | None = None,
        repeat: bool = False,
        env: Mapping[str, str | None] | None = None,
        subprocess: bool = False,
    ) -> Ran:
        """Run pytest once and hold it to what is said; see the top of this file."""
        before = self.files()
        received: list[Received] = []
        with ExitStack() as stack:
            patch = stack.enter_context(pytest.MonkeyPatch.context())
            if answers is not None:
                server = stack.enter_context(ModelServer(answers, repeat=repeat))
                patch.setenv("OPENAI_BASE_URL", server.url)
                received = server.requests
            for name, value in (env or {}).items():
                if value is None:
                    patch.delenv(name, raising=False)
                else:
                    patch.setenv(name, value)
            # Sources of the same size may be written twice in a second.
            patch.setattr(sys, "dont_write_bytecode", True)
            patch.setenv("PYTHONDONTWRITEBYTECODE", "1")
            result = self._subprocess(args) if subprocess else self._in_process(args)
        ran = Ran(result, tuple(received))
        assert result.ret == code, f"exit code {result.ret}, expected {code}"
        if outcomes is not None:
            assert result.parseoutcomes() == dict(outcomes)
        if changed is not ...:
            found = _changes(before, self.files())
            _forget_locks(found, changed or {})
            assert found == {
                name: found.get(name, "unchanged")
                if content is ...
                else None
                if content is None
                else _shown(_bytes(content))
                for name, content in (changed or {}).items()
            }
        if requests is None and not repeat:
            requests = len(answers or ())
        if requests is not None:
            assert len(ran.requests) == requests, f"{len(ran.requests)} requests, expected {requests}"
        return ran

    def _in_process(self, args: Sequence[str]) -> pytest.RunResult:
        plugins = [] if _installed() else [sys.modules[_PLUGIN]]
        return self._pytester.runpytest_inprocess("-W", "error", *args, plugins=plugins)

    def _subprocess(self, args: Sequence[str]) -> pytest.RunResult:
        return self._pytester.runpytest_subprocess(*plugin_arguments(), "-W", "error", *args, timeout=120)


def plugin_arguments() -> tuple[str, ...]:
    """What pytest's command line needs to load the plugin: nothing, where it is installed."""
    return () if _installed() else ("-p", _PLUGIN)


def _installed() -> bool:
    return any(point.value == _PLUGIN for point in entry_points(group="pytest11"))


def import_all() -> None:
    """Import once what a run would: pytester forgets every module that is imported after it has begun."""
    for module in walk_packages(pytest_symbiont.__path__, "pytest_symbiont."):
        import_module(module.name)
    for name in ("anthropic", "cffi", "hypothesis", "numpy", "openai", "rich.console", "rich.status"):
        import_module(name)
    # The SDKs import their transport when they are used, and compare exceptions by identity.
    with ModelServer(["first words", Fault(200, {"content": []})]) as server:
        request = Request((Message("user", "?"),), Position("warm-up", 1), 8, 0.0, 0)
        ask(openai_model("scripted", server.url, "no-key"), request)
        ask(anthropic_model("scripted", server.url.removesuffix("/v1"), "no-key"), request)


def _bytes(content: Content) -> bytes:
    return content if isinstance(content, bytes) else dedent(content.removeprefix("\n")).encode()


def _changes(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> dict[str, Content | None]:
    names = sorted(before.keys() | after.keys())
    return {
        name: _shown(after[name]) if name in after else None
        for name in names
        if before.get(name) != after.get(name)
    }


def _forget_locks(found: dict[str, Content | None], named: Mapping[str, object]) -> None:
    """A lock comes with every body that is written; what is in it is tested with ``--evolve-check``."""
    folders = {name.rpartition("/")[0] for name in found if name.endswith(".rs")}
    for name in [name for name in found if name.rpartition("/")[2] == "symbiont.lock" and name not in named]:
        if name.rpartition("/")[0] in folders:
            del found[name]


def _shown(content: bytes) -> Content:
    """As text where it is text, so that pytest shows a readable difference."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content
