"""A merchant's webhook endpoint that writes down what arrives, and refuses as often as it is told to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import stripe


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    body: bytes
    signature: str

    def verified(self, secret: str) -> stripe.Event:
        """Raises SignatureVerificationError unless the SDK finds the signature right."""
        event: stripe.Event = stripe.Webhook.construct_event(self.body, self.signature, secret)
        return event


@dataclass(slots=True, kw_only=True)
class Sink:
    url: str = ""
    refuse: int = 0
    arrivals: list[Arrival] = field(default_factory=list)

    def types(self, secret: str) -> list[str]:
        return [event.type for event in self.events(secret)]

    def events(self, secret: str) -> list[stripe.Event]:
        return [arrival.verified(secret) for arrival in self.arrivals]


@contextmanager
def running_sink() -> Iterator[Sink]:
    sink = Sink()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            refused = sink.refuse > 0
            if refused:
                sink.refuse -= 1
            else:
                sink.arrivals.append(Arrival(body=body, signature=self.headers["Stripe-Signature"]))
            self.send_response(503 if refused else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its base class's name
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sink.url = f"http://127.0.0.1:{server.server_port}/webhooks"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield sink
    server.shutdown()
    server.server_close()
