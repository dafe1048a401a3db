"""Proposing, withdrawing and putting in force: in a signed-in session, the last with a password typed just now."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from core.clock import utc_now
from policies.api.versions import PolicyVersionSerializer, version_answer
from policies.queries import visible_version
from policies.services import activate_version, propose_version, withdraw_proposal


class ProposeView(IdempotentPostMixin, APIView):
    """Proposes a draft."""

    @extend_schema(request=None, responses=PolicyVersionSerializer)
    def post(self, request: Request, number: int) -> Response:
        """From now on its words stand still, until it is withdrawn or confirmed."""
        actor = actor_of(request)
        propose_version(actor=actor, now=utc_now(), version=visible_version(actor, number))
        return version_answer(visible_version(actor, number))


class WithdrawView(IdempotentPostMixin, APIView):
    """Takes a proposal back."""

    @extend_schema(request=None, responses=PolicyVersionSerializer)
    def post(self, request: Request, number: int) -> Response:
        """It is a draft again."""
        actor = actor_of(request)
        withdraw_proposal(actor=actor, now=utc_now(), version=visible_version(actor, number))
        return version_answer(visible_version(actor, number))


class ActivateView(IdempotentPostMixin, APIView):
    """Puts a proposed version in force."""

    @extend_schema(request=None, responses=PolicyVersionSerializer)
    def post(self, request: Request, number: int) -> Response:
        """By somebody who did not change it last, in a session whose password was typed within five minutes."""
        actor = actor_of(request)
        activate_version(actor=actor, now=utc_now(), version=visible_version(actor, number))
        return version_answer(visible_version(actor, number))
