"""Whether Heed can work in a Slack workspace: token, permissions, channels, people, signature; each with what to do."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.people import Agent
from chalicelib.slack.members import problem
from infra.cli.health import Finding, Health
from infra.slack.reach import Answered, Told, WebApi, knock
from infra.slack.scopes import needed

REINSTALL = "add them under OAuth & Permissions (or paste heed slack manifest again), then press Reinstall"
STORE = "copy it from api.slack.com and store it: heed connect slack"
NEXT: Mapping[str, str] = {
    "not_authed": f"there is no token; take Bot User OAuth Token under OAuth & Permissions, and {STORE}",
    "invalid_auth": f"this is not the token of an installed app; install the app, {STORE}",
    "account_inactive": "the app was removed from the workspace, or the workspace is gone; install the app again",
    "token_revoked": f"the token was revoked; install the app again, {STORE}",
    "token_expired": "switch token rotation off in the app's settings and install it again",
    "missing_scope": REINSTALL,
    "channel_not_found": "no such channel, or a private one without the app: check the id, or type /invite @Heed in it",
    "ratelimited": "Slack asks to wait; try again in a minute",
    "user_not_found": "no such member here: copy the member ID from their profile in Slack into care.yaml",
    "user_not_visible": "this member is not of this workspace: copy the member ID of their account in it",
    "messages_tab_disabled": "paste heed slack manifest again: it switches on App Home, Messages Tab, read-only",
}
NOBODY = frozenset({"user_not_found", "user_not_visible"})
ONE_ACCOUNT = "put the member ID and the e-mail address of one account into care.yaml; until then they can do nothing"
GREETING = "heed slack check: Heed can write to you here."
NOT_TRIED = "not tried"
OTHERWISE = "see the error's page at docs.slack.dev"


@dataclass(frozen=True, slots=True)
class Setup:
    """What was written down about a workspace. ``channels``: the Slack channel of each queue, by the queue's key."""

    team: str
    channels: Mapping[str, str]
    token: str
    signing_secrets: tuple[str, ...]
    agents: tuple[Agent, ...] = ()


def examine(setup: Setup, api_url: str, endpoint: str | None, now: int, greet: str | None = None) -> Iterator[Finding]:
    """Every finding. Without an endpoint the signature is not tried, and without somebody to ``greet`` no message.

    No secret is shown.
    """
    api = WebApi(setup.token, api_url)
    who = api.ask("auth.test")
    yield _token(who, setup.team)
    if who.error is None:
        yield _scopes(who)
        for queue, channel in sorted(setup.channels.items()):
            yield _channel(queue, channel, api.ask("conversations.info", channel=channel))
        yield from people(api, setup.team, setup.agents)
        yield _message(api, greet)
    if endpoint is None:
        yield Finding("signature", Health.WARN, NOT_TRIED, "name the address: heed slack check --url https://...")
    else:
        yield from _signature(endpoint, setup.signing_secrets, now)


def people(api: WebApi, team: str, agents: Iterable[Agent]) -> Iterator[Finding]:
    """Whether each of them is in Slack who the policy file says: what Heed asks before they do the first thing.

    An answer that is not about this person would be the same for all others, so it is the last.
    """
    for agent in agents:
        name, told = f"agent {agent.id}", api.ask("users.info", user=agent.slack or "")
        if told.error is not None and told.error not in NOBODY:
            yield Finding(name, Health.WARN, f"not verified: Slack says {told.error}", _next(told.error))
            return
        if told.error is not None:
            yield Finding(name, Health.FAIL, f"{agent.slack}: Slack says {told.error}", _next(told.error))
        elif why := problem(told.data.get("user") or {}, agent.email, team):
            yield Finding(name, Health.FAIL, f"{agent.slack}: {why}", ONE_ACCOUNT)
        else:
            yield Finding(name, Health.OK, f"{agent.slack} is {agent.email}")


def _message(api: WebApi, greet: str | None) -> Finding:
    name = "messages"
    if greet is None:
        step = "name an agent who is to get a short message: heed slack check --greet AGENT"
        return Finding(name, Health.WARN, NOT_TRIED, step)
    told = api.ask("chat.postMessage", channel=greet, text=GREETING)
    if told.error is not None:
        return Finding(name, Health.FAIL, f"{greet}: Slack says {told.error}", _next(told.error))
    return Finding(name, Health.OK, f"Heed can write to {greet}")


def _next(error: str) -> str:
    return NEXT.get(error, "check this machine's way to slack.com" if "unreachable" in error else OTHERWISE)


def _token(who: Told, team: str) -> Finding:
    if who.error is not None:
        return Finding("token", Health.FAIL, f"Slack says {who.error}", _next(who.error))
    found = str(who.data.get("team_id"))
    if found != team:
        says = f"belongs to workspace {found}, not to {team}"
        return Finding("token", Health.FAIL, says, "put the right team into care.yaml, or store the other token")
    return Finding("token", Health.OK, f"{who.data.get('user')} in {who.data.get('team')} ({found})")


def _scopes(who: Told) -> Finding:
    wanted = set(needed())
    if missing := sorted(wanted - who.scopes):
        return Finding("scopes", Health.FAIL, f"missing: {', '.join(missing)}", REINSTALL)
    if spare := sorted(who.scopes - wanted):
        step = "take them away: what Heed does not need can only be misused"
        return Finding("scopes", Health.WARN, f"all there, and more: {', '.join(spare)}", step)
    return Finding("scopes", Health.OK, f"all {len(wanted)} are there")


def _channel(queue: str, channel: str, told: Told) -> Finding:
    name = f"queue {queue}"
    if told.error is not None:
        return Finding(name, Health.FAIL, f"{channel}: Slack says {told.error}", _next(told.error))
    about: Mapping[str, Any] = told.data.get("channel") or {}
    called = f"#{about.get('name', channel)}"
    if about.get("is_archived"):
        return Finding(name, Health.FAIL, f"{called} is archived", "unarchive it, or give the queue another channel")
    if not about.get("is_member"):
        return Finding(name, Health.FAIL, f"Heed is not in {called}", f"type /invite @Heed in {called}")
    return Finding(name, Health.OK, f"Heed is in {called}")


def _signature(endpoint: str, secrets: tuple[str, ...], now: int) -> Iterator[Finding]:
    """A question that only the right answer passes, once per secret; and one whose signature must be refused."""
    if not secrets:
        step = f"take Signing Secret under Basic Information, and {STORE}"
        yield Finding("signature", Health.FAIL, "no signing secret is stored", step)
    for place, secret in enumerate(secrets, 1):
        challenge = f"heed-check-{now}"
        answered = knock(endpoint, secret, {"type": "url_verification", "challenge": challenge}, now)
        name = "signature" if len(secrets) == 1 else f"signature {place}"
        yield _accepted(name, endpoint, answered, challenge)
    forged = knock(endpoint, "not-the-secret", {"type": "url_verification", "challenge": "forged"}, now)
    if forged.status == 200:
        says = "the endpoint takes requests that Slack did not sign"
        yield Finding("forgery", Health.FAIL, says, "this is not Heed's address, or something before it answers for it")
    else:
        yield Finding("forgery", Health.OK, f"a wrong signature is refused with {forged.status or forged.text}")


def _accepted(name: str, endpoint: str, answered: Answered, challenge: str) -> Finding:
    if answered.status == 200 and _challenge(answered.text) == challenge:
        return Finding(name, Health.OK, f"{endpoint} took a signed request and answered it")
    if answered.status == 401:
        step = (
            "the stored signing secret is not the one in force there; wait five minutes after storing, or check --stage"
        )
        return Finding(name, Health.FAIL, f"{endpoint} refuses it with 401", step)
    if answered.status == 0:
        step = "check the address, and that a firewall lets Slack in"
        return Finding(name, Health.FAIL, f"{endpoint} gives no answer ({answered.text})", step)
    step = "the address is heed's URL with /slack at its end; a firewall before it may not refuse or change requests"
    return Finding(name, Health.FAIL, f"{endpoint} answers {answered.status} but not the question", step)


def _challenge(text: str) -> str | None:
    try:
        data = json.loads(text)
    except ValueError:
        return text.strip()
    return str(data.get("challenge")) if isinstance(data, dict) else None
