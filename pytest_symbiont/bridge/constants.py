"""The public constants of a Rust file, as Python values.

No body changes them, so they are read from what is on disk, in a build of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_symbiont.bridge import glue
from pytest_symbiont.bridge.codec import Codec
from pytest_symbiont.bridge.plan import constant
from pytest_symbiont.bridge.reply import decode
from pytest_symbiont.bridge.resolve import Unsupported
from pytest_symbiont.bridge.route import LocalRoute
from pytest_symbiont.build.builder import BuildFailure
from pytest_symbiont.errors import CompileError, SymbiontError

if TYPE_CHECKING:
    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.plan import Plan

# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True


class Constants:
    """The constants of one file, by path."""

    def __init__(self, file: EvolvingFile) -> None:
        self._file = file
        self._routes: dict[str, LocalRoute] = {}

    def __getitem__(self, path: str) -> Any:
        """The value, a new one at each use. Raises `SymbiontError` where it cannot be carried."""
        plan = self._plan(path)
        if path not in self._routes:
            self._routes[path] = self._route(plan)
        reply = self._routes[path].read()
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

    def _route(self, plan: Plan) -> LocalRoute:
        revision = self._file.revisions[0]
        builder, runtime = self._file.workbench.builder, self._file.workbench.runtime
        entry = glue.entry(plan, self._file.types)
        build = builder.build(revision.text, self._file.source.path.name, [entry], revision.profile)
        if isinstance(build, BuildFailure):
            raise CompileError(build.text)
        slot = runtime.slot()
        runtime.store(slot, runtime.load(build.library, build.symbols[0]))
        return LocalRoute(runtime, revision, slot, runtime.load(builder.shim(entry.shim), "symbiont_call"))
