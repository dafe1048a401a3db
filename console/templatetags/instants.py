"""Instants in templates, by the reader's clock."""

from datetime import UTC, datetime

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from console.instants import shown, zone_of_reader, zone_word
from core.clock import utc_now

register = template.Library()


@register.simple_tag(takes_context=True)
def instant(context: Context, at: datetime | str, form: str = "", beside: bool = False) -> SafeString:
    """`<time>` with the instant in the reader's zone; UTC in its title, and beside it where the page or the reader asks for that."""
    moment = (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(UTC)
    now, zone = utc_now(), zone_of_reader(getattr(context, "request", None))
    local, utc = shown(moment, zone, now=now, form=form), shown(moment, UTC, now=now, form=form)
    machine = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    if local == utc:
        return format_html('<time datetime="{}">{}</time>', machine, utc)
    said = '<time datetime="{}" title="{}"{}>{}<span class="utc"> ({})</span></time>'
    return format_html(said, machine, utc, SafeString(' data-utc="beside"') if beside else "", local, utc)


@register.simple_tag(takes_context=True)
def instant_words(context: Context, at: datetime | str) -> str:
    """The time alone, in words: `15:00 CET (14:00 UTC)`; UTC alone where the zone equals it then."""
    moment = (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(UTC)
    local, utc = (shown(moment, zone, now=moment, form="time") for zone in (zone_of_reader(getattr(context, "request", None)), UTC))
    return local if local == utc else f"{local} ({utc})"


@register.simple_tag(takes_context=True)
def reader_zone(context: Context) -> SafeString:
    """Attributes for scripts that write a time: the reader's zone, and how it is called now."""
    zone = zone_of_reader(getattr(context, "request", None))
    return format_html('data-zone="{}" data-zone-word="{}"', zone.key, zone_word(utc_now().astimezone(zone)))
