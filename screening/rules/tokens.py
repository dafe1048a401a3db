"""Secrets: the regular expressions of detect-secrets' plugins, called directly, and a few of our own.

Only patterns are taken from the plugins. Their verification, which would ask a provider over the network whether a secret
works, is never called.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from detect_secrets.plugins.artifactory import ArtifactoryDetector
from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.basic_auth import BasicAuthDetector
from detect_secrets.plugins.cloudant import CloudantDetector
from detect_secrets.plugins.discord import DiscordBotTokenDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.ibm_cloud_iam import IbmCloudIamDetector
from detect_secrets.plugins.ibm_cos_hmac import IbmCosHmacDetector
from detect_secrets.plugins.jwt import JwtTokenDetector
from detect_secrets.plugins.mailchimp import MailchimpDetector
from detect_secrets.plugins.npm import NpmDetector
from detect_secrets.plugins.openai import OpenAIDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.softlayer import SoftlayerDetector
from detect_secrets.plugins.square_oauth import SquareOAuthDetector
from detect_secrets.plugins.stripe import StripeDetector
from detect_secrets.plugins.telegram_token import TelegramBotTokenDetector
from detect_secrets.plugins.twilio import TwilioKeyDetector

from screening.rules.catalogue import token_rule
from screening.rules.findings import Hit, Rule

# Some of the patterns cost the square of what they read, so they read windows: no text makes them slow. A secret that is cut
# by a window's edge lies whole in the next one, unless it is longer than the overlap, and then its beginning matches.
_WINDOW: Final = 1000
_OVERLAP: Final = 400

# Plugin, and what a text must contain for its patterns to be worth trying (lower case; any one of them).
_ASSIGNED = ("key", "pwd", "pw", "pass", "token")
_PLUGINS: tuple[tuple[type, tuple[str, ...]], ...] = (
    (ArtifactoryDetector, ("akc", "ap")),
    (AWSKeyDetector, ("akia", "asia", "a3t", "abia", "acca", "aws")),
    (AzureStorageKeyDetector, ("accountkey=",)),
    (BasicAuthDetector, ("://",)),
    (CloudantDetector, ("clou", "cl")),
    (DiscordBotTokenDetector, (".",)),
    (GitHubTokenDetector, ("ghp_", "gho_", "ghu_", "ghs_", "ghr_")),
    (GitLabTokenDetector, ("gl", "gr1348941")),
    (IbmCloudIamDetector, _ASSIGNED),
    (IbmCosHmacDetector, ("secret",)),
    (JwtTokenDetector, ("eyj",)),
    (MailchimpDetector, ("-us",)),
    (NpmDetector, ("_authtoken",)),
    (OpenAIDetector, ("t3blbkfj",)),
    (PypiTokenDetector, ("pypi-age",)),
    (SendGridDetector, ("sg.",)),
    (SlackDetector, ("xox", "hooks.slack.com")),
    (SoftlayerDetector, ("softlayer", "sl")),
    (SquareOAuthDetector, ("sq0csp",)),
    (StripeDetector, ("k_live_",)),
    (TelegramBotTokenDetector, (":",)),
    (TwilioKeyDetector, ("ac", "sk")),
)
# A password beside its name; what has no digit or no letter is more likely the next word of a sentence.
_NAMED = (
    r"(?<![A-Za-z])(?:password|passwd|pwd|secret|api[_-]?key|access[_-]?key|auth[_-]?token|token)[\"']?\s{0,2}[=:]\s{0,2}[\"']?"
    r"(?=[^\s\"'<>]{0,60}[0-9])(?=[^\s\"'<>]{0,60}[A-Za-z])([^\s\"'<>]{8,200})"
)
_OWN: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("GitHub Token", r"github_pat_[A-Za-z0-9_]{22,255}", ("github_pat_",)),
    ("Google API Key", r"AIza[0-9A-Za-z_-]{35}", ("aiza",)),
    ("Google OAuth Secret", r"GOCSPX-[0-9A-Za-z_-]{28}", ("gocspx-",)),
    ("Anthropic API Key", r"sk-ant-[0-9A-Za-z_-]{20,200}", ("sk-ant-",)),
    ("Stripe Access Key", r"(?:r|s)k_test_[0-9a-zA-Z]{24}", ("k_test_",)),
    ("Bearer Token", r"\bbearer\s{1,3}(?=[\w.~+/=-]{0,60}[0-9])[A-Za-z0-9._~+/=-]{20,500}", ("bearer",)),
    (
        "Password",
        _NAMED,
        ("password", "passwd", "pwd", "secret", "key", "token"),
    ),
)
_PEM = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:[\sA-Za-z0-9+/=:,.-]{0,20000}?-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?"
    r"|BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?|PuTTY-User-Key-File-[23]"
)
_PRIVATE_KEY = token_rule("Private Key")
Tried = tuple[Rule, tuple[re.Pattern[str], ...], tuple[str, ...]]


def _tried() -> Iterable[Tried]:
    for plugin, signs in _PLUGINS:
        detector = plugin()
        yield token_rule(detector.secret_type), tuple(detector.denylist), signs
    for kind, pattern, signs in _OWN:
        yield token_rule(kind), (re.compile(pattern, re.IGNORECASE if kind in {"Bearer Token", "Password"} else 0),), signs


_TRIED: tuple[Tried, ...] = tuple(_tried())
_JWT_RULE = next(rule for rule, _, _ in _TRIED if rule.id == "token.json_web_token")


def tokens(text: str) -> Iterator[Hit]:
    """Every secret in the text. The same one may be found more than once."""
    for match in _PEM.finditer(text):
        yield Hit(_PRIVATE_KEY, match.start(), match.end(), secret=True)
    for start in range(0, max(1, len(text) - _OVERLAP), _WINDOW - _OVERLAP):
        window = text[start : start + _WINDOW]
        for hit in _in_window(window):
            yield Hit(hit.rule, start + hit.start, start + hit.end, secret=True)


def _in_window(window: str) -> Iterator[Hit]:
    lowered = window.lower()
    for rule, patterns, signs in _TRIED:
        if any(sign in lowered for sign in signs):
            for pattern in patterns:
                for match in pattern.finditer(window):
                    if _is_secret(rule, match[0]):
                        yield Hit(rule, *_trimmed(match))


def _is_secret(rule: Rule, found: str) -> bool:
    """Every secret of these kinds has digits in it; a word in capitals that happens to begin like one has none."""
    if rule is _JWT_RULE:
        return bool(JwtTokenDetector.is_formally_valid(found))
    return any(character.isdecimal() for character in found) or rule.id == "token.basic_auth_credentials"


def _trimmed(match: re.Match[str]) -> tuple[int, int]:
    """The match without the space or quote that some patterns take along."""
    found = match[0]
    lead = len(found) - len(found.lstrip(" \t\r\n\"'=:"))
    return match.start() + lead, match.end() - (len(found) - len(found.rstrip(" \t\r\n\"'")))
