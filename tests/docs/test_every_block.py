"""No block of the documentation goes untried: each is run by a test, or stands here with a reason."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from glob import escape

import pytest
from pages import ROOT

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*) *$", re.MULTILINE)
_NAMED = re.compile(r"(?://|#) \w+\.(?:rs|py)\n")

SUITES = "test_examples.py::test_suites_on_a_page_pass"
COMMANDS = "test_commands.py::test_commands_of_a_page_do_what_they_are_for"
# Page and language -> the test that takes all blocks of this kind.
RUN = {
    "README.md rust": "test_examples.py::test_the_twelve_lines_of_the_readme",
    "README.md python": "test_examples.py::test_the_twelve_lines_of_the_readme",
    "README.md text": "test_examples.py::test_the_demo_of_the_readme_says_what_is_shown",
    "README.md console": COMMANDS,  # the first two are test_examples.py's
    "CONTRIBUTING.md console": COMMANDS,  # the first one is what every checkout is made by
    "docs/ci.md toml": "test_commands.py::test_the_marker_and_the_lock_are_as_shown",
    "docs/ci.md console": COMMANDS,
    "docs/ci.md text": "../options/test_option_check.py::",
    "docs/ci.md yaml": "test_ci_doc.py::test_what_is_regenerated_is_proposed_and_then_passes_the_check",
    "docs/concepts.md rust": "test_concepts.py::test_the_session_is_as_it_is_told",
    "docs/concepts.md python": "test_concepts.py::test_the_session_is_as_it_is_told",
    "docs/concepts.md text": "test_concepts.py::test_the_session_is_as_it_is_told",
    "docs/coverage.md console": "../coverage/test_cov.py::",
    "docs/coverage.md text": "../options/test_option_coverage.py::test_lines_are_told_and_warned_of",
    "docs/coverage.md toml": "../coverage/test_cov.py::",
    "docs/distributed.md console": COMMANDS,
    "docs/html.md console": "test_commands.py::test_a_page_is_made_of_a_trace",
    "docs/local-models.md console": COMMANDS,
    "docs/local-models.md toml": "test_commands.py::test_settings_of_a_page_are_taken",
    "docs/metrics.md rust": SUITES,
    "docs/metrics.md python": SUITES,
    "docs/models-and-recordings.md console": COMMANDS,
    "docs/models-and-recordings.md python": "test_commands.py::test_a_model_of_ones_own",
    "docs/models-and-recordings.md text": "test_commands.py::test_headers_are_the_readmes",
    "docs/options.md toml": "test_commands.py::test_settings_of_a_page_are_taken",
    "docs/packages.md ini": "../cargo/test_rust_tests.py::test_tests_in_rust_are_tests",
    "docs/packages.md toml": "../cargo/test_packages_doc.py::test_the_package_on_the_page_evolves",
    "docs/packages.md rust": "../cargo/test_packages_doc.py::test_the_package_on_the_page_evolves",
    "docs/packages.md python": "../cargo/test_packages_doc.py::test_the_package_on_the_page_evolves",
    "docs/report.md console": "test_commands.py::test_what_jq_shows",
    "docs/security.md text": "test_commands.py::test_headers_are_the_readmes",
    "docs/shipping.md rust": "../shipping/test_export.py::test_the_page",
    "docs/shipping.md console": "../shipping/test_export.py::test_the_page",
    "docs/strategies.md python": "../options/test_option_strategy.py::"
    "test_the_strategy_of_the_documentation_alternates",
    "docs/trace.md console": "test_commands.py::test_what_jq_shows",
    "docs/tutorial.md rust": "test_tutorial.py::test_ten_minutes",
    "docs/tutorial.md python": "test_tutorial.py::test_ten_minutes",
    "docs/tutorial.md console": "test_tutorial.py::test_ten_minutes",
    "docs/types.md rust": SUITES,
    "docs/types.md python": SUITES,
    "docs/types.md text": "test_commands.py::test_messages_about_types_are_these",
    "docs/writing-suites.md rust": SUITES,
    "docs/writing-suites.md python": SUITES,
    "docs/writing-suites.md text": "test_commands.py::test_the_marker_and_the_lock_are_as_shown",
}
# What no test can run, and why.
NOT_RUN = {
    "docs/katas.md *": "it needs a terminal and a person; tests/watch runs the same commands on one",
    "example_suites/* *": ".ci/replay.py runs each command and compares what is said, from the wheel; "
    "what their overview shows is the README's demo, and that one may name another model",
}


def found() -> dict[str, list[str]]:
    """Every fenced block of the documentation, by page and language."""
    kinds: dict[str, list[str]] = {}
    for pattern in ("README.md", "CONTRIBUTING.md", "docs/*.md", "example_suites/**/*.md"):
        for page in sorted(ROOT.glob(pattern)):
            text = page.read_text("utf-8")
            fences = list(_FENCE.finditer(text))
            assert len(fences) % 2 == 0, f"{page}: a fence is not closed"
            for opening, closing in zip(fences[::2], fences[1::2], strict=True):
                kind = f"{page.relative_to(ROOT)} {opening['indent']}{opening['language'] or 'no language'}"
                kinds.setdefault(kind, []).append(text[opening.end() + 1 : closing.start()])
    return kinds


def test_each_block_is_claimed() -> None:
    known = [*map(escape, RUN), *NOT_RUN]
    unclaimed = [kind for kind in found() if not any(fnmatch(kind, each) for each in known)]
    assert unclaimed == [], "write a test that runs it, and name it in RUN"


def test_claims_are_about_blocks_that_are_there() -> None:
    assert [kind for kind in RUN if kind not in found()] == []
    assert [each for each in NOT_RUN if not any(fnmatch(kind, each) for kind in found())] == []


@pytest.mark.parametrize("claim", sorted(set(RUN.values())))
def test_the_test_that_is_named_is_there(claim: str) -> None:
    path, _, name = claim.partition("::")
    source = (ROOT / "tests" / "docs" / path).read_text("utf-8")
    assert f"def {name}(" in source if name else "def test_" in source


def test_on_pages_with_suites_each_block_has_its_files_name() -> None:
    nameless = [
        (kind, text.partition("\n")[0])
        for kind, texts in found().items()
        for text in texts
        if RUN.get(kind) == SUITES and not _NAMED.match(text)
    ]
    assert nameless == []
