"""All tables. Import them from here."""

from recon.database.models.base import Base
from recon.database.models.closing import Adjustment, Attachment, Document, DocumentLine, Note, SealedPdf
from recon.database.models.connections import BankService, CollectedFile, Source
from recon.database.models.ledger import (
    Account,
    AccountGroup,
    AccountImport,
    Company,
    EntryType,
    GroupAccount,
    NumberSeries,
)
from recon.database.models.lines import (
    Batch,
    BatchLine,
    BatchStatement,
    ColumnMapping,
    Line,
    Replacement,
    StatementBalance,
)
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
    "Attachment",
    "BankService",
    "Base",
    "Batch",
    "BatchLine",
    "BatchStatement",
    "Choice",
    "ChoiceMember",
    "CollectedFile",
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
    "Replacement",
    "Role",
    "RuleSet",
    "RuleSetVersion",
    "Run",
    "SealedPdf",
    "Source",
    "StatementBalance",
    "User",
    "WebAuthn",
]
