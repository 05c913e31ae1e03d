"""What is taken out of text before it leaves the machine or enters a recording."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from pytest_symbiont.models.redact import normalise, public_url, redact

ROOT = Path("/work/project")


@pytest.mark.parametrize(
    "name",
    [
        "OPENAI_API_KEY",
        "KEY",
        "api_key",
        "HF_TOKEN",
        "TOKENS",
        "AWS_SECRET_ACCESS_KEY",
        "MY_SECRET",
        "DB_PASSWORD",
        "PGPASSWORD",
        "FTP_PASSWD",
        "CREDENTIAL",
        "GIT_CREDENTIALS",
        "OPENAI_APIKEY",
        "KEY2",
    ],
)
def test_secret_variables_are_redacted(name: str) -> None:
    assert redact("with 0123456789abc.", {name: "0123456789abc"}) == "with <redacted>."


@pytest.mark.parametrize("name", ["MONKEY", "KEYBOARD_LAYOUT", "TOKENIZERS_PARALLELISM", "HOME", "PATH"])
def test_other_variables_are_not(name: str) -> None:
    assert redact("with 0123456789abc.", {name: "0123456789abc"}) == "with 0123456789abc."


def test_short_values_stay() -> None:
    assert (
        redact("a test of 1234567", {"API_KEY": "test", "TOKEN": "1234567", "SECRET": ""})
        == "a test of 1234567"
    )


def test_a_secret_that_begins_another_leaves_no_rest() -> None:
    environ = {"A_KEY": "abcdefgh", "B_KEY": "abcdefgh-ijk"}
    assert redact("abcdefgh-ijk abcdefgh", environ) == "<redacted> <redacted>"


def test_a_line_end_behind_a_value_does_not_hide_it() -> None:
    assert redact("key=abcdefghij;", {"A_KEY": "abcdefghij\n"}) == "key=<redacted>;"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('File "/work/project/test_a.py", line 3', 'File "<project>/test_a.py", line 3'),
        ("in /work/project.", "in <project>."),
        ("rootdir: /work/project", "rootdir: <project>"),
        (
            "/work/project2/a /work/project-b /work/project.bak",
            "/work/project2/a /work/project-b /work/project.bak",
        ),
        ("/home/work/project/a", "/home/work/project/a"),
        ("/scratch/pytest-of-ann/pytest-12/test_a0/in.txt", "<tmp_path>/test_a0/in.txt"),
        ("'/var/a.b/T/pytest-of-ann/pytest-3/test_a0'", "'<tmp_path>/test_a0'"),
        ("/scratch/pytest-of-ann/pytest-12/popen-gw3/test_a0", "<tmp_path>/test_a0"),
        ("<Counter object at 0x7f3a5c0b1d30>", "<Counter object at 0x…>"),
        ("<bound method A.f of <A object at 0x7f3a5c0b1d30>>", "<bound method A.f of <A object at 0x…>>"),
        ("1 failed in 1.23s", "1 failed in …s"),
        ("took 0.5 seconds", "took …s"),
        ("(12 ms, then 3µs)", "(…s, then …s)"),
        (
            "Test took 523.12ms, which exceeds the deadline of 200.00ms",
            "Test took …s, which exceeds the deadline of …s",
        ),
    ],
)
def test_machine_and_moment_are_taken_out(text: str, expected: str) -> None:
    assert normalise(text, ROOT) == expected


@pytest.mark.parametrize(
    "text",
    [
        "assert 12 == 13",
        "0.30000000000000004 != 0.3",
        "let mut x: u64 = 0x9E3779B97F4A7C15;",
        "x ^= x >> 30; // at 0x7f3a5c0b1d30",
        "panicked at 0x7f3a5c0b1d30: no",
        "for s in 0..12 { total += 5u8; }",
        "    // wait for 5 seconds",
        "    /// sleeps 20 ms",
        "assert '1m 29s' == '1m 30s'",
        'assert_eq!(humanise(90), "90s");',
        "E     - 1m 30s\nE     + 1m 29s",
        "v1.2s 3sat x12ms",
        "[1, 2, 3]\n\n- 5s",
    ],
)
def test_code_numbers_and_data_stay(text: str) -> None:
    assert normalise(text, ROOT) == text


def test_an_apostrophe_is_no_quote() -> None:
    assert (
        normalise("it didn't end in 2.5s, so it wasn't fast", ROOT)
        == "it didn't end in …s, so it wasn't fast"
    )


def test_home_and_temporary_folder_become_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = tmp_path.parent.parent.parent / "ann"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(tempfile, "tempdir", str(home / "temporary"))
    text = f"{home}/notes {home}/temporary/a {home}/temporary/tmpx8_a0b1c/b"
    assert normalise(text, ROOT) == "<home>/notes <tmp>/a <tmp>/…/b"


def test_a_user_without_a_home_has_none_to_hide(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    assert normalise("/home/ann/a", ROOT) == "/home/ann/a"


def test_both_spellings_of_a_linked_project_become_one(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    assert normalise(f"{link}/a.py {real}/a.py", link) == "<project>/a.py <project>/a.py"


def test_a_project_at_the_root_of_the_disk_is_not_taken_for_every_slash() -> None:
    assert normalise("a / b /c", Path("/")) == "a / b /c"


def test_normalising_twice_changes_nothing_more() -> None:
    once = normalise("<A object at 0x7f3a> in /work/project after 3.5s", ROOT)
    assert normalise(once, ROOT) == once


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://127.0.0.1:8080/v1/", "http://127.0.0.1:8080/v1"),
        ("https://me:p@ss@host/v1?key=1#top", "https://host/v1"),
        ("http://[::1]:80/v1", "http://[::1]:80/v1"),
    ],
)
def test_a_url_is_shown_without_what_may_be_secret(url: str, shown: str) -> None:
    assert public_url(url) == shown
