"""The settings of the web application: defaults, then the environment (`RECON_…`), then what the caller gives.

| setting | what it is |
|---|---|
| `DATABASE_URL` | SQLAlchemy address; SQLite in the instance folder by default |
| `SECRET_KEY` | signs cookies; made once and kept in the instance folder, readable by its owner only |
| `DEMO` | the demo company is loaded and its users stand on the login page |
| `BEHIND_PROXY` | number of trusted proxies in front (0: none); also turns on secure cookies |
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from recon import places

MEGABYTE = 1024 * 1024


def settings(given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Everything `app.config` starts from; `given` wins over the environment, which wins over the defaults."""
    named = {**_environment(), **(given or {})}
    instance = Path(named.setdefault("INSTANCE", places.instance()))
    behind = int(named.setdefault("BEHIND_PROXY", 0))
    named.setdefault("DEMO", False)
    named.setdefault("DATABASE_URL", f"sqlite:///{instance / 'recon.sqlite3'}")
    if not named.get("SECRET_KEY"):
        named["SECRET_KEY"] = kept_secret(instance)
    return {**_limits(), **_cookies(secure=behind > 0), **_login(named["SECRET_KEY"]), **named}


def kept_secret(folder: Path) -> str:
    """The secret of this installation, made at the first start."""
    file = folder / "secret_key"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(secret := secrets.token_hex(32))
    return secret


def _environment() -> dict[str, Any]:
    known = ("DATABASE_URL", "SECRET_KEY", "BEHIND_PROXY")
    return {name: os.environ[f"RECON_{name}"] for name in known if os.environ.get(f"RECON_{name}")}


def _limits() -> dict[str, Any]:
    return {
        "MAX_CONTENT_LENGTH": 256 * MEGABYTE,  # bank and ledger files of a year
        "MAX_FORM_MEMORY_SIZE": 4 * MEGABYTE,  # the ids of a large selection, or a rule set
        "MAX_FORM_PARTS": 5_000,
        "SEND_FILE_MAX_AGE_DEFAULT": timedelta(days=30),
    }


def _cookies(secure: bool) -> dict[str, Any]:
    return {
        "SESSION_COOKIE_NAME": "recon",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": secure,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SECURE": secure,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a page left open over lunch still saves
    }


def _login(secret: str) -> dict[str, Any]:
    return {
        "SECURITY_PASSWORD_SALT": secret,
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_DEPRECATED_PASSWORD_SCHEMES": [],
        "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
        "SECURITY_USER_IDENTITY_ATTRIBUTES": [{"username": {"mapper": str, "case_insensitive": True}}],
        "SECURITY_USERNAME_ENABLE": False,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_POST_LOGIN_VIEW": "/",
        "SECURITY_POST_LOGOUT_VIEW": "/login",
        "SECURITY_UNAUTHORIZED_VIEW": None,
        "SECURITY_FLASH_MESSAGES": True,
        "SECURITY_MSG_LOGIN": (" ", "none"),
        "SECURITY_SEND_REGISTER_EMAIL": False,
    }
