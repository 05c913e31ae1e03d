"""Which suite a worker is given, without workers."""

from __future__ import annotations

from pytest_symbiont.evolution.distributed.claims import MOST_CRASHES, Claims
from pytest_symbiont.evolution.distributed.messages import Ended, FileCard, SuiteCard

WON = Ended("won")


def card(name: str, *files: str) -> SuiteCard:
    return SuiteCard(name, ".", (), (), (), tuple(FileCard(file, "", b"") for file in files or (name,)))


def test_a_suite_is_given_once_and_whoever_wants_it_too_gets_another() -> None:
    claims = Claims([card("a"), card("b")])
    assert claims.take("gw0", "a") == "a"
    assert claims.take("gw1", "a") == "b"
    assert claims.take("gw2", "a") == ""
    claims.end("a", WON)
    assert claims.ended("a") is WON
    assert claims.ended("b") is None


def test_what_shares_a_file_waits_for_what_comes_before() -> None:
    claims = Claims([card("a", "x.rs"), card("b", "x.rs", "y.rs"), card("c", "y.rs")])
    assert claims.take("gw0", "b") == "a"
    assert claims.take("gw1", "c") == ""
    claims.end("a", WON)
    assert claims.take("gw1", "c") == "b"
    claims.end("b", WON)
    assert claims.take("gw1", "c") == "c"


def test_what_a_lost_worker_had_is_free_again_so_often() -> None:
    claims = Claims([card("a"), card("b")])
    claims.take("gw1", "b")
    for crash in range(MOST_CRASHES):
        assert claims.ended("a") is None, crash
        assert claims.take("gw0", "a") == "a"
        assert claims.give_back("gw0") == ["a"]
    ended = claims.ended("a")
    assert ended is not None
    assert ended.end == "refused"
    assert claims.take("gw0", "b") == ""
