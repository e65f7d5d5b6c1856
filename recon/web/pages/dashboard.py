"""The overview: every account group of the active company, what is open, how its balances stand."""

from __future__ import annotations

from typing import Any

from flask_admin import AdminIndexView

from recon.web.pages.page import Page, shown


class Dashboard(Page, AdminIndexView):
    """Where one lands after signing in."""

    def is_accessible(self) -> bool:
        return True

    @shown("/")
    def index(self) -> Any:
        return self.render("pages/dashboard.html")
