"""Rules learnt from people's work: what they match by hand, take apart and put aside. Proposed, never used by itself.

Every proposed match rule only suggests. What a rule nearly made comes first; only the other cases are searched for new
keys, so that one habit gives one proposal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from recon.matching.learned import LEAST, Case, Proposal, match_rules
from recon.matching.shared_values import shared_keys
from recon.matching.widening import widened
from rules.changes import fresh_key
from rules.explain import Row, line, match_rule
from rules.kinds import slug
from rules.model import Exclude, Match, RuleSet, Test
from rules.wording import _


@dataclass(frozen=True, slots=True)
class Work:
    """What people did in one group. Rows are lines as `rules.explain.rows` reads them.

    `by_hand`: matches they made. `undone`: rule key -> numbers of its matches that they took apart or rejected, and
    `standing`: rule key -> how many of its matches stand. `aside`: deactivated lines by number, `matched`: lines that
    are matched, as counter-evidence (their texts); both by side.
    """

    by_hand: Sequence[Case] = ()
    undone: Mapping[str, Sequence[int]] = field(default_factory=dict)
    standing: Mapping[str, int] = field(default_factory=dict)
    aside: Mapping[str, Mapping[int, Row]] = field(default_factory=dict)
    matched: Mapping[str, Sequence[str]] = field(default_factory=dict)


def learn(work: Work, rules: RuleSet, country: str | None = None, taken: Collection[str] = ()) -> list[Proposal]:
    """The proposals for a set, those with most cases first. `taken` are keys that no new rule may have."""
    cases = [case for case in work.by_hand if case.one_sign and not _made_already(rules, case, country)]
    near = list(widened(rules, cases, country))
    explained = {number for proposal in near for number in proposal.cases}
    others = [case for case in cases if case.number not in explained]
    found = [*near, *shared_keys(rules, others), *_put_aside(rules, work), *_distrusted(rules, work)]
    ranked = sorted(found, key=lambda proposal: -len(proposal.cases))
    return list(_with_keys(ranked, {*taken, *(rule.key for rule in rules.rules)}))


def _with_keys(proposals: Sequence[Proposal], taken: set[str]) -> Iterator[Proposal]:
    """New rules with keys of their own."""
    for proposal in proposals:
        if proposal.replaces is None:
            key = fresh_key(proposal.rule.key, taken)
            taken.add(key)
            proposal = replace(proposal, rule=replace(proposal.rule, key=key))
        yield proposal


def _made_already(rules: RuleSet, case: Case, country: str | None) -> bool:
    """Whether a rule of the set would make the match by now: then it teaches nothing new."""
    return any(match_rule(rule, case.left, case.right, country).holds for rule in match_rules(rules.rules))


def _put_aside(rules: RuleSet, work: Work) -> Iterator[Proposal]:
    """Text beginnings of deactivated lines with which no line of that side was ever matched."""
    for side, lines in work.aside.items():
        clusters: dict[str, dict[int, str]] = defaultdict(dict)
        for number, row in lines.items():
            words = str(row.get("text") or "").split()
            if words and not _excluded(rules, side, row):
                clusters[words[0].casefold()][number] = " ".join(words)
        for texts in clusters.values():
            prefix = _beginning(list(texts.values()))
            if len(texts) >= LEAST and len(prefix) >= LEAST and not _begins(work.matched.get(side, ()), prefix):
                yield _leaving_aside(side, prefix, tuple(texts))


def _excluded(rules: RuleSet, side: str, row: Row) -> bool:
    hiding = [rule for rule in rules.rules if isinstance(rule, Exclude) and rule.side in (side, "both")]
    return any(line(rule.where, row).holds for rule in hiding)


def _leaving_aside(side: str, prefix: str, cases: tuple[int, ...]) -> Proposal:
    name = _("Leave aside {text}").format(text=prefix)
    where = Test("text", "starts_with", prefix)
    return Proposal("aside", Exclude(slug(name), name, "left" if side == "left" else "right", where), cases)


def _beginning(texts: Sequence[str]) -> str:
    """The words that all texts begin with, as the first writes them."""
    split = [text.casefold().split() for text in texts]
    common = 0
    while all(len(words) > common for words in split) and len({words[common] for words in split}) == 1:
        common += 1
    return " ".join(texts[0].split()[:common])


def _begins(texts: Sequence[str], prefix: str) -> bool:
    wanted = prefix.casefold()
    return any(" ".join(text.split()).casefold().startswith(wanted) for text in texts)


def _distrusted(rules: RuleSet, work: Work) -> Iterator[Proposal]:
    """Rules that confirm at once and whose matches people take apart: one of ten, and LEAST at least."""
    for rule in rules.rules:
        cases = work.undone.get(rule.key, ())
        often = len(cases) >= LEAST and len(cases) * 10 >= len(cases) + work.standing.get(rule.key, 0)
        if isinstance(rule, Match) and rule.outcome == "confirmed" and often:
            made = replace(rule, outcome="suggested")
            yield Proposal("distrust", made, tuple(cases), replaces=rule.key)
