"""Heed's Chalice application: every door registered, no logic."""

from chalice.app import Chalice

from chalicelib.handlers import clock, delivery, desk, hooks, intake, publisher, slack, sweeps

app = Chalice(app_name="heed")
for module in (hooks, slack, intake, publisher, clock, delivery, desk, sweeps):
    app.register_blueprint(module.bp)
