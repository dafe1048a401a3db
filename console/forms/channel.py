"""How a provider is used, and where a test goes."""

from django import forms

from console.channel_words import ADDRESSES


class ProviderForm(forms.Form):
    """On or off, how fast, and against which version it was changed."""

    enabled = forms.BooleanField(required=False, label="Send by this provider")
    rate_per_second = forms.FloatField(
        required=False,
        label="Messages a second",
        help_text="At most so many. Empty: as fast as it goes.",
        widget=forms.NumberInput({"step": "any"}),
    )
    burst = forms.IntegerField(label="At once after a rest", help_text="So many may go before the rate holds them back.")
    version = forms.IntegerField(widget=forms.HiddenInput)


class TestForm(forms.Form):
    """One address."""

    address = forms.CharField(max_length=1000)

    def __init__(self, *args: object, channel: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they came
        label, example = ADDRESSES.get(channel, ("Address", ""))
        self.fields["address"].label = label
        self.fields["address"].widget.attrs["placeholder"] = example
