"""What the log may say of an error: its type and where it arose. Its own text may quote a customer."""

import logging
from contextlib import ContextDecorator
from types import TracebackType

from chalicelib.domain.errors import Unconfigured

OURS = (ExceptionGroup, Unconfigured)
"""Their words are the code's own."""


def place(error: BaseException) -> str:
    """Where it went wrong, in the code's words."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}" if trace else "?"


class Quiet(logging.Filter):
    """Takes tracebacks out of records: Chalice logs what no route has caught, with all its words."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            record.msg = f"{record.getMessage()}: {type(error).__name__} at {place(error)}"
            record.args, record.exc_info, record.exc_text = (), None, None
        return True


class Quietly(ContextDecorator):
    """Lambda logs the type, the words and the stack of whatever escapes from a function, and nothing of what a group
    holds: so an error is put into one, whose words are the code's own.
    """

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(error, Exception) and not isinstance(error, OURS):
            raise ExceptionGroup(f"{type(error).__name__} at {place(error)}", [error]).with_traceback(trace) from None
