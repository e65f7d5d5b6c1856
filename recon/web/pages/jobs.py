"""What is being worked on in the background, by polling: a page never waits for a job."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from sqlalchemy import select

from recon.database.models import AccountGroup, Job
from recon.errors import NotFound
from recon.web import work
from recon.web.pages.page import Page, shown
from recon.web.person import actor, here
from recon.web.storage import database
from recon.web.wording import _

RECENT = 50


class Jobs(Page):
    """Jobs of the companies the reader sees."""

    @shown("/")
    def index(self) -> Any:
        query = select(Job).where(Job.company_id == here().company_id).order_by(Job.id.desc()).limit(RECENT)
        jobs = list(database().scalars(query))
        return self.render("pages/jobs.html", jobs=jobs, job_titles=work.titles(), groups=groups_of(jobs))

    @shown("/<int:job_id>/")
    def show(self, job_id: int) -> Any:
        return self._page([visible_job(job_id)])

    @shown("/several")
    def several(self) -> Any:
        ids = [int(part) for part in request.args.get("ids", "").split(",") if part.isascii() and part.isdigit()]
        return self._page([visible_job(job_id) for job_id in ids[:200]])

    def _page(self, jobs: list[Job]) -> Any:
        title = work.titles().get(jobs[0].kind, "") if len(jobs) == 1 else _("Jobs")
        return self.render(
            "pages/job.html", jobs=jobs, job_titles=work.titles(), groups=groups_of(jobs), page_title=title
        )

    @shown("/<int:job_id>/progress")
    def progress(self, job_id: int) -> Any:
        """The job's card: it asks again every second while the job is at work, and tells the page when it is done."""
        job = visible_job(job_id)
        headers = {} if job.state in work.WORKING else {"HX-Trigger": "lines-changed"}
        page = render_template("parts/job.html", job=job, job_titles=work.titles(), groups=groups_of([job]))
        return page, 200, headers


def visible_job(job_id: int) -> Job:
    job = database().get(Job, job_id)
    if job is None or job.company_id is None or not actor().sees(job.company_id):
        raise NotFound(_("There is no such job."))
    return job


def groups_of(jobs: list[Job]) -> dict[int, AccountGroup]:
    ids = {job.group_id for job in jobs if job.group_id}
    return {group.id: group for group in database().scalars(select(AccountGroup).where(AccountGroup.id.in_(ids)))}
