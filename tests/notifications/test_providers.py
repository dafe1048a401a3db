"""Which provider is asked: breakers with a single probe, the next provider in its place, tokens, and what is kept for the first lane."""

import math
import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from notifications.models import AttemptOutcome, ChannelProvider, Delivery, DeliveryAttempt, DeliveryRun, ProviderState
from notifications.rules.breaker import holds, kept_for_first
from notifications.rules.states import Lane, Outcome
from notifications.services import claim_and_send, providers
from notifications.services.providers import Serving, serving, take_probe, take_tokens
from notifications.services.send import EVERY_LANE
from notifications.transports import registry
from notifications.transports.contract import Answer, ChannelDown, Letter
from tests.support.cast import Cast
from tests.support.releases import released, subscribers

pytestmark = pytest.mark.django_db
FIRST = (int(Lane.FIRST),)


class Scripted:
    """A provider that answers what the test says, and accepts when it says nothing."""

    channel = "email"
    window = 10
    ambiguous_retries = 1
    at_once = False
    carries_many = False
    waits: tuple[timedelta, ...] = ()
    request_timeout = 2.0

    def __init__(self, provider: str) -> None:
        self.provider = provider
        self.down = False
        self.answers: list[Answer] = []
        self.sent: list[str] = []

    def ready(self) -> None:
        if self.down:
            raise ChannelDown("the provider does not answer")

    def send(self, letters: Sequence[Letter], until: float = math.inf) -> Iterator[Answer]:
        for letter in letters:
            answer = self.answers.pop(0) if self.answers else Answer(Outcome.ACCEPTED)
            if answer.outcome is Outcome.ACCEPTED:
                self.sent.append(letter.address)
            yield answer

    def close(self) -> None:
        pass


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> tuple[Scripted, Scripted]:
    """E-mail has two providers; notices are left out."""
    monkeypatch.setattr("notifications.services.plan_notice.insert_deliveries", lambda *args, **kwargs: 0)
    made = {name: Scripted(name) for name in ("smtp", "sendgrid")}
    real = registry.transport_for
    monkeypatch.setattr("notifications.services.send.transport_for", lambda channel, name: made.get(name) or real(channel, name))
    ChannelProvider.objects.filter(channel="email").update(enabled=True)
    return made["smtp"], made["sendgrid"]


def send() -> None:
    while claim_and_send():
        pass


def readers(number: int, cast: Cast, **options: Any) -> None:
    subscribers(*(f"reader{n}@example.com" for n in range(number)), **options)
    released(cast)


def test_a_provider_that_is_down_is_passed_over_and_the_next_one_takes_its_place(cast: Cast, two: tuple[Scripted, Scripted]) -> None:
    first, second = two
    first.down = True
    readers(3, cast)
    send()
    assert (len(first.sent), len(second.sent)) == (0, 3)
    assert set(DeliveryAttempt.objects.values_list("provider", flat=True)) == {"sendgrid"}
    assert Delivery.objects.filter(tries__gt=1).count() == 0


def test_after_its_rest_a_single_message_tries_it_and_it_serves_again(cast: Cast, two: tuple[Scripted, Scripted]) -> None:
    first, second = two
    first.answers = [Answer(Outcome.CONFIGURATION, 535)]
    readers(5, cast)
    assert claim_and_send() == 5
    ProviderState.objects.update(until=Now())
    (trying,) = [by for by in serving() if by.channel == "email"]
    assert (trying.provider, trying.probe) == ("smtp", True)
    assert claim_and_send() == 1
    assert (len(first.sent), len(second.sent)) == (1, 0)
    send()
    assert (len(first.sent), len(second.sent)) == (5, 0)
    assert ProviderState.objects.get().breaker == "closed"


def test_a_probe_that_fails_lets_it_rest_longer(cast: Cast, two: tuple[Scripted, Scripted]) -> None:
    first, _ = two
    first.answers = [Answer(Outcome.CONFIGURATION, 535)] * 2
    readers(1, cast)
    claim_and_send()
    ProviderState.objects.update(until=Now())
    claim_and_send()
    state = ProviderState.objects.get()
    assert (state.breaker, state.failures) == ("open", 2)


def test_one_worker_at_a_time_tries(two: tuple[Scripted, Scripted]) -> None:
    providers.rest("email", "smtp", "gone")
    ProviderState.objects.update(until=Now())
    assert [take_probe("email", "smtp"), take_probe("email", "smtp")] == [True, False]
    assert [by.provider for by in serving() if by.channel == "email"] == ["sendgrid"]
    ProviderState.objects.update(until=Now())
    assert take_probe("email", "smtp")


def test_throttled_lets_the_bucket_rest_counts_no_try_and_asks_no_other(cast: Cast, two: tuple[Scripted, Scripted]) -> None:
    first, second = two
    first.answers = [Answer(Outcome.ACCEPTED), Answer(Outcome.THROTTLED, 429, retry_after=30)]
    readers(4, cast)
    assert claim_and_send() == 4
    assert claim_and_send() == 0
    assert (len(first.sent), len(second.sent)) == (1, 0)
    assert Delivery.objects.filter(state="queued", tries=0).count() == 3
    assert AttemptOutcome.objects.filter(outcome="throttled").count() == 1
    state = ProviderState.objects.get()
    assert (state.breaker, state.failures) == ("closed", 0)
    ProviderState.objects.update(blocked_until=Now())
    send()
    assert len(first.sent) == 4


def test_no_more_are_sent_than_the_rate_allows(cast: Cast, two: tuple[Scripted, Scripted]) -> None:
    first, _ = two
    ChannelProvider.objects.filter(provider="smtp").update(rate_per_second=0.001, burst=3)
    readers(10, cast)
    send()
    assert len(first.sent) == 3
    ProviderState.objects.update(refilled_at=F("refilled_at") - timedelta(seconds=2000))
    send()
    assert len(first.sent) == 5


def test_a_part_of_the_bucket_is_kept_for_the_first_lane(two: tuple[Scripted, Scripted]) -> None:
    by = Serving("email", "smtp", 0.001, 20)
    assert (holds(0.001, 20), kept_for_first(0.001, 20)) == (22, 2)
    assert take_tokens(by, 100, EVERY_LANE)[0] == 20
    assert take_tokens(by, 100, EVERY_LANE)[0] == 0
    assert take_tokens(by, 100, FIRST)[0] == 2
    none, wait = take_tokens(by, 100, FIRST)
    assert (none, round(wait, -2)) == (0, 1000)


def test_tokens_taken_and_not_used_come_back(cast: Cast, two: tuple[Scripted, Scripted]) -> None:
    first, _ = two
    ChannelProvider.objects.filter(provider="smtp").update(rate_per_second=0.001, burst=10)
    first.down = True
    readers(3, cast)
    claim_and_send()
    assert ProviderState.objects.get(provider="smtp").tokens == pytest.approx(holds(0.001, 10), abs=0.1)


def test_the_first_lane_alone_can_be_served(cast: Cast, two: tuple[Scripted, Scripted]) -> None:
    first, _ = two
    subscribers("regulator@example.com", kind="regulator")
    readers(3, cast)
    while claim_and_send(lanes=FIRST):
        pass
    assert first.sent == ["regulator@example.com"]


def test_a_worker_in_the_middle_of_a_lower_lane_turns_to_the_first(cast: Cast, two: tuple[Scripted, Scripted]) -> None:
    first, _ = two
    readers(30, cast)
    run = DeliveryRun.objects.get()
    urgent = DeliveryRun.objects.filter(pk=run.pk)
    original = Scripted.send

    def send_and_then_something_urgent_comes(self: Scripted, letters: Sequence[Letter], until: float) -> Iterator[Answer]:
        yield from original(self, letters, until)
        fresh = urgent.get()
        DeliveryRun.objects.create(
            message=fresh.message, channel="email", lane=0, first_id=1, next_id=1, last_id=1, size=1, due_at=fresh.due_at
        )

    first.send = send_and_then_something_urgent_comes.__get__(first)  # type: ignore[method-assign]
    assert claim_and_send() == 10


def test_a_state_is_known_has_its_time_and_stands_once() -> None:
    row = "INSERT INTO notifications_providerstate (channel, provider, breaker, until, reason, failures, tokens) VALUES"
    for values, constraint in (
        ("('email', 'smtp', 'ajar', now(), '', 0, 0)", "notifications_breaker_known"),
        ("('email', 'smtp', 'open', NULL, '', 0, 0)", "notifications_breaker_open_for_a_time"),
        ("('a', 'b', 'closed', NULL, '', 0, 0), ('a', 'b', 'closed', NULL, '', 0, 0)", "notifications_provider_state_once"),
    ):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"{row} {values}")


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_take_the_same_token(two: tuple[Scripted, Scripted]) -> None:
    by = Serving("email", "smtp", 0.0001, 50)
    taken: list[int] = []

    def take() -> None:
        taken.extend(take_tokens(by, 7, EVERY_LANE)[0] for _ in range(10))
        connection.close()

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sum(taken) == 50
