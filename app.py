"""The web application. `create_app(config)` builds it; `python app.py` serves it on this machine."""

from __future__ import annotations

from recon.web.factory import create_app

__all__ = ["create_app"]

if __name__ == "__main__":
    from recon.web.serving import serve

    serve(create_app())
