"""The public constants of a Rust file, as Python values.

No body changes them, so they are read from what is on disk, in a build of their own.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from pytest_symbiont.bridge import glue
from pytest_symbiont.bridge.codec import Codec
from pytest_symbiont.bridge.plan import constant
from pytest_symbiont.bridge.reply import Returned, decode
from pytest_symbiont.bridge.resolve import Unsupported
from pytest_symbiont.bridge.route import LocalRoute
from pytest_symbiont.build.builder import BuildFailure
from pytest_symbiont.errors import CompileError, SymbiontError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pytest_symbiont.bridge.arguments import Passed
    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.plan import Plan
    from pytest_symbiont.bridge.reply import Reply
    from pytest_symbiont.bridge.revision import Revision
    from pytest_symbiont.build.builder import Build

# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True


class Constant:
    """One constant, as a worker calls it."""

    index = 0
    settled = True

    def __init__(self, file: EvolvingFile, plan: Plan) -> None:
        self.file = file
        self.plan = plan
        self._entry = glue.entry(plan, file.types)

    @property
    def revision(self) -> Revision:
        """What was on disk."""
        return self.file.revisions[0]

    def build(self) -> Build | BuildFailure:
        return self.file.compile(self.revision.text, [self._entry], self.revision.profile, trusted=False)

    def shim(self) -> Path:
        return self.file.workbench.builder.shim(self._entry.shim)

    def called_with(self, passed: Sequence[Passed]) -> str:  # noqa: ARG002 - it takes nothing
        return self.plan.name


class Constants:
    """The constants of one file, by path."""

    def __init__(self, file: EvolvingFile) -> None:
        self._file = file
        self._readers: dict[str, Callable[[], Reply]] = {}

    def __getitem__(self, path: str) -> Any:
        """The value, a new one at each use. Raises `SymbiontError` where it cannot be carried."""
        plan = self._plan(path)
        if path not in self._readers:
            self._readers[path] = self._reader(Constant(self._file, plan))
        reply = self._readers[path]()
        if not isinstance(reply, Returned):
            raise SymbiontError(f"{self._file.source.path.name}: {path} could not be read")
        if plan.returns.kind == "packed":
            codec = Codec(plan, self._file.converters)
            return codec.unpack(reply.data or b"", failed=any(reply.scalar), values=())
        return decode(plan.returns, reply)

    def _plan(self, path: str) -> Plan:
        declaration = self._file.types.declarations.by_path[path]
        try:
            return constant(declaration.name, path, declaration.type, self._file.types)
        except Unsupported as reason:
            where = f"{self._file.source.path.name}:{declaration.line}: {path}"
            raise SymbiontError(f"{where}: `{declaration.type}`: {reason}") from None

    def _reader(self, read: Constant) -> Callable[[], Reply]:
        workbench = self._file.workbench
        if workbench.isolation.strict and workbench.elsewhere is not None:
            return partial(workbench.elsewhere(read).call, read, ())
        build = read.build()
        if isinstance(build, BuildFailure):
            raise CompileError(build.text)
        runtime = workbench.runtime
        slot = runtime.slot()
        runtime.store(slot, runtime.load(build.library, build.symbols[0]))
        return LocalRoute(runtime, read.revision, slot, runtime.load(read.shim(), "symbiont_call")).read
