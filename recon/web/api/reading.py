"""What machines may read: groups, lines, matches, why of a line and of a match, refusals (docs/api.md).

The gate of `recon.web.login` stands before it as before every page; each service asks for the right it needs.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, jsonify, request
from flask import Response as Answer

from recon.access import Permission
from recon.errors import NotFound, Refusal
from recon.services.explain_line import explain_line
from recon.services.explain_match import explain_match
from recon.services.find_group import group_for
from recon.services.list_refusals import list_refusals
from recon.services.page_records import USUAL, page_groups, page_lines, page_matches
from recon.web.faults import status_of
from recon.web.person import actor
from recon.web.storage import database
from recon.web.wording import _

api = Blueprint("api", __name__, url_prefix="/api/v1")
SIDES = ("left", "right")


@api.get("/groups")
def groups() -> Answer:
    return _listed("groups", page_groups(database(), actor()), "group")


@api.get("/groups/<int:group_id>/lines")
def lines(group_id: int) -> Answer:
    side = request.args.get("side")
    if side not in (None, *SIDES):
        raise Refusal(_("The side of lines is left or right."))
    only_open = request.args.get("open") in ("1", "true", "yes")
    found = page_lines(database(), actor(), group_id, side=side, only_open=only_open, **_paging())
    return _listed("lines", found, "line")


@api.get("/groups/<int:group_id>/lines/<line>/why")
def why_line(group_id: int, line: str) -> Answer:
    return jsonify(explain_line(database(), actor(), group_id, line).plain())


@api.get("/groups/<int:group_id>/matches")
def matches(group_id: int) -> Answer:
    found = page_matches(database(), actor(), group_id, state=request.args.get("state", "all"), **_paging())
    return _listed("matches", found, "match")


@api.get("/groups/<int:group_id>/matches/<int:match_id>/why")
def why_match(group_id: int, match_id: int) -> Answer:
    why = explain_match(database(), actor(), match_id)
    if why.group_id != group_id:
        raise NotFound(_("There is no such match."))
    return jsonify(why.plain())


@api.get("/groups/<int:group_id>/refusals")
def refusals(group_id: int) -> Answer:
    group = group_for(database(), actor(), group_id, Permission.VIEW)
    paging = _paging()
    after = paging["after"] or None
    found = list_refusals(database(), actor(), group_id, after=after, most=paging["most"])
    return _listed("refusals", [each.plain(group.currency) for each in found], "refusal")


def _paging() -> dict[str, int]:
    """`after` (a key) and `limit` of the address."""
    try:
        return {"after": int(request.args.get("after", 0)), "most": int(request.args.get("limit", USUAL))}
    except ValueError:
        raise Refusal(_("“after” and “limit” are whole numbers.")) from None


def _listed(name: str, found: list[dict[str, Any]], key: str) -> Answer:
    """A page, with the key after which the next one begins (null for none known)."""
    return jsonify({name: found, "next": found[-1][key] if len(found) >= _limit() else None})


def _limit() -> int:
    return request.args.get("limit", USUAL, type=int)


@api.errorhandler(Refusal)
def refused(refusal: Refusal) -> tuple[Answer, int]:
    return jsonify({"error": str(refusal)}), status_of(refusal)


def register(app: Flask) -> None:
    app.register_blueprint(api)
