"""What `callable.c` does where there is no C compiler: the common cases of a call, without the handle.

For every signature a Python function is put together that checks the types of its arguments, writes them
into a frame and calls Rust. Whatever else comes (keywords, a list for a slice, an int out of range) goes
unchanged to the handle, which converts it or raises the right error. cffi checks the range of an integer when
it is stored.
"""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from pytest_symbiont.bridge.reply import Returned, decode

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

    from pytest_symbiont.bridge.plan import ParameterPlan, Plan, ReturnPlan
    from pytest_symbiont.bridge.route import LocalRoute
    from pytest_symbiont.bridge.runtime import Runtime

_C_TYPES = {
    "i8": "int8_t", "u8": "uint8_t", "i16": "int16_t", "u16": "uint16_t", "i32": "int32_t", "u32": "uint32_t",
    "i64": "int64_t", "u64": "uint64_t", "isize": "int64_t", "usize": "uint64_t", "f32": "float",
    "f64": "double", "bool": "_Bool", "char": "char32_t",
}  # fmt: skip
# A bool is no int, and a subclass may be anything. Beyond the bounds a finite value would be an infinite f32.
_CHECKS = {
    "int": "type({0}) is int",
    "float": "type({0}) is float",
    "f32": "type({0}) is float and -3.4028234663852886e38 <= {0} <= 3.4028234663852886e38",
    "bool": "type({0}) is bool",
    "char": 'type({0}) is str and len({0}) == 1 and not "\\ud800" <= {0} <= "\\udfff"',
    "text": "type({0}) is str",
}
_FAMILIES = {"signed": frozenset("bhilqn"), "unsigned": frozenset("BHILQN"), "float": frozenset("fd")}
_PREFIXES = ("", "@", "=", "<")
_DECLARING = Lock()

# One frame belongs to one call: other threads, and whatever runs in a signal handler, take another one.
_CALL = """
def call({parameters}*rest, **named):
    if {checks}not rest and not named:
        try:
            frame = pop()
        except IndexError:
            frame = new()
        try:
            {stores}
        except (OverflowError, TypeError, ValueError, BufferError):
            {release}
        else:
            status = invoke(slot, frame)
            {release}
            if status:
                panicked()
            result = {result}
            push(frame)
            return result
    return handle(*[value for value in [{arguments}*rest] if value is not missing], **named)
"""
_BORROW = """\
view{i} = memoryview(a{i})
            if view{i}.format not in formats{i} or view{i}.itemsize != size{i} or {unfit}:
                raise TypeError
            memory{i} = borrow(array{i}, view{i})
            frame.a{i} = memory{i}
            frame.n{i} = len(view{i})
            if frame.w{i} % size{i} and frame.n{i}:
                raise ValueError"""
_ENCODE = """\
memory{i} = borrow(array{i}, a{i}.encode())
            frame.a{i} = memory{i}
            frame.n{i} = len(memory{i})"""


def make(
    plan: Plan,
    runtime: Runtime,
    route: LocalRoute,
    handle: Callable[..., Any],
    panicked: Callable[[], object],
) -> Callable[..., Any] | None:
    """A function that calls what ``route`` reaches; None where the signature is the handle's business.

    ``handle`` gets the calls that it does not do itself; ``panicked`` is called after a panic, and raises.
    """
    if not _is_direct(plan):
        return None
    ffi = runtime.ffi
    frame_type = _frame_type(ffi, plan)
    frames: list[Any] = []
    namespace: dict[str, Any] = {
        "__tracebackhide__": True,
        "missing": object(),
        "handle": handle,
        "panicked": panicked,
        "slot": ffi.cast("void *", route.slot),
        "invoke": ffi.cast(ffi.typeof(f"uint32_t(*)(void *, {frame_type} *)"), route.function),
        "new": lambda: ffi.new(f"{frame_type} *"),
        "pop": frames.pop,
        "push": frames.append,
        "borrow": ffi.from_buffer,
        "taken": lambda frame: _taken(runtime, plan.returns, frame),
    }
    for index, parameter in enumerate(plan.parameters):
        namespace |= _facts(ffi, index, parameter)
    exec(_code(tuple(map(_step, plan.parameters)), plan.returns.kind), namespace)  # noqa: S102 - the text above
    made: Callable[..., Any] = namespace["call"]
    return made


def _is_direct(plan: Plan) -> bool:
    """Where Rust changes one of two buffers they may be the same memory: the handle finds out."""
    if plan.returns.kind == "packed":
        return False
    buffers = [parameter.kind for parameter in plan.parameters if parameter.kind in {"read", "write"}]
    if "write" in buffers and len(buffers) > 1:
        return False
    if plan.returns.kind == "scalar" and plan.returns.element.rust not in _C_TYPES:
        return False
    return all(
        parameter.kind == "text"
        or (parameter.kind == "scalar" and parameter.element.rust in _C_TYPES)
        or (parameter.kind in {"read", "write"} and _family(parameter) and parameter.element.rust in _C_TYPES)
        for parameter in plan.parameters
    )


def _family(parameter: ParameterPlan) -> str:
    """Of the elements that may lie in memory as they are; a byte that is neither 0 nor 1 is no bool."""
    element = parameter.element
    if element.family == "int":
        return "signed" if element.signed else "unsigned"
    return "float" if element.family == "float" else ""


def _step(parameter: ParameterPlan) -> str:
    """What is to be done with an argument: a key of `_CHECKS`, or the kind of a buffer."""
    if parameter.kind != "scalar":
        return parameter.kind
    return "f32" if parameter.element.rust == "f32" else parameter.element.family


@cache
def _code(steps: tuple[str, ...], returns: str) -> CodeType:
    checks, stores, held = [], [], []
    for index, step in enumerate(steps):
        if step in _CHECKS:
            checks.append(_CHECKS[step].format(f"a{index}"))
        if step in {"read", "write"}:
            unfit = f"view{index}.ndim != 1 or not view{index}.c_contiguous"
            unfit += f" or view{index}.readonly" if step == "write" else ""
            stores.append(_BORROW.format(i=index, unfit=unfit))
            held += [f"view{index}", f"memory{index}"]
        elif step == "text":
            stores.append(_ENCODE.format(i=index))
            held.append(f"memory{index}")
        else:
            stores.append(f"frame.a{index} = a{index}")
    names = [f"a{index}" for index in range(len(steps))]
    text = _CALL.format(
        parameters="".join(f"{name}=missing, " for name in names) + ("/, " if names else ""),
        arguments="".join(f"{name}, " for name in names),
        checks="".join(f"{check} and " for check in checks),
        stores="\n            ".join(stores) or "pass",
        # An array cannot grow while something looks at its memory, and a traceback keeps this frame alive.
        release=f"{' = '.join(held)} = None" if held else "pass",
        result={"unit": "None", "scalar": "frame.result"}.get(returns, "taken(frame)"),
    )
    return compile(text, "<a direct call of pytest-symbiont>", "exec")


def _facts(ffi: Any, index: int, parameter: ParameterPlan) -> dict[str, Any]:
    """What the text names by the number of a buffer."""
    if parameter.kind == "scalar":
        return {}
    element = parameter.element
    facts = {f"array{index}": ffi.typeof(f"{_C_TYPES[element.rust]}[]")}
    if parameter.kind != "text":
        codes = _FAMILIES[_family(parameter)]
        facts[f"formats{index}"] = {prefix + code for prefix in _PREFIXES for code in codes}
        facts[f"size{index}"] = element.size
    return facts


def _frame_type(ffi: Any, plan: Plan) -> str:
    """The name of the C type of this signature's words, as `native/runtime/src/frame.rs` has them."""
    name, fields = "frame", ""
    for index, parameter in enumerate(plan.parameters):
        element = parameter.element.rust
        if parameter.kind == "scalar":
            name += f"_{element}"
            fields += f"union {{ {_C_TYPES[element]} a{index}; uint64_t w{index}; }}; "
        else:
            name += f"_{element}s"
            fields += f"union {{ {_C_TYPES[element]} *a{index}; uint64_t w{index}; }}; uint64_t n{index}; "
    returned = plan.returns.element.rust if plan.returns.kind == "scalar" else "u64"
    outcome = f"union {{ {_C_TYPES[returned]} result; uint64_t r[2]; }}; "
    outcome += "void *data; uint64_t length, capacity, align;"
    name += f"_to_{returned}"
    with _DECLARING:
        if name not in ffi.list_types()[0]:
            ffi.cdef(f"typedef struct {{ {fields}{outcome} }} {name};")
    return name


def _taken(runtime: Runtime, returns: ReturnPlan, frame: Any) -> Any:
    """What was returned on the heap, as a Python object; the memory goes back."""
    data = bytes(runtime.ffi.buffer(frame.data, frame.length))
    runtime.library.symbiont_free(frame.data, frame.capacity, frame.align)
    return decode(returns, Returned(b"", data))
