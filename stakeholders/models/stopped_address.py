"""Addresses that are not written to, whoever has them."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from stakeholders.models.contact_point import LONGEST_ADDRESS
from stakeholders.rules.kinds import FOR_ADDRESS, ContactKind


class StoppedAddress(models.Model):
    """A stop, complaint or bounce: of every entry that has the address, now and later, whatever its spelling.

    Triggers (`stakeholders/migrations/0013_stops_hold_for_addresses.py`) bring it to every contact point and take it off where this row is
    deleted. It stays where no entry has the address: its reader's word outlives the entry.
    """

    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in ContactKind])
    address = models.CharField(max_length=LONGEST_ADDRESS, help_text="Normalised, in lower case.")
    because = models.CharField(max_length=12, choices=[(s.value, s.value) for s in sorted(FOR_ADDRESS)])
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "address"], name="stakeholders_stopped_address_once"),
            models.CheckConstraint(
                condition=Q(because__in=sorted(k.value for k in FOR_ADDRESS)) & ~Q(reason="") & Q(address=Lower("address")),
                name="stakeholders_stopped_address_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} stopped: {self.because}"
