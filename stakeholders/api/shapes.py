"""The register as JSON: what is answered, and what is taken."""

from typing import Any

from rest_framework import serializers

from core.api.serializers import StrictSerializer
from stakeholders.models import ContactPoint, Stakeholder
from stakeholders.rules.kinds import ContactKind, StakeholderKind, Tier

KINDS = [kind.value for kind in StakeholderKind]
CONTACT_KINDS = [kind.value for kind in ContactKind]
TIERS = ["", *(tier.value for tier in Tier)]


class ContactPointSerializer(serializers.ModelSerializer[ContactPoint]):
    """An address, in which order it is tried, whether its reader confirmed it and agreed, and whether it is used."""

    class Meta:
        model = ContactPoint
        fields = [
            "id", "kind", "address", "position", "verification", "verified_at", "consent_at", "consent_source", "suppressed_at",
            "suppression_kind", "suppression_reason", "soft_bounces", "bad_since",
        ]  # fmt: skip


class StakeholderSerializer(serializers.ModelSerializer[Stakeholder]):
    """Who is told. `audiences` and `depends_on` (components) are keys, `organisation` is an id, `success_manager` a user name."""

    id = serializers.CharField(source="public_id", read_only=True)
    user = serializers.CharField(source="user.username", read_only=True, default=None, allow_null=True)
    organisation = serializers.CharField(source="organisation.public_id", read_only=True, default=None, allow_null=True)
    success_manager = serializers.CharField(source="success_manager.username", read_only=True, default=None, allow_null=True)
    tags = serializers.ListField(child=serializers.CharField(), read_only=True)
    quiet_from = serializers.TimeField(format="%H:%M", read_only=True, allow_null=True)
    quiet_until = serializers.TimeField(format="%H:%M", read_only=True, allow_null=True)
    contact_points = ContactPointSerializer(many=True, read_only=True)
    audiences = serializers.SerializerMethodField()
    depends_on = serializers.SerializerMethodField()

    class Meta:
        model = Stakeholder
        fields = [
            "id", "external_id", "kind", "name", "user", "organisation", "tier", "contract", "success_manager", "region", "tags",
            "language", "time_zone", "quiet_from", "quiet_until", "depends_on", "contact_points", "audiences", "created_at",
        ]  # fmt: skip

    def get_audiences(self, stakeholder: Stakeholder) -> list[str]:
        return sorted(membership.audience.key for membership in stakeholder.audience_memberships.all())

    def get_depends_on(self, stakeholder: Stakeholder) -> list[str]:
        return sorted(component.key for component in stakeholder.depends_on.all())


class PointBody(StrictSerializer):
    """A kind of address and the address."""

    kind = serializers.ChoiceField(choices=CONTACT_KINDS)
    address = serializers.CharField(max_length=1000, help_text="Telephone numbers with their country (E.164), web addresses with https.")


class NewPointBody(PointBody):
    """One more address."""

    consent = serializers.BooleanField(
        default=False, help_text="Whether its reader agreed; kept with the time and that it came by the API."
    )
    confirm = serializers.BooleanField(
        default=False, help_text="Ask an e-mail address to confirm first; until then nothing else goes there."
    )


class FieldsBody(StrictSerializer):
    """Fields of an entry; what is left out stays as it is."""

    external_id = serializers.CharField(max_length=128, required=False, allow_blank=True, help_text="What another system calls the entry.")
    kind = serializers.ChoiceField(choices=KINDS, required=False)
    name = serializers.CharField(max_length=200, required=False)
    organisation = serializers.CharField(
        max_length=200, required=False, allow_blank=True, help_text="Its external id, our id, or its name where only one has it."
    )
    tier = serializers.ChoiceField(choices=TIERS, required=False)
    contract = serializers.CharField(max_length=200, required=False, allow_blank=True)
    success_manager = serializers.CharField(
        max_length=254, required=False, allow_blank=True, help_text="User name or e-mail of a colleague."
    )
    region = serializers.CharField(max_length=64, required=False, allow_blank=True, help_text="For instance eu-west.")
    tags = serializers.ListField(child=serializers.CharField(max_length=64), required=False, max_length=40)
    language = serializers.CharField(max_length=12, required=False, help_text="Language tag, for instance en or pt-BR.")
    time_zone = serializers.CharField(max_length=64, required=False, help_text="IANA name.")
    quiet_from = serializers.CharField(max_length=5, required=False, allow_blank=True, help_text="Local time, for instance 22:00.")
    quiet_until = serializers.CharField(max_length=5, required=False, allow_blank=True)
    depends_on = serializers.ListField(
        child=serializers.CharField(max_length=64), required=False, max_length=200, help_text="Components' keys."
    )
    audiences = serializers.ListField(
        child=serializers.CharField(max_length=64), required=False, max_length=200, help_text="Keys of audiences to be put into."
    )


class NewStakeholderBody(FieldsBody):
    """Somebody to be told."""

    kind = serializers.ChoiceField(choices=KINDS)
    name = serializers.CharField(max_length=200)
    email = serializers.CharField(max_length=320, required=False, help_text="The first address, for those who have no other.")
    contact_points = serializers.ListField(child=PointBody(), required=False, max_length=20)


class BulkBody(StrictSerializer):
    """Rows, each an object as for one entry, with `external_id` and, where given, exactly the `contact_points` it has."""

    rows = serializers.ListField(child=serializers.DictField(), min_length=1, max_length=1000)
    consent = serializers.BooleanField(default=False, help_text="Whether the readers of addresses that are new agreed.")
    confirm = serializers.BooleanField(default=False, help_text="Ask e-mail addresses that are new to confirm first.")


class BulkRowSerializer(serializers.Serializer[Any]):
    """What became of one row, in the order sent."""

    external_id = serializers.CharField()
    outcome = serializers.ChoiceField(choices=["new", "changed", "unchanged", "error"])
    id = serializers.CharField(help_text="Ours; empty for a row at fault.")
    errors = serializers.DictField(  # type: ignore[assignment]  # the name the API gives to what is wrong; the base class has one of its own
        child=serializers.ListField(child=serializers.CharField())
    )


class BulkAnswerSerializer(serializers.Serializer[Any]):
    """How many rows of each outcome, and each row."""

    counts = serializers.DictField(child=serializers.IntegerField())
    results = BulkRowSerializer(many=True)
