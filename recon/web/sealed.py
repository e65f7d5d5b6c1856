"""PDF answers."""

from __future__ import annotations

from io import BytesIO

from flask import send_file
from werkzeug.wrappers import Response


def pdf_answer(content: bytes, name: str) -> Response:
    return send_file(BytesIO(content), mimetype="application/pdf", as_attachment=True, download_name=name)
