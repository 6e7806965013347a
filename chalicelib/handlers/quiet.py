"""What the log may say of an error: its type and where it arose. Its own text may quote a customer."""

import logging


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
