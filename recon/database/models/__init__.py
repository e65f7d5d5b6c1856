"""All tables. Import them from here."""

from recon.database.models.base import Base
from recon.database.models.closing import Adjustment, Document, DocumentLine, Note, SealedPdf
from recon.database.models.ledger import (
    Account,
    AccountGroup,
    AccountImport,
    Company,
    EntryType,
    GroupAccount,
    NumberSeries,
)
from recon.database.models.lines import Batch, BatchLine, ColumnMapping, Line, StatementBalance
from recon.database.models.matching import (
    Allocation,
    Choice,
    ChoiceMember,
    GroupLine,
    Match,
    Refusal,
    RuleSet,
    RuleSetVersion,
    Run,
)
from recon.database.models.people import CompanyRole, Role, User, WebAuthn
from recon.database.models.record import Event, Job

__all__ = [
    "Account",
    "AccountGroup",
    "AccountImport",
    "Adjustment",
    "Allocation",
    "Base",
    "Batch",
    "BatchLine",
    "Choice",
    "ChoiceMember",
    "ColumnMapping",
    "Company",
    "CompanyRole",
    "Document",
    "DocumentLine",
    "EntryType",
    "Event",
    "GroupAccount",
    "GroupLine",
    "Job",
    "Line",
    "Match",
    "Note",
    "NumberSeries",
    "Refusal",
    "Role",
    "RuleSet",
    "RuleSetVersion",
    "Run",
    "SealedPdf",
    "StatementBalance",
    "User",
    "WebAuthn",
]
