"""Who is reached, against the rule said a second time in plain Python."""

from itertools import product

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stakeholders.models import Audience, AudienceMember, ContactPoint, OptOut, Stakeholder
from stakeholders.queries import reach_counts, reachable_contact_points
from tests.support.cast import NOW

KEYS = ("customers", "internal", "partners")
PEOPLE = range(3)
ADDRESSES = tuple(product(PEOPLE, ("first", "second")))

members_of = st.sets(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(KEYS)))
opt_outs_of = st.sets(st.tuples(st.sampled_from(ADDRESSES), st.sampled_from(KEYS)))


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(members_of, opt_outs_of, st.sets(st.sampled_from(ADDRESSES)), st.lists(st.sampled_from(KEYS), unique=True))
def test_an_address_is_reached_when_some_audience_holds_it_and_nothing_speaks_against_it(
    members: set[tuple[int, str]], opt_outs: set[tuple[tuple[int, str], str]], suppressed: set[tuple[int, str]], asked: list[str]
) -> None:
    def reached_through(address: tuple[int, str], key: str) -> bool:
        return address not in suppressed and (address[0], key) in members and (address, key) not in opt_outs

    with transaction.atomic():
        points = _stored(members, opt_outs, suppressed)
        found = list(reachable_contact_points(asked).values_list("pk", flat=True))
        assert len(found) == len(set(found))
        assert set(found) == {points[a].pk for a in ADDRESSES if any(reached_through(a, key) for key in asked)}
        assert reach_counts(asked) == {key: sum(reached_through(a, key) for a in ADDRESSES) for key in asked}
        transaction.set_rollback(True)


def _stored(
    members: set[tuple[int, str]], opt_outs: set[tuple[tuple[int, str], str]], suppressed: set[tuple[int, str]]
) -> dict[tuple[int, str], ContactPoint]:
    Audience.objects.create(key="partners", name="Partners", created_at=NOW)
    audiences = {audience.key: audience for audience in Audience.objects.all()}
    people = Stakeholder.objects.bulk_create(Stakeholder(kind="person", name=f"{one}", created_at=NOW) for one in PEOPLE)
    points = ContactPoint.objects.bulk_create(
        ContactPoint(
            stakeholder=people[one],
            kind="email",
            address=f"{which}{one}@example.com",
            created_at=NOW,
            suppressed_at=NOW if (one, which) in suppressed else None,
            suppression_kind="bounce" if (one, which) in suppressed else "",
            suppression_reason="550" if (one, which) in suppressed else "",
        )
        for one, which in ADDRESSES
    )
    by_address = dict(zip(ADDRESSES, points, strict=True))
    AudienceMember.objects.bulk_create(AudienceMember(audience=audiences[k], stakeholder=people[one], added_at=NOW) for one, k in members)
    OptOut.objects.bulk_create(
        OptOut(contact_point=by_address[address], audience=audiences[k], at=NOW, source="page") for address, k in opt_outs
    )
    return by_address
