"""Opening the attempts of a window: in one statement what may be sent is read, marked as being sent, and its attempts are written."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import connection

from core.prepared import Prepared
from notifications.models import Message
from notifications.rules.states import MessageKind
from notifications.services.plan_verification import with_answer
from notifications.services.rows import GOES, Held, Run, array
from notifications.transports.contract import Letter, MessageView
from stakeholders.models import Audience

# Two updates of one incident are not opened at the same moment: the newer one's worker waits until what it has to see is committed.
_IN_ORDER = """
SELECT CASE WHEN later THEN pg_advisory_xact_lock(%(class)s, place) ELSE pg_advisory_xact_lock_shared(%(class)s, place) END FROM (
    SELECT (m.incident_id %% 2147483647)::int AS place, bool_or(EXISTS (
        SELECT 1 FROM notifications_message o
        WHERE o.incident_id = m.incident_id AND o.id < m.id AND o.kind = 'release' AND o.finished_at IS NULL
    )) AS later
    FROM notifications_message m WHERE m.id = ANY(%(messages)s::bigint[]) AND m.kind = 'release' GROUP BY 1 ORDER BY 1
) i
"""
_CLASS = 0x5C0DE
_TO_AUDIENCES = frozenset({MessageKind.RELEASE, MessageKind.DRILL})
"""Whoever reads these as one of an audience ends them by one click. A drill of a tree has no audience."""
# What forbids sending is read as it is now: suppression, opt-outs, whether the reader may know of a restricted incident (the gate of
# `Incident.objects.visible_to`, set-wise). The share lock on the message makes whoever stops, cancels or supersedes it wait until the
# attempts are committed, and the other way round. A newer update that has something for the same address takes the older one's place;
# (for what stands in for another channel: for the same reader; nor is it sent once the other channel has taken it over);
# while an older one is on the wire, and in quiet hours (the first lane and a critical impact pass over them), the delivery is put off
# into a run of its own.
_OPEN = Prepared(
    "notifications_open_window",
    f"""
WITH mine AS MATERIALIZED (
    SELECT r.id, r.message_id, r.channel, r.lane, r.due_at, r.next_id, r.last_id, r.size, r.fence
    FROM notifications_deliveryrun r
    JOIN unnest(%(runs)s::bigint[], %(fences)s::bigint[]) AS w(id, fence) ON r.id = w.id AND r.fence = w.fence
    WHERE r.lease_until > clock_timestamp() AND r.window_id IS NULL FOR UPDATE OF r
), told AS MATERIALIZED (
    SELECT m.id, m.kind, m.incident_id, coalesce(m.facts ->> 'impact' = 'critical', false) AS urgent,
        coalesce((SELECT i.restricted FROM incidents_incident i WHERE i.id = m.incident_id), false) AS restricted,
        CASE WHEN u.kind = 'update' THEN (
            SELECT array_agg(n.id) FROM notifications_message n JOIN approvals_release nr ON nr.id = n.release_id
            JOIN incidents_update nu ON nu.id = nr.update_of_id
            WHERE n.incident_id = m.incident_id AND n.id > m.id AND nu.kind = 'update'
        ) END AS newer,
        CASE WHEN m.kind = 'release' THEN (
            SELECT array_agg(o.id) FROM notifications_message o
            WHERE o.incident_id = m.incident_id AND o.id < m.id AND o.kind = 'release' AND o.finished_at IS NULL
        ) END AS older
    FROM notifications_message m LEFT JOIN approvals_release r ON r.id = m.release_id LEFT JOIN incidents_update u ON u.id = r.update_of_id
    WHERE m.id IN (SELECT message_id FROM mine) AND {GOES} FOR SHARE OF m
), reading AS MATERIALIZED (
    SELECT id FROM (
        SELECT mine.id, w.held, sum(w.held) OVER (ORDER BY mine.lane, due_at, mine.id) AS upto
        FROM mine JOIN told ON told.id = mine.message_id CROSS JOIN LATERAL (SELECT least(size, last_id - next_id + 1) AS held) w
    ) r WHERE upto <= %(limit)s OR upto = held OR %(everywhere)s
), near AS MATERIALIZED (
    SELECT d.*, t.kind, t.incident_id, t.urgent, t.restricted, t.newer, t.older, mine.channel, mine.lane, mine.due_at,
        mine.fence AS run_fence
    FROM reading JOIN mine USING (id) JOIN told t ON t.id = mine.message_id
    CROSS JOIN LATERAL (
        SELECT w.id, w.key, w.fence, w.message_id, w.contact_point_id, w.user_id, w.audience_id, w.tries, w.ambiguous, w.run_id,
            w.fallback_of_id,
            %(shared)s AND w.state = 'planned' AND w.attempt_count = 0 AND w.provider = '' AS shared
        FROM notifications_delivery w
        WHERE w.id BETWEEN mine.next_id AND mine.last_id AND w.run_id = mine.id AND w.state IN ('planned', 'queued', 'retry_wait')
        ORDER BY w.id LIMIT %(limit)s
    ) d
    ORDER BY mine.lane, mine.due_at, d.run_id, d.id LIMIT %(limit)s
), seen AS MATERIALIZED (
    SELECT n.*, coalesce(c.address, u.email) AS address, coalesce(s.language, 'en') AS language,
        coalesce(nullif(coalesce(s.time_zone, u.time_zone), ''), 'UTC') AS zone,
        CASE
            WHEN n.contact_point_id IS NOT NULL AND c.id IS NULL THEN 'the address is gone'
            WHEN c.suppressed_at IS NOT NULL OR EXISTS (
                SELECT 1 FROM stakeholders_stoppedaddress a WHERE a.kind = c.kind AND a.address = lower(c.address)
            ) THEN 'the address is suppressed'
            WHEN c.verification = 'pending' AND n.kind <> 'verification' THEN 'the address waits for its confirmation'
            WHEN n.kind IN ('release', 'drill') AND EXISTS (
                SELECT 1 FROM stakeholders_optout o WHERE o.contact_point_id = n.contact_point_id AND o.audience_id = n.audience_id
            ) THEN 'unsubscribed'
            WHEN n.restricted AND NOT EXISTS (
                SELECT 1 FROM incidents_incidentuserobjectpermission p
                WHERE p.content_object_id = n.incident_id AND p.user_id = coalesce(n.user_id, s.user_id)
            ) AND NOT EXISTS (
                SELECT 1 FROM incidents_incidentgroupobjectpermission p JOIN accounts_user_groups g ON g.group_id = p.group_id
                WHERE p.content_object_id = n.incident_id AND g.user_id = coalesce(n.user_id, s.user_id)
            ) THEN 'the incident is restricted'
            WHEN u.is_active IS FALSE THEN 'the user is no longer active'
            WHEN n.newer IS NOT NULL AND EXISTS (
                SELECT 1 FROM notifications_delivery e WHERE e.message_id = ANY(n.newer) AND e.contact_point_id = n.contact_point_id
                    AND e.state NOT IN ('cancelled', 'expired', 'suppressed')
            ) THEN 'a newer update was released'
            WHEN n.fallback_of_id IS NOT NULL AND n.newer IS NOT NULL AND EXISTS (
                SELECT 1 FROM stakeholders_contactpoint y JOIN notifications_delivery e
                    ON e.message_id = ANY(n.newer) AND e.contact_point_id = y.id
                WHERE y.stakeholder_id = c.stakeholder_id AND e.state NOT IN ('cancelled', 'expired', 'suppressed')
            ) THEN 'a newer update was released'
            WHEN n.fallback_of_id IS NOT NULL AND EXISTS (
                SELECT 1 FROM notifications_delivery o WHERE o.id = n.fallback_of_id AND o.state IN ('accepted', 'delivered')
            ) THEN 'the channel before it has taken it over'
            ELSE ''
        END AS forbidden,
        CASE
            WHEN n.older IS NOT NULL AND EXISTS (
                SELECT 1 FROM notifications_delivery o WHERE o.message_id = ANY(n.older) AND o.contact_point_id = n.contact_point_id
                    AND (o.state = 'sending' OR o.state = 'planned' AND EXISTS (
                        SELECT 1 FROM notifications_deliveryrun b JOIN notifications_windowattempt w ON w.id = b.window_id
                        WHERE b.id = o.run_id AND o.id = ANY(w.deliveries)
                    ))
            ) THEN now() + interval '5 seconds'
            WHEN (n.kind = 'release' OR n.kind = 'drill' AND n.audience_id IS NOT NULL)
                AND n.lane > 0 AND NOT n.urgent AND s.quiet_from IS NOT NULL
                THEN notifications_quiet_until(s.time_zone, s.quiet_from, s.quiet_until, now())
        END AS later
    FROM near n
    LEFT JOIN stakeholders_contactpoint c ON c.id = n.contact_point_id
    LEFT JOIN stakeholders_stakeholder s ON s.id = c.stakeholder_id
    LEFT JOIN accounts_user u ON u.id = n.user_id
), taken AS (
    UPDATE notifications_delivery d
    SET state = CASE s.forbidden WHEN '' THEN 'sending' WHEN 'a newer update was released' THEN 'superseded'
            WHEN 'the channel before it has taken it over' THEN 'superseded' ELSE 'suppressed' END,
        reason = s.forbidden, fence = d.fence + 1,
        attempt_count = d.attempt_count + (s.forbidden = '')::int,
        provider = CASE WHEN s.forbidden = '' THEN %(provider)s ELSE d.provider END,
        closed_at = CASE WHEN s.forbidden <> '' THEN clock_timestamp() END
    FROM seen s WHERE d.id = s.id AND d.fence = s.fence AND d.state IN ('planned', 'queued', 'retry_wait')
        AND (s.later IS NULL AND NOT s.shared OR s.forbidden <> '')
    RETURNING d.id, d.fence, d.attempt_count, CASE WHEN s.forbidden = '' THEN nextval('notifications_deliveryattempt_id_seq') END
            AS attempt,
        d.tries, d.ambiguous, d.message_id, d.key, s.address, s.language, s.zone, d.contact_point_id, d.audience_id, s.lane,
        s.due_at, d.run_id
), windows AS (
    INSERT INTO notifications_windowattempt (id, message_id, run_id, fence, provider, started_at, first_id, last_id, deliveries)
    SELECT nextval('notifications_deliveryattempt_id_seq'), s.message_id, s.run_id, s.run_fence, %(provider)s, clock_timestamp(),
        min(s.id), max(s.id), array_agg(s.id ORDER BY s.id)
    FROM seen s WHERE s.shared AND s.forbidden = '' AND s.later IS NULL
    GROUP BY s.message_id, s.run_id, s.run_fence
    RETURNING id, run_id
), later_runs AS MATERIALIZED (
    SELECT message_id, channel, lane, later, nextval('notifications_deliveryrun_id_seq') AS run, min(id) AS first, max(id) AS last,
        count(*) AS n
    FROM seen WHERE later IS NOT NULL AND forbidden = '' GROUP BY message_id, channel, lane, later
), waiting AS (
    INSERT INTO notifications_deliveryrun (id, message_id, channel, lane, first_id, next_id, last_id, size, due_at, fence)
    SELECT run, message_id, channel, lane, first, first, last, n, later, 0 FROM later_runs
), put_off AS (
    UPDATE notifications_delivery d SET run_id = l.run
    FROM seen s JOIN later_runs l ON l.message_id = s.message_id AND l.channel = s.channel AND l.lane = s.lane AND l.later = s.later
    WHERE s.later IS NOT NULL AND s.forbidden = '' AND d.id = s.id AND d.fence = s.fence AND d.state IN ('planned', 'queued', 'retry_wait')
    RETURNING d.id
), further AS (
    UPDATE notifications_deliveryrun r
    SET next_id = coalesce(s.next, r.next_id), lease_until = clock_timestamp() + make_interval(secs => %(lease)s), window_id = w.id
    FROM mine LEFT JOIN (SELECT run_id, max(id) + 1 AS next FROM seen GROUP BY run_id) s ON s.run_id = mine.id
        LEFT JOIN windows w ON w.run_id = mine.id
    WHERE r.id = mine.id
), attempted AS (
    INSERT INTO notifications_deliveryattempt (id, delivery_id, number, fence, provider, started_at)
    SELECT attempt, id, attempt_count, fence, %(provider)s, clock_timestamp() FROM taken WHERE attempt IS NOT NULL
)
SELECT id, fence, message_id, attempt, tries, ambiguous, key::text, address, language, zone, contact_point_id, audience_id, shared
FROM (
    SELECT *, false AS shared FROM taken
    UNION ALL SELECT s.id, 0, 0, w.id, 0, 0, s.message_id, s.key, s.address, s.language, s.zone, s.contact_point_id, s.audience_id, s.lane,
        s.due_at, s.run_id, true
    FROM seen s JOIN windows w ON w.run_id = s.run_id WHERE s.shared AND s.forbidden = '' AND s.later IS NULL
    UNION ALL SELECT id, 0, 0, NULL, 0, 0, 0, NULL, '', '', '', NULL, NULL, NULL, NULL, NULL, false FROM put_off
) opened
ORDER BY lane, due_at, run_id, id
""",  # noqa: S608 - words of our own
    runs="bigint[]",
    fences="bigint[]",
    limit="bigint",
    lease="float8",
    provider="text",
    shared="boolean",
    everywhere="boolean",
)


class Parcel(NamedTuple):
    """One delivery whose attempt is open, with all it takes to send it."""

    held: Held
    contact_point: int | None
    letter: Letter


class Messages:
    """What a claim's messages say, and the names of their audiences, read once."""

    def __init__(self, messages: Mapping[int, Message]) -> None:
        self.views = {pk: _view(message) for pk, message in messages.items()}
        self._audiences: dict[int, tuple[str, str]] = {}

    def audience(self, pk: int | None) -> tuple[str, str]:
        """Key and name; both empty for what is told to nobody's audience."""
        if pk is None:
            return "", ""
        found = self._audiences.get(pk)
        if found is None:
            audience = Audience.objects.get(pk=pk)
            found = self._audiences[pk] = (audience.key, audience.name)
        return found


def _view(message: Message) -> MessageView:
    wording = message.wording
    if message.kind == MessageKind.VERIFICATION:
        wording = with_answer(wording, message.facts["verification"])
    return MessageView(message.pk, message.public_id, MessageKind(message.kind), wording, message.facts)


def open_window(
    runs: Sequence[Run], messages: Messages, *, limit: int, lease: timedelta, provider: str, shared: bool = False
) -> tuple[list[Parcel], int]:
    """Opens attempts for up to `limit` deliveries of the runs that are still ours, and renews their leases.

    Returns the parcels to be sent, in order, and how many deliveries were taken in all: those that may not be sent are
    ended, those put off wait in other runs. `shared`: first attempts stand in one row for all of a run's. Nothing
    may be sent before the caller's transaction is committed. No delivery taken: nothing is left in the runs, or nothing of them may go.
    """
    named = {
        "runs": array(r.id for r in runs),
        "fences": array(r.fence for r in runs),
        "limit": limit,
        "lease": lease.total_seconds(),
        "provider": provider,
        "shared": shared,
    }
    with connection.cursor() as cursor:
        cursor.execute(_IN_ORDER, {"class": _CLASS, "messages": array({run.message for run in runs})})
    # Runs are looked into that hold so many at most, or one that holds more; only where none of those holds any more, all.
    for everywhere in (False, True):
        rows = _OPEN.fetchall({**named, "everywhere": everywhere})
        if rows or len(runs) == 1:
            break
    return [_parcel(row, messages) for row in rows if row[3] is not None], len(rows)


def _parcel(row: tuple[Any, ...], messages: Messages) -> Parcel:
    id_, fence, message, attempt, tries, ambiguous, key, address, language, zone, contact_point, audience, shared = row
    view = messages.views[message]
    audience_key, audience_name = messages.audience(audience)
    by_link = (contact_point, audience) if view.kind in _TO_AUDIENCES and contact_point and audience else None
    letter = Letter(id_, key, address, language, zone, audience_key, audience_name, view, by_link)
    return Parcel(Held(id_, fence, message, attempt, tries, ambiguous, shared), contact_point, letter)
