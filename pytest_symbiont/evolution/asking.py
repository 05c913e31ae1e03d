"""Who is asked in a session, and where what is answered is kept."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING

import pytest

from pytest_symbiont.build.cache import open_cache
from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.evolution.measured import Recalled
from pytest_symbiont.models.gate import choose
from pytest_symbiont.models.local import find_server
from pytest_symbiont.models.pool import Pool, refuse_unpriced
from pytest_symbiont.models.recording import Recordings, file_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from pytest_symbiont.models.asker import Asker
    from pytest_symbiont.models.gate import ModelChoice
    from pytest_symbiont.models.values import Model
    from pytest_symbiont.settings import Settings

RECORDINGS = "__answers__"


class Asking:
    """The models of a session, its recordings and the folder of every answer.

    ``folders`` gives each suite's folder of tests, by the suite's name; it is asked when suites are known.
    ``warn`` takes a sentence for the user.
    """

    def __init__(
        self,
        config: pytest.Config,
        settings: Settings,
        environ: Mapping[str, str],
        folders: Callable[[], Mapping[str, Path]],
        warn: Callable[[str], None],
    ) -> None:
        self._config = config
        self._settings = settings
        self._environ = environ
        self._folders = folders
        self._warn = warn

    @cached_property
    def choices(self) -> tuple[ModelChoice, ...]:
        """The models, before anything is asked. Raises `pytest.UsageError` where there is none."""
        recorded = any((self._recorded(name) / file_name(name)).is_file() for name in self._folders())
        try:
            choices = choose(self._settings.models, self._environ, recorded, self._plugged)
            for choice in choices:
                if choice.kind == "local":
                    find_server()
                elif choice.kind != "replay" and choice.name:
                    refuse_unpriced(choice.name, self._settings)
        except SymbiontError as error:
            raise pytest.UsageError(str(error)) from None
        return choices

    @property
    def replays(self) -> bool:
        """Whether answers are recorded ones."""
        return any(choice.kind == "replay" for choice in self.choices)

    def open(self, asker: Asker, tick: Callable[[], None]) -> Sequence[Model]:
        """The models, ready to be asked. Raises `ModelError` or `SymbiontError`."""
        return self._pool.open(asker, tick)

    def fail(self, problem: str) -> None:
        """A model cannot be asked: nobody is asked any more."""
        if not self.replays:
            self._pool.fail(problem)

    def recall(self, suite: str) -> Recalled:
        """What was noted beside a suite's answers, and who is asked.

        Bodies are not remembered where answers are recorded: what is recorded has to come to the same in a
        project that knows nothing. Nor are they without pytest's cache, which is this project's own.
        """
        names = tuple(choice.name or choice.label for choice in self.choices)
        remembers = not self.replays and self._settings.record == "none" and self._cache is not None
        tried = self._pool.tried(suite) if remembers else ()
        return Recalled(self._pool.notes(suite), names, self.replays, tried, remembers)

    def note(self, suite: str, line: bytes, *, recorded: bool) -> None:
        """Note something beside a suite's answers; in the recording too, if it is to be ``recorded``."""
        self._pool.note(suite, line, recorded=recorded)

    def close(self) -> None:
        """End what was begun for asking."""
        if "_pool" in self.__dict__:
            self._pool.close()

    @cached_property
    def _pool(self) -> Pool:
        return Pool(
            self.choices, self._settings, self._environ, folder=self._kept(), warn=self._warn,
            recordings=Recordings(self._recorded, self._settings.record),
        )  # fmt: skip

    def _plugged(self, name: str) -> Model | None:
        model: Model | None = self._config.hook.pytest_symbiont_model(name=name, settings=self._settings)
        return model

    @property
    def _cache(self) -> pytest.Cache | None:
        return getattr(self._config, "cache", None)

    def _kept(self) -> Path:
        """The folder that keeps every answer: pytest's cache, or ours where that is off."""
        if self._cache is not None:
            return self._cache.mkdir("symbiont-answers")
        folder = open_cache(os.environ).root.parent / "pytest-symbiont-answers"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def _recorded(self, suite: str) -> Path:
        """Where a suite's recording lies: beside its first test."""
        return self._folders()[suite] / RECORDINGS
