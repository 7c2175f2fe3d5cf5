"""Messages between processes: what is sent arrives, and nothing that arrives is believed."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import threading
import time

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.grading import arguments, outputs
from autograder.grading.limits import Limits
from autograder.grading.pipe import Broken, Channel, Closed, Late, PipeError
from autograder.grading.remote import Gone, Remote, RemoteFunction, TooSlow, exception_from
from unrolled import plain


@pytest.fixture
def ends():
    one, two = socket.socketpair()
    with one, two:
        yield Channel(one, 2**20), Channel(two, 2**20)


def soon(seconds: float = 5.0) -> float:
    return time.monotonic() + seconds


# ---- messages ----------------------------------------------------------------------------------


def test_a_message_arrives_as_it_was_sent(ends):
    message = ("call", 7, {"x": np.arange(3.0), "t": torch.ones(2)}, [None, True, "é", b"\0"])
    ends[0].send(message)
    kind, number, data, rest = ends[1].receive(until=soon())
    assert (kind, number, rest) == ("call", 7, [None, True, "é", b"\0"])
    assert np.array_equal(data["x"], np.arange(3.0)) and torch.equal(data["t"], torch.ones(2))


def test_messages_larger_than_the_sockets_buffer_arrive(ends):
    big = ("big", np.arange(100_000.0))
    sender = threading.Thread(target=ends[0].send, args=(big,))
    sender.start()
    assert np.array_equal(ends[1].receive(until=soon())[1], big[1])
    sender.join()


def test_descriptors_travel_with_a_message_to_those_who_take_them(ends):
    read, write = os.pipe()
    ends[0].send(("take",), descriptors=[write])
    ends[0].send(("next",))
    message, (taken,) = ends[1].receive_with_descriptors(until=soon())
    assert message == ("take",)
    os.write(taken, b"through")
    assert os.read(read, 7) == b"through"
    assert ends[1].receive_with_descriptors(until=soon()) == (("next",), [])
    for number in (read, write, taken):
        os.close(number)


def test_descriptors_that_nobody_asked_for_are_not_taken(ends):
    before = len(os.listdir("/dev/fd"))
    ends[0].send(("here", 1), descriptors=[0, 1, 2])
    assert ends[1].receive(until=soon()) == ("here", 1)
    assert len(os.listdir("/dev/fd")) == before


def test_what_is_too_large_is_not_sent_and_not_read(ends):
    with pytest.raises(plain.NotPlain):
        ends[0].send(("big", bytes(2**21)))
    ends[0].socket.sendall(struct.pack(">Q", 2**40))
    with pytest.raises(Broken, match="at most"):
        ends[1].receive(until=soon())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        np.random.default_rng(7).bytes(64),
        plain.pack([1]),
        plain.pack(()),
        plain.pack((1, "a")),
    ],
)
def test_bytes_that_are_no_message_end_the_conversation(ends, data):
    ends[0].socket.sendall(struct.pack(">Q", len(data)) + data)
    with pytest.raises(Broken):
        ends[1].receive(until=soon())


def test_silence_ends_in_time(ends):
    start = time.monotonic()
    with pytest.raises(Late):
        ends[1].receive(until=soon(0.1))
    assert time.monotonic() - start < 2


def test_a_message_that_trickles_in_ends_in_time(ends):
    stop = threading.Event()

    def trickle():
        ends[0].socket.sendall(struct.pack(">Q", 2**19))
        while not stop.wait(0.01):
            ends[0].socket.send(b"\0")

    sender = threading.Thread(target=trickle)
    sender.start()
    try:
        with pytest.raises(Late):
            ends[1].receive(until=soon(0.2))
    finally:
        stop.set()
        sender.join()


def test_messages_without_a_pause_end_in_time(ends):
    stop = threading.Event()

    def flood():
        while not stop.is_set():
            with contextlib.suppress(PipeError):
                ends[0].send(("more",), until=soon(0.1))

    sender = threading.Thread(target=flood)
    sender.start()
    try:
        until = soon(0.3)
        with pytest.raises(Late):
            while True:
                ends[1].receive(until=until)
        assert time.monotonic() < until + 1
    finally:
        stop.set()
        sender.join()


def test_a_reader_that_does_not_read_ends_in_time(ends):
    with pytest.raises(Late):
        for _ in range(1000):
            ends[0].send(("more", bytes(2**16)), until=soon(0.1))


def test_hanging_up_is_noticed_by_reader_and_writer(ends):
    ends[0].close()
    with pytest.raises(Closed):
        ends[1].receive(until=soon())
    with pytest.raises(Closed):
        for _ in range(3):
            ends[1].send(("anyone?", 1), until=soon())


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_crash_or_hang_the_reader(data, framed):
    one, two = socket.socketpair()
    with one, two:
        one.sendall(struct.pack(">Q", len(data)) + data if framed else data)
        one.shutdown(socket.SHUT_WR)
        try:
            message = Channel(two, 2**16).receive(until=soon())
        except PipeError:
            return
        assert type(message) is tuple and type(message[0]) is str


# ---- answers to requests -----------------------------------------------------------------------


class Script(threading.Thread):
    """A student's process that answers each request with the next of some messages."""

    def __init__(self, channel: Channel, *answers):
        super().__init__(daemon=True)
        self.channel = channel
        self.answers = answers
        self.heard = []

    def run(self):
        for answer in self.answers:
            try:
                message = self.channel.receive(until=soon(), callables=lambda handle: len)
                self.heard.append(message)
                for part in answer if isinstance(answer, list) else [answer]:
                    self.channel.send(part(message) if callable(part) else part, until=soon())
            except PipeError:
                return


@pytest.fixture
def remote_with(ends):
    def make(*answers) -> tuple[Remote, Script]:
        script = Script(ends[1], *answers)
        script.start()
        remote = Remote(ends[0], Limits(grace=0.3))
        remote.deadline = soon(0.3)
        return remote, script

    return make


@pytest.mark.parametrize(
    "answer",
    [
        ("returned", 2, 1, {}),
        ("returned", "1", 1, {}),
        ("returned", 1.0, 1, {}),
        ("returned",),
        ("returned", 1, 1),
        ("returned", 1, 1, []),
        ("returned", 1, 1, {1.5: 2}),
        ("ran", 1, [], 1, "ok", False),
        ("raised", 1, {}, {}),
        ("raised", 1, {"kinds": "abc"}, {}),
        ("raised", 1, 5, {}),
        ("timeout", 1, 2),
        ("callback", 1),
        ("callback", 1, 2, 3, 4),
        ("callback", 1, 2, (), {1: 2}),
        ("unheard of", 1),
    ],
)
def test_an_answer_of_another_form_ends_the_conversation(remote_with, answer):
    remote, _ = remote_with(answer)
    with pytest.raises(Gone) as gone:
        remote.call("f", None, (), {})
    assert gone.value.status == "protocol"
    assert not remote.usable
    with pytest.raises(Gone):
        remote.call("f", None, (), {})


def test_a_late_answer_is_not_taken_for_the_next_one(remote_with):
    remote, _ = remote_with([("returned", 1, "first", {}), ("returned", 1, "again", {})])
    assert remote.call("f", None, (), {}) == "first"
    with pytest.raises(Gone, match="not asked"):
        remote.call("f", None, (), {})


def test_calls_back_work_nested_and_end_with_the_test(remote_with):
    seen = []
    remote, script = remote_with(
        ("callback", 1, 1, (2,), {"y": 3}), ("returned", 1, "done", {}), ("done", 2), ("done", 3)
    )
    assert remote.call("f", None, (lambda x, y: seen.append((x, y)),), {}) == "done"
    assert seen == [(2, 3)]
    assert script.heard[1] == ("answer", 1, None, {})
    remote.end()
    assert remote._callables == {}


def test_an_unknown_function_is_refused_and_the_conversation_goes_on(remote_with):
    remote, script = remote_with(("callback", 1, 5, (), {}), ("returned", 1, "done", {}))
    assert remote.call("f", None, (), {}) == "done"
    assert script.heard[1][:3] == ("refused", 1, "RuntimeError")


def test_an_interrupted_call_is_over_whatever_the_test_makes_of_it(remote_with):
    remote, _ = remote_with(("timeout", 1))
    with pytest.raises(TooSlow):
        remote.call("f", None, (), {})
    assert remote.over is not None and remote.usable


def test_a_stub_can_be_called_and_nothing_else(remote_with):
    remote, _ = remote_with()
    stub = RemoteFunction(remote, 3, "f", [("x", 1, False), ("y", 1, True)])
    assert str(__import__("inspect").signature(stub)) == "(x, y=None)"
    assert not np.array_equal(stub, stub) or np.asarray(stub).dtype == object
    for name in ("shape", "dtype", "sum", "__array__", "__len__", "all", "equal"):
        assert not hasattr(stub, name)


# ---- exceptions ----------------------------------------------------------------------------------


def told(*kinds: str, message: str = "m") -> dict:
    return {"kinds": list(kinds), "message": message, "line": "x", "number": 1, "cell": "c"}


@pytest.mark.parametrize(
    "kinds, base",
    [
        (["ValueError", "Exception"], ValueError),
        (["Mine", "KeyError", "LookupError"], KeyError),
        (["LinAlgError", "ValueError"], ValueError),
        (["AssertionError"], AssertionError),
        (["UnicodeDecodeError", "ValueError"], RuntimeError),
        (["StopIteration", "Exception"], RuntimeError),
        (["Mine", "StopIteration"], RuntimeError),
        (["GeneratorExit", "BaseException"], RuntimeError),
        (["KeyboardInterrupt"], RuntimeError),
        (["SystemExit"], RuntimeError),
        (["Over", "Gone"], RuntimeError),
        (["print"], RuntimeError),
        (["not a name"], RuntimeError),
    ],
)
def test_an_exception_is_raised_again_as_a_harmless_one_of_its_kind(kinds, base):
    error = exception_from(told(*kinds, message="it's wrong"))
    assert isinstance(error, base) and isinstance(error, Exception)
    assert not isinstance(error, StopIteration)
    assert str(error) == "it's wrong"
    assert error.student["line"] == "x"


@pytest.mark.parametrize(
    "change",
    [
        {"kinds": []},
        {"kinds": [1]},
        {"kinds": ["A"] * 99},
        {"message": 1},
        {"message": "x" * 10_000},
        {"number": "1"},
        {"number": -1},
        pytest.param({"number": 10**5000}, id="huge"),
        {"line": 3},
        {"more": 1},
    ],
)
def test_an_exception_of_another_form_is_none(change):
    assert exception_from({**told("ValueError"), **change}) is None


# ---- arguments changed in place ------------------------------------------------------------------


def over_there(function, *args, **kwargs):
    """Call a function as another process would: on copies, with changes sent back."""
    there_args, there_kwargs = plain.unpack(plain.pack((args, kwargs)))
    before = arguments.fingerprints(there_args, there_kwargs)
    function(*there_args, **there_kwargs)
    changed = arguments.changes(there_args, there_kwargs, before)
    arguments.take_over(args, kwargs, plain.unpack(plain.pack(changed)))
    return changed


def test_changes_reach_the_callers_own_objects():
    x, t, rng = np.zeros((2, 3)), torch.zeros(2), np.random.default_rng(1)
    nested = {"layers": [np.zeros(2), np.zeros(2)], "step": 1}
    view, inner = x[0], nested["layers"][1]

    def change(x, t, rng, nested):
        x[0, 1] = 5
        t += 1
        rng.normal()
        nested["layers"][1] += 2
        nested["step"] += 1
        nested["new"] = "key"

    changed = over_there(change, x, t, rng=rng, nested=nested)
    assert set(changed) == {0, 1, "rng", "nested"}
    assert view[1] == 5 and t.tolist() == [1, 1] and inner.tolist() == [2, 2]
    assert nested["layers"][1] is inner and nested["step"] == 2 and nested["new"] == "key"
    fresh = np.random.default_rng(1)
    fresh.normal()
    assert rng.normal() == fresh.normal()


def test_what_is_only_read_is_not_sent_back():
    assert over_there(lambda x, y: x.sum() + y[0], np.ones(3), [1, 2]) == {}


def test_lists_and_tuples_change_as_in_one_process():
    items, pair = [1, 2, 3], (np.zeros(1), "a")

    def change(items, pair):
        items.pop()
        items.append("x")
        items.append(4)
        pair[0][0] = 9

    over_there(change, items, pair)
    assert items == [1, 2, "x", 4] and pair[0][0] == 9


def test_a_read_only_argument_raises_as_it_would_in_one_process():
    x = np.zeros(2)
    x.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        over_there(lambda x: x.fill(1), x)


@pytest.mark.parametrize(
    "args, changed",
    [
        ((np.zeros(2),), {0: np.zeros(3)}),
        ((np.zeros(2),), {0: np.ones(2, np.float32)}),
        ((np.zeros(2),), {0: "text"}),
        ((np.zeros(2),), {1: np.ones(2)}),
        ((np.zeros(2),), {"x": np.ones(2)}),
        (((1, 2),), {0: (1, 2, 3)}),
        ((torch.zeros(2),), {0: np.ones(2)}),
    ],
)
def test_changes_that_cannot_have_happened_are_errors(args, changed):
    with pytest.raises(ValueError):
        arguments.take_over(args, {}, changed)


# ---- outputs -----------------------------------------------------------------------------------------


def test_sound_outputs_pass_unchanged():
    sent = [
        {"output_type": "stream", "name": "stdout", "text": "a"},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["t"]},
        {"output_type": "display_data", "data": {"text/plain": "p"}, "metadata": {}},
        {
            "output_type": "execute_result",
            "data": {"image/png": "aGk="},
            "metadata": {},
            "execution_count": 2,
        },
    ]
    assert outputs.clean_outputs(sent, 1000) == (sent, 0)


@pytest.mark.parametrize(
    "output",
    [
        5,
        {},
        {"output_type": "script"},
        {"output_type": "stream", "name": "stdin", "text": "a"},
        {"output_type": "stream", "name": "stdout", "text": ["a", 1]},
        {"output_type": "error", "ename": 1, "evalue": "", "traceback": []},
        {"output_type": "error", "ename": "", "evalue": "", "traceback": "text"},
        {"output_type": "display_data", "data": {"application/javascript": "alert(1)"}},
        {"output_type": "display_data", "data": {"image/svg+xml": "<svg onload=alert(1)>"}},
        {"output_type": "display_data", "data": {"image/png": '"><script>'}},
        {"output_type": "display_data", "data": {"text/html": 5}},
        {"output_type": "display_data", "data": "text"},
        {"output_type": "stream", "name": "stdout", "text": "x" * 2000},
    ],
)
def test_unsound_outputs_are_left_out(output):
    assert outputs.clean_outputs([output], 1000) == ([], 1)


@pytest.mark.parametrize("count", ["1", -1, True, 2**31])
def test_only_what_is_known_is_kept_of_an_output(count):
    sent = {
        "output_type": "execute_result",
        "data": {"text/plain": ["a", "\ud800"], "application/x-evil": "b"},
        "metadata": {"image/png": {"width": "x" * 99}, "evil": 1},
        "execution_count": count,
        "more": 2,
    }
    (kept,), left_out = outputs.clean_outputs([sent], 1000)
    assert kept == {
        "output_type": "execute_result",
        "data": {"text/plain": "a?"},
        "metadata": {},
        "execution_count": None,
    }
    assert left_out == 0
