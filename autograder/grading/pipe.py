"""Messages over a socket: a length, then that many bytes of plain data (``unrolled.plain``).

A message is a tuple that starts with a word. The reader believes nothing: a length beyond the limit,
bytes that are no plain data, a message of another form and a message that comes too late each end
the conversation with an error of their own, and none of them takes more memory or time than allowed.
"""

from __future__ import annotations

import select
import socket
import struct
import time
from collections.abc import Callable, Sequence

from unrolled import plain

_LENGTH = struct.Struct(">Q")
_CHUNK = 2**18


class PipeError(Exception):
    """The conversation is over; the message says why."""


class Closed(PipeError):
    """The other side has hung up."""


class Late(PipeError):
    """The other side took longer than it may."""


class Broken(PipeError):
    """The other side sent something that is no message."""


class Channel:
    """One end of a conversation. Deadlines are times of ``time.monotonic()``; None waits for ever."""

    def __init__(self, sock: socket.socket, max_bytes: int = plain.MAX_BYTES):
        sock.setblocking(False)
        self.socket = sock
        self.max_bytes = max_bytes

    def fileno(self) -> int:
        return self.socket.fileno()

    def close(self) -> None:
        self.socket.close()

    def send(
        self,
        message: tuple,
        *,
        until: float | None = None,
        callables: Callable[[Callable], int] | None = None,
        descriptors: Sequence[int] = (),
    ) -> None:
        """Send one message, and open descriptors with it.

        Raises NotPlain, before a byte is sent, for what cannot cross; Closed; Late.
        """
        self.send_packed(self.packed(message, callables), until=until, descriptors=descriptors)

    def packed(self, message: tuple, callables: Callable[[Callable], int] | None = None) -> bytes:
        """The bytes of a message; raises NotPlain for what cannot cross."""
        return plain.pack(message, callables=callables, max_bytes=self.max_bytes, name="message")

    def send_packed(
        self, data: bytes, *, until: float | None = None, descriptors: Sequence[int] = ()
    ) -> None:
        """Send what ``packed`` made."""
        view = memoryview(_LENGTH.pack(len(data)) + data)
        while view:
            try:
                if descriptors:
                    sent = socket.send_fds(self.socket, [view], list(descriptors))
                    descriptors = ()
                else:
                    sent = self.socket.send(view)
            except BlockingIOError:
                self._wait(select.POLLOUT, until)
                continue
            except OSError as error:
                raise Closed(f"the other side has hung up ({error.strerror})") from None
            view = view[sent:]

    def receive(
        self,
        *,
        until: float | None = None,
        callables: Callable[[int], Callable] | None = None,
    ) -> tuple:
        """The next message. Descriptors sent with it are never taken. Raises Closed, Late, Broken."""
        # a sender that never pauses would never be waited for, and so never be late
        if until is not None and time.monotonic() > until:
            raise Late("the other side took too long")
        return self._message(self._exactly(_LENGTH.size, until, []), until, callables)

    def receive_with_descriptors(self, *, until: float | None = None) -> tuple[tuple, list[int]]:
        """The next message of a trusted sender and the descriptors that came with it."""
        taken: list[int] = []
        header = self._exactly(_LENGTH.size, until, taken, descriptors=8)
        return self._message(header, until, None), taken

    def _message(self, header: bytes, until, callables) -> tuple:
        (length,) = _LENGTH.unpack(header)
        if length > self.max_bytes:
            raise Broken(f"a message of {length} bytes; at most {self.max_bytes} are read")
        data = self._exactly(length, until, [])
        try:
            message = plain.unpack(data, callables=callables, max_bytes=self.max_bytes)
        except plain.Malformed as error:
            raise Broken(f"a message that is not plain data: {error}") from None
        if type(message) is not tuple or not message or type(message[0]) is not str:
            raise Broken("a message of unknown form")
        return message

    def _exactly(self, size: int, until, taken: list[int], descriptors: int = 0) -> bytes:
        data = bytearray()  # grows with what arrives, not with what was announced
        while len(data) < size:
            wanted = min(size - len(data), _CHUNK)
            try:
                if descriptors:
                    chunk, found, _, _ = socket.recv_fds(self.socket, wanted, descriptors)
                    taken.extend(found)
                else:
                    chunk = self.socket.recv(wanted)
            except BlockingIOError:
                self._wait(select.POLLIN, until)
                continue
            except OSError as error:
                raise Closed(f"the other side has hung up ({error.strerror})") from None
            if not chunk:
                raise Closed("the other side has hung up")
            data += chunk
            if until is not None and time.monotonic() > until and len(data) < size:
                raise Late("a message that did not end in time")
        return bytes(data)

    def _wait(self, event: int, until: float | None) -> None:
        poll = select.poll()
        poll.register(self.socket, event)
        if until is None:
            poll.poll()
            return
        left = until - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise Late("the other side took too long")
