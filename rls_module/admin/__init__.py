"""What a clinic admin manages in Django admin: protocols, mails, their queue, the library, the audit. Nothing clinical.

ADMIN_SITE names the site, or false for none; Django imports this module only where its admin is installed.
"""

from __future__ import annotations

from django.utils.module_loading import import_string

from rls_module import conf
from rls_module.admin.audit import AuditEventAdmin
from rls_module.admin.billing import BillingTableAdmin
from rls_module.admin.emergencies import EmergencyAccessAdmin
from rls_module.admin.instruments import InstrumentAdmin
from rls_module.admin.library import ExerciseAdmin, LicenceAdmin, PolicyAdmin
from rls_module.admin.plan_templates import PlanTemplateAdmin
from rls_module.admin.preferences import PreferenceAdmin
from rls_module.admin.protocols import ProtocolAdmin
from rls_module.admin.queue import DeliveryAdmin
from rls_module.admin.texts import MailTextAdmin
from rls_module.audit.models import AuditEvent
from rls_module.cases.models import EmergencyAccess
from rls_module.followups.models import Delivery, MailText, Preference, Protocol
from rls_module.library.models import BillingTable, ClinicPolicy, Exercise, ImportedInstrument, Licence, PlanTemplate

if _site_path := conf.get("ADMIN_SITE"):
    _site = import_string(_site_path)
    for _model, _pages in {
        Protocol: ProtocolAdmin,
        MailText: MailTextAdmin,
        Delivery: DeliveryAdmin,
        Preference: PreferenceAdmin,
        Exercise: ExerciseAdmin,
        PlanTemplate: PlanTemplateAdmin,
        Licence: LicenceAdmin,
        ImportedInstrument: InstrumentAdmin,
        ClinicPolicy: PolicyAdmin,
        BillingTable: BillingTableAdmin,
        AuditEvent: AuditEventAdmin,
        EmergencyAccess: EmergencyAccessAdmin,
    }.items():
        _site.register(_model, _pages)
