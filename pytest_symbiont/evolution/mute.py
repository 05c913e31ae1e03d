"""Silence for a trial: nothing of it is logged, counted or left behind."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from logging import LogRecord

    import pytest

# Called by pytest itself or by plugins although the protocol runs with log=False.
_SILENCED = frozenset(
    {
        "pytest_runtest_logreport",
        "pytest_runtest_logstart",
        "pytest_runtest_logfinish",
        "pytest_exception_interact",
        "pytest_warning_recorded",
    }
)


@contextmanager
def silence(config: pytest.Config, heard: Callable[[pytest.TestReport], None]) -> Iterator[None]:
    """Run the protocol without telling anybody. Reports that plugins log by themselves go to ``heard``.

    pluggy has no public way to stop a call from reaching hooks, so the function that makes them is replaced
    for the time; every caller, path-sensitive proxies included, goes through it.
    """
    manager: Any = config.pluginmanager
    inner = manager._inner_hookexec  # noqa: SLF001 - see above

    def execute(name: str, methods: Sequence[Any], kwargs: Mapping[str, Any], first: bool) -> Any:
        if name not in _SILENCED:
            return inner(name, methods, kwargs, first)
        if name == "pytest_runtest_logreport":
            heard(kwargs["report"])
        return None if first else []

    with ExitStack() as stack:
        stack.enter_context(_fixed_verbosity(config))
        stack.enter_context(_plain_texts(config))
        stack.enter_context(_forgotten_history(config))
        stack.enter_context(_unlogged(config))
        if config.getoption("capture", "fd") != "fd":
            stack.enter_context(_closed_output())
        manager._inner_hookexec = execute  # noqa: SLF001
        try:
            yield
        finally:
            manager._inner_hookexec = inner  # noqa: SLF001


@contextmanager
def _fixed_verbosity(config: pytest.Config) -> Iterator[None]:
    """Assertion texts of the same form under -v, -q and CI: not verbose, and never truncated by pytest.

    A verbose comparison of long sequences is quadratic, and pytest's own truncation depends on ``CI``; what
    is too long is cut where feedback is written.
    """
    fixed = {"truncation_limit_lines": "0", "truncation_limit_chars": "0", "verbosity_assertions": "0"}
    cache: dict[str, Any] = config._inicache  # noqa: SLF001 - there is no public way to set an ini value
    before = {name: cache[name] for name in fixed if name in cache}
    cache.update(fixed)
    try:
        yield
    finally:
        for name in fixed:
            cache.pop(name, None)
        cache.update(before)


@contextmanager
def _plain_texts(config: pytest.Config) -> Iterator[None]:
    """Assertion texts without colours, and not longer where ``CI`` is set, which tests may still read."""
    modules: list[Any] = [
        module
        for name, module in sys.modules.items()
        if name.startswith("_pytest.assertion") and hasattr(module, "running_on_ci")
    ]
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    with ExitStack() as stack:
        for module in modules:
            stack.enter_context(_replaced(module, "running_on_ci", bool))
        if reporter is not None:
            stack.enter_context(_replaced(reporter._tw, "code_highlight", False))  # noqa: SLF001 - see above
        yield


@contextmanager
def _replaced(owner: Any, name: str, value: object) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


@contextmanager
def _forgotten_history(config: pytest.Config) -> Iterator[None]:
    """Historic hook calls of the trial (warnings) are not replayed to plugins that register later."""
    history = config.hook.pytest_warning_recorded._call_history  # noqa: SLF001
    length = len(history or ())
    try:
        yield
    finally:
        if history is not None:
            del history[length:]


@contextmanager
def _unlogged(config: pytest.Config) -> Iterator[None]:
    """Keep the trial out of live logs (``log_cli``), log files, and what ``--setup-show`` prints."""
    logging_plugin: Any = config.pluginmanager.get_plugin("logging-plugin")
    handlers = [getattr(logging_plugin, name, None) for name in ("log_cli_handler", "log_file_handler")]
    shown = getattr(config.option, "setupshow", False)
    config.option.setupshow = False
    for handler in filter(None, handlers):
        handler.addFilter(_refuse)
    try:
        yield
    finally:
        for handler in filter(None, handlers):
            handler.removeFilter(_refuse)
        config.option.setupshow = shown


def _refuse(_record: LogRecord) -> bool:
    return False


@contextmanager
def _closed_output() -> Iterator[None]:
    """Under ``-s`` and ``--capture=tee-sys`` what tests print reaches the terminal: send it nowhere."""
    _flush_output()
    kept = [(descriptor, os.dup(descriptor)) for descriptor in (1, 2)]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        for descriptor, _ in kept:
            os.dup2(nowhere, descriptor)
        yield
    finally:
        _flush_output()
        for descriptor, copy in kept:
            os.dup2(copy, descriptor)
            os.close(copy)
        os.close(nowhere)


def _flush_output() -> None:
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        if stream is not None:
            stream.flush()
