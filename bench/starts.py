"""One function's start in a fresh process, as Lambda makes it: ``python -I -S starts.py DIRECTORY HANDLER``.

The first event comes on stdin. Everything but the standard library comes from the directory. Prints, as JSON, the
milliseconds of CPU of the import and of the first event, how many modules are loaded once it is handled, and whether
the directory's modules came from bytecode. Nothing is imported here that a start does not need.
"""

import json
import sys
import time
from importlib import import_module

UNCHECKED = b"\x01\x00\x00\x00"
"""What the second word of bytecode says that is never compared with its source."""


def main() -> None:
    out, sys.stdout = sys.stdout, sys.stderr  # metrics are not the answer
    directory, handler = sys.argv[1:]
    event = json.load(sys.stdin)
    sys.path.insert(0, directory)
    begun = time.process_time()
    module, _, name = handler.rpartition(".")
    function = getattr(import_module(module), name)
    ready = time.process_time()
    answer = function(event, None)
    done = time.process_time()
    modules = len(sys.modules)
    if problem := _problem(answer):
        raise SystemExit(problem)
    found = {"init": (ready - begun) * 1e3, "first": (done - ready) * 1e3, "modules": modules}
    print(json.dumps({**found, "compiled": compiled(directory)}), file=out)


def _problem(answer: object) -> str:
    """What says that the event was not handled, as doors and workers say it."""
    if not isinstance(answer, dict):
        return ""
    return str(answer.get("batchItemFailures") or (answer if answer.get("statusCode", 200) != 200 else ""))


def compiled(directory: str) -> bool:
    """Whether each module of the directory has bytecode beside it that Python takes without looking at the source."""
    files = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
    sources = [file for file in files if file.startswith(directory) and file.endswith(".py")]
    return bool(sources) and all(_mark(file) == UNCHECKED for file in sources)


def _mark(source: str) -> bytes:
    from importlib.util import cache_from_source
    from pathlib import Path

    try:
        with Path(cache_from_source(source)).open("rb") as bytecode:
            return bytecode.read(8)[4:]
    except FileNotFoundError:
        return b""


if __name__ == "__main__":
    main()
