"""A session's events, sorted by suite: what the page tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pytest_symbiont.report import events as seen

if TYPE_CHECKING:
    from collections.abc import Iterable


class SuiteStory(msgspec.Struct, kw_only=True):
    """Everything about one suite, in the order in which it happened."""

    suite: seen.Suite
    baseline: seen.Baseline | None = None
    attempts: list[seen.Attempt] = []
    notes: list[str] = []
    end: seen.End | None = None
    written: str = ""
    kept_back: bool = False


class Story(msgspec.Struct, kw_only=True):
    """A whole session. ``texts`` are by digest."""

    session: seen.Session | None = None
    suites: list[SuiteStory] = []
    texts: dict[str, str] = {}


def story(events: Iterable[seen.Events]) -> Story:
    """Sort events. A session that was killed has suites without an end, and that is fine."""
    told = Story()
    suites: dict[str, SuiteStory] = {}
    for event in events:
        match event:
            case seen.Session():
                told.session = event
            case seen.Text():
                told.texts[event.digest] = event.text
            case seen.Suite():
                suites[event.suite] = SuiteStory(suite=event)
            case _ if event.suite in suites:
                _add(suites[event.suite], event)
    told.suites = list(suites.values())
    return told


def _add(to: SuiteStory, event: seen.Events) -> None:
    match event:
        case seen.Baseline():
            to.baseline = event
        case seen.Attempt():
            to.attempts.append(event)
        case seen.Step():
            to.notes.append(f"step {event.number} of {event.of}: {event.name}")
        case seen.Note():
            to.notes.append(event.text)
        case seen.End():
            to.end = event
        case seen.Written():
            to.written, to.kept_back = event.written, event.kept_back
