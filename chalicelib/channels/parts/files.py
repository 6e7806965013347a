"""Which files networks take, as tables from media types to their own words for them and their limits in bytes.

Sources: Messenger and Instagram Send API (8 MB for images, 25 MB for all else), Graph API comments (`attachment_url` is
a photo, refused above 4 MB as error 324 with subcode 1366046; a GIF would stand still), WhatsApp Cloud API "Supported
media types", Telegram Bot API "Sending files" (what it fetches by a link itself: of documents only PDF and ZIP), X API
v2 "Upload media" (in one call images only, 5 MB; GIFs and videos go in pieces).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MB = 1_000_000
LARGEST = 25 * MB
"""Some networks take more; the function that fetches a file holds it in memory."""

JPEG, PNG, GIF = "image/jpeg", "image/png", "image/gif"
MP4, MOV, THREE_GP = "video/mp4", "video/quicktime", "video/3gpp"
MP3, M4A, AAC, OGG = "audio/mpeg", "audio/mp4", "audio/aac", "audio/ogg"
PDF, ZIP, TXT, CSV = "application/pdf", "application/zip", "text/plain", "text/csv"
_OPEN = "application/vnd.openxmlformats-officedocument."
OFFICE = (
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    f"{_OPEN}wordprocessingml.document",
    f"{_OPEN}spreadsheetml.sheet",
    f"{_OPEN}presentationml.presentation",
)


@dataclass(frozen=True, slots=True)
class Takes:
    """How a network takes files of one media type: its own word for such a message, and at most so many bytes."""

    kind: str
    size: int


def _taking(kind: str, size: int, mimes: Iterable[str]) -> Mapping[str, Takes]:
    return dict.fromkeys(mimes, Takes(kind, size))


FACEBOOK: Mapping[str, Takes] = {
    **_taking("image", 8 * MB, (JPEG, PNG, GIF)),
    **_taking("video", 25 * MB, (MP4, MOV)),
    **_taking("audio", 25 * MB, (MP3, M4A, AAC, OGG)),
    **_taking("file", 25 * MB, (PDF, TXT, CSV, ZIP, *OFFICE)),
}
FACEBOOK_COMMENTS: Mapping[str, Takes] = _taking("photo", 4 * MB, (JPEG, PNG))
INSTAGRAM: Mapping[str, Takes] = {
    **_taking("image", 8 * MB, (JPEG, PNG, GIF)),
    **_taking("video", 25 * MB, (MP4, MOV)),
    **_taking("audio", 25 * MB, (M4A, AAC)),
    **_taking("file", 25 * MB, (PDF,)),
}
WHATSAPP: Mapping[str, Takes] = {
    **_taking("image", 5 * MB, (JPEG, PNG)),
    **_taking("video", 16 * MB, (MP4, THREE_GP)),
    **_taking("audio", 16 * MB, (MP3, M4A, AAC, OGG)),
    **_taking("document", LARGEST, (PDF, TXT, *OFFICE)),
}
TELEGRAM: Mapping[str, Takes] = {
    **_taking("photo", 5 * MB, (JPEG, PNG)),
    **_taking("animation", 20 * MB, (GIF,)),
    **_taking("video", 20 * MB, (MP4,)),
    **_taking("audio", 20 * MB, (MP3, M4A)),
    **_taking("document", 20 * MB, (PDF, ZIP)),
}
X: Mapping[str, Takes] = _taking("image", 5 * MB, (JPEG, PNG))
ANY: Mapping[str, Takes] = {
    **_taking("image", LARGEST, (JPEG, PNG, GIF)),
    **_taking("video", LARGEST, (MP4, MOV, THREE_GP)),
    **_taking("audio", LARGEST, (MP3, M4A, AAC, OGG)),
    **_taking("document", LARGEST, (PDF, TXT, CSV, ZIP, *OFFICE)),
}
