"""Serving the application with waitress."""

from __future__ import annotations

from flask import Flask
from waitress import serve as waitress_serve

THREADS = 12
"""Pages are short and jobs run elsewhere; a thread waits only for a large file on its way in or out."""


def serve(app: Flask, host: str = "127.0.0.1", port: int = 5000) -> None:
    """Serve until interrupted. Headers of proxies are dropped unless the settings say one stands in front."""
    behind = bool(app.config["BEHIND_PROXY"])
    limit = app.config["MAX_CONTENT_LENGTH"]
    waitress_serve(
        app,
        host=host,
        port=port,
        threads=THREADS,
        clear_untrusted_proxy_headers=not behind,
        trusted_proxy="*" if behind else None,
        trusted_proxy_headers={"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"} if behind else None,
        max_request_body_size=limit,
        ident=None,
    )
