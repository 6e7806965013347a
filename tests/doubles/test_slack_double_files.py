"""Files of the Slack double: sent in three steps, read with the token only."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from slack_sdk.errors import SlackApiError

from tests.doubles.slack_kit import ANA, CARE, Desk, fetch, open_desk

BILL = b"%PDF-1.7 bill"


@pytest.fixture
def desk() -> Iterator[Desk]:
    with ExitStack() as stack:
        yield open_desk(stack)


def sent(desk: Desk, body: bytes = BILL) -> str:
    asked = desk.client.files_getUploadURLExternal(filename="bill.pdf", length=len(body))
    assert fetch(str(asked["upload_url"]), body)[0] == 200
    return str(asked["file_id"])


def test_a_file_is_sent_in_three_steps_and_stands_in_the_thread(desk: Desk) -> None:
    root = desk.client.chat_postMessage(channel=CARE, text="A card")["ts"]
    file = sent(desk)
    done = desk.client.files_completeUploadExternal(
        files=[{"id": file, "title": "The bill"}], channel_id=CARE, thread_ts=root, initial_comment="Here"
    )
    assert [one["id"] for one in done["files"]] == [file]
    (posted,) = [one for one in desk.slack.workspace.visible(CARE) if one.is_reply]
    assert (posted.root, posted.body["text"], posted.body["files"][0]["name"]) == (root, "Here", "bill.pdf")


def test_a_file_is_read_with_the_token_only(desk: Desk) -> None:
    """Whoever comes without it gets a page to sign in, and no error."""
    told = desk.slack.say(CARE, None, "look", ANA, [("bill.pdf", BILL)]).payload["event"]["files"][0]
    status, headers, body = fetch(told["url_private"], Authorization="Bearer xoxb-double")
    assert (status, headers["content-type"], body) == (200, "application/pdf", BILL.decode())
    for token in ("", "Bearer xoxb-other"):
        status, headers, body = fetch(told["url_private"], Authorization=token)
        assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8") and "Sign in" in body


def test_what_was_not_sent_whole_cannot_be_shared(desk: Desk) -> None:
    asked = desk.client.files_getUploadURLExternal(filename="bill.pdf", length=99)
    assert fetch(str(asked["upload_url"]), BILL)[0] == 400
    with pytest.raises(SlackApiError, match="file_not_found"):
        desk.client.files_completeUploadExternal(files=[{"id": str(asked["file_id"])}])
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        desk.client.files_getUploadURLExternal(filename="bill.pdf", length=0)


def test_files_are_sent_only_by_an_app_that_may(desk: Desk) -> None:
    desk.slack.web.grants.scopes = frozenset({"chat:write"})
    with pytest.raises(SlackApiError, match="missing_scope"):
        desk.client.files_getUploadURLExternal(filename="bill.pdf", length=3)
