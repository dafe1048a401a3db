"""Names of machines: by exact suffix, and by role, environment and number."""

import pytest

from tests.screening.checking import passages


@pytest.mark.parametrize(
    ("text", "passage"),
    [
        ("Restarted billing.payments.internal today", "billing.payments.internal"),
        ("Moved to db7.corp.", "db7.corp"),
        ("On https://grafana.lan/d/1 we saw it", "grafana.lan"),
        ("The pod checkout.shop.svc.cluster.local restarted", "checkout.shop.svc.cluster.local"),
        ("Service checkout.shop.svc:8080 failed", "checkout.shop.svc"),
        ("Write ops@mail.corp", "mail.corp"),
        ("Failover of db-prod-3 done", "db-prod-3"),
        ("Failover of prod-web01 done", "prod-web01"),
        ("Failover of eu-api-stg-12 done", "eu-api-stg-12"),
        ("Failover of billing-prd-003 done", "billing-prd-003"),
        ("Failover of redis-production-2 done", "redis-production-2"),
        ("Failover of DB-PROD-3 done", "DB-PROD-3"),
        ("Failover of db‑prod‑3 done", "db‑prod‑3"),
        ("Failover of db-рrod-3 done", "db-рrod-3"),
        ("Failover of db-prod-3.example.com done", "db-prod-3.example.com"),
        ("Failover of k8s12-prod done", "k8s12-prod"),
        ("Node ip-10-4-2-17 was lost", "ip-10-4-2-17"),
    ],
)
def test_a_machine_blocks_and_is_marked_exactly(text: str, passage: str) -> None:
    assert [where for _, where in passages(text)] == [passage]


@pytest.mark.parametrize(
    "text",
    [
        "Read https://status.example.com/incidents for more",
        "internal.example.com is not under the suffix, nor is localhost",
        "An internal service, a local one, a corp account",
        "The file /etc/rc.local was fine",
        "Region us-east-1, zone use1-az5, eu-central-1",
        "Our pre-production environment and non-prod systems",
        "The prod-2024 plan and the test-2 group, covid-19",
        "Take plan-b or step-by-step-3, a one-to-one",
        "Version api-v2 of our production-ready test",
        "Ticket INC-2024-0042 and CN-162938",
    ],
)
def test_what_is_no_machine_says_nothing(text: str) -> None:
    assert passages(text) == []


def test_colleagues_may_read_host_names() -> None:
    assert passages("Failover of db-prod-3 and billing.internal", internal=True) == []
