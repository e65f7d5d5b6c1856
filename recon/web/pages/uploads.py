"""Files on their way in: kept in the instance folder from the preview until they are imported, for their owner only."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flask import current_app
from werkzeug.datastructures import FileStorage, MultiDict

from recon.errors import NotFound, Refusal
from recon.web.person import actor, here
from recon.web.wording import _

KEPT_SECONDS = 24 * 3600
MOST_FILES = 100


@dataclass(frozen=True)
class Upload:
    """One file: what its owner calls it, and where its bytes are."""

    number: int
    name: str
    path: Path


@dataclass(frozen=True)
class Parcel:
    """The files of one upload, by a token that nobody can guess, and what their owner has chosen on the preview."""

    token: str
    files: tuple[Upload, ...]
    choices: MultiDict[str, str] = field(default_factory=MultiDict)


def keep(files: Sequence[FileStorage]) -> Parcel:
    """Store uploaded files for the preview. Raises Refusal without any, or with too many."""
    named = [file for file in files if file.filename]
    if not named:
        raise Refusal(_("Choose at least one file."))
    if len(named) > MOST_FILES:
        raise Refusal(_("At most %(most)s files at once.", most=MOST_FILES))
    _forget_old()
    token = secrets.token_urlsafe(24)
    folder = _root() / token
    folder.mkdir(parents=True, mode=0o700)
    names = [_plain(file.filename or "") for file in named]
    for number, file in enumerate(named):
        file.save(folder / str(number))
    told = {"user": actor().user_id, "company": here().company_id, "names": names}
    (folder / "about.json").write_text(json.dumps(told), encoding="utf-8")
    return find(token)


def find(token: str) -> Parcel:
    """The parcel of the signed-in person in the active company; raises NotFound for any other."""
    folder = _root() / token
    if not re.fullmatch(r"[A-Za-z0-9_-]{32}", token) or not (folder / "about.json").is_file():
        raise NotFound(_("These files are no longer here; choose them again."))
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    if (about["user"], about["company"]) != (actor().user_id, here().company_id):
        raise NotFound(_("These files are no longer here; choose them again."))
    files = (Upload(number, name, folder / str(number)) for number, name in enumerate(about["names"]))
    return Parcel(token, tuple(files), MultiDict(about.get("choices", {})))


def choose(parcel: Parcel, choices: MultiDict[str, str]) -> None:
    """Keep what was chosen on the preview, until the files are stored."""
    about = _root() / parcel.token / "about.json"
    told = json.loads(about.read_text(encoding="utf-8"))
    kept = {name: values for name, values in choices.lists() if name != "csrf_token"}
    about.write_text(json.dumps(told | {"choices": kept}), encoding="utf-8")


def _root() -> Path:
    return Path(current_app.config["INSTANCE"]) / "uploads"


def _plain(name: str) -> str:
    """The file's own name without folders and control characters; it is only ever shown, never opened by."""
    return re.sub(r"[\x00-\x1f\x7f]", "", re.split(r"[/\\]", name)[-1])[:200] or "file"


def _forget_old() -> None:
    oldest = time.time() - KEPT_SECONDS
    for folder in _root().glob("*"):
        if folder.is_dir() and folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)
