"""`files.*`: bytes go to an address that is asked for first, and are read with the token only.

Whoever comes without it gets a login page, with the status 200, as on files.slack.com.
"""

from infra.doubles.slack.api import Api, Method, required
from infra.doubles.slack.http import Reply, Request
from infra.doubles.slack.shapes import Json, Kept, SlackError

UPLOADS, PRIVATE = "/upload/v1/", "/files-pri/"
LOGIN = b"<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body>Sign in</body></html>"


def keep(api: Api, name: str, size: int, user: str, body: bytes | None = None) -> Kept:
    made = Kept(api.workspace.counters.mint("F0"), name, size, user, body)
    api.files[made.id] = made
    return made


def described(api: Api, file: Kept) -> Json:
    """A file as a message names it."""
    who = api.workspace.identity
    link = f"{api.base_url}{PRIVATE}{who.team_id}-{file.id}/{file.name}"
    shown = {"url_private": link, "url_private_download": link, "mimetype": file.kind, "size": file.size}
    shown |= {"permalink": f"https://{who.domain}.slack.com/files/{file.user}/{file.id}/{file.name}"}
    return {"id": file.id, "name": file.name, "title": file.name, "mode": "hosted", "user": file.user} | shown


def _info(api: Api, args: Json) -> Json:
    found = api.files.get(required(args, "file", "file_not_found"))
    if found is None or found.body is None:
        raise SlackError("file_not_found")
    return {"file": described(api, found)}


def _address(api: Api, args: Json) -> Json:
    name, size = required(args, "filename", "invalid_arguments"), str(args.get("length", ""))
    if not size.isdecimal() or size == "0":
        raise SlackError("invalid_arguments")
    made = keep(api, name, int(size), api.workspace.identity.bot_user_id)
    return {"upload_url": f"{api.base_url}{UPLOADS}{made.id}", "file_id": made.id}


def _complete(api: Api, args: Json) -> Json:
    """Shares what was sent; without a channel it stays private."""
    files = [_sent(api, one) for one in args.get("files") or ()]
    if not files:
        raise SlackError("invalid_arguments")
    if args.get("channel_id"):
        _share(api, args, files)
    return {"files": [described(api, one) for one in files]}


def _sent(api: Api, named: Json) -> Kept:
    found = api.files.get(str(named.get("id")))
    if found is None or found.body is None:
        raise SlackError("file_not_found")
    return found


def _share(api: Api, args: Json, files: list[Kept]) -> None:
    channel = api.workspace.writable(str(args["channel_id"]))
    content: Json = {"text": str(args.get("initial_comment") or ""), "subtype": "file_share"}
    content |= {"upload": True, "files": [described(api, one) for one in files]}
    content |= {"thread_ts": str(args["thread_ts"])} if args.get("thread_ts") else {}
    api.tell_posted(api.workspace.post(channel.id, api.workspace.bot_author(), content))


def take(api: Api, request: Request) -> Reply:
    """The bytes themselves, to the address that was given out."""
    found = api.files.get(request.path.removeprefix(UPLOADS))
    if found is None or len(request.body) != found.size:
        return Reply(400, b"invalid upload", "text/plain")
    found.body = request.body
    return Reply(200, f"OK - {found.size}".encode(), "text/plain")


def give(api: Api, request: Request, token: str) -> Reply:
    found = api.files.get(request.path.removeprefix(PRIVATE).partition("/")[0].partition("-")[2])
    if found is None or found.body is None:
        return Reply(404, b"not found", "text/plain")
    if request.headers.get("authorization") != f"Bearer {token}":
        return Reply(200, LOGIN, "text/html; charset=utf-8")
    return Reply(200, found.body, found.kind)


METHODS: dict[str, Method] = {
    "files.info": _info,
    "files.getUploadURLExternal": _address,
    "files.completeUploadExternal": _complete,
}
