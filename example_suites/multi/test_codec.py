import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_symbiont import evolvable

codec = evolvable("codec.rs")
encode, decode = codec.encode, codec.decode

# They share every test, so they are one suite and are asked for in one answer.
pytestmark = pytest.mark.evolve(encode, decode)

runs = st.lists(st.tuples(st.integers(0, 255), st.integers(1, 600)), max_size=8)


@pytest.mark.parametrize("data", [b"", b"a", b"aaab", b"\x00\x00\xff\xff", b"a" * 255, b"a" * 256, b"a" * 257])
def test_decode_undoes_encode(data):
    assert decode(encode(data)) == data


@given(st.binary(max_size=400))
def test_decode_undoes_encode_for_any_bytes(data):
    assert decode(encode(data)) == data


@given(runs)
def test_decode_undoes_encode_for_runs(runs):
    data = b"".join(bytes([byte]) * length for byte, length in runs)
    assert decode(encode(data)) == data


def test_a_run_becomes_short():
    assert len(encode(b"a" * 100)) <= 4
    assert len(encode(b"a" * 1000 + b"b" * 1000)) <= 32


def test_what_has_no_runs_does_not_grow_beyond_twice_its_length():
    assert len(encode(bytes(range(256)))) <= 2 * 256
