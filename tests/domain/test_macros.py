"""Saved replies: placeholders are filled once, with plain text, whatever a customer is called."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain import macros
from chalicelib.domain.case import Priority
from chalicelib.domain.config import load_config
from chalicelib.domain.macros import PLACEHOLDERS, Macro, filled, then, unknown
from chalicelib.domain.reply import Then
from infra.config import check, compile_config
from tests.attacks.test_slow_patterns import texts
from tests.build import case
from tests.cost import measured
from tests.infra.test_config import CHANNELS, GOOD

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


SLOW = (
    *("{" * 4000, "{contact.name" * 300, "}" * 4000, "{}" * 2000, "{a" * 2000, "{" + "a" * 3998 + "}", "{\n}" * 1000),
    *("{contact.name}" * 285, "{" + "contact.name}" * 300, "{{contact.name}}" * 250, "%1000000000d" * 300),
)
"""Texts that hang template engines, and those that only look as if."""


@pytest.mark.parametrize("text", [*SLOW, *(one[: macros.LONGEST] for one in texts(macros.LONGEST)[::3])])
def test_no_text_is_slow_to_fill_or_grows(text: str) -> None:
    """Refused at save, or filled in a few calls for each placeholder and into 10 KB, whatever a customer is called."""
    known = case(contact_name="{contact.name}" * 10_000, contact_handle="x" * 100_000)
    refused = len(text) > macros.LONGEST or macros.count(text) > macros.MOST_PLACEHOLDERS
    with measured() as cost:
        words = "" if refused or list(unknown(text)) else filled(Macro("m", "M", text), known, "Tom" * 1000, "H" * 1000)
        list(macros.unfilled(text, known))
    assert len(words.encode("utf-8", "surrogatepass")) <= 4 * 10_000
    assert len(words) <= 10_000
    assert cost.calls <= 3 * len(text) + 500
    assert cost.readings <= 1


HARMLESS = (*(f"{{{name}}}" for name in PLACEHOLDERS), "{", "}", "{{", "}}", "\n", " ", "Dear ", "%s", "$", "\u00e9")
HOSTILE = (
    *("{}", "{ }", "{contact.name", "contact.name}", "{contact\n.name}", "{contact.nam}", "{Contact.Name}", "{0}"),
    *("{contact.name.__class__}", "{contact.name!r}", "{case.id:>1000000}", "{contact.name[0]}", "{% raw %}"),
    *("%(contact.name)1000000d", "${contact.name}", "\u65e5", "{contact.name:^99999}", "{agent.name:{case.id}}"),
)
PIECES = st.lists(st.sampled_from(HARMLESS), min_size=1, max_size=8)
PIECES |= st.lists(st.sampled_from((*HARMLESS, *HOSTILE)), min_size=1, max_size=8)
TEMPLATES = st.builds(lambda parts, times: "".join(parts) * times, PIECES, st.sampled_from((1, 1, 1, 1, 4, 25, 300)))
FILE = GOOD + "macros:\n  late:\n    title: Late\n    text: {text}\n"
"""The policy file with one saved reply, its words as JSON writes them, which YAML reads the same."""


def braced(text: str) -> list[str]:
    """What stands in braces, found by looking at one letter after the other."""
    found, begun = [], -1
    for place, letter in enumerate(text):
        if letter == "}" and begun >= 0:
            found.append(text[begun + 1 : place])
        begun = place if letter == "{" else begun if letter not in "}\n" else -1
    return found


@settings(max_examples=500, deadline=None, derandomize=True)
@given(text=TEMPLATES)
def test_whatever_is_saved_is_refused_or_fills_into_ten_kilobytes(text: str, tmp_path_factory: Any) -> None:
    """Through the check that refuses at save, and then as the running system reads and fills it."""
    file = tmp_path_factory.getbasetemp() / "macros.yaml"
    file.write_text(FILE.replace("{text}", json.dumps(text)))
    checked = check(file, CHANNELS)
    kept = text.strip()
    names = braced(kept)
    unknown_ones = [name for name in names if name not in PLACEHOLDERS]
    fits = 0 < len(kept) <= macros.LONGEST and len(names) <= macros.MOST_PLACEHOLDERS
    assert checked.ok is (fits and not unknown_ones), [str(one) for one in checked.problems]
    if unknown_ones and 0 < len(kept) <= macros.LONGEST:
        told = " ".join(one.what for one in checked.errors)
        assert all(f'unknown placeholder "{{{name}}}"' in told for name in unknown_ones)
    if checked.ok:
        (macro,) = load_config(compile_config(checked, 1)).macros.values()
        hostile = case(contact_name="{contact.name}" * 10_000, contact_handle="{x}" * 10_000)
        assert len(filled(macro, hostile, "T" * 9_999, "H" * 9_999).encode()) <= 10_000
        known = case(contact_name="Ana", contact_handle="ana")
        words = filled(macro, known, "Tom", "Harbor")
        assert (set(braced(words)) & {*PLACEHOLDERS}, list(macros.unfilled(words, known))) == (set(), [])


def test_what_is_still_to_be_filled_is_found_in_what_leaves() -> None:
    text = "Dear {contact.nam}, {contact.name} {order} {a.b.c} {} {x y}"
    assert list(macros.unfilled(text, case(contact_name="Ana"))) == ["contact.nam", "contact.name"]
    assert list(macros.unfilled("Dear {contact.name}!", case(contact_name="Eve {contact.name}"))) == []


def test_what_else_it_does_hangs_on_the_answer() -> None:
    macro = Macro("m", "M", "x", ("late",), Priority.HIGH, resolve=True)
    assert then(macro, "ana") == Then("", ("late",), Priority.HIGH, "ana")
    assert then(Macro("m", "M", "x"), "ana") == Then()
