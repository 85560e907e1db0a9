"""A stand-in for a language model on this machine: it records its requests, and gives the answers that a test sets."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

KEY = "not-a-real-key-0123456789"


class Stand:
    """The stand-in: `answer`, `status` and `delay` set how it answers, `requests` holds what it was sent."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        stand = self

        class Answers(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                stand.requests.append((self.path, dict(self.headers), json.loads(body)))
                time.sleep(stand.delay)
                try:
                    self.send_response(stand.status)
                    if stand.status == 302:
                        self.send_header("Location", "http://127.0.0.1:9/")
                    self.end_headers()
                    self.wfile.write(stand.raw())
                except OSError:
                    pass  # the client has given up

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.reset()

    def reset(self) -> None:
        """Answer at once and without an error again, and forget the requests."""
        self.status, self.delay, self.answer, self.body = 200, 0.0, "Look at the *first* cell.", b""
        self.requests.clear()

    def raw(self) -> bytes:
        """The body of an answer."""
        return self.body or json.dumps({"choices": [{"message": {"content": self.answer}}]}).encode()


@pytest.fixture(scope="session")
def stand() -> Iterator[Stand]:
    """The stand-in, shared by all tests of a run."""
    stand = Stand()
    yield stand
    stand.server.shutdown()
    stand.server.server_close()
