"""Lambda's doors: each parses what arrives, calls one use case and answers. No decisions live here.

An event handler's Lambda imports its own module and never app.py, so what they share is a decorator, not middleware.
"""

from chalicelib.handlers.ready import ready
from chalicelib.wiring import wired

ready(wired.function)
