"""A drill is unmistakable: in the subject and at both ends of the text. In the database too (`notifications_drill_says_so`)."""

MARK = "DRILL: "
BEGINS = "**This is a drill.** Nothing has happened."
ENDS = "**This was a drill.** Please answer by the link, so that we know that you were reached."


def marked(title: str, body: str) -> dict[str, str]:
    """The wording of a drill."""
    return {"title": MARK + title, "body": "\n\n".join(part for part in (BEGINS, body.strip(), ENDS) if part)}
