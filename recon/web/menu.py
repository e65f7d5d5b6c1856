"""The menu: every page and list of the product in the order people work through them."""

from __future__ import annotations

from flask_admin import Admin

from recon.web.storage import RequestSession


def fill(admin: Admin, session: RequestSession) -> None:
    """Add all views to the admin."""
