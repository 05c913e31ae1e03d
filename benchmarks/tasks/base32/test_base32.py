from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_symbiont import evolvable

base32 = evolvable("base32.rs::base32")


@pytest.mark.evolve(base32)
@pytest.mark.parametrize("data", [b"", b"f", b"fo", b"foo", b"foob", b"fooba", b"foobar"])
def test_encoded(data):
    assert base32(data) == base64.b32encode(data).decode()


@pytest.mark.evolve(base32)
@given(st.binary(max_size=40))
def test_any(data):
    assert base32(data) == base64.b32encode(data).decode()
