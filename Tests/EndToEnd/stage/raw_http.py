"""HTTP by plain sockets: what no honest client sends, and what comes back read byte by byte."""

import socket
import struct
import time


class RawConnection:
    """One connection. What it reads is bounded in time."""

    def __init__(self, port, timeout=20.0):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout)
        self._buffer = b""

    def send(self, data):
        """False where the server takes no more."""
        try:
            self._socket.sendall(data)
            return True
        except (ConnectionError, socket.timeout):
            return False

    def send_what_fits(self, data, patience=2.0):
        """How much of it the server takes before it takes nothing for a while."""
        self._socket.settimeout(patience)
        sent = 0
        try:
            while sent < len(data):
                sent += self._socket.send(data[sent : sent + 65_536])
        except (ConnectionError, socket.timeout):
            pass
        return sent

    def shut_sending(self):
        self._socket.shutdown(socket.SHUT_WR)

    def reset(self):
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def close(self):
        self._socket.close()

    def answer(self, to_head=False):
        """The next answer as (status, headers in lower case, body); None at the end of the connection."""
        while b"\r\n\r\n" not in self._buffer:
            if not self._fill():
                assert not self._buffer, f"the connection ends in a head: {self._buffer[:200]!r}"
                return None
        head, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
        lines = head.decode("ascii").split("\r\n")
        version, status, _ = lines[0].split(" ", 2)
        assert version == "HTTP/1.1"
        headers = {}
        for line in lines[1:]:
            name, value = line.split(": ", 1)
            assert name.lower() not in headers, f"twice: {name}"
            headers[name.lower()] = value
        assert "transfer-encoding" not in headers
        length = 0 if to_head or status in ("100", "204", "304") else int(headers["content-length"])
        while len(self._buffer) < length:
            assert self._fill(), "the connection ends in a body"
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        return int(status), headers, body

    def end(self):
        """How the connection ends, without a further byte: "closed" or "reset"."""
        try:
            assert not self._buffer, f"bytes behind the last answer: {self._buffer[:200]!r}"
            assert not self._fill(), f"bytes behind the last answer: {self._buffer[:200]!r}"
            return "closed"
        except ConnectionResetError:
            return "reset"

    def _fill(self):
        data = self._socket.recv(65_536)
        self._buffer += data
        return bool(data)


def trickle(connection, data, pause):
    """Sends byte after byte; False as soon as the server takes no more."""
    for byte in data:
        if not connection.send(bytes([byte])):
            return False
        time.sleep(pause)
    return True
