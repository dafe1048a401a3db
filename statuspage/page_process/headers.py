"""The headers of an answer. deploy/nginx/statuspage.conf says the same; a test holds them together."""

Headers = list[tuple[str, str]]

# RFC 9111 and RFC 5861: fresh for ten seconds; a cache may answer with the old page while it asks, and for a day when
# nothing answers it.
CACHE_LIVE = "public, max-age=10, stale-while-revalidate=60, stale-if-error=86400"
CACHE_FOR_EVER = "public, max-age=31536000, immutable"
CACHE_NEVER = "no-store"

# Scripts and styles from our own origin alone, nothing inline.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

COMMON: Headers = [
    ("server", "statuspage"),
    ("access-control-allow-origin", "*"),
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
]


def plain(cache: str, *more: tuple[str, str]) -> Headers:
    """Headers of a short plain-text answer."""
    return [*COMMON, ("content-type", "text/plain; charset=utf-8"), ("cache-control", cache), *more]
