"""Heed's Chalice application: every door registered, no logic."""

from chalice.app import Chalice

from chalicelib.handlers import clock, delivery, desk, hooks, inbox, intake, privacy, publisher, slack, sweeps
from chalicelib.handlers.quiet import Quiet

app = Chalice(app_name="heed")
app.log.addFilter(Quiet())
for module in (hooks, slack, inbox, intake, publisher, clock, delivery, desk, sweeps, privacy):
    app.register_blueprint(module.bp)
