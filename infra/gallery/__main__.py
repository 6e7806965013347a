"""``python -m infra.gallery``: draw everything into ``build/gallery``."""

import sys
from pathlib import Path

from infra.gallery.draw import NoBrowser, draw
from infra.gallery.scenes import scenes


def main(folder: Path) -> int:
    try:
        files = draw(scenes(), folder)
    except NoBrowser as error:
        sys.stderr.write(f"gallery: {error}\n")
        return 1
    sys.stdout.write(f"{len(files)} pictures; open {folder / 'index.html'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/gallery")))
