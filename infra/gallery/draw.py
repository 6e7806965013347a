"""Pictures of scenes, drawn by the local Slack's page in a browser without a screen, and one page with them all."""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any

from infra.doubles.slack import static
from infra.doubles.slack.http import HttpServer, Reply, Request, json_reply
from infra.gallery.samples import NOW
from infra.gallery.scene import Scene

FOLDER = Path(__file__).parent
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
USERS = {key: {"name": name.lower(), "real_name": name} for key, name in (("U0ANA", "Ana"), ("U0TOM", "Tom"))}
CHANNELS = [{"id": "C0SOCIAL", "name": "care-social"}]


class NoBrowser(Exception):
    """No Chromium was found on this machine."""


def draw(scenes: Sequence[Scene], folder: Path) -> list[Path]:
    """One PNG per scene and ``index.html``; what stood there before goes. Raises NoBrowser."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    with opened(scenes) as page:
        files = [_picture(page, one, folder) for one in scenes]
    (folder / "index.html").write_text(index(scenes), encoding="utf-8")
    return files


@contextmanager
def opened(scenes: Sequence[Scene]) -> Iterator[Any]:
    """A browser's page with all scenes on it. Raises NoBrowser."""
    with _server(scenes) as url, _page(url, len(scenes)) as page:
        yield page


def _picture(page: Any, scene: Scene, folder: Path) -> Path:
    file = folder / f"{scene.name}.png"
    page.locator(f"[id='{scene.name}']").screenshot(path=str(file), animations="disabled")
    return file


@contextmanager
def _page(url: str, count: int) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    browser_path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser_path is None:
        raise NoBrowser("install Chromium: the pictures are drawn by it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path)
        try:
            page = browser.new_page(viewport={"width": 800, "height": 900}, timezone_id="UTC", locale="en-GB")
            page.clock.set_fixed_time(NOW)
            page.goto(f"{url}/gallery")
            page.wait_for_selector(f"body[data-drawn='{count}']", timeout=60_000)
            yield page
        finally:
            browser.close()


@contextmanager
def _server(scenes: Sequence[Scene]) -> Iterator[str]:
    told = {"scenes": [one.as_json() for one in scenes], "users": USERS, "channels": CHANNELS}

    def front(request: Request) -> Reply:
        if request.path == "/scenes.json":
            return json_reply(told)
        name = {"/gallery": "gallery.html"}.get(request.path, request.path.removeprefix("/"))
        file = FOLDER / name
        if file.name in ("gallery.html", "gallery.js", "gallery.css") and file.parent == FOLDER:
            return Reply(200, file.read_bytes(), f"{TYPES[file.suffix]}; charset=utf-8")
        return static.serve(request.path)

    server = HttpServer(0, front)
    server.begin()
    try:
        yield server.url
    finally:
        server.end()


def index(scenes: Sequence[Scene]) -> str:
    """All pictures on one page, each with its name and what stands behind it."""
    figures = "\n".join(_figure(one) for one in scenes)
    style = (FOLDER / "index.css").read_text(encoding="utf-8")
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Heed: gallery</title><style>{style}</style>'
    return f"{head}\n{figures}\n</html>\n"


def _figure(scene: Scene) -> str:
    name, source = escape(scene.name), escape(json.dumps(scene.as_json(), ensure_ascii=False, indent=1))
    picture = f'<a href="{name}.png"><img loading="lazy" src="{name}.png" alt="{name}"></a>'
    words = f"<details><summary>blocks</summary><pre>{source}</pre></details>"
    return f'<figure id="{name}"><figcaption>{name}</figcaption>{picture}{words}</figure>'
