"""Heed's Chalice application: every door registered, no logic."""

from chalice.app import Chalice

from chalicelib.handlers import clock, delivery, desk, hooks, inbox, intake, privacy, publisher, slack, sweeps
from chalicelib.handlers.answering import answering
from chalicelib.handlers.quiet import Quiet

app = Chalice(app_name="heed", configure_logs=False)
app.log.addFilter(Quiet())
app.register_middleware(answering, "http")
for module in (hooks, slack, inbox, intake, publisher, clock, delivery, desk, sweeps, privacy):
    app.register_blueprint(module.bp)
