"""The menu: every page and list of the product, in the order in which people work through them."""

from __future__ import annotations

from flask_admin import Admin
from flask_babel import lazy_gettext, lazy_pgettext

from recon.database.models import Account, AccountImport, Batch, Document, EntryType, Event, Line, NumberSeries
from recon.web.admin.account_imports import AccountImports
from recon.web.admin.accounts import Accounts
from recon.web.admin.archive import Archive
from recon.web.admin.entry_types import EntryTypes
from recon.web.admin.events import Events
from recon.web.admin.files import Files
from recon.web.admin.lines import Lines
from recon.web.admin.series import Series
from recon.web.pages.actions import Actions
from recon.web.pages.adjustments import Adjustments
from recon.web.pages.by_hand import ByHand
from recon.web.pages.closing import Closing
from recon.web.pages.connections import Connections
from recon.web.pages.group import Group
from recon.web.pages.hit_rates import HitRatesPage
from recon.web.pages.imports import Imports
from recon.web.pages.jobs import Jobs
from recon.web.pages.mappings import Mappings
from recon.web.pages.refusals import Refusals
from recon.web.pages.rule_editor import DecisionEditor, RuleEditor
from recon.web.pages.rule_sets import RuleSets
from recon.web.pages.rule_suggestions import RuleSuggestions
from recon.web.pages.rule_text import RuleText
from recon.web.pages.rule_trial import RuleTrial
from recon.web.pages.rule_versions import RuleVersions
from recon.web.pages.setup import Setup
from recon.web.pages.subsets import Subsets
from recon.web.pages.timeline import Timeline
from recon.web.pages.users import Me, Users
from recon.web.storage import RequestSession


def fill(admin: Admin, session: RequestSession) -> None:
    """Add all views to the admin; each decides by itself who may open it and whether the menu shows it."""
    work, books = lazy_gettext("Work"), lazy_gettext("Books")
    rules, office = lazy_gettext("Rules"), lazy_gettext("Administration")

    def icon(name: str) -> dict[str, str]:
        return {"menu_icon_type": "own", "menu_icon_value": name}

    for view in (
        Group(name=lazy_gettext("Group"), endpoint="group", url="/group"),
        ByHand(name=lazy_gettext("By hand"), endpoint="by_hand", url="/by-hand"),
        Subsets(name=lazy_gettext("Lines that add up"), endpoint="subsets", url="/subsets"),
        Closing(name=lazy_pgettext("page", "Closing"), endpoint="closing", url="/closing"),
        RuleEditor(name=lazy_gettext("Rule"), endpoint="rule", url="/rule"),
        DecisionEditor(name=lazy_gettext("Decision"), endpoint="decision", url="/decision"),
        RuleSuggestions(name=lazy_gettext("Suggestions"), endpoint="rule_suggestions", url="/rule-suggestions"),
        RuleTrial(name=lazy_gettext("Try rules"), endpoint="rule_trial", url="/rule-sets"),
        RuleVersions(name=lazy_gettext("Versions"), endpoint="rule_versions", url="/rule-versions"),
        RuleText(name=lazy_gettext("Rules as text"), endpoint="rule_text", url="/rule-text"),
        Refusals(name=lazy_gettext("Refusals"), endpoint="refusals", url="/refusals"),
        HitRatesPage(name=lazy_gettext("Hit rates"), endpoint="hit_rates", url="/hit-rates"),
        Me(name=lazy_gettext("Your account"), endpoint="me", url="/me"),
        Imports(lazy_gettext("Import files"), work, "imports", "/import", **icon("import")),
        Adjustments(lazy_gettext("Adjustments"), work, "adjustments", "/adjustments", **icon("vouchers")),
        Archive(Document, session, lazy_gettext("Approved archive"), work, "archive", "/archive", **icon("archive")),
        Actions(lazy_gettext("Action log"), work, "actions", "/actions", **icon("log")),
        Jobs(lazy_gettext("Jobs"), work, "jobs", "/jobs", **icon("jobs")),
        RuleSets(lazy_gettext("Rule sets"), rules, "rule_sets", "/rules", **icon("rules")),
        Lines(Line, session, lazy_gettext("Lines"), books, "lines", "/lines", **icon("lines")),
        Accounts(Account, session, lazy_gettext("Accounts"), books, "accounts", "/accounts", **icon("accounts")),
        AccountImports(
            AccountImport,
            session,
            lazy_gettext("Account imports"),
            books,
            "account_imports",
            "/account-imports",
            **icon("accounts"),
        ),
        Files(Batch, session, lazy_gettext("Imported files"), books, "files", "/files", **icon("files")),
        Timeline(lazy_gettext("Statements"), books, "timeline", "/timeline", **icon("balance")),
        Mappings(lazy_gettext("Mappings"), books, "mappings", "/mapping", **icon("lines")),
        EntryTypes(
            EntryType, session, lazy_gettext("Entry types"), books, "entry_types", "/entry-types", **icon("vouchers")
        ),
        Series(NumberSeries, session, lazy_gettext("Number series"), books, "series", "/series", **icon("log")),
        Connections(lazy_gettext("Bank connections"), office, "connections", "/connections", **icon("import")),
        Setup(lazy_gettext("Set-up"), office, "setup", "/setup", **icon("setup")),
        Users(lazy_gettext("Users"), office, "users", "/users", **icon("users")),
        Events(Event, session, lazy_gettext("Event log"), office, "events", "/events", **icon("log")),
    ):
        admin.add_view(view)
