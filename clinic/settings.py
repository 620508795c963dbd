"""Settings of the reference host, all by environment. The block that belongs to the plugin stands together below."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from environs import Env

from clinic import environment

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = Env()

# --- Secrets and mode -----------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "")
LINK_KEYS = env.json("RLS_LINK_KEYS", None)
environment.require_secrets(debug=DEBUG, secret_key=SECRET_KEY, link_keys=LINK_KEYS)
if DEBUG:
    SECRET_KEY = SECRET_KEY or "for development only: not a secret, refused when DEBUG is off"
    LINK_KEYS = LINK_KEYS or {"development": "for development only: not a secret, refused when DEBUG is off"}

BASE_URL = env.str("BASE_URL", "http://localhost:8000").rstrip("/")
IS_HTTPS = BASE_URL.startswith("https://")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", [urlsplit(BASE_URL).hostname])
environment.require_safe(
    debug=DEBUG,
    secret_key=SECRET_KEY,
    base_url=BASE_URL,
    allows_http=env.bool("ALLOW_HTTP", False),
    allowed_hosts=ALLOWED_HOSTS,
)
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)

# --- What is installed ------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "clinic",
    "rls_module",
]
MIDDLEWARE = [
    "clinic.headers.headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "clinic.front_door.admin_door.admin_door",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "clinic.front_door.middleware.session_limits",
    "clinic.front_door.middleware.LoginRequired",
    "clinic.front_door.middleware.SecondFactor",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "clinic.urls"
WSGI_APPLICATION = "clinic.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "clinic" / "templates"],  # before those of django-allauth, whose pages look like ours
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Data -------------------------------------------------------------------------------------------------------
DATABASES = {"default": environment.database(env.dj_db_url("DATABASE_URL", f"sqlite:///{VAR_DIR}/clinic.sqlite3"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "clinic_cache",
        # A full cache drops rows, and with them somebody's wrong passwords: no flood of names may fill it.
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}
REDIS_URL = env.str("REDIS_URL", "")  # absent: the engine runs without Celery

# --- Celery -----------------------------------------------------------------------------------------------------
# A metronome for the follow-up engine: an interval in UTC, because a local crontab is silent for an hour when the
# clocks go back. Messages carry nothing and nothing relies on them; what is due stands in the database.
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
CELERY_BEAT_SCHEDULE = {"follow-ups": {"task": "rls_module.tick", "schedule": 15.0, "options": {"expires": 15}}}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 60, 90
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 25,
}

# --- Mail -------------------------------------------------------------------------------------------------------
EMAIL_URL = env.dj_email_url("EMAIL_URL", "console:" if DEBUG else "smtp://localhost:25")
for _name, _value in environment.mail(EMAIL_URL, timeout=env.int("EMAIL_TIMEOUT", 20)).items():
    globals()[_name] = _value
del EMAIL_URL
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "clinic@example.org")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Language and time ------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", "America/New_York")

# --- Static files -----------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT: Path | None = VAR_DIR / "static"
(VAR_DIR / "static").mkdir(parents=True, exist_ok=True)  # WhiteNoise wants it there, even empty
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Signing in -------------------------------------------------------------------------------------------------
# On unless switched off: whoever may see a patient shows more than a password (decision 13).
REQUIRE_MFA = env.bool("REQUIRE_MFA", True)
STEP_UP_MINUTES = env.int("STEP_UP_MINUTES", 30)  # how fresh a factor must be to sign, export, change a role
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", 15)
SESSION_HOURS = env.int("SESSION_HOURS", 12)
ADMIN_PATH = env.str("ADMIN_PATH", "admin").strip("/") + "/"
ADMIN_NETWORKS: list[str] = env.list("ADMIN_NETWORKS", [])  # like 10.8.0.0/16: from elsewhere there is no admin
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
SIGN_IN_ISSUER = env.str("SIGN_IN_ISSUER", urlsplit(BASE_URL).hostname)  # the clinic's name in authenticator apps

ACCOUNT_ADAPTER, MFA_ADAPTER = "clinic.front_door.adapters.Accounts", "clinic.front_door.adapters.Factors"
ACCOUNT_FORMS = {"login": "clinic.front_door.forms.NameAndPasswordForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
# Counted in the database before a password is looked at: guesses made at once, or on another server, count too.
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "20/5m/ip,5/5m/key", "step_up": "10/d/key"}
MFA_FORMS = {"reauthenticate": "clinic.front_door.forms.StepUpForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # the key's own PIN or fingerprint, since a passkey needs no password
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_HTTPS  # where browsers allow it: on localhost
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- Security ---------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # marks in the admin's styles, the picture an authenticator app reads
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "report-uri": "/csp/",
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = SESSION_HOURS * 60 * 60
CSRF_TRUSTED_ORIGINS = [BASE_URL]
if IS_HTTPS:
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    # HSTS_SUBDOMAINS=0 where another name under the clinic's is still on http.
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", True)
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Browsers' preload lists are for whole domains, which a clinic rarely has to itself.
SILENCED_SYSTEM_CHECKS = ["security.W021"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "clinic.logs.JsonLines"},
    },
    "filters": {"redaction": {"()": "clinic.logs.Redaction"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line" if DEBUG else "json",
            "filters": ["redaction"],
        }
    },
    # Django's own default would mail tracebacks to ADMINS; a traceback may hold what a patient typed.
    "loggers": {"django": {"handlers": ["console"], "level": "INFO", "propagate": False}},
    "root": {"handlers": ["console"], "level": "INFO"},
}

# --- The plugin -------------------------------------------------------------------------------------------------
# Every other key of the plugin can be given as environment RLS_MODULE_<KEY>, which it reads itself.
RLS_MODULE = {
    "PATIENT_MODEL": "clinic.Patient",
    "ADAPTER": "clinic.rls.ClinicAdapter",
    "BASE_URL": BASE_URL,
    "FROM_EMAIL": DEFAULT_FROM_EMAIL,
    "LINK_KEYS": LINK_KEYS,
    "TRUSTED_PROXIES": TRUSTED_PROXIES,
    "STAFF_GATE": "clinic.front_door.step_up.gate",
}
# Only where migrations of the plugin are *written* (here, by its developers): `makemigrations` names the target of
# the patient key as a top-level setting. No other host needs this line.
RLS_MODULE_PATIENT_MODEL = RLS_MODULE["PATIENT_MODEL"]
