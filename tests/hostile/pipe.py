"""Attacks on the conversation between the student's process and its examiner."""

from __future__ import annotations

from tests.hostile.corpus import Attack
from tests.hostile.forging import code

KIND = "attacking the pipe"

SOCKETS = code(
    """
    import os, socket, stat, struct, time

    def sockets():
        for number in range(256):
            try:
                if stat.S_ISSOCK(os.fstat(number).st_mode):
                    yield number
            except OSError:
                pass

    def say(data):
        for number in sockets():
            try:
                os.set_blocking(number, True)
                while data:
                    data = data[os.write(number, data):]
            except OSError:
                pass

    def frame(data):
        return struct.pack(">Q", len(data)) + data

    def message(*parts):
        from unrolled import plain
        return frame(plain.pack(parts))
    """
)
"""Finds the one socket that the process has, whatever its number, and writes to it."""


def within(body: str, exercise: str = "scale", arguments: str = "x, factor") -> str:
    """An answer that first does something else and then what it should."""
    lines = "".join(f"    {line}\n" for line in code(body).splitlines())
    return f"{SOCKETS}\ndef {exercise}({arguments}):\n{lines}    return factor * x\n"


def attack(name: str, tries: str, body: str, status: str = "protocol", **more) -> Attack:
    """An attack made while `scale` is called: it costs that exercise's points alone."""
    more.setdefault("earns", {"scale": 0})
    return Attack(name, tries, answers={"scale": within(body)}, told=status, **more)


REPLY = """
import sys
caller = sys._getframe()
while "number" not in caller.f_locals or "target" not in caller.f_locals:
    caller = caller.f_back
number = caller.f_locals["number"]
"""
"""The number of the request that is being answered, from the frame that serves it."""

ATTACKS = (
    attack(
        "garbage on every descriptor",
        "write what is no message to every descriptor there is",
        r"""
        for number in range(256):
            try:
                os.write(number, b"\xff" * 4096)
            except OSError:
                pass
        """,
    ),
    Attack(
        "garbage from a cell",
        "the same while an ordinary cell runs: the rest runs again without it",
        first=SOCKETS + 'say(b"\\xff" * 4096)\n',
        told="protocol",
    ),
    attack("a huge message", "announce a message of 2^62 bytes", 'say(struct.pack(">Q", 2**62))'),
    attack(
        "a large message that never comes",
        "announce as much as is allowed, send a little and fall silent",
        """
        say(struct.pack(">Q", 2**22) + b"x" * 100)
        time.sleep(60)
        """,
        status="timeout",
    ),
    attack(
        "half a length",
        "send four of the eight bytes of a length and fall silent",
        r"""
        say(b"\0\0\0\0")
        time.sleep(60)
        """,
    ),
    attack(
        "a trickle",
        "send a message byte by byte, for ever",
        r"""
        import signal
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        say(struct.pack(">Q", 2**22))
        while True:
            say(b"\0")
            time.sleep(0.01)
        """,
        status="timeout",
    ),
    attack(
        "calls back without end",
        "ask for a function that was never given, again and again",
        """
        import signal
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        while True:
            say(message("callback", 1, 77, (), {}))
            time.sleep(0.002)
        """,
        status="timeout",
    ),
    Attack(
        "calls back from a cell without end",
        "the same while no test runs and nobody expects a call",
        first=SOCKETS
        + code(
            """
            import signal
            signal.signal(signal.SIGALRM, signal.SIG_IGN)
            flood = message("callback", 1, 77, (), {}) * 50
            while True:
                say(flood)
                for number in sockets():
                    try:
                        os.set_blocking(number, False)
                        os.read(number, 2**16)
                    except OSError:
                        pass
            """
        ),
        told="timeout",
    ),
    attack(
        "answers ahead",
        "answer questions that have not been asked yet, all of them with success",
        REPLY
        + """
for ahead in range(1, 40):
    say(message("returned", number + ahead, 3.0 * x, {}))
""",
    ),
    attack(
        "a verdict of its own",
        "send the messages that an examiner sends to the worker",
        """
        say(message("exercise", "scale", 2.0, "passed", "", None, ""))
        say(message("finished",))
        """,
    ),
    attack(
        "nested too deeply",
        "a message of a million lists in lists",
        r"""
        say(frame(b"\x09\x02" + b"\x08\x01" * 1_000_000))
        """,
    ),
    attack(
        "handles never given",
        "results that refer to functions and objects that do not exist",
        REPLY
        + r"""
from unrolled import plain
for handle in (0, -1, 2**31, -2**63, 5):
    data = plain.pack(("returned", number, len, {}), callables=lambda f: handle)
    say(frame(data))
""",
    ),
    attack(
        "one key a hundred thousand times",
        "dicts made to collide",
        r"""
        import msgpack
        pack = msgpack.Packer().pack
        number_ = lambda i: (i * (2**61 - 1)).to_bytes(16, "little")
        keys = b"".join(pack(part) for i in range(100_000) for part in (3, number_(i), 0))
        say(frame(b"\x09\x02\x06" + pack("returned") + pack(10) + pack(100_000) + keys))
        """,
    ),
    attack(
        "an array larger than its bytes",
        "shapes that do not fit the data, and one whose product overflows",
        REPLY
        + r"""
import msgpack
pack = msgpack.Packer().pack
array = b"".join(map(pack, (12, "<f8", 3, 2**40, 2**40, 0, b"")))
say(frame(b"\x09\x04\x06" + pack("returned") + b"\x02" + pack(number) + array + b"\x0a\x00"))
""",
    ),
    attack(
        "changes to arguments that were not given",
        "say that a hundred other arguments have changed, and this one into another kind",
        REPLY
        + """
changed = {i: "text" for i in range(100)} | {"allclose": 1.0}
say(message("returned", number, 3.0 * x, changed))
time.sleep(60)
""",
        status=(),
    ),
    attack(
        "an exception that is none",
        "describe an exception by huge numbers, empty names and names of the grader's",
        REPLY
        + """
say(message("raised", number, {"kinds": ["Passed"], "message": "", "line": "x" * 10**6,
                               "number": 10**5000, "cell": "scale"}, {}))
time.sleep(60)
""",
    ),
    Attack(
        "outputs that are none",
        "send outputs that no shell makes: huge counts, wrong kinds, a million of them",
        first=SOCKETS
        + code(
            """
            number = 3  # the start, the imports and this cell
            results = [{"output_type": "execute_result", "execution_count": n, "metadata": 5,
                        "data": {"text/plain": "x", "application/javascript": "alert(1)"}}
                       for n in (10**5000, -1, 2**63)]
            results += [{"output_type": "stream", "name": n, "text": t}
                        for n, t in (("stdin", "x"), ("stdout", 5), ("stdout", ["x"]))]
            results += [None, 5, [], {"output_type": []}, {"output_type": "error"}] * 1000
            say(message("ran", number, results, 10**5000, "ok", False))
            time.sleep(60)
            """
        ),
        # the forged answer is taken, the true one that follows it breaks whatever runs next, again
        # and again; the last process runs the answers alone
        earns={"scale": 0},
        told=("output", "protocol", "skipped"),
    ),
    attack(
        "descriptors nobody asked for",
        "send open files along with messages, until the receiver has too many",
        """
        for number in sockets():
            with socket.socket(fileno=os.dup(number)) as pipe:
                pipe.setblocking(True)
                for _ in range(300):
                    socket.send_fds(pipe, [message("callback", 1, 77, (), {})], [0, 1, 2])
                    pipe.recv(2**16)
        """,
        status=(),
        earns={},
    ),
    attack(
        "two speakers",
        "fork, and have parent and child both answer",
        """
        if os.fork() == 0:
            for _ in range(20):
                say(message("returned", 1, 0.0, {}))
                time.sleep(0.01)
            os._exit(0)
        time.sleep(0.5)
        """,
    ),
    attack(
        "a deaf process",
        "never read, so that whoever sends large arguments waits",
        """
        import signal
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        for number in sockets():
            pipe = socket.socket(fileno=os.dup(number))
            pipe.shutdown(socket.SHUT_RD)
        time.sleep(60)
        """,
        status="timeout",
    ),
)
