"""Serving the application with waitress."""

from __future__ import annotations

from typing import Any

from flask import Flask
from waitress import serve as waitress_serve

THREADS = 12
"""Pages are short and jobs run elsewhere; a thread waits only for a large file on its way in or out."""


def serve(app: Flask, host: str = "127.0.0.1", port: int = 5000) -> None:
    """Serve until interrupted. Headers of proxies are dropped unless the settings say one stands in front."""
    waitress_serve(
        app,
        host=host,
        port=port,
        threads=THREADS,
        max_request_body_size=app.config["MAX_CONTENT_LENGTH"],
        ident=None,
        **_proxy(behind=bool(app.config["BEHIND_PROXY"])),
    )


def _proxy(behind: bool) -> dict[str, Any]:
    if not behind:
        return {"clear_untrusted_proxy_headers": True}
    headers = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}
    return {"trusted_proxy": "*", "trusted_proxy_headers": headers, "trusted_proxy_count": 1}
