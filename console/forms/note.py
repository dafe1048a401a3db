"""A line for the timeline."""

from django import forms


class NoteForm(forms.Form):
    """What happened, for colleagues."""

    kind = forms.ChoiceField(choices=[("note", "Note"), ("milestone", "Milestone")], initial="note")
    text = forms.CharField(max_length=500, label="What happened", widget=forms.Textarea(attrs={"rows": 2}))
