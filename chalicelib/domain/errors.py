"""What may go wrong in a way a person can act on. The text is for them and says what to do next."""

from datetime import datetime, timedelta


class Refusal(Exception):
    """A command that is not carried out. Nothing was changed."""


class Owned(Refusal):
    """The case is somebody else's; ``owner`` is their id, ``told`` the words with a place for their name."""

    def __init__(self, owner: str, told: str) -> None:
        super().__init__(told.format(owner=owner))
        self.owner = owner
        self.told = told


class NotFound(Refusal):
    """The thing named does not exist in this brand."""


class NotAllowed(Refusal):
    """This agent's role or brand does not permit it."""

    def __init__(self) -> None:
        super().__init__("Your role does not allow this. Ask an admin to check your entry in care.yaml.")


class Later(Exception):
    """Not now: nothing is wrong, and the same work should be offered again after ``delay``.

    ``turn`` is the time it was given where many wait; it brings that along.
    """

    def __init__(self, delay: timedelta, why: str, turn: datetime | None = None) -> None:
        super().__init__(why)
        self.delay = delay
        self.turn = turn


class Conflict(Exception):
    """Somebody else wrote first. Read again and decide anew; ``keys`` names the rows that had moved on."""

    def __init__(self, keys: tuple[str, ...] = ()) -> None:
        super().__init__(f"written by somebody else: {', '.join(keys) or 'unknown rows'}")
        self.keys = keys


class Unconfigured(Exception):
    """No policy file has been pushed yet: run ``heed config push care.yaml``."""
