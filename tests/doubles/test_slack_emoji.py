"""The page shows every emoji that Heed's messages name."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_emoji_of_our_messages_is_known_to_the_page() -> None:
    sources = [path.read_text() for path in (ROOT / "chalicelib" / "slack").glob("*.py")]
    used = {name for source in sources for name in re.findall(r":([a-z_]+):[ *]", source)}
    assert used
    assert used <= set(json.loads((ROOT / "infra" / "doubles" / "slack" / "emoji.json").read_text()))
