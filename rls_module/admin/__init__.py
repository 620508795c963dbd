"""What a clinic admin manages in Django admin: protocols, the queue, the audit. No clinical record is in here.

ADMIN_SITE names the site, or false for none; Django imports this module only where its admin is installed.
"""

from __future__ import annotations

from django.utils.module_loading import import_string

from rls_module import conf
from rls_module.admin.audit import AuditEventAdmin
from rls_module.admin.protocols import ProtocolAdmin
from rls_module.admin.queue import DeliveryAdmin
from rls_module.audit.models import AuditEvent
from rls_module.followups.models import Delivery, Protocol

if _site_path := conf.get("ADMIN_SITE"):
    _site = import_string(_site_path)
    _site.register(Protocol, ProtocolAdmin)
    _site.register(Delivery, DeliveryAdmin)
    _site.register(AuditEvent, AuditEventAdmin)
