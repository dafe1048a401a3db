"""An update as each channel will show it, from the very templates that the channels use."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from html import escape
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from catalogue.models import Component
from incidents.rules.content import Content, Wording
from incidents.rules.words import UpdateKind
from notifications.rules.markdown import to_html, to_text, without_layout
from notifications.rules.previews import ChannelPreview, Tariff, channel_previews
from notifications.rules.states import MessageKind
from notifications.rules.times import in_words
from notifications.rules.told import Told
from stakeholders.models import Audience
from templates.rules.gaps import UNFILLED_MARK, gap_words


@dataclass(frozen=True)
class Shown:
    """One audience's view. `letter` is the mail's HTML without its inline style, `plain` its text part; `page` only for the public one."""

    key: str
    name: str
    subject: str
    sender: str
    letter: SafeString
    plain: str
    on_page: bool
    title: SafeString
    body: SafeString
    status: str
    components: list[dict[str, str]]
    sent: str
    next_due: str
    others: list[ChannelPreview]


def previews(
    content: Content,
    *,
    now: datetime,
    zone: ZoneInfo,
    channels: Mapping[str, Collection[str]] | None = None,
    kind: str = UpdateKind.UPDATE,
    runs_until: datetime | None = None,
) -> list[Shown]:
    """What each audience of the content gets, as if it were released `now`. Marks left by templates stand out.

    `channels` are those besides mail and page that each audience's route uses, by its key.
    `runs_until` is the promise that goes on where the content makes none.
    """
    named = {audience.key: audience for audience in Audience.objects.filter(key__in=content.wording).order_by("position", "name")}
    found = {one.public_id: one for one in Component.objects.filter(public_id__in=[state.id for state in content.components])}
    states = [(found[state.id], state.status.replace("_", " ")) for state in content.components if state.id in found]
    return [
        _shown(
            audience=audience,
            wording=next(iter(content.wording[key].values())),
            content=content,
            # As in the mail: only colleagues read of components that are not public.
            components=[{"name": one.name, "words": words} for one, words in states if one.is_public or audience.is_internal],
            now=now,
            zone=zone,
            channels=(channels or {}).get(key, ()),
            kind=kind,
            due_at=_due(content, now, runs_until),
        )
        for key, audience in named.items()
        if content.wording[key]
    ]


def _shown(
    *,
    audience: Audience,
    wording: Wording,
    content: Content,
    components: list[dict[str, str]],
    now: datetime,
    zone: ZoneInfo,
    channels: Collection[str],
    kind: str,
    due_at: datetime | None,
) -> Shown:
    sent = in_words(now, zone)
    next_due = in_words(due_at, zone) if due_at else ""
    body_html = to_html(wording.body)
    context = {
        "title": wording.title,
        "body": wording.body,
        "body_html": body_html,
        "facts": {"status": content.status, "impact": content.impact, "components": components},
        "times": {"released_at": sent, "next_due_at": next_due},
        "audience_name": audience.name,
        "page_name": settings.PUBLIC_PAGE_NAME,
        "page_url": settings.PUBLIC_PAGE_URL,
        "unsubscribe_url": settings.PUBLIC_PAGE_URL,
    }
    html = render_to_string("mail_update.html", context)
    letter = without_layout(html)
    return Shown(
        key=audience.key,
        name=audience.name,
        subject=" ".join(wording.title.split()),
        sender=settings.DEFAULT_FROM_EMAIL,
        letter=_marked(letter),
        plain=render_to_string("mail_update.txt", context | {"body": to_text(wording.body)}),
        on_page=audience.is_public and "page" in content.channels,
        title=_marked(escape(wording.title)),
        body=_marked(body_html),
        status=content.status,
        components=components,
        sent=sent,
        next_due=next_due,
        others=_others(
            audience.key, wording, content, components=components, now=now, zone=zone, channels=channels, kind=kind, due_at=due_at
        )
        if channels
        else [],
    )


def _due(content: Content, now: datetime, runs_until: datetime | None) -> datetime | None:
    minutes = content.next_update_minutes
    return now + timedelta(minutes=minutes) if minutes else runs_until


def _others(
    audience: str,
    wording: Wording,
    content: Content,
    *,
    components: list[dict[str, str]],
    now: datetime,
    zone: ZoneInfo,
    channels: Collection[str],
    kind: str,
    due_at: datetime | None,
) -> list[ChannelPreview]:
    told = Told(
        kind=MessageKind.RELEASE,
        message="",
        incident="",
        audience=audience,
        title=wording.title,
        body=wording.body,
        status=content.status,
        impact=content.impact,
        components=tuple((one["name"], one["words"]) for one in components),
        released_at=now,
        next_due_at=due_at,
        page_name=settings.PUBLIC_PAGE_NAME,
        link=settings.PUBLIC_PAGE_URL,
        update_kind=kind,
    )
    tariff = Tariff(settings.SMS_MOST_SEGMENTS, Decimal(settings.SMS_PRICE_PER_SEGMENT), settings.SMS_PRICE_CURRENCY)
    return channel_previews(told, zone, channels=channels, at=now, tariff=tariff)


def _marked(html: str) -> SafeString:
    """Clean HTML with every gap made visible."""
    marked = UNFILLED_MARK.sub(lambda mark: f'<mark class="passage-missing">{gap_words(mark[1])}</mark>', html)
    return mark_safe(marked)  # noqa: S308 - cleaned or escaped by the caller
