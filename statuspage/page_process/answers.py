"""Ready answers: everything about a file that can be worked out before the request comes."""

from dataclasses import dataclass

from statuspage.page_process.headers import COMMON, Headers
from statuspage.page_process.mime import content_type
from statuspage.page_process.negotiation import IDENTITY

_DIGEST_CHARACTERS = 32
ENCODING_SUFFIXES = {IDENTITY: "", "gzip": ".gz", "br": ".br"}


@dataclass(frozen=True, slots=True)
class Form:
    """One encoding of a file, ready to send."""

    body: bytes
    etag: str
    headers: Headers
    headers_of_head: Headers
    headers_of_304: Headers
    headers_of_error: Headers
    """The same without the tag: an error is not the resource and must not be revalidated as if it were."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A file in the encodings it has."""

    forms: dict[str, Form]

    def best(self, preferred: tuple[str, ...]) -> Form:
        """The first of the `preferred` encodings that exists; identity always does."""
        for encoding in preferred:
            form = self.forms.get(encoding)
            if form is not None:
                return form
        return self.forms[IDENTITY]


def ready_answer(name: str, bodies: dict[str, tuple[bytes, str]], *, cache: str) -> Answer:
    """The answer for file `name`; `bodies` maps encoding to (bytes, SHA-256 in hex)."""
    forms = {}
    for encoding, (body, sha256) in bodies.items():
        etag = f'"{sha256[:_DIGEST_CHARACTERS]}"'
        validators = [("cache-control", cache), ("vary", "Accept-Encoding")]
        kind = [("content-type", content_type(name))]
        if encoding != IDENTITY:
            kind.append(("content-encoding", encoding))
        tag = [("etag", etag)]
        headers = [*COMMON, *validators, *kind]
        length = [("content-length", str(len(body)))]
        forms[encoding] = Form(
            body=body,
            etag=etag,
            headers=[*headers, *tag],
            # The server fills in the length of a body; to HEAD there is none and it must be said.
            headers_of_head=[*headers, *tag, *length],
            headers_of_304=[*COMMON, *validators, *tag],
            headers_of_error=headers,
        )
    return Answer(forms)
