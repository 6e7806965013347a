"""The course of a demo: start, storm, then either the audit or a place to play."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

from chalicelib.wiring import wired
from infra.cli.output import emit
from infra.config import compiled
from infra.doubles.networks.storm import Planned
from infra.local.demo import rest
from infra.local.demo.agents import Agent, agents
from infra.local.demo.assembly import Demo, assembled
from infra.local.demo.check import audit
from infra.local.demo.report import evidence, report
from infra.local.demo.screen import Bars, Screen, urls
from infra.local.demo.storm import Sender, plan
from infra.local.demo.targets import IN_A_STORM, WITH_A_PERSON, shortened
from infra.local.demo.truth import read

if TYPE_CHECKING:
    from infra.cli.demo import DemoOptions

POLICY = Path(__file__).parents[3] / "care.yaml"
CUSTOMERS_A_SECOND = 5
SHORTEST_STORM = 5.0
SHARE_IN_A_STORM, SHARE_WITH_A_PERSON = 0.6, 0.3
TRICKLE_SECONDS = 20.0
LOOK_SECONDS = 0.2
INTERRUPTED = 130
SENT, UNDERSTOOD = "webhooks sent", "events understood"
POSTED, ANSWERED = "messages in Slack", "answers delivered"


def play(options: "DemoOptions", stop: Event) -> int:
    """Returns the exit code."""
    began = time.monotonic()
    screen = Screen()
    policy = shortened(compiled(POLICY), IN_A_STORM if options.exit else WITH_A_PERSON)
    with ExitStack() as stack:
        with screen.waiting("Starting an AWS, a Slack and six networks on 127.0.0.1 ..."):
            demo = stack.enter_context(
                assembled(policy, port=options.port, endpoint=options.endpoint, data=options.data)
            )
        stack.callback(screen.say, "Stopping ...")
        screen.started(demo)
        stage = Stage(options, demo, screen, stop)
        return stage.storm(began) if options.exit else stage.open()


class Stage:
    """One demo while it runs."""

    def __init__(self, options: "DemoOptions", demo: Demo, screen: Screen, stop: Event) -> None:
        self._options = options
        self._demo = demo
        self._screen = screen
        self._stop = stop
        self._sender = Sender(demo.heed.url, demo.accounts, stop)

    def storm(self, began: float) -> int:
        """Customers write, some are answered, all comes to rest, and then everything is compared."""
        before = read(wired.settings.table)
        with self._team(SHARE_IN_A_STORM) as team, self._bars() as bars:
            self._send(bars)
            moving = rest.wait(self._demo, team, self._stop, lambda: self._show(bars))
        if self._stop.is_set():
            return INTERRUPTED
        if moving:
            self._screen.say(f"[yellow]Not everything came to rest: {moving}.[/]")
        found = evidence(self._demo, self._sender.deliveries, team, before)
        problems = audit(found)
        told = report(found, problems, self._demo.slack, time.monotonic() - began)
        self._screen.result(told)
        if self._options.json:
            emit(told)
        return 1 if problems else 0

    def open(self) -> int:
        """A storm to have something to look at, and then a customer now and then until somebody presses Ctrl-C."""
        with self._team(SHARE_WITH_A_PERSON), self._bars() as bars:
            self._send(bars)
        if not self._stop.is_set():
            self._screen.next_steps(urls(self._demo))
            if self._options.json:
                emit(urls(self._demo))
        self._trickle()
        return 0

    def _trickle(self) -> None:
        number = self._options.storm
        while not self._stop.wait(TRICKLE_SECONDS):
            self._sender.play(self._plan(1, SHORTEST_STORM, number))
            number += 1

    def _send(self, bars: Bars) -> None:
        """The storm; the display moves meanwhile."""
        customers = self._options.storm
        seconds = max(SHORTEST_STORM, customers / CUSTOMERS_A_SECOND)
        planned = self._plan(customers, seconds)
        bars.expect(SENT, len(planned))
        sending = Thread(target=self._sender.play, args=(planned,), name="storm", daemon=True)
        sending.start()
        while sending.is_alive():
            sending.join(LOOK_SECONDS)
            self._show(bars)

    def _plan(self, customers: int, seconds: float, first: int = 0) -> list[Planned]:
        return plan(customers, self._options.seed, self._demo.accounts, seconds, first)

    def _show(self, bars: Bars) -> None:
        bars.show(SENT, len(self._sender.deliveries))
        bars.show(UNDERSTOOD, self._demo.heed.meter.counts["events"])
        bars.show(POSTED, len(self._demo.slack.workspace.messages))
        bars.show(ANSWERED, len(self._demo.networks.ledger.posts))

    @contextmanager
    def _bars(self) -> Iterator[Bars]:
        with self._screen.bars([SENT, UNDERSTOOD, POSTED, ANSWERED]) as bars:
            yield bars

    @contextmanager
    def _team(self, share: float) -> Iterator[list[Agent]]:
        """People at their desks; leaving, they finish what they are doing."""
        team = agents(self._demo.slack, self._options.seed, share)
        for agent in team:
            agent.start()
        try:
            yield team
        finally:
            for agent in team:
                agent.stop()
