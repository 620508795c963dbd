"""The clinic's Celery: a beat every 15 seconds and workers over Redis. Without REDIS_URL nothing here is started.

celery -A clinic worker      celery -A clinic beat
manage.py rls_followups run --loop      does the same without it; both at once are safe
"""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")

app = Celery("clinic")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# A process that never imports this module would otherwise publish to a broker that nobody chose.
app.set_default()
