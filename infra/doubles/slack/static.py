"""The page's files, sent with a policy that allows nothing from elsewhere and nothing inline."""

from pathlib import Path

from infra.doubles.slack.http import Reply, json_reply

FOLDER = Path(__file__).parent
TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
FILES = {f"/{path.name}": path for path in sorted(FOLDER.iterdir()) if path.suffix in TYPES}
POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def serve(path: str) -> Reply:
    file = FOLDER / "page.html" if path == "/" or path.startswith("/archives/") else FILES.get(path)
    if file is None:
        return json_reply({"ok": False, "error": "not found"}, 404)
    headers = {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    return Reply(200, file.read_bytes(), f"{TYPES[file.suffix]}; charset=utf-8", headers)
