"""`gunicorn --config clinic/gunicorn_conf.py`: the reference host behind `docs/nginx.conf`."""

from __future__ import annotations

from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from clinic.logs import Redaction


class WithoutKeys(Logger):
    """Gunicorn's own two logs, the accesses and the errors, without the keys to patients' forms."""

    def setup(self, cfg: Any) -> None:
        """Set up as gunicorn does, then put the filter on both."""
        super().setup(cfg)
        for log in (self.access_log, self.error_log):
            log.addFilter(Redaction())


wsgi_app = "clinic.wsgi"
bind = "127.0.0.1:8000"
accesslog = "-"
logger_class = WithoutKeys
