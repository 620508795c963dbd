"""What may stand after the question mark: each list names its filters, and nothing else is looked at."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from rest_framework import serializers

from rls_module.api.problems import Invalid

MOST_ROWS = 100
USUAL_ROWS = 25


class Params(serializers.Serializer[Any]):
    """A view without parameters."""


class PageParams(Params):
    """The parameters of every list."""

    page_size = serializers.IntegerField(
        min_value=1, max_value=MOST_ROWS, default=USUAL_ROWS, help_text="Rows of one page."
    )
    cursor = serializers.CharField(
        required=False, max_length=200, help_text="Where the page begins: taken from `next` or `previous`."
    )


class ChartParams(PageParams):
    """Filters of charts."""

    has_open_case = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Only charts with, or without, an open case."
    )


class CaseParams(PageParams):
    """Filters of cases."""

    chart = serializers.UUIDField(required=False, help_text="Of this chart.")
    status = serializers.ChoiceField(choices=("open", "on_hold", "closed"), required=False)


class VisitParams(PageParams):
    """Filters of visits."""

    chart = serializers.UUIDField(required=False, help_text="Of this chart.")
    case = serializers.UUIDField(required=False, help_text="Of this case.")
    status = serializers.ChoiceField(choices=("draft", "signed"), required=False)
    on_or_after = serializers.DateField(required=False, help_text="Visited on this day or later.")
    on_or_before = serializers.DateField(required=False, help_text="Visited on this day or earlier.")


class FollowupParams(PageParams):
    """Filters of follow-ups."""

    chart = serializers.UUIDField(required=False, help_text="Of this chart.")
    state = serializers.ChoiceField(
        choices=("open", "answered", "late", "missed", "cancelled", "skipped"), required=False
    )
    due_on_or_after = serializers.DateField(required=False, help_text="Due on this day or later.")
    due_on_or_before = serializers.DateField(required=False, help_text="Due on this day or earlier.")


class ResponseParams(PageParams):
    """Filters of responses."""

    chart = serializers.UUIDField(required=False, help_text="Of this chart.")
    instrument = serializers.RegexField(r"^[a-z][a-z0-9_]*$", max_length=40, required=False)


def read(request: HttpRequest, params: type[Params]) -> dict[str, Any]:
    """Return the parameters of `request` as `params` has them.

    Raises Invalid for one that is not listed, stands twice or can't be read.
    """
    given = request.GET
    listed = set(params().fields)
    errors: dict[str, list[str]] = {}
    for name in given:
        if name not in listed:
            errors[_shown(name)] = ["There is no such parameter here."]
        elif len(given.getlist(name)) > 1:
            errors[name] = ["This parameter stands here more than once."]
        elif not given[name].isprintable():
            errors[name] = ["This holds characters that can't be read."]
    if errors:
        raise Invalid(errors)
    sent = params(data=given.dict())
    if not sent.is_valid():
        raise Invalid({name: [str(one) for one in found] for name, found in sent.errors.items()})
    return dict(sent.validated_data)


def _shown(name: str) -> str:
    return "".join(one for one in name[:40] if one.isprintable())
