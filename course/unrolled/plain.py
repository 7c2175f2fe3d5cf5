"""Plain data as bytes: what may cross between a student's process and its examiner.

``pack`` turns numbers, strings, containers, arrays, tensors and random generators into bytes;
``unpack`` turns bytes back into exactly those types and into nothing else. No object is ever
rebuilt from a name or from code, so a value cannot bring behaviour along. The reader trusts no
byte: sizes are checked before memory is taken, and everything unexpected is ``Malformed``.

The bytes are a flat run of msgpack scalars. Each value is a small tag followed by its parts, and a
container by its length and then its items, so the reader alone decides how deep it goes.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import msgpack
import numpy as np

MAX_DEPTH = 32
MAX_BYTES = 256 * 2**20
MAX_ELEMENTS = 2_000_000

# Keys other than text can be made to collide on purpose, and then a dict takes quadratic time.
_MAX_UNRANDOMISED_KEYS = 4096
_MAX_DIMENSIONS = 32
_MAX_CODE_POINT = 0x10FFFF
_INT64_MIN, _UINT64_MAX = -(2**63), 2**64 - 1

(
    _NONE,
    _BOOL,
    _INT,
    _BIG_INT,
    _FLOAT,
    _COMPLEX,
    _STR,
    _BYTES,
    _LIST,
    _TUPLE,
    _DICT,
    _SCALAR,
    _ARRAY,
    _TENSOR,
    _GENERATOR,
    _CALLABLE,
) = range(16)

_NUMBER_DTYPES = frozenset(
    ["|b1", "|i1", "<i2", "<i4", "<i8", "|u1", "<u2", "<u4", "<u8"]
    + ["<f2", "<f4", "<f8", "<c8", "<c16"]
)
# torch dtype -> the NumPy dtype that carries its bytes (bfloat16 has no NumPy type of its own)
_TENSOR_DTYPES = {
    "bool": "|b1",
    "int8": "|i1",
    "int16": "<i2",
    "int32": "<i4",
    "int64": "<i8",
    "uint8": "|u1",
    "float16": "<f2",
    "bfloat16": "<i2",
    "float32": "<f4",
    "float64": "<f8",
    "complex64": "<c8",
    "complex128": "<c16",
}
_WORD = 2**32
_GENERATOR_STATES: dict[str, dict[str, Any]] = {
    "PCG64": {"state": {"state": 2**128, "inc": 2**128}, "has_uint32": 2, "uinteger": _WORD},
    "PCG64DXSM": {"state": {"state": 2**128, "inc": 2**128}, "has_uint32": 2, "uinteger": _WORD},
    "MT19937": {"state": {"key": ("<u4", 624), "pos": 625}},
    "Philox": {
        "state": {"counter": ("<u8", 4), "key": ("<u8", 2)},
        "buffer": ("<u8", 4),
        "buffer_pos": 5,
        "has_uint32": 2,
        "uinteger": _WORD,
    },
    "SFC64": {"state": {"state": ("<u8", 4)}, "has_uint32": 2, "uinteger": _WORD},
}
"""For each bit generator: its state's keys, and for each an upper bound or (dtype, length).

The bounds matter: NumPy believes a position that it is given and would read past its buffer.
"""


class NotPlain(TypeError):
    """A value that cannot be packed. ``path`` says where it stands, ``reason`` what it is."""

    def __init__(self, path: str, reason: str):
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class Malformed(ValueError):
    """Bytes that ``pack`` did not write, or that exceed the reader's limits."""


def pack(
    value: Any,
    *,
    callables: Callable[[Callable], int] | None = None,
    name: str = "value",
    max_depth: int = MAX_DEPTH,
    max_bytes: int = MAX_BYTES,
    max_elements: int = MAX_ELEMENTS,
) -> bytes:
    """Bytes from which ``unpack`` makes an equal value.

    Accepts None, bool, int, float, complex, str, bytes, list, tuple, dict, NumPy scalars and arrays
    of bool, integer, float, complex and unicode, torch tensors, and ``numpy.random.Generator``.
    An object of a subclass is written as its base kind (a named tuple as a tuple); its own methods
    are never called. Arrays are written in C order and little-endian, tensors without gradient.

    callables: gives each callable that is met a number, which ``unpack`` hands to its own
    ``callables``. Without it a callable is refused.

    Raises NotPlain for anything else, with its place in ``value`` (called ``name`` there).
    """
    writer = _Writer(callables, max_depth, max_bytes, max_elements)
    writer.write(value, name, 0)
    return writer.packer.bytes()


def unpack(
    data: bytes,
    *,
    callables: Callable[[int], Callable] | None = None,
    max_depth: int = MAX_DEPTH,
    max_bytes: int = MAX_BYTES,
    max_elements: int = MAX_ELEMENTS,
) -> Any:
    """The value that ``pack`` wrote: built-in, NumPy and torch types only, all freshly made.

    callables: makes a callable of each number that stands for one.
    Raises Malformed for bytes that ``pack`` does not write or that exceed a limit.
    """
    if len(data) > max_bytes:
        raise Malformed(f"{len(data)} bytes, at most {max_bytes} are read")
    reader = _Reader(data, callables, max_depth, max_elements)
    value = reader.read(0)
    if reader.unpacker.tell() != len(data):
        raise Malformed("bytes are left over after the value")
    return value


def type_name(value: Any) -> str:
    """The name of a value's real type; no code of the value or of its metaclass runs."""
    return str.__str__(type.__dict__["__name__"].__get__(type(value)))


def is_a(value: Any, kind: type) -> bool:
    """Whether a value's real type is ``kind`` or below it; ``__class__`` is not believed."""
    return kind in type.__dict__["__mro__"].__get__(type(value))


def is_tensor(value: Any) -> bool:
    """Whether this is a torch tensor. Does not import torch: without it nothing is one."""
    torch = sys.modules.get("torch")
    kind = getattr(torch, "Tensor", None)
    return isinstance(kind, type) and is_a(value, kind)


class _Writer:
    def __init__(self, callables, max_depth: int, max_bytes: int, max_elements: int):
        self.callables = callables
        self.max_depth = max_depth
        self.bytes_left = max_bytes
        self.max_bytes = max_bytes
        self.elements_left = max_elements
        self.max_elements = max_elements
        self.open: set[int] = set()
        self.packer = msgpack.Packer(autoreset=False, unicode_errors="surrogatepass")

    def put(self, *scalars) -> None:
        for scalar in scalars:
            self.packer.pack(scalar)

    def take(self, size: int, path: str) -> None:
        # 16 bytes cover the tags and lengths that msgpack adds to any one value
        self.bytes_left -= size + 16
        if self.bytes_left < 0:
            raise NotPlain(path, f"too large: more than {self.max_bytes} bytes")

    def write(self, value: Any, path: str, depth: int) -> None:
        if depth > self.max_depth:
            raise NotPlain(path, f"nested more than {self.max_depth} deep")
        self.elements_left -= 1
        if self.elements_left < 0:
            raise NotPlain(path, f"more than {self.max_elements} values")
        self.take(0, path)
        if value is None:
            self.put(_NONE)
        elif value is True or value is False:
            self.put(_BOOL, value)
        elif is_a(value, np.generic):  # before float and str: np.float64 and np.str_ are those too
            self.write_scalar(value, path)
        elif is_a(value, int):
            self.write_int(int.__int__(value), path)
        elif is_a(value, float):
            self.put(_FLOAT, float.__float__(value))
        elif is_a(value, complex):
            value = complex.__complex__(value)
            self.put(_COMPLEX, value.real, value.imag)
        elif is_a(value, str):
            value = str.__str__(value)
            self.take(4 * len(value), path)
            self.put(_STR, value)
        elif is_a(value, bytes):
            value = bytes.__getitem__(value, slice(None))
            self.take(len(value), path)
            self.put(_BYTES, value)
        elif is_a(value, list):
            self.write_items(_LIST, list.__getitem__(value, slice(None)), value, path, depth)
        elif is_a(value, tuple):
            self.write_items(_TUPLE, tuple.__getitem__(value, slice(None)), value, path, depth)
        elif is_a(value, dict):
            self.write_dict(value, path, depth)
        elif is_a(value, np.ndarray):
            self.write_array(value, path)
        elif is_tensor(value):
            self.write_tensor(value, path)
        elif type(value) is np.random.Generator:
            self.write_generator(value, path, depth)
        elif self.callables is not None and callable(value):
            self.put(_CALLABLE, int(self.callables(value)))
        else:
            raise NotPlain(path, f"{article(type_name(value))} is not plain data")

    def write_int(self, value: int, path: str) -> None:
        if _INT64_MIN <= value <= _UINT64_MAX:
            self.put(_INT, value)
        else:
            size = value.bit_length() // 8 + 1
            self.take(size, path)
            self.put(_BIG_INT, value.to_bytes(size, "little", signed=True))

    def write_items(self, tag: int, items, container, path: str, depth: int) -> None:
        self.enter(container, path)
        self.put(tag, len(items))
        for index, item in enumerate(items):
            self.write(item, f"{path}[{index}]", depth + 1)
        self.open.discard(id(container))

    def write_dict(self, value: dict, path: str, depth: int) -> None:
        self.enter(value, path)
        items = list(dict.items(value))
        self.put(_DICT, len(items))
        for key, item in items:
            if not _is_key(key):
                raise NotPlain(
                    path, f"{article(type_name(key))} as a key of a dict is not plain data"
                )
            self.write(key, f"a key of {path}", depth + 1)
            self.write(item, f"{path}[{show_key(key)}]", depth + 1)
        self.open.discard(id(value))

    def enter(self, container, path: str) -> None:
        if id(container) in self.open:
            raise NotPlain(path, f"{article(type_name(container))} that contains itself")
        self.open.add(id(container))

    def write_scalar(self, value: np.generic, path: str) -> None:
        array = self.plain_array(np.asarray(value), path)
        self.put(_SCALAR, array.dtype.str, array.tobytes())

    def write_array(self, value: np.ndarray, path: str) -> None:
        if is_a(value, np.ma.MaskedArray):
            raise NotPlain(path, "a masked array is not plain data")
        array = self.plain_array(np.ndarray.view(value, np.ndarray), path)
        self.put(_ARRAY, array.dtype.str, array.ndim, *array.shape, array.tobytes())

    def plain_array(self, array: np.ndarray, path: str) -> np.ndarray:
        """The array little-endian, after its dtype and size were found good."""
        dtype = array.dtype
        if dtype.kind == "O":
            raise NotPlain(path, "an object array is not plain data")
        if dtype.kind == "U":
            wanted = np.dtype(f"<U{max(1, dtype.itemsize // 4)}")
        else:
            wanted = dtype.newbyteorder("<")
            if wanted.str not in _NUMBER_DTYPES:
                raise NotPlain(path, f"an array of dtype {dtype} is not plain data")
        if array.ndim > _MAX_DIMENSIONS:
            raise NotPlain(path, f"an array of {array.ndim} dimensions")
        self.take(array.size * wanted.itemsize + 9 * array.ndim, path)
        return array.astype(wanted, copy=False)

    def write_tensor(self, value, path: str) -> None:
        torch = sys.modules["torch"]
        with torch._C.DisableTorchFunctionSubclass(), torch.no_grad():
            dtype = str(value.dtype).removeprefix("torch.")
            if value.layout is not torch.strided or dtype not in _TENSOR_DTYPES:
                raise NotPlain(path, f"a {value.layout} tensor of {value.dtype} is not plain data")
            if value.is_meta:
                raise NotPlain(path, "a tensor without values (device meta) is not plain data")
            if value.ndim > _MAX_DIMENSIONS:
                raise NotPlain(path, f"a tensor of {value.ndim} dimensions")
            self.take(value.numel() * value.element_size() + 9 * value.ndim, path)
            bare = value.detach().cpu().resolve_conj().resolve_neg().contiguous()
            if dtype == "bfloat16":
                bare = bare.view(torch.int16)
            array = bare.numpy()
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        self.put(_TENSOR, dtype, array.ndim, *array.shape, array.tobytes())

    def write_generator(self, value: np.random.Generator, path: str, depth: int) -> None:
        state = value.bit_generator.state
        kind = state.pop("bit_generator")
        if kind not in _GENERATOR_STATES:
            raise NotPlain(path, f"a random generator of kind {kind} is not plain data")
        self.put(_GENERATOR, kind)
        self.write(state, path, depth + 1)


class _Reader:
    def __init__(self, data, callables, max_depth: int, max_elements: int):
        self.size = len(data)
        self.callables = callables
        self.max_depth = max_depth
        self.elements_left = max_elements
        self.unpacker = msgpack.Unpacker(
            None,
            raw=False,
            unicode_errors="surrogatepass",
            max_buffer_size=max(1, self.size),
            max_str_len=self.size,
            max_bin_len=self.size,
            max_array_len=0,
            max_map_len=0,
            max_ext_len=0,
        )
        self.unpacker.feed(data)

    def scalar(self, kind: type) -> Any:
        try:
            value = self.unpacker.unpack()
        except (msgpack.UnpackException, ValueError, UnicodeError) as error:
            raise Malformed(f"not readable: {type(error).__name__}") from None
        if type(value) is not kind:
            raise Malformed(f"{type(value).__name__} where {kind.__name__} belongs")
        return value

    def count(self, limit: int) -> int:
        number = self.scalar(int)
        if not 0 <= number <= limit:
            raise Malformed("a length out of range")
        return number

    def read(self, depth: int) -> Any:
        if depth > self.max_depth:
            raise Malformed(f"nested more than {self.max_depth} deep")
        self.elements_left -= 1
        if self.elements_left < 0:
            raise Malformed("more values than are read")
        tag = self.scalar(int)
        if tag == _NONE:
            return None
        if tag == _BOOL:
            return self.scalar(bool)
        if tag == _INT:
            return self.scalar(int)
        if tag == _BIG_INT:
            return int.from_bytes(self.scalar(bytes), "little", signed=True)
        if tag == _FLOAT:
            return self.scalar(float)
        if tag == _COMPLEX:
            return complex(self.scalar(float), self.scalar(float))
        if tag == _STR:
            return self.scalar(str)
        if tag == _BYTES:
            return self.scalar(bytes)
        if tag in (_LIST, _TUPLE):
            # an item takes two bytes at least, or one if it is None
            items = [self.read(depth + 1) for _ in range(self.count(self.size))]
            return items if tag == _LIST else tuple(items)
        if tag == _DICT:
            return self.dict(depth)
        if tag == _SCALAR:
            return self.array(self.dtype(), ())[()]
        if tag == _ARRAY:
            return self.array(self.dtype(), self.shape())
        if tag == _TENSOR:
            return self.tensor()
        if tag == _GENERATOR:
            return self.generator(depth)
        if tag == _CALLABLE:
            number = self.scalar(int)
            if self.callables is None:
                raise Malformed("a callable where none is taken")
            return self.callables(number)
        raise Malformed(f"unknown tag {tag}")

    def dict(self, depth: int) -> dict:
        found: dict = {}
        others = 0
        for _ in range(self.count(self.size)):
            key = self.read(depth + 1)
            if not _is_key(key):
                raise Malformed(f"{type(key).__name__} as a key")
            others += type(key) not in (str, bytes)
            if others > _MAX_UNRANDOMISED_KEYS:
                raise Malformed("too many keys that are not text")
            if key in found:
                raise Malformed("a key stands twice")
            found[key] = self.read(depth + 1)
        return found

    def dtype(self) -> np.dtype:
        name = self.scalar(str)
        if name in _NUMBER_DTYPES:
            return np.dtype(name)
        digits = name.removeprefix("<U")
        if (
            name.startswith("<U")
            and digits.isascii()
            and digits.isdecimal()
            and len(digits) <= 9
            and digits[0] != "0"
            and int(digits) <= self.size
        ):
            return np.dtype(name)
        raise Malformed("a dtype that is not plain")

    def shape(self) -> tuple[int, ...]:
        return tuple(self.count(2**62) for _ in range(self.count(_MAX_DIMENSIONS)))

    def array(self, dtype: np.dtype, shape: tuple[int, ...]) -> np.ndarray:
        buffer = self.scalar(bytes)
        if math.prod(shape) * dtype.itemsize != len(buffer):
            raise Malformed("an array whose bytes do not fit its shape")
        flat = np.frombuffer(buffer, dtype)
        if dtype.kind == "b" and flat.view(np.uint8).max(initial=0) > 1:
            raise Malformed("a bool that is neither 0 nor 1")
        if dtype.kind == "U" and np.frombuffer(buffer, "<u4").max(initial=0) > _MAX_CODE_POINT:
            raise Malformed("text with an impossible character")
        try:
            return flat.reshape(shape).copy()
        except ValueError:  # an empty array whose other dimensions overflow
            raise Malformed("an array of impossible shape") from None

    def tensor(self):
        name = self.scalar(str)
        if name not in _TENSOR_DTYPES:
            raise Malformed("a tensor dtype that is not plain")
        array = self.array(np.dtype(_TENSOR_DTYPES[name]), self.shape())
        import torch  # only where a tensor arrives: it takes a second

        tensor = torch.from_numpy(array)
        return tensor.view(torch.bfloat16) if name == "bfloat16" else tensor

    def generator(self, depth: int) -> np.random.Generator:
        name = self.scalar(str)
        expected = _GENERATOR_STATES.get(name)
        if expected is None:
            raise Malformed("an unknown kind of random generator")
        state = self.read(depth + 1)
        if not _fits(state, expected):
            raise Malformed(f"an impossible state of {name}")
        bits = getattr(np.random, name)(0)
        bits.state = {"bit_generator": name, **state}
        return np.random.Generator(bits)


def _is_key(key: Any) -> bool:
    if type(key) is tuple:
        return all(map(_is_key, key))
    return key is None or type(key) in (bool, int, float, complex, str, bytes)


def _fits(state: Any, expected: Any) -> bool:
    """Whether a generator's state has the keys, sizes and ranges that its kind must have."""
    if isinstance(expected, dict):
        return (
            type(state) is dict
            and state.keys() == expected.keys()
            and all(_fits(state[key], part) for key, part in expected.items())
        )
    if isinstance(expected, tuple):
        dtype, length = expected
        return type(state) is np.ndarray and state.dtype.str == dtype and state.shape == (length,)
    return type(state) is int and 0 <= state < expected


def show_key(key: Any) -> str:
    """A plain key of a dict as a message shows it, cut where it is long."""
    try:
        shown = repr(key)  # runs no foreign code: a plain key is of exact built-in types
    except ValueError:  # Python refuses to write an integer of thousands of digits
        return "…"
    return shown if len(shown) <= 40 else f"{shown[:39]}…"


def article(noun: str) -> str:
    """``a list``, ``an int``."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"
