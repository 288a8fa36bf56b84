"""Health: 49 rules, each one record around a pure function. Reference: docs/reference/health-rules.md."""

from itops.inventory.health.catalogue import RULE_OF_CODE, RULES, paths_read
from itops.inventory.health.estate import Estate
from itops.inventory.health.finding import Code, Finding, Ignore, Ignored, NotJudged
from itops.inventory.health.judging import Judgement, judge
from itops.inventory.health.policies import SETTINGS, Policies
from itops.inventory.health.rule import Need, Policy, Rule

__all__ = [
    "RULES",
    "RULE_OF_CODE",
    "SETTINGS",
    "Code",
    "Estate",
    "Finding",
    "Ignore",
    "Ignored",
    "Judgement",
    "Need",
    "NotJudged",
    "Policies",
    "Policy",
    "Rule",
    "judge",
    "paths_read",
]
