"""Secrets block for everyone, and are masked wherever the finding is shown."""

import pytest

from tests.screening.checking import found

JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
# Put together here, so that no scanner of repositories takes them for real ones.
SECRETS = {
    "token.aws_access_key": "AKIA" + "Q3EGRV7ZP2MXK4TN",
    "token.github_token": "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
    "token.slack_token": "xoxb-" + "123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx",
    "token.stripe_access_key": "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "token.json_web_token": JWT,
    "token.basic_auth_credentials": "://reporting:" + "Tr0ubador@",
    "token.google_api_key": "AIza" + "SyD4x0Lm9Qw8Er7Ty6Ui5Op3As2Df1Gh0Jk",
    "token.gitlab_token": "glpat-" + "x1y2z3A4B5C6D7E8F9G0",
    "token.sendgrid_api_key": "SG." + "a1B2c3D4e5F6g7H8i9J0k1" + "." + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V",
    "token.bearer_token": "Bearer " + "f3a9c1d27b6e4805a9c1d27b6e4805",
    "token.password": "password=" + "hunter2hunter2",
}


@pytest.mark.parametrize(("rule", "secret"), SECRETS.items())
@pytest.mark.parametrize("internal", [True, False], ids=["colleagues", "outside"])
def test_a_secret_blocks_for_everyone_and_is_masked(rule: str, secret: str, internal: bool) -> None:
    (finding,) = [one for one in found(f"Use {secret} to try it", internal=internal) if one.severity == "block"]
    assert finding.rule == rule
    shown = f"{finding.excerpt} {finding.sentence} {finding.message}"
    assert secret[5:] not in shown
    assert secret[-6:] not in shown


def test_a_private_key_is_marked_from_its_first_line_to_its_last() -> None:
    pem = "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEpAIBAAKCAQEA7\n" * 12 + "-----END RSA PRIVATE KEY-----"
    body = f"The key:\n{pem}\nwas rotated"
    (finding,) = found(body)
    assert body[finding.start : finding.end] == pem
    assert "MIIE" not in finding.excerpt


def test_a_private_key_without_its_end_is_found_too() -> None:
    (finding,) = found("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA")
    assert finding.rule == "token.private_key"


@pytest.mark.parametrize("distance", [0, 550, 610, 990, 1010, 1500])
def test_a_secret_is_found_wherever_it_stands_in_a_long_text(distance: int) -> None:
    assert [one.rule for one in found("word " * (distance // 5) + JWT + " word" * 300)] == ["token.json_web_token"]


@pytest.mark.parametrize(
    "text",
    [
        "Your password: choose a new one",
        "Tokens: please renew yours",
        "The AWS key management service recovered",
        "Reset the token at https://example.com/reset",
        "Ask at https://example.com:8443/help and mail help@example.com",
        "APACHEKAFKA is back",
    ],
)
def test_talk_about_secrets_is_no_secret(text: str) -> None:
    assert [one for one in found(text) if one.severity == "block"] == []
