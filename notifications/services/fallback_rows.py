"""The SQL of fallbacks: who was not told by a channel, and the next one of their route planned in its stead, in one statement a piece.

Whoever runs one of these holds the message (`fall_back.py`): of one reader's deliveries one statement at a time decides.
"""

from notifications.rules.following import REACHABLE_STILL
from notifications.rules.states import FAILED, TAKEN_OVER, DeliveryState
from notifications.services.plan_rows import RUN


def _listed(words: "frozenset[DeliveryState] | tuple[str, ...]") -> str:
    return ", ".join(f"'{word}'" for word in sorted(words))


_TAKEN_OVER = _listed(TAKEN_OVER)
# The routes as they were frozen at the release, a row per audience and channel.
_WAY = """
way AS MATERIALIZED (
    SELECT a.id AS audience, s.place, s.step ->> 'channel' AS channel, (s.step ->> 'fallback_after_minutes')::int AS minutes
    FROM notifications_message m CROSS JOIN LATERAL jsonb_each(coalesce(m.plan -> 'routes', '{}')) r(key, steps)
    JOIN stakeholders_audience a ON a.key = r.key
    CROSS JOIN LATERAL jsonb_array_elements(r.steps) WITH ORDINALITY s(step, place)
    WHERE m.id = %(message)s
)"""
# Deliveries of the same message to the same reader, by any address.
_OTHERS = """SELECT 1 FROM stakeholders_contactpoint o
    JOIN notifications_delivery e ON e.message_id = %(message)s AND e.contact_point_id = o.id
    WHERE o.stakeholder_id = j.stakeholder_id AND e.id <> j.id"""
_NEWER = """(j.audience_id = ANY(%(told_anew)s::bigint[]) OR EXISTS (
    SELECT 1 FROM stakeholders_contactpoint o JOIN notifications_delivery e
        ON e.message_id = ANY(%(newer)s::bigint[]) AND e.contact_point_id = o.id
    WHERE o.stakeholder_id = j.stakeholder_id AND e.state NOT IN ('cancelled', 'expired', 'suppressed')))"""
# The reader's first address that nothing of this message was planned for: of the same channel where one stands in already, else of the
# channels after it. Those who opted out of the audience there, or are suppressed or unconfirmed, are passed over.
_PLANNED = f"""
chosen AS MATERIALIZED (
    SELECT DISTINCT ON (j.stakeholder_id) j.id, c.id AS contact_point, c.kind, j.lane, j.audience_id
    FROM judged j JOIN stakeholders_contactpoint c ON c.stakeholder_id = j.stakeholder_id
    JOIN way t ON t.audience = j.audience_id AND t.channel = c.kind
    WHERE j.verdict = '' AND %(may_plan)s
      AND ((t.place > j.place AND j.minutes IS NOT NULL) OR (t.place = j.place AND j.fallback_of_id IS NOT NULL))
      AND c.suppressed_at IS NULL AND c.verification <> 'pending'
      AND NOT EXISTS (SELECT 1 FROM stakeholders_optout o WHERE o.contact_point_id = c.id AND o.audience_id = j.audience_id)
      AND NOT EXISTS (SELECT 1 FROM notifications_delivery e WHERE e.message_id = %(message)s AND e.contact_point_id = c.id)
    ORDER BY j.stakeholder_id, t.place, c.position, c.id
), placed AS (
    SELECT c.*, (row_number() OVER (PARTITION BY kind, lane ORDER BY id) - 1) / {RUN} AS part FROM chosen c
), runs AS MATERIALIZED (
    SELECT kind, lane, part, nextval('notifications_deliveryrun_id_seq') AS run FROM placed GROUP BY kind, lane, part
), fresh AS (
    INSERT INTO notifications_delivery (message_id, contact_point_id, user_id, audience_id, fallback_of_id, run_id, lane, key, purpose,
        channel, state, reason, fence, attempt_count, tries, ambiguous)
    SELECT %(message)s, p.contact_point, NULL, p.audience_id, p.id, r.run, p.lane,
        notifications_delivery_key(%(name)s, 'contact:' || p.contact_point, %(purpose)s), %(purpose)s, p.kind, 'planned', '', 0, 0, 0, 0
    FROM placed p JOIN runs r USING (kind, lane, part) ORDER BY p.kind, p.lane, p.id
    ON CONFLICT DO NOTHING RETURNING id, run_id, channel, lane, audience_id, fallback_of_id
), queued AS (
    INSERT INTO notifications_deliveryrun (id, message_id, channel, lane, first_id, next_id, last_id, size, due_at, fence)
    SELECT run_id, %(message)s, channel, lane, min(id), min(id), max(id), count(*), clock_timestamp(), 0
    FROM fresh GROUP BY run_id, channel, lane
), watched AS (
    INSERT INTO notifications_fallbackstep (message_id, audience_id, channel, minutes, again, after_id, upto_id, due_at)
    SELECT %(message)s, f.audience_id, f.channel, w.minutes, true, min(f.id) - 1, max(f.id),
        clock_timestamp() + make_interval(mins => w.minutes)
    FROM fresh f JOIN way w ON w.audience = f.audience_id AND w.channel = f.channel
    WHERE w.minutes IS NOT NULL GROUP BY f.audience_id, f.channel, w.minutes
)"""  # noqa: S608 - words of our own

FAILED_ONES = f"""
WITH {_WAY}, mine AS MATERIALIZED (
    SELECT d.id, d.contact_point_id, c.stakeholder_id, d.audience_id, d.lane, d.fallback_of_id, w.place, w.minutes,
        (d.state IN ({_listed(FAILED)}) OR d.reason IN ({_listed(REACHABLE_STILL)}))
            AND coalesce(c.suppression_kind, '') NOT IN ('stop', 'complaint') AS by_the_address
    FROM notifications_deliveryfailure f JOIN notifications_delivery d ON d.id = f.delivery_id
    LEFT JOIN stakeholders_contactpoint c ON c.id = d.contact_point_id
    LEFT JOIN way w ON w.audience = d.audience_id AND w.channel = d.channel
    WHERE f.message_id = %(message)s AND f.followed = '' ORDER BY f.delivery_id LIMIT %(piece)s FOR NO KEY UPDATE OF f
), judged AS MATERIALIZED (
    SELECT j.*, CASE
        WHEN j.stakeholder_id IS NULL OR j.place IS NULL OR NOT j.by_the_address THEN 'ended'
        WHEN EXISTS ({_OTHERS} AND e.state IN ({_TAKEN_OVER})) THEN 'reached'
        WHEN EXISTS ({_OTHERS} AND e.closed_at IS NULL) THEN 'another'
        WHEN {_NEWER} THEN 'newer'
        WHEN row_number() OVER (PARTITION BY j.stakeholder_id, j.by_the_address ORDER BY j.place DESC NULLS LAST, j.id DESC) > 1
            THEN 'another'
        ELSE ''
    END AS verdict
    FROM mine j
), {_PLANNED}, said AS (
    UPDATE notifications_deliveryfailure f SET followed = CASE
        WHEN j.verdict <> '' THEN j.verdict WHEN n.id IS NOT NULL THEN 'planned' WHEN c.id IS NOT NULL THEN 'another' ELSE 'unreached'
    END
    FROM judged j LEFT JOIN fresh n ON n.fallback_of_id = j.id LEFT JOIN chosen c ON c.id = j.id
    WHERE f.delivery_id = j.id RETURNING f.followed
)
SELECT (SELECT count(*) FROM fresh), (SELECT count(*) FROM judged), (SELECT count(*) FROM said WHERE followed = 'unreached')
"""  # noqa: S608 - words of our own

# Whoever is in quiet hours is not being kept from hearing by the channel: those are looked at again after their quiet hours.
LATE_ONES = f"""
WITH {_WAY}, told AS MATERIALIZED (
    SELECT coalesce(facts ->> 'impact' = 'critical', false) AS urgent FROM notifications_message WHERE id = %(message)s
), near AS MATERIALIZED (
    SELECT d.id, d.contact_point_id, c.stakeholder_id, d.audience_id, d.lane, d.fallback_of_id, w.place, w.minutes,
        CASE WHEN d.lane > 0 AND NOT t.urgent AND s.quiet_from IS NOT NULL
            THEN notifications_quiet_until(s.time_zone, s.quiet_from, s.quiet_until, clock_timestamp()) END AS quiet_until
    FROM told t CROSS JOIN notifications_delivery d
    JOIN stakeholders_contactpoint c ON c.id = d.contact_point_id JOIN stakeholders_stakeholder s ON s.id = c.stakeholder_id
    JOIN way w ON w.audience = d.audience_id AND w.channel = d.channel
    WHERE d.id > %(after)s AND d.id <= %(upto)s AND d.message_id = %(message)s AND d.audience_id = %(audience)s
      AND d.channel = %(channel)s AND d.closed_at IS NULL AND (d.fallback_of_id IS NOT NULL) = %(again)s
), judged AS MATERIALIZED (
    SELECT j.*, CASE
        WHEN EXISTS ({_OTHERS} AND e.state IN ({_TAKEN_OVER})) THEN 'reached'
        WHEN EXISTS ({_OTHERS} AND e.closed_at IS NULL AND (e.channel <> %(channel)s OR e.fallback_of_id IS NOT NULL)) THEN 'another'
        WHEN {_NEWER} THEN 'newer'
        ELSE ''
    END AS verdict
    FROM near j WHERE j.quiet_until IS NULL
), {_PLANNED}, later AS (
    INSERT INTO notifications_fallbackstep (message_id, audience_id, channel, minutes, again, after_id, upto_id, due_at)
    SELECT %(message)s, %(audience)s, %(channel)s, %(minutes)s, %(again)s, %(after)s, %(upto)s,
        max(quiet_until) + make_interval(mins => %(minutes)s)
    FROM near HAVING max(quiet_until) IS NOT NULL
)
SELECT (SELECT count(*) FROM fresh), (SELECT count(*) FROM judged), 0
"""  # noqa: S608 - words of our own
