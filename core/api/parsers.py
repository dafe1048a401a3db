"""Reading request bodies."""

import json
import re
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser as BaseJSONParser

# An even number of backslashes before it are backslashes of the text itself.
_ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class JSONParser(BaseJSONParser):
    """DRF's, refusing what would fail as a fault of ours later: endless nesting and what PostgreSQL cannot store as text."""

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        try:
            parsed = super().parse(stream, media_type, parser_context)
            text = json.dumps(parsed, ensure_ascii=False).encode()
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply.") from error
        except UnicodeEncodeError as error:
            raise ParseError("The JSON holds half of a surrogate pair (\\ud800 to \\udfff), which is no character.") from error
        if _ESCAPED_NUL.search(text):
            raise ParseError("The JSON holds the character U+0000, which cannot be stored.")
        return parsed
