"""What is read of an entry (`Ntry`) and of each of its details (`TxDtls`), in all versions."""

from __future__ import annotations

from recon.intake.shape import Shape


def _names(role: str) -> tuple[str, ...]:
    """Names stand directly below the role in version 02, below `Pty` from 08 on and in some older files."""
    return tuple(f"RltdPties/{who}{pty}/Nm" for who in (role, f"Ultmt{role}") for pty in ("", "/Pty"))


def _accounts(role: str) -> tuple[str, ...]:
    return tuple(f"RltdPties/{role}Acct/Id/{kind}" for kind in ("IBAN", "Othr/Id", "BBAN"))


PARTIES = {role: (_names(role), _accounts(role)) for role in ("Dbtr", "Cdtr")}
"""Where the name and the account of who pays and who receives stand, the best place first."""

_CODE = Shape(text=("Domn/Cd", "Domn/Fmly/Cd", "Domn/Fmly/SubFmlyCd", "Prtry/Cd"))
_STRUCTURED = Shape(text=("CdtrRefInf/CdtrRef",), every=("CdtrRefInf/Ref", "RfrdDocInf/Nb", "AddtlRmtInf"))
_BATCH = Shape(text=("PmtInfId", "MsgId", "NbOfTxs"))

_TEXTS = (
    *(
        "CdtDbtInd",
        "Refs/AcctSvcrRef",
        "Refs/EndToEndId",
        "Refs/MndtId",
        "RtrInf/Rsn/Cd",
        "RtrInf/Rsn/Prtry",
        "AddtlTxInf",
    ),
    *(path for names, accounts in PARTIES.values() for path in (*names, *accounts)),
)
_EVERY = ("RmtInf/Ustrd",)
_NODES = ("Amt", "AmtDtls/InstdAmt/Amt", "AmtDtls/TxAmt/Amt", "Chrgs")
_PARTS = {"BkTxCd": _CODE, "RmtInf/Strd": _STRUCTURED}

DETAIL = Shape(text=_TEXTS, every=_EVERY, nodes=_NODES, parts=_PARTS)

ENTRY = Shape(
    text=(*_TEXTS, "Sts", "Sts/Cd", "Sts/Prtry", "RvslInd", "AcctSvcrRef", "AddtlNtryInf"),
    every=_EVERY,
    nodes=(*_NODES, "BookgDt", "ValDt"),
    parts={**_PARTS, "NtryDtls/Btch": _BATCH, "NtryDtls/TxDtls": DETAIL},
)
"""An entry without details is read as its only detail, so it has all that a detail has."""
