"""Plain data survives the way into bytes and back; nothing else gets through in either direction."""

import collections
import enum
import math
import struct
import subprocess
import sys

import msgpack
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from unrolled.plain import Malformed, NotPlain, pack, unpack

DTYPES = ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]


def same(a, b) -> bool:
    """Equal in type, and in every value; NaN equals NaN."""
    if type(a) is not type(b):
        return False
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return len(a) == len(b) and all(
            same(x, y) and same(a[x], b[y]) for x, y in zip(a, b, strict=True)
        )
    if isinstance(a, np.ndarray | np.generic):
        exact = a.dtype.kind in "fc"
        return (
            a.dtype == b.dtype
            and a.shape == b.shape
            and np.array_equal(np.asarray(a), np.asarray(b), equal_nan=exact)
        )
    if isinstance(a, float):
        return struct.pack("d", a) == struct.pack("d", b) or math.isnan(a) and math.isnan(b)
    if isinstance(a, complex):
        return same(a.real, b.real) and same(a.imag, b.imag)
    return a == b


arrays = st.sampled_from(DTYPES).flatmap(
    lambda dtype: hnp.arrays(
        dtype, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
    )
)
texts = hnp.arrays(
    hnp.unicode_string_dtypes(endianness="<", max_len=4),
    hnp.array_shapes(min_dims=0, max_dims=2, max_side=3),
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**200), 2**200),
    st.floats(),
    st.complex_numbers(allow_nan=True),
    st.text(st.characters()),
    st.text(st.characters(categories=["Cs"]), max_size=2),
    st.binary(),
)
keys = st.one_of(st.text(), st.integers(), st.booleans(), st.binary(), st.tuples(st.text()))
plain = st.recursive(
    st.one_of(scalars, arrays, texts, arrays.map(lambda a: a.ravel()[0] if a.size else None)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
    ),
    max_leaves=10,
)


@given(plain)
@settings(max_examples=100, deadline=None)
def test_plain_data_comes_back_equal_and_of_the_same_types(value):
    assert same(unpack(pack(value)), value)


@given(st.binary(max_size=80))
@settings(max_examples=200, deadline=None)
def test_any_bytes_give_a_value_or_malformed(data):
    try:
        value = unpack(data)
    except Malformed:
        return
    assert same(unpack(pack(value)), value)


@given(plain, st.data())
@settings(max_examples=100, deadline=None)
def test_damaged_bytes_give_a_value_or_malformed(value, data):
    packed = bytearray(pack(value))
    position = data.draw(st.integers(0, len(packed) - 1))
    packed[position] = data.draw(st.integers(0, 255))
    try:
        unpack(bytes(packed[: data.draw(st.integers(0, len(packed)))]))
    except Malformed:
        pass


def test_layout_and_byte_order_are_made_uniform():
    a = np.arange(12.0).reshape(3, 4)
    for other in (np.asfortranarray(a), a[::-1][::-1], a.astype(">f8"), a.T.copy().T):
        back = unpack(pack(other))
        assert back.flags.c_contiguous and back.flags.writeable and back.flags.owndata
        assert back.dtype == np.float64 and np.array_equal(back, a)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.int64, torch.bool])
def test_tensors_come_back_without_gradient(dtype):
    tensor = torch.arange(6).reshape(2, 3).to(dtype).T
    back = unpack(pack(tensor))
    assert type(back) is torch.Tensor and back.dtype == dtype and torch.equal(back, tensor)
    weight = torch.nn.Parameter(torch.ones(2))
    back = unpack(pack({"w": weight}))["w"]
    assert type(back) is torch.Tensor and not back.requires_grad


def test_conjugate_tensors_keep_their_values():
    tensor = torch.tensor([1 + 2j]).conj()
    assert torch.equal(unpack(pack(tensor)), torch.tensor([1 - 2j]))


@pytest.mark.parametrize("kind", ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"])
def test_a_generator_goes_on_where_it_stood(kind):
    generator = np.random.Generator(getattr(np.random, kind)(5))
    generator.random(3)
    generator.integers(9, dtype=np.int32)
    back = unpack(pack(generator))
    assert np.array_equal(back.integers(9, size=5), generator.integers(9, size=5))
    assert back.random() == generator.random()


def test_impossible_generator_states_are_refused():
    """NumPy itself would take a position beyond the buffer and read foreign memory."""
    good = pack(np.random.Generator(np.random.MT19937(1)))
    assert good.count(b"pos") == 1
    position = good.index(b"pos") + 3
    for number in (625, -1, 2**40):
        bad = good[:position] + pack(number) + good[position + len(pack(624)) :]
        with pytest.raises(Malformed, match="state"):
            unpack(bad)


def test_subclasses_are_written_as_their_base_kind_and_their_methods_never_run():
    def trap(*_):
        raise AssertionError("a method of the student's class ran")

    names = ["__iter__", "__len__", "__getitem__", "__eq__", "__hash__", "__repr__", "__str__"]
    names += ["__int__", "__float__", "__index__", "__bool__", "items", "keys", "__array__"]
    methods = dict.fromkeys(names, trap)
    for base, value in [
        (int, 3),
        (float, 2.5),
        (str, "ab"),
        (bytes, b"ab"),
        (list, [1]),
        (dict, {}),
    ]:
        made = type("Mine", (base,), methods)(value)
        back = unpack(pack(made))
        assert type(back) is base and back == value
    made = type("Mine", (np.ndarray,), methods)((2,), dtype=float)
    assert type(unpack(pack(made))) is np.ndarray
    Point = collections.namedtuple("Point", "x y")
    assert unpack(pack(Point(1, 2))) == (1, 2)
    assert unpack(pack(enum.IntEnum("Colour", "RED").RED)) == 1


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([1, (x for x in [])], r"result\[1\]: a generator"),
        ({"a": {"b": {1, 2}}}, r"result\['a'\]\['b'\]: a set"),
        (np.array([object()]), "object array"),
        (np.ma.zeros(3), "masked array"),
        (np.zeros(2, "datetime64[s]"), "datetime64"),
        (np.zeros(2, [("a", int)]), "dtype"),
        (np.array([b"a"]), "dtype"),
        (np.longdouble(1), "dtype"),
        (torch.eye(2).to_sparse(), "sparse"),
        (torch.empty(2, device="meta"), "meta"),
        (np.broadcast_to(0.0, (10**10,)), "too large"),
        (np.random.RandomState(0), "RandomState"),
        (slice(1), "slice"),
        (..., "ellipsis"),
        (len, "builtin_function"),
        ({(1, frozenset()): 2}, "key"),
        ({10**5000: object()}, "object"),
    ],
)
def test_anything_else_is_refused_with_its_place(value, words):
    with pytest.raises(NotPlain, match=words):
        pack(value, name="result")


def test_a_container_within_itself_is_refused():
    loop = []
    loop.append({"again": loop})
    with pytest.raises(NotPlain, match="contains itself"):
        pack(loop)


def test_limits_hold_on_both_sides():
    deep = None
    for _ in range(50):
        deep = [deep]
    with pytest.raises(NotPlain, match="deep"):
        pack(deep)
    with pytest.raises(Malformed, match="deep"):
        unpack(pack(deep, max_depth=100))
    with pytest.raises(NotPlain, match="more than 10 values"):
        pack([0] * 10, max_elements=10)
    with pytest.raises(Malformed, match="more values"):
        unpack(pack([0] * 10), max_elements=10)
    with pytest.raises(NotPlain, match="too large"):
        pack(b"x" * 100, max_bytes=50)
    with pytest.raises(Malformed, match="at most"):
        unpack(pack(b"x" * 100), max_bytes=50)
    wide = [0, 0]
    for _ in range(30):
        wide = [wide, wide]
    with pytest.raises(NotPlain, match="values|large"):
        pack(wide, max_depth=100, max_elements=10_000)


def flat(*scalars) -> bytes:
    return b"".join(msgpack.packb(scalar) for scalar in scalars)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        flat(99),
        flat(0, 0),
        flat(2),
        flat(2, "text"),
        flat(2, 1.0),
        flat(1, 1),
        flat([1, 2]),
        flat({}),
        msgpack.packb(msgpack.ExtType(1, b"x")),
        msgpack.packb(msgpack.Timestamp(1)),
        flat(8, -1),
        flat(8, 2**40),
        flat(10, 1, 8, 0, 0),
        flat(10, 2, 2, 1, 0, 1, True, 0),
        flat(12, "|O", 1, 1, b"12345678"),
        flat(12, "<f8", 1, 2, b"12345678"),
        flat(12, "<f8", 1, -1, b""),
        flat(12, "<f8", 33, *[1] * 33, b"12345678"),
        flat(12, "<f8", 3, 0, 2**62, 2**62, b""),
        flat(12, ">f8", 1, 1, b"12345678"),
        flat(12, "f8", 1, 1, b"12345678"),
        flat(12, "<U0", 1, 2**40, b""),
        flat(12, "<U", 1, 1, b""),
        flat(12, "<U01", 1, 1, b"1234"),
        flat(12, "<U1", 1, 1, b"\xff\xff\xff\xff"),
        flat(12, "|b1", 1, 1, b"\x02"),
        flat(13, "float8", 1, 1, b"1"),
        flat(14, "PCG64", 10, 0),
        flat(14, "RandomState", 10, 0),
        flat(15, 3),
        b"\xa1\xff",
    ],
)
def test_bytes_that_pack_never_writes_are_refused(data):
    with pytest.raises(Malformed):
        unpack(data)


def test_colliding_keys_cannot_make_a_reader_slow():
    prime = 2**61 - 1
    colliding = {prime * i: None for i in range(1, 5000)}
    with pytest.raises(Malformed, match="keys"):
        unpack(pack(colliding))
    words = {str(i): i for i in range(20_000)}
    assert unpack(pack(words)) == words


def test_callables_cross_as_agreed_numbers_only():
    functions = []

    def register(function):
        functions.append(function)
        return len(functions) - 1

    data = pack({"f": math.sqrt, "more": [len]}, callables=register)
    back = unpack(data, callables=functions.__getitem__)
    assert back == {"f": math.sqrt, "more": [len]}
    with pytest.raises(Malformed, match="callable"):
        unpack(data)


def test_torch_is_not_imported_for_arrays():
    code = (
        "import sys, numpy as np; from unrolled.plain import pack, unpack; "
        "unpack(pack([np.ones(3)])); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
