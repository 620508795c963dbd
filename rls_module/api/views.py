"""The views: which records, by which action of the registry, in which shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from rest_framework.request import Request
from rest_framework.response import Response as Answer

from rls_module.api import schema, shapes
from rls_module.api.doors import Door, ListDoor, RowDoor
from rls_module.api.params import CaseParams, ChartParams, FollowupParams, ResponseParams, VisitParams
from rls_module.cases import access
from rls_module.cases.models import Case, Chart, Response
from rls_module.followups.models import Occurrence
from rls_module.host import adapter, web
from rls_module.host.actor import of_request
from rls_module.host.clock import now
from rls_module.library import queries as library_queries
from rls_module.outcomes import queries
from rls_module.visits import queries as visit_queries
from rls_module.visits.models import Visit


class Charts(ListDoor):
    """The charts of the patients that you may see."""

    params, action, serializer = ChartParams, "chart.view", shapes.ChartShape

    def rows(self, given: dict[str, Any]) -> QuerySet[Any]:
        return queries.charts(**given)


class OneChart(RowDoor):
    """One chart."""

    model, action, serializer = Chart, "chart.view", shapes.ChartShape


class Summary(Door):
    """The course of a patient: measures since the baseline, and what waits for a person."""

    serializer = shapes.SummaryShape

    def get(self, request: Request, uuid: Any) -> Answer:
        """Answer what the chart page says."""
        chart = access.fetch(self.host_request, self.actor, Chart, uuid, "chart.view")
        page = queries.chart_page(chart, now=now(), language=(get_language() or "en").split("-")[0])
        return Answer(shapes.SummaryShape(shapes.of_summary(chart, page)).data)


class Cases(ListDoor):
    """Episodes of care."""

    params, action, serializer = CaseParams, "chart.view", shapes.CaseShape

    def rows(self, given: dict[str, Any]) -> QuerySet[Any]:
        return queries.cases(**given)


class OneCase(RowDoor):
    """One case."""

    model, action, serializer = Case, "chart.view", shapes.CaseShape


class Visits(ListDoor):
    """Visit notes, drafts too; those put aside are not there."""

    params, action, serializer = VisitParams, "visit.view", shapes.VisitShape

    def rows(self, given: dict[str, Any]) -> QuerySet[Any]:
        return queries.visits(**given)

    def context(self, rows: Sequence[Visit]) -> dict[str, Any]:
        return {"signatures": visit_queries.signatures(rows)}


class OneVisit(RowDoor):
    """One visit note."""

    model, action, serializer = Visit, "visit.view", shapes.VisitShape

    def context(self, rows: Sequence[Visit]) -> dict[str, Any]:
        return {"signatures": visit_queries.signatures(rows)}


class Followups(ListDoor):
    """Times of asking, with what became of each mail."""

    params, action, serializer = FollowupParams, "enrolment.view", shapes.FollowupShape

    def rows(self, given: dict[str, Any]) -> QuerySet[Any]:
        return queries.followups(**given)


class OneFollowup(RowDoor):
    """One time of asking."""

    model, action, serializer = Occurrence, "enrolment.view", shapes.FollowupShape


class Responses(ListDoor):
    """What was answered, in the room or at home."""

    params, action, serializer = ResponseParams, "response.view", shapes.ResponseShape

    def rows(self, given: dict[str, Any]) -> QuerySet[Any]:
        return queries.responses(**given)


class OneResponse(RowDoor):
    """One sitting."""

    model, action, serializer = Response, "response.view", shapes.ResponseShape


class Instruments(Door):
    """The questionnaires, in their newest version: those shipped, then those imported. All on one page."""

    serializer, is_list = shapes.InstrumentShape, True

    def get(self, request: Request) -> Answer:
        """List the instruments."""
        scope = _clinic_wide(self, "instrument.view")
        found = [shapes.of_instrument(one) for one in library_queries.newest_instruments(scope)]
        return Answer(shapes.InstrumentShape(found, many=True).data)


class OneInstrument(Door):
    """One questionnaire, in its newest version."""

    serializer = shapes.InstrumentShape

    def get(self, request: Request, key: str) -> Answer:
        """Show an instrument."""
        scope = _clinic_wide(self, "instrument.view")
        one = next((one for one in library_queries.newest_instruments(scope) if one.key == key), None)
        if one is None:
            raise web.NotFound
        return Answer(shapes.InstrumentShape(shapes.of_instrument(one)).data)


class Schema(Door):
    """This API described: OpenAPI 3.1."""

    is_described = False

    def get(self, request: Request) -> Answer:
        """Answer the description."""
        return Answer(schema.described())


@web.staff
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Show the API to people: every address with its parameters and fields."""
    access.clinic_wide(request, of_request(request), "instrument.view", scope=adapter().request_scope(request) or "")
    return web.page(request, "rls_module/api/docs.html", schema.for_people())


def _clinic_wide(door: Door, action: str) -> str:
    """Ask the gate, and return the clinic that it let the request into."""
    scope = adapter().request_scope(door.host_request) or ""
    access.clinic_wide(door.host_request, of_request(door.host_request), action, scope=scope)
    return scope
