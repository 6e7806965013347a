"""The least that is like Slack: takes every message at once and counts the cards, in a process of its own."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

_stamps = count(1)
_cards = count()
_seen = [0]


class Slackling(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        posted = json.loads(body) if body[:1] == b"{" else {}
        if self.path.endswith("chat.postMessage") and "thread_ts" not in posted:
            _seen[0] = next(_cards) + 1
        self._say({"ok": True, "ts": f"1780315200.{next(_stamps):06d}", "channel": posted.get("channel", "C0")})

    def do_GET(self) -> None:
        self._say({"cards": _seen[0]})

    def _say(self, data: dict[str, Any]) -> None:
        raw = json.dumps(data).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(raw)}\r\n\r\n"
        self.wfile.write(head.encode() + raw)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing to say."""


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slackling)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
