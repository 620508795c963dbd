"""A page of a list, filled up with granted rows from among many that are only visible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import models

_Row = TypeVar("_Row", bound=models.Model)
MOST_AT_ONCE = 1000


class Granted(Generic[_Row]):
    """Visible rows as a queryset that can be ordered, narrowed and sliced; a slice counts and holds granted rows only.

    Rows are read in strides that double, so a page whose rows are all granted takes one query, and one among very many
    refused rows takes a few and never more memory than a stride.
    """

    def __init__(self, rows: models.QuerySet[_Row], is_granted: Callable[[_Row], bool]) -> None:
        self._rows = rows
        self._is_granted = is_granted

    def order_by(self, *names: str) -> Granted[_Row]:
        """Return the same rows in another order."""
        return Granted(self._rows.order_by(*names), self._is_granted)

    def filter(self, *conditions: Any, **lookups: Any) -> Granted[_Row]:
        """Return those of the rows that match."""
        return Granted(self._rows.filter(*conditions, **lookups), self._is_granted)

    def __getitem__(self, part: slice) -> list[_Row]:
        """Return the granted rows from `part.start` to `part.stop`, which must be given."""
        rows = _without_ties(self._rows)
        found: list[_Row] = []
        begin, stride = 0, part.stop
        while len(found) < part.stop:
            read = list(rows[begin : begin + stride])
            found += filter(self._is_granted, read)
            if len(read) < stride:
                break
            begin, stride = begin + stride, min(2 * stride, MOST_AT_ONCE)
        return found[part.start : part.stop]


def _without_ties(rows: models.QuerySet[_Row]) -> models.QuerySet[_Row]:
    """Return the rows in their order with the key last, in the same direction: strides and pages must not overlap."""
    order = rows.query.order_by
    is_falling = bool(order) and str(order[-1]).startswith("-")
    return rows.order_by(*order, "-pk" if is_falling else "pk")
