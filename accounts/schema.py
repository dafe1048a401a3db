"""How the API's schema describes the two ways in."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema


class BearerTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # published without types
    """HTTP bearer authentication (RFC 6750)."""

    target_class = "accounts.authentication.BearerTokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token from the command api_token. It never approves and never releases.",
        }


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # published without types
    """The cookie of the pages."""

    target_class = "accounts.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        words = "Sign in on the pages; send the csrftoken cookie's value as X-CSRFToken with everything that changes something."
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": words}
