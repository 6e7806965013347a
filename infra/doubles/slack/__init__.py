"""A local double of Slack: Web API, signed deliveries and a page that looks like a workspace."""

from infra.doubles.slack.double import SlackDouble
from infra.doubles.slack.gate import Fault, RateLimit
from infra.doubles.slack.shapes import CannotDoError, Delivery

__all__ = ["CannotDoError", "Delivery", "Fault", "RateLimit", "SlackDouble"]
