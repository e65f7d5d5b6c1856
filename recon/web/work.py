"""Handing work to the jobs room: what takes long never runs inside a request."""

from __future__ import annotations

from recon.database.models import AccountGroup, Job
from recon.web.pages.uploads import Upload
from recon.web.wording import _

WORKING = ("queued", "running")


def titles() -> dict[str, str]:
    """What each kind of job is called."""
    return {"run": _("Reconcile"), "import": _("Import")}


def reconcile(group: AccountGroup) -> Job:
    raise NotImplementedError


def import_file(upload: Upload, missing: str, account_id: int | None) -> Job:
    raise NotImplementedError
