from __future__ import annotations

from pytest_symbiont.evolution.printed import MOST_BYTES, Printed


def test_what_was_printed_is_taken_once_and_harmless() -> None:
    printed = Printed()
    printed.add(b"one\n")
    printed.add(b"\x1b[2Jtwo \xff\n")
    assert printed.take() == "one\n\\x1b[2Jtwo \\xff"
    assert printed.take() == ""


def test_too_much_is_counted() -> None:
    printed = Printed()
    printed.add(b"x" * (MOST_BYTES - 1))
    printed.add(b"yz!")
    assert printed.take() == "x" * (MOST_BYTES - 1) + "y\n… 2 bytes more"
