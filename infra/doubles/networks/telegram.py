"""Telegram Bot API 10.0, under `/telegram`.

`POST /bot<TOKEN>/sendMessage {"chat_id","text","reply_parameters":{"message_id"}}` -> `{"ok":true,"result":Message}`;
errors are `{"ok":false,"error_code","description","parameters"}`. Parameters may come in the query, a form or JSON.
Text: 1 to 4096 characters. Telegram has no read-back. Source: Bot API docs.
"""

from collections.abc import Sequence

from infra.doubles.networks.accounts import Account
from infra.doubles.networks.files import UnreachableError
from infra.doubles.networks.ledger import Desk, Post
from infra.doubles.networks.shapes import Answer, Call, Json, Network, Refusal, Route, Wait

TEXT_LIMIT = 4096
BOT = r"/bot(?P<token>[^/]+)/"
MESSAGE_IDS = 2_000_000_000


def failed(code: int, description: str, **parameters: int) -> Answer:
    body: Json = {"ok": False, "error_code": code, "description": description}
    if parameters:
        body["parameters"] = parameters
    return Answer(code, body)


def bad(what: str) -> Refusal:
    return Refusal(failed(400, f"Bad Request: {what}"))


def done(result: Json | bool) -> Answer:
    return Answer(body={"ok": True, "result": result})


def limited(wait: Wait) -> Answer:
    """Telegram tells the seconds in the body, and in `Retry-After`."""
    seconds = wait.seconds
    answer = failed(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
    return Answer(answer.status, answer.body, {"Retry-After": str(seconds)})


def authenticate(call: Call, accounts: Sequence[Account]) -> Account:
    token = call.path.removeprefix("/bot").partition("/")[0]
    account = next((one for one in accounts if token and one.token == token), None)
    if account is None:
        raise Refusal(failed(401, "Unauthorized"))
    return account


def _text(call: Call) -> str:
    text = str(call.fields.get("text", ""))
    if not text.strip():
        raise bad("message text is empty")
    if len(text) > TEXT_LIMIT:
        raise bad("message is too long")
    return text


def _chat(call: Call) -> str:
    chat = str(call.fields.get("chat_id", ""))
    if not chat:
        raise bad("chat_id is empty")
    return chat


def _reply_to(call: Call) -> str:
    return str(call.part("reply_parameters").get("message_id", ""))


def send(desk: Desk, call: Call) -> Answer:
    chat, text = _chat(call), _text(call)
    native_id = str(desk.number() % MESSAGE_IDS)
    return done(described(desk, desk.post("message", native_id, text, parent=_reply_to(call), recipient=chat)))


def send_file(desk: Desk, call: Call) -> Answer:
    """`sendPhoto {"chat_id","photo"}` and its like: an address instead of a file is fetched by Telegram itself."""
    kind = call.args["kind"].lower()
    chat, link = _chat(call), str(call.fields.get(kind, ""))
    try:
        file = desk.fetch(link)
    except UnreachableError:
        raise bad("failed to get HTTP URL content") from None
    native_id, caption = str(desk.number() % MESSAGE_IDS), str(call.fields.get("caption", ""))
    post = desk.post("message", native_id, caption, parent=_reply_to(call), recipient=chat, file=file)
    return done(described(desk, post))


def edit(desk: Desk, call: Call) -> Answer:
    native_id, text = str(call.fields.get("message_id", "")), _text(call)
    if not desk.edit(native_id, text):
        raise bad("message to edit not found")
    changed = next(post for post in desk.posts() if post.id == native_id)
    return done(described(desk, changed) | {"edit_date": int(desk.now().timestamp())})


def delete(desk: Desk, call: Call) -> Answer:
    native_id = str(call.fields.get("message_id", ""))
    if desk.acted("delete", native_id):
        raise bad("message to delete not found")
    desk.delete(native_id)
    return done(True)


def note(desk: Desk, call: Call) -> Answer:
    """Methods that post nothing: the double takes note of them and agrees."""
    target = call.fields.get("message_id") or call.fields.get("callback_query_id") or call.fields.get("chat_id") or ""
    desk.act(call.args["name"], str(target))
    return done(True)


def me(desk: Desk, _: Call) -> Answer:
    return done(bot(desk))


def bot(desk: Desk) -> Json:
    who = desk.account
    return {"id": int(who.native_id), "is_bot": True, "first_name": who.name, "username": who.handle}


def described(desk: Desk, post: Post) -> Json:
    chat = int(post.recipient) if post.recipient.lstrip("-").isdigit() else post.recipient
    message: Json = {"message_id": int(post.id), "from": bot(desk)}
    message["chat"] = {"id": chat, "type": "supergroup" if post.recipient.startswith("-") else "private"}
    return message | {"date": int(post.at.timestamp()), "text": post.text}


NETWORK = Network(
    name="telegram",
    routes=tuple(
        Route(verb, BOT + name, handler)
        for verb in ("POST", "GET")
        for name, handler in (
            ("sendMessage", send),
            ("send(?P<kind>Photo|Video|Audio|Document|Animation)", send_file),
            ("editMessageText", edit),
            ("deleteMessage", delete),
            ("getMe", me),
            ("(?P<name>setMessageReaction|answerCallbackQuery|sendChatAction|setWebhook|deleteWebhook)", note),
        )
    ),
    authenticate=authenticate,
    refusals={
        "rate_limited": limited,
        "server_error": lambda _: failed(500, "Internal Server Error"),
        "token_expired": lambda _: failed(401, "Unauthorized"),
        "blocked": lambda _: failed(403, "Forbidden: bot was blocked by the user"),
        "chat_gone": lambda _: failed(400, "Bad Request: chat not found"),
        "parent_gone": lambda _: failed(400, "Bad Request: message to be replied not found"),
        "chat_moved": lambda _: failed(
            400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1001987654321
        ),
    },
    no_route=lambda _: failed(404, "Not Found"),
    malformed=lambda problem: failed(400, f"Bad Request: can't parse JSON object: {problem}"),
)
