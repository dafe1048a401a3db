"""docs/guide/screening.md lists exactly the rules that ship, with their severities."""

from screening.rules.catalogue import SHIPPED, token_rule
from tests.docs.reading import table_rows
from tools.places import ROOT

PAGE = ROOT / "docs" / "guide" / "screening.md"


def test_every_shipped_rule_is_listed_as_it_is() -> None:
    shipped = {rule.id: (str(rule.outside or "–"), str(rule.inside or "–")) for rule in SHIPPED}
    token = token_rule("Any")
    shipped["token.…"] = (str(token.outside), str(token.inside))
    listed = {row[0].strip("`"): (row[2], row[3]) for row in table_rows(PAGE, "Rule")}
    assert listed == shipped
