"""Packages are cargo's; the rest of the project does without it."""

from __future__ import annotations

import shutil

import pytest


@pytest.fixture(autouse=True)
def _with_cargo() -> None:
    if shutil.which("cargo") is None:
        pytest.skip("no cargo on PATH")
