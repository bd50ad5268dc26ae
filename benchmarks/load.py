"""A small HTTP client that keeps its connections: prepared bytes out, answers counted and timed."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Request:
    """One request, and the status that its answer must have."""

    content: bytes
    status: int = 200


@dataclass
class Result:
    """What a run came to."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many were answered as they should be."""
        return len(self.latencies)

    def quantile(self, q: float) -> float:
        """That quantile of the latencies, in seconds."""
        ordered = sorted(self.latencies)
        return ordered[min(int(q * len(ordered)), len(ordered) - 1)] if ordered else 0.0


@dataclass
class Answer:
    """Status, headers and body as they came over the wire."""

    status: int
    head: bytes
    body: bytes

    @property
    def size(self) -> int:
        """Bytes on the wire."""
        return len(self.head) + len(self.body)


def make(
    method: str,
    path: str,
    *,
    cookies: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    status: int = 200,
) -> Request:
    """Bytes of one request; a body is a form."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Accept-Encoding: gzip"]
    if cookies:
        lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in cookies.items()))
    if method == "POST":
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return Request(("\r\n".join(lines) + "\r\n\r\n").encode() + body, status)


class Connection:
    """One kept connection to loopback."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def ask(self, request: Request) -> Answer:
        """Send one request and read its answer whole."""
        self._socket.sendall(request.content)
        head, data = self._until(self._rest, b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        fields = head.lower()
        if status in (204, 304) or request.content.startswith(b"HEAD"):
            self._rest = data
            return Answer(status, head, b"")
        if b"\r\ncontent-length:" in fields:
            length = int(fields.split(b"\r\ncontent-length:")[1].split(b"\r\n")[0])
            while len(data) < length:
                data += self._more()
            self._rest = data[length:]
            return Answer(status, head, data[:length])
        body, self._rest = self._until(data, b"0\r\n\r\n")
        return Answer(status, head, body)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _until(self, data: bytes, end: bytes) -> tuple[bytes, bytes]:
        while end not in data:
            data += self._more()
        before, _, after = data.partition(end)
        return before + end, after

    def _more(self) -> bytes:
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionError("the server closed the connection in the middle of an answer")
        return data


def fetch(port: int, request: Request) -> Answer:
    """One answer over a connection of its own."""
    connection = Connection(port)
    try:
        return connection.ask(request)
    finally:
        connection.close()


def run(
    port: int,
    requests: Iterator[Request],
    *,
    clients: int,
    seconds: float,
    change: Callable[[], None] | None = None,
) -> Result:
    """Send from that many clients until the time is over or there are no more requests, each after a `change`; raises
    on a wrong status.
    """
    result, lock, problems = Result(), threading.Lock(), []
    begin = time.perf_counter()
    until = begin + seconds

    def client() -> None:
        connection = Connection(port)
        mine: list[float] = []
        try:
            while time.perf_counter() < until:
                with lock:
                    request = next(requests, None)
                if request is None:
                    break
                if change:
                    change()
                sent = time.perf_counter()
                answer = connection.ask(request)
                mine.append(time.perf_counter() - sent)
                if answer.status != request.status:
                    first = request.content.split(b"\r\n")[0].decode()
                    raise AssertionError(
                        f"{first}: {answer.status} instead of {request.status}\n{answer.body[:3000]!r}"
                    )
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()
            with lock:
                result.latencies += mine

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result.seconds = time.perf_counter() - begin
    if problems:
        raise problems[0]
    return result
