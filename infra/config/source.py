"""YAML text as plain data that remembers its lines. Nothing in the text can make it large, deep or alive."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

import yaml

from infra.config.problem import Level, Path, Problem, where

MAX_BYTES = 1_000_000
MAX_ALIASES = 50
MAX_DEPTH = 12
MAX_VALUES = 50_000

_LOADER: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_SPELLINGS = {"channels": "channel", "kinds": "kind", "languages": "language", "keywords": "keyword"}
_SPELLINGS |= {"tags": "tag", "queues": "queue", "priorities": "priority", "markets": "market", "bots": "bot"}
_HINTS = {
    "mapping values are not allowed": 'put a value that contains ": " in quotes, and indent the line as its neighbours',
    "could not find expected ':'": 'write "key: value", with a space after the colon',
    "cannot start any token": "put the value in quotes",
    "undefined alias": "name the anchor (&...) before it is used, or put the value in quotes",
    "end of stream": "close the quote or bracket that this line opens",
    "could not determine a constructor": "leave the tag (!...) out, or put the value in quotes",
    "expected a single document": 'keep one document per file: remove the second "---"',
    "but found another document": 'keep one document per file: remove the second "---"',
}
_LAYOUT = "indent it exactly as its neighbours, with spaces, and close every quote and bracket above"


class Unreadable(Exception):
    """The text is no YAML we take; nothing behind the problem could be looked at."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Mark:
    """The line something stands on, and a plain value's own text before YAML read it as number or date."""

    line: int
    text: str | None = None


@dataclass(slots=True)
class Tree:
    """``problems`` are those of the layout itself: keys that stand twice."""

    file: str
    data: Any = None
    marks: dict[Path, Mark] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def mark(self, path: Path) -> Mark:
        """Where this stands, or what it would have stood in; knows that lists may be written in the singular."""
        for end in range(len(path), 0, -1):
            last = path[end - 1]
            for spelled in (last, _SPELLINGS.get(str(last), last)):
                if mark := self.marks.get((*path[: end - 1], spelled)):
                    return mark
        return self.marks.get((), Mark(1))

    def problem(self, path: Path, what: str, right: str, level: Level = Level.ERROR) -> Problem:
        return Problem(self.file, self.mark(path).line, what, right, level)


def read_tree(file: str) -> Tree:
    """The file's data with the line of everything in it. Raises Unreadable."""
    tree = Tree(file)
    text = _text(file)
    try:
        _refuse_bombs(file, text)
        node = yaml.compose(text, Loader=_LOADER)
        if node is not None:
            tree.data = _Walk(tree).value(node, ())
    except yaml.YAMLError as error:
        raise Unreadable(_syntax(file, text, error)) from error
    return tree


def _text(file: str) -> str:
    try:
        raw = FilePath(file).read_bytes()
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise Unreadable(Problem(file, None, f"cannot be read: {reason}", "give the path of a policy file")) from error
    if len(raw) > MAX_BYTES:
        raise Unreadable(Problem(file, None, f"has {len(raw):,} bytes", f"keep it under {MAX_BYTES:,}"))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise Unreadable(Problem(file, line, "this line is not UTF-8 text", "save the file as UTF-8")) from error


def _refuse_bombs(file: str, text: str) -> None:
    """Counted on the flat event stream, because composing nested nodes recurses and aliases multiply."""
    depth = aliases = 0
    for event in yaml.parse(text, Loader=_LOADER):
        aliases += isinstance(event, yaml.AliasEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        line = event.start_mark.line + 1 if event.start_mark else 1
        if aliases > MAX_ALIASES:
            right = "write the values out; the file is for people"
            raise Unreadable(Problem(file, line, f"more than {MAX_ALIASES} aliases (*name)", right))
        if depth > MAX_DEPTH:
            raise Unreadable(_too_deep(file, line))


def _too_deep(file: str, line: int) -> Problem:
    right = "a policy file needs at most six; look for stray brackets or indentation"
    return Problem(file, line, f"more than {MAX_DEPTH} levels of nesting", right)


def _syntax(file: str, text: str, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        return Problem(file, line, "a character YAML does not allow", "remove the invisible or control character")
    if "maximum nesting" in str(getattr(error, "problem", None)):
        return _too_deep(file, mark.line + 1)
    found = next((number for number in _around(mark.line) if "\t" in _indent(text, number)), None)
    if found is not None:
        return Problem(file, found + 1, "a tab in the indentation", "indent with spaces; YAML does not take tabs")
    what = str(getattr(error, "problem", None) or "this is no YAML")
    if "end of stream" in what:
        mark = getattr(error, "context_mark", None) or mark
    right = next((hint for sign, hint in _HINTS.items() if sign in what), _LAYOUT)
    return Problem(file, mark.line + 1, what, right)


def _around(line: int) -> Iterator[int]:
    """The scanner notices a tab on its line or, when the line above went on, one late."""
    yield from (line, line - 1)


def _indent(text: str, line: int) -> str:
    lines = text.split("\n")
    whole = lines[line] if 0 <= line < len(lines) else ""
    return whole[: len(whole) - len(whole.lstrip())]


class _Walk:
    """From YAML's nodes to dicts, lists and plain values. Keys stay text: a queue may be called ``on``."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._values = 0
        self._plain = yaml.constructor.SafeConstructor()

    def value(self, node: yaml.Node, path: Path, line: int | None = None) -> Any:
        line = line or node.start_mark.line + 1
        text = node.value if isinstance(node, yaml.ScalarNode) else None
        self._tree.marks[path] = Mark(line, text)
        self._count(path, line)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, number)) for number, item in enumerate(node.value)]
        return self._scalar(node)

    def _count(self, path: Path, line: int) -> None:
        self._values += 1
        if len(path) > MAX_DEPTH:
            raise Unreadable(_too_deep(self._tree.file, line))
        if self._values > MAX_VALUES:
            what = f"more than {MAX_VALUES:,} values, aliases followed"
            raise Unreadable(Problem(self._tree.file, line, what, "write less, and fewer aliases (*name)"))

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            name = key.value if isinstance(key, yaml.ScalarNode) else "a list or map"
            inner = (*path, name)
            if name in data:
                self._twice(inner, line)
            else:
                data[name] = self.value(value, inner, line)
        return data

    def _twice(self, path: Path, line: int) -> None:
        file, first = self._tree.file, self._tree.marks[path].line
        place = f" in {where(path)}" if len(path) > 2 else f" in {where(path[:-1])}"
        what = f'"{path[-1]}" stands twice{place}'
        self._tree.problems.append(Problem(file, line, what, f"keep one of the two; the first is on line {first}"))

    def _scalar(self, node: yaml.Node) -> Any:
        try:
            return self._plain.construct_object(node)
        except (ValueError, OverflowError):  # a date that does not exist, a number without end: its text will be shown
            return object()
