"""Every component of the design system in every state."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from console.views.support import page


@page
def kit(request: HttpRequest) -> HttpResponse:
    """The kit: a mirror for whoever builds pages, and for the tests of their looks."""
    return render(request, "console/kit.html")
