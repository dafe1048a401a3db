"""One `REDIS_URL` for everything that speaks to Redis: redis-py and Celery write a Unix socket's address differently."""

from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit


def celery_broker_url(redis_url: str) -> str:
    """The address as Celery's transport (kombu) reads it: `unix://PATH?db=N` becomes `redis+socket://PATH?virtual_host=N`."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    query["virtual_host"] = query.pop("db", "0")
    return f"redis+socket://{parts.netloc}{parts.path}?{urlencode(query)}"


def with_database(redis_url: str, number: int) -> str:
    """The same server, another of its numbered databases."""
    parts = urlsplit(redis_url)
    if parts.scheme == "unix":
        query = {name: values[0] for name, values in parse_qs(parts.query).items()} | {"db": str(number)}
        return f"unix://{parts.netloc}{parts.path}?{urlencode(query)}"
    return urlunsplit(parts._replace(path=f"/{number}"))
