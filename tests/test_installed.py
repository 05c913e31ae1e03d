"""Under tox the wheel is what is tested."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import pytest_symbiont
from pytest_symbiont.build import native


@pytest.mark.skipif(
    "TOX_ENV_NAME" not in os.environ, reason="outside of tox the checkout may be what is tested"
)
def test_the_installed_package_is_tested_and_builds_its_own_rust() -> None:
    for path in (Path(pytest_symbiont.__file__), native.sources()):
        assert path.is_relative_to(sys.prefix)
