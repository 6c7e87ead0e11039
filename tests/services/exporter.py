"""A tiny exporter: an HTTP server on loopback that gives Prometheus a text."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Exporter:
    """``text`` may be changed while it runs."""

    target: str
    text: str


@contextmanager
def exporter(text: str) -> Iterator[Exporter]:
    """Serve until the block ends."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = exported.text.encode()
            self.send_response(200)
            self.send_header("content-type", "text/plain; version=0.0.4")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    exported = Exporter(f"127.0.0.1:{server.server_port}", text)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}
    )
    thread.start()
    try:
        yield exported
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
