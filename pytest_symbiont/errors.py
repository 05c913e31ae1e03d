"""What can go wrong, as a test or a user meets it."""

from __future__ import annotations


class SymbiontError(Exception):
    """A mistake in a declaration, a setting or the environment.

    The message names the thing, the cause and the next step; pytest shows it without a traceback.
    """


class RustPanic(Exception):  # noqa: N818 - named after what it is in Rust
    """A Rust function panicked.

    ``message`` is the panic's text; ``file``, ``line`` and ``column`` (from 1) say where, as rustc counts.
    """

    def __init__(self, message: str, file: str = "", line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line
        self.column = column

    def __str__(self) -> str:
        where = f" ({self.file}:{self.line}:{self.column})" if self.file else ""
        return f"{self.message}{where}"


class RustTimeout(Exception):  # noqa: N818 - the sibling of RustPanic
    """A Rust call gave no answer within its deadline; the worker that ran it was killed."""


class RustCrash(Exception):  # noqa: N818 - the sibling of RustPanic
    """A Rust call ended its worker: a signal, an abort, a stack overflow, an exit."""


class RustError(Exception):
    """A Rust function returned `Err`. ``value`` is the error as a Python value.

    Inside of other values (``Vec<Result<T, E>>``) it stands for an `Err` without being raised; two are equal
    where their values are.
    """

    def __init__(self, value: object) -> None:
        super().__init__(value)
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RustError) and bool(self.value == other.value)

    def __hash__(self) -> int:
        return hash((RustError, self.value))


class CompileError(Exception):
    """The Rust file does not compile. The message is rustc's, with the file's own line numbers."""


# Shown as users import them: a test's failure has more room for its message then.
for _error in (SymbiontError, RustError, RustPanic, RustTimeout, RustCrash, CompileError):
    _error.__module__ = "pytest_symbiont"
