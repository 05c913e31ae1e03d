"""One target as Python calls it."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from pytest_symbiont.bridge import arguments, direct, glue
from pytest_symbiont.bridge import callable as callables
from pytest_symbiont.bridge.answers import answers_of
from pytest_symbiont.bridge.arguments import Buffer, Packed
from pytest_symbiont.bridge.codec import Codec
from pytest_symbiont.bridge.misfit import cut, told
from pytest_symbiont.bridge.objects import held_by
from pytest_symbiont.bridge.panic import raise_panic
from pytest_symbiont.bridge.plan import ParameterPlan, Plan, plan
from pytest_symbiont.bridge.program import LETTERS
from pytest_symbiont.bridge.reply import Panicked, Refused, decode
from pytest_symbiont.bridge.resumed import Kept, RustClosure, RustIterator, awaited
from pytest_symbiont.bridge.route import LocalRoute
from pytest_symbiont.bridge.scalars import unpack_list
from pytest_symbiont.bridge.shapes import Function as FunctionShape
from pytest_symbiont.errors import RustCrash, RustTimeout, SymbiontError
from pytest_symbiont.source.values import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from types import ModuleType

    from pytest_symbiont.bridge.answers import Answers
    from pytest_symbiont.bridge.arguments import Passed
    from pytest_symbiont.bridge.callee import Callee
    from pytest_symbiont.bridge.evolving import EvolvingFile
    from pytest_symbiont.bridge.home import LocalHome, RemoteHome
    from pytest_symbiont.bridge.instrument import Instrument
    from pytest_symbiont.bridge.objects import Held
    from pytest_symbiont.bridge.reply import Reply
    from pytest_symbiont.bridge.resumed import GoesOn
    from pytest_symbiont.bridge.revision import Revision
    from pytest_symbiont.bridge.route import Route
    from pytest_symbiont.build.builder import Entry
    from pytest_symbiont.source.values import Function

_SHOWN = 200
# What pytest leaves out of its tracebacks: the frames of this module.
__tracebackhide__ = True


class Handle:
    """The complete call: arrange, convert, call by the current route, bring results back.

    The object that tests hold is a `RustFunction` around it, which does the common cases of an active
    revision itself and leaves everything else to this. ``pinned`` is the
    revision of a handle that never follows a swap. ``kept_out`` says that its body must not run in this
    process: it lost, and may hang.
    """

    def __init__(self, file: EvolvingFile, callee: Callee, *, pinned: Revision | None = None) -> None:
        self._start(file, callee, pinned)
        self.plan: Plan = plan(callee, file.source.path.name, file.types)
        self.codec = Codec(self.plan, file.converters)
        self.__signature__ = arguments.signature(self.plan)

    def _start(self, file: EvolvingFile, callee: Callee, pinned: Revision | None = None) -> None:
        function = callee.function
        self.file = file
        self.callee = callee
        self.path = function.path
        self.route: Route | None = None
        self.revision: Revision = pinned or file.current
        self.pinned = pinned
        self._calls = 0
        self.kept_out = False
        self.refused = ""
        self.callable: Any = None
        self.extension: ModuleType | None = None
        self.instruments: dict[str, Instrument] = {}
        self._shim: Path | None = None
        self.__qualname__ = function.path.replace("::", ".")
        self.__module__ = file.source.path.stem
        self.__doc__ = function.doc or None

    @property
    def has_entry(self) -> bool:
        """Whether builds have an entry for it: an outline is called through others."""
        return True

    @property
    def calls(self) -> int:
        """How many calls came here."""
        return self._calls

    def count(self) -> None:
        """Note one more call."""
        self._calls += 1

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        self.count()
        self.refuse()
        values = arguments.arrange(self.plan, args, kwargs)
        if self.plan.objects:
            return self._with_objects(values)
        passed = arguments.encode(self.plan, values, self.codec)
        route = self.route or self.file.activate(self, self.revision)
        reply = _replied(answers_of(passed), lambda: route.call(self, passed))
        return self._result(route, reply, values, passed)

    def _with_objects(self, values: Sequence[Any]) -> Any:
        """A call with values that stay in Rust: they are sent to, and come from, where it goes."""
        route = self.route or self.file.activate(self, self.revision)
        home = route.home_of(self)
        if home is None:
            return self._result(route, route.call(self, []), values, [])
        with self.file.objects.calling(home) as sent:
            passed = arguments.encode(self.plan, values, self.codec)
            reply = _replied(answers_of(passed), lambda: route.call(self, passed))
            if not isinstance(reply, Refused):
                for held in self._moved(tuple(sent), values):
                    held.moved(f"`{self.plan.name}`")
            result = self._result(route, reply, values, passed)
            if self.plan.returns.goes_on is not None:
                return self._going_on(self.plan.returns.goes_on, route, home, result, passed)
        return values[0] if self.plan.chained else result

    def _going_on(
        self, going: GoesOn, route: Route, home: LocalHome | RemoteHome, number: int, passed: Sequence[Passed]
    ) -> Any:
        """What Python holds of a result that goes on in Rust."""
        revision = route.revision if isinstance(route, LocalRoute) else self.revision

        def resume(number: int, data: bytes, answers: Answers | None) -> bytes:
            reply = _replied(answers, lambda: home.resume(number, data, answers))
            if answers is not None:
                answers.settle(goes_on=True)
            if isinstance(reply, Panicked):
                raise_panic(reply, revision, self.function)
            if isinstance(reply, Refused):
                raise reply.error(self.plan.name)
            return reply.data or b""

        kept = Kept(self.plan.name, self.codec, going.shape, home, number, resume, answers_of(passed))
        if going.is_future:
            return awaited(kept)
        return RustClosure(kept) if isinstance(going.shape, FunctionShape) else RustIterator(kept)

    def _moved(self, sent: Sequence[Held], values: Sequence[Any]) -> list[Held]:
        """The objects that a call has taken: all that were sent, but for those that were lent."""
        lent = {
            held_by(value)
            for parameter, value in zip(self.plan.parameters, values, strict=True)
            if parameter.passed in {"lent", "lent_mutable"}
        }
        return [held for held in sent if held not in lent]

    def _result(self, route: Route, reply: Reply, values: Sequence[Any], passed: Sequence[Passed]) -> Any:
        """What a reply is in Python: a value, or an exception."""
        revision = route.revision if isinstance(route, LocalRoute) else self.revision
        arguments.finish(self.plan, passed)
        if (answers := answers_of(passed)) is not None:
            answers.settle(goes_on=bool(self.plan.returns.goes_on))
        if isinstance(reply, Panicked):
            raise_panic(reply, revision, self.function)
        if isinstance(reply, Refused):
            raise reply.error(self.plan.name)
        if self.plan.returns.kind == "packed":
            failed = any(reply.scalar)
            return self.codec.unpack(reply.data or b"", failed=failed, values=values)
        return decode(self.plan.returns, reply)

    def __repr__(self) -> str:
        return f"<Rust function {self.label}>"

    @property
    def label(self) -> str:
        return f"{self.file.source.path.name}::{self.callee.key}"

    @property
    def function(self) -> Function:
        return self.file.function(self.path) if self.callee.written else self.callee.function

    @property
    def target(self) -> Target:
        return Target(self.file.source, self.function)

    @property
    def index(self) -> int:
        """Which of its file's entries this is."""
        return self.file.index(self.file.handles[self.callee.key] if self.pinned else self)

    @property
    def settled(self) -> bool:
        """Nothing is against calling it unoptimised."""
        return False

    def refuse(self) -> None:
        """Raise `SymbiontError` where rustc refuses the call itself."""
        if self.refused:
            raise SymbiontError(f"{self.label}: rustc does not take a call of it: {self.refused}")

    @property
    def entry(self) -> Entry:
        return glue.no_entry() if self.refused else self._entry

    @cached_property
    def _entry(self) -> Entry:
        return glue.entry(self.plan, self.file.types)

    def shim(self) -> Path:
        """The library that calls this signature."""
        if self._shim is None:
            self._shim = self.file.workbench.builder.shim(self.entry.shim)
        return self._shim

    def panicked(self, revision: Revision) -> None:
        """Raise this thread's last panic, of a call of ``revision`` that the callable made itself."""
        raise_panic(self.file.workbench.runtime.panic(), revision, self.function)

    def called_with(self, passed: Sequence[Passed]) -> str:
        """The call as Rust text, shortened, for messages: ``sort(xs=[3, 1, 2])``."""
        shown = []
        arguments_ = iter(passed)
        packed = next((argument.values for argument in passed if isinstance(argument, Packed)), {})
        for parameter in self.plan.parameters:
            argument = next(arguments_) if parameter.kind != "packed" else None
            if argument is None:
                value = packed.get(parameter.name)
                named = getattr(value, "__name__", None) if parameter.python == "callable" else None
                text = named if isinstance(named, str) else told(value, _SHOWN)
            elif isinstance(argument, Buffer):
                text = _shown_buffer(argument, parameter.kind == "text", parameter.element)
            else:
                text = repr(parameter.element.unpack(argument))
            shown.append(f"{parameter.name}={text}")
        return f"{self.plan.name}({', '.join(shown)})"

    @contextmanager
    def through(self, route: Route, revision: Revision) -> Iterator[None]:
        """Send every call by ``route`` for a while, also those that the callable would do itself."""
        before = self.route, self.revision
        self.unbind()
        self.route, self.revision = route, revision
        try:
            yield
        finally:
            self.route, self.revision = before
            if isinstance(self.route, LocalRoute):
                self.bind()

    def bind(self) -> None:
        """Let the callable do the common cases of the active revision itself."""
        local = self.route
        if not isinstance(local, LocalRoute) or self.plan.objects or self.plan.asks:
            return
        runtime = self.file.workbench.runtime
        panicked = partial(self.panicked, local.revision)
        if self.extension is not None:
            self.extension.bind(
                self.callable,
                slot=local.slot,
                call=local.function,
                free=runtime.function("symbiont_free"),
                parameters=self._codes[0],
                returns=self._codes[1],
                panicked=panicked,
                **self.codec.native(self.extension),
            )
        elif direct_call := direct.make(self.plan, runtime, local, self, panicked):
            callables.bind(self.callable, direct_call)

    def unbind(self) -> None:
        """Send every call here."""
        if self.extension is not None:
            self.extension.unbind(self.callable)
        elif self.callable is not None:
            callables.unbind(self.callable)

    @cached_property
    def _codes(self) -> tuple[bytes, bytes]:
        """The C callable's letters for this signature: the parameters', the result's."""
        parameters = "".join(map(_code, self.plan.parameters))
        return parameters.encode(), _return_code(self.plan).encode()


def _replied(answers: Answers | None, call: Callable[[], Reply]) -> Reply:
    """The reply to a call; what a callable raised comes before what that did to the call."""
    if answers is None:
        return call()
    failure: RustCrash | RustTimeout
    try:
        return call()
    except (RustCrash, RustTimeout) as error:
        failure = error
    try:
        answers.settle()
        raise failure
    finally:
        del failure  # it would hold this frame, which would hold it


def _code(parameter: ParameterPlan) -> str:
    """The C callable's two letters for a parameter; `xx` is one that it leaves to Python."""
    if parameter.kind == "text":
        return "tt"
    if parameter.kind == "packed" and not parameter.back:
        return "pp"
    if parameter.kind in {"cell", "packed"} or parameter.element.rust not in LETTERS:
        return "xx"
    return {"scalar": "s", "read": "r", "write": "w"}[parameter.kind] + LETTERS[parameter.element.rust]


def _return_code(plan: Plan) -> str:
    returns = plan.returns
    if returns.kind in {"unit", "text", "packed"}:
        return {"unit": "vv", "text": "tt", "packed": "pp"}[returns.kind]
    if returns.element.rust not in LETTERS:
        return "xx"
    return {"scalar": "s", "list": "l"}[returns.kind] + LETTERS[returns.element.rust]


def _shown_buffer(buffer: Buffer, text: bool, element: Any) -> str:
    if text:
        shown = repr(bytes(buffer.memory).decode("utf-8"))
    else:
        count = min(buffer.count, 32)
        values = unpack_list(bytes(buffer.memory[: count * element.size]), element)
        more = f", … {buffer.count} in all" if buffer.count > count else ""
        shown = f"[{', '.join(map(repr, values))}{more}]"
    return cut(shown, _SHOWN)
