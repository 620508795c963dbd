"""Events published to the host, sent after commit; every argument is an id. Never consumed in the plugin."""

from __future__ import annotations

from django.dispatch import Signal

case_opened = Signal()
plan_signed = Signal()
visit_signed = Signal()
followup_sent = Signal()
followup_answered = Signal()
followup_undeliverable = Signal()
alert_raised = Signal()
alert_resolved = Signal()
patient_opted_out = Signal()
emergency_opened = Signal()
