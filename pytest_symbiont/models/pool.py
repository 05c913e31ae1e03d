"""The models of a session: opened when they are first asked, closed with it."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_symbiont.errors import SymbiontError
from pytest_symbiont.models.endpoint import Endpoint
from pytest_symbiont.models.exchange import NO_KEY
from pytest_symbiont.models.gate import WHOLE_ANSWER, ModelChoice, open_model
from pytest_symbiont.models.kept import Kept
from pytest_symbiont.models.local import LocalServer
from pytest_symbiont.models.openai import openai_model
from pytest_symbiont.models.replay import RecordingModel
from pytest_symbiont.models.values import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_symbiont.models.asker import Asker
    from pytest_symbiont.models.recording import Recordings
    from pytest_symbiont.models.values import Model
    from pytest_symbiont.settings import Settings


def refuse_unpriced(name: str, settings: Settings) -> None:
    """A budget in money needs the model's price. Raises `SymbiontError` where it is not given."""
    limited = any(limit is not None for limit in settings.budget)
    if limited and not any(fnmatchcase(name, price.pattern) for price in settings.prices):
        raise SymbiontError(
            f"--evolve-budget: the price of {name} is not known; give --evolve-price={name}=PROMPT,GENERATED,"
            " in money a million tokens"
        )


class Pool:
    """Opens what was chosen, once; ``folder`` keeps every answer, ``warn`` takes a sentence for the user."""

    def __init__(
        self,
        choices: Sequence[ModelChoice],
        settings: Settings,
        environ: Mapping[str, str],
        *,
        recordings: Recordings,
        folder: Path,
        warn: Callable[[str], None],
    ) -> None:
        self._choices = choices
        self._settings = settings
        self._environ = environ
        self._recordings = recordings
        self._folder = folder
        self._warn = warn
        self._kept = Kept(folder, resume=settings.resume)
        self._models: tuple[Model, ...] = ()
        self._endpoints: dict[str, Endpoint] = {}
        self._servers: list[LocalServer] = []
        self._failed = ""

    def open(self, asker: Asker, tick: Callable[[], None]) -> tuple[Model, ...]:
        """The models, in the order of the options. Raises `ModelError` or `SymbiontError`."""
        if self._failed:
            raise ModelError(self._failed)
        if not self._models:
            opened = [self._opened(choice, asker, tick) for choice in self._choices]
            for model in opened:
                refuse_unpriced(model.name, self._settings)
            self._models = tuple(RecordingModel(model, self._recordings, self._kept) for model in opened)
        return self._models

    def notes(self, suite: str) -> tuple[bytes, ...]:
        """What was noted beside the answers that are replayed, or that this session goes on with."""
        if any(choice.kind == "replay" for choice in self._choices):
            return self._recordings.of(suite).notes()
        return tuple(self._kept.notes(suite))

    def tried(self, suite: str) -> tuple[bytes, ...]:
        """What earlier sessions noted of bodies."""
        return tuple(self._kept.tried(suite))

    def note(self, suite: str, line: bytes, *, recorded: bool) -> None:
        """Keep a line beside the answers; in the recording too, if it is to be ``recorded``."""
        self._kept.note(suite, line)
        if recorded:
            self._recordings.of(suite).note(line)

    def close(self) -> None:
        """Stop the servers that are ours."""
        for server in self._servers:
            server.stop()

    def fail(self, problem: str) -> None:
        """A model cannot be asked: nobody is asked any more, and `open` says why."""
        self._failed = problem

    def _opened(self, choice: ModelChoice, asker: Asker, tick: Callable[[], None]) -> Model:
        if choice.kind == "local":
            return self._local(Path(choice.name), tick)
        call = asker.begin(
            open_model(
                choice,
                self._environ,
                recordings=self._recordings,
                warn=self._warn,
                endpoint=self._endpoint,
                silence=self._settings.answer_timeout,
            )
        )
        return asker.wait(call, tick)

    def _local(self, path: Path, tick: Callable[[], None]) -> Model:
        slots = min(self._settings.lanes, self._settings.concurrency)
        server = LocalServer(path, slots=slots, log=self._folder / f"{path.stem}.log")
        self._servers.append(server)
        url, silence = server.start(tick), self._settings.answer_timeout
        return openai_model(
            path.stem,
            url,
            NO_KEY,
            endpoint=self._new_endpoint(slots),
            silence=silence,
            timeout=WHOLE_ANSWER * silence,
        )

    def _endpoint(self, url: str) -> Endpoint:
        return self._endpoints.setdefault(url, self._new_endpoint(self._settings.concurrency))

    def _new_endpoint(self, most: int) -> Endpoint:
        return Endpoint(most, finish_first=self._settings.prefer == "latency")
