import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_symbiont import evolvable

codec = evolvable("codec.rs")
encode, decode = codec.encode, codec.decode

# They share every test, so they are one suite and are asked for in one answer.
pytestmark = pytest.mark.evolve(encode, decode)

stretches = st.lists(st.tuples(st.integers(0, 255), st.integers(1, 600)), max_size=8)


@pytest.mark.parametrize(
    "data", [b"", b"a", b"aaab", b"\x00\x00\xff\xff", b"a" * 255, b"a" * 256, b"a" * 257]
)
def test_decode_undoes_encode(data):
    assert decode(encode(data)) == data


@given(st.binary(max_size=400))
def test_decode_undoes_encode_for_any_bytes(data):
    assert decode(encode(data)) == data


@given(stretches)
def test_decode_undoes_encode_for_runs(runs):
    data = b"".join(bytes([byte]) * length for byte, length in runs)
    assert decode(encode(data)) == data


@pytest.mark.parametrize(
    ("runs", "most"),
    [([(97, 100)], 4), ([(97, 1000), (98, 1000)], 32), ([(byte, 1) for byte in range(256)], 512)],
    ids=["one run", "two long runs", "no runs"],
)
def test_packs(evolve_metric, runs, most):
    """A run is a byte and how often it stands there."""
    data = b"".join(bytes([byte]) * length for byte, length in runs)
    evolve_metric.minimize("packed bytes", len(encode(data)), threshold=most)
