"""Which contact somebody is, and which others may be the same person. Nobody is guessed."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli import reach
from infra.cli.output import fail

if TYPE_CHECKING:
    from chalicelib.domain.contact import Contact
    from chalicelib.storage import DynamoStore

ContactIds = Annotated[list[str] | None, typer.Option("--contact", help="A contact's id in Heed; repeatable.")]
Channel = Annotated[str | None, typer.Option("--channel", help="The network they are known on.")]
Handle = Annotated[str | None, typer.Option("--handle", help="Their id, @name or phone number there.")]


def named(
    store: "DynamoStore", brand: str, contacts: list[str] | None, channel: str | None, handle: str | None
) -> list["Contact"]:
    """Those who were named, each of whom there must be. A network's own id leads to one; other names are looked for."""
    if contacts:
        return [_known(store, brand, one) for one in dict.fromkeys(contacts)]
    if channel is None or handle is None:
        fail("who?", "Give --contact ID, as often as you like, or --channel NETWORK and --handle NAME")
    return [_called(store, brand, channel, handle)]


def _known(store: "DynamoStore", brand: str, contact_id: str) -> "Contact":
    found = store.contact(brand, contact_id)[0]
    if found is None:
        reach.must_know(store, brand)
        fail(f"{brand} has no contact {contact_id}", "See who there is: heed privacy find --brand BRAND --handle NAME")
    return found


def _called(store: "DynamoStore", brand: str, channel: str, handle: str) -> "Contact":
    from chalicelib.domain.ids import contact_id
    from chalicelib.storage import census

    direct = store.contact(brand, contact_id(brand, channel, handle))[0]
    if direct is not None:
        return direct
    wanted = plain(handle)
    found = [one for one in census.contacts(store, brand) if wanted in names(one, channel)]
    if len(found) != 1:
        reach.must_know(store, brand)
        fail(f"{len(found)} contacts go by that name", "Give --contact ID")
    return found[0]


def alike(store: "DynamoStore", brand: str, person: "Contact") -> Iterator[tuple["Contact", str]]:
    """Other contacts who share a phone number or an @name with this one, and what it is. Scans the table."""
    from chalicelib.storage import census

    mine = names(person)
    for other in census.contacts(store, brand):
        shared = sorted(mine & names(other))
        if other.id != person.id and shared:
            yield other, ", ".join(shared)


def names(person: "Contact", channel: str | None = None) -> set[str]:
    identities = [one for one in person.identities if channel in (None, one.channel)]
    return {plain(name) for one in identities for name in (one.handle, one.phone) if name}


def plain(name: str) -> str:
    """One spelling: no @, no case; of a phone number the digits."""
    digits = "".join(one for one in name if one.isdigit())
    phone = len(digits) > 6 and not any(one.isalpha() for one in name)
    return digits.lstrip("0") if phone else name.removeprefix("@").casefold()
