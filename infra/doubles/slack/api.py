"""The Web API: one table of methods, each a function from arguments to the body of the answer."""

from collections.abc import Callable
from dataclasses import dataclass, field

from infra.doubles.slack import events
from infra.doubles.slack.limits import message_problems, view_problems
from infra.doubles.slack.shapes import Json, Kept, SlackError
from infra.doubles.slack.views import Views
from infra.doubles.slack.workspace import Message, Workspace


@dataclass
class Api:
    """What the methods work on. `announce` sends an event to Heed, later and from another thread."""

    workspace: Workspace
    views: Views
    announce: Callable[[Json], None]
    base_url: str = ""
    files: dict[str, Kept] = field(default_factory=dict)
    """By their ids, see ``api_files``."""

    def tell_posted(self, message: Message) -> None:
        self.announce(events.posted(message))


Method = Callable[[Api, Json], Json]


def required(args: Json, key: str, code: str) -> str:
    value = args.get(key)
    if not value:
        raise SlackError(code)
    return str(value)


def checked_blocks(args: Json) -> Json:
    """The content of a message, refused when a block breaks a limit."""
    blocks = args.get("blocks")
    problems = message_problems(blocks) if blocks else []
    if problems:
        raise SlackError("invalid_blocks", problems)
    metadata = args.get("metadata")
    if metadata and not ({"event_type", "event_payload"} <= set(metadata)):
        raise SlackError("invalid_metadata_format")
    return {key: args[key] for key in ("text", "blocks", "attachments", "metadata") if args.get(key) is not None}


def checked_view(args: Json, kinds: tuple[str, ...]) -> Json:
    view = args.get("view")
    if not isinstance(view, dict) or view.get("type") not in kinds:
        raise SlackError(
            "invalid_arguments", [f"[ERROR] must be a view of type {' or '.join(kinds)} [json-pointer:/view]"]
        )
    problems = view_problems(view)
    if problems:
        raise SlackError("invalid_blocks", problems)
    return view
