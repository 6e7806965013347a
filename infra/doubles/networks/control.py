"""The control endpoints below `/_double`.

`GET /state[?network=x]` -> `{"posts":[...],"actions":[...],"counts":{network:{...}},"faults":{network:[...]}}`.
`POST /faults/{network} {"name","times"?,"seconds"?,"on"?,"path"?}` or a list under `"faults"` adds to the queue;
`GET /faults` -> `{"waiting":{...},"known":{...}}`; `DELETE /faults[/{network}]` empties it. `POST /reset` forgets all.
"""

from dataclasses import fields

from infra.doubles.networks.faults import Fault, Faults, UnknownFaultError
from infra.doubles.networks.ledger import Ledger
from infra.doubles.networks.shapes import Answer, Call, Json, MalformedError

FAULT_FIELDS = frozenset(field.name for field in fields(Fault))


def answer(call: Call, ledger: Ledger, faults: Faults) -> Answer:
    _, what, *rest = call.path.split("/")
    network = rest[0] if rest else ""
    try:
        match (call.method, what):
            case ("GET", "state"):
                return Answer(body=state(ledger, faults, call.query.get("network", "")))
            case ("POST", "faults"):
                faults.add(network, *_faults(call.content))
            case ("DELETE", "faults"):
                faults.clear(network or None)
            case ("POST", "reset"):
                ledger.reset()
                faults.clear()
            case ("GET", "faults"):
                pass
            case _:
                return Answer(404, {"error": f"no control {call.method} {call.path}"})
    except (UnknownFaultError, MalformedError, TypeError) as error:
        return Answer(400, {"error": str(error)})
    return Answer(body=_known(faults))


def state(ledger: Ledger, faults: Faults, network: str = "") -> Json:
    with ledger.lock:
        return {
            "posts": [post.described() for post in ledger.posts if network in ("", post.network)],
            "actions": [action.described() for action in ledger.actions if network in ("", action.network)],
            "counts": {name: ledger.counted(name) for name in faults.known if network in ("", name)},
            "faults": faults.waiting(),
        }


def _faults(content: Json) -> list[Fault]:
    wanted = content.get("faults", [content])
    unknown = {name for one in wanted for name in one} - FAULT_FIELDS
    if unknown:
        raise MalformedError(f"unknown fields: {sorted(unknown)}")
    return [Fault(**one) for one in wanted]


def _known(faults: Faults) -> Json:
    return {"waiting": faults.waiting(), "known": {name: sorted(names) for name, names in faults.known.items()}}
