"""Saved replies: placeholders are filled once, with plain text, whatever a customer is called."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.case import Priority
from chalicelib.domain.commands import AddNote, Resolve, SetPriority, Tag
from chalicelib.domain.macros import PLACEHOLDERS, Macro, filled, follow_ups, unknown
from tests.build import BRAND, case

EVERYTHING = Macro("all", "All", " ".join(f"{{{name}}}" for name in PLACEHOLDERS))


def test_every_placeholder_is_filled() -> None:
    known = case(contact_name="Ana B", contact_handle="@anab")
    assert filled(EVERYTHING, known, "Tom", "Harbor & Hill") == f"Ana B @anab Tom {known.id} Harbor & Hill"


def test_who_has_no_handle_is_called_by_name() -> None:
    assert filled(Macro("m", "M", "{contact.handle}"), case(contact_name="Ana"), "Tom", "H") == "Ana"


@pytest.mark.parametrize("name", ["{agent.name}", "{0.__class__}", "%s", "{contact.name}", "{{case.id}}", "\\1", "{"])
def test_what_a_customer_is_called_is_never_read_again(name: str) -> None:
    assert filled(Macro("m", "M", "Dear {contact.name}!"), case(contact_name=name), "Tom", "H") == f"Dear {name}!"


@given(st.text(), st.text())
def test_any_name_and_any_text_are_only_text(name: str, text: str) -> None:
    known = replace(case(), contact_name=name)
    plain = text.replace("{", "(")
    assert filled(Macro("m", "M", f"{plain}{{contact.name}}"), known, "Tom", "H") == plain + " ".join(name.split())


def test_what_means_nothing_is_found_and_left_as_it_is() -> None:
    text = "{contact.name} {contact.nam} {} {a b}"
    assert list(unknown(text)) == ["contact.nam", "", "a b"]
    assert filled(Macro("m", "M", text), case(contact_name="Ana"), "Tom", "H") == "Ana {contact.nam} {} {a b}"


def test_what_else_it_does_are_commands_of_their_own() -> None:
    macro = Macro("m", "M", "x", ("late",), Priority.HIGH, resolve=True)
    answer = AddNote("view", BRAND, "c", "ana", "x")
    about = (BRAND, "c", "ana")
    assert follow_ups(macro, answer) == [
        Tag("view:tags", *about, add=("late",)),
        SetPriority("view:priority", *about, priority=Priority.HIGH),
        Resolve("view:resolve", *about),
    ]
    assert follow_ups(Macro("m", "M", "x"), answer) == []
