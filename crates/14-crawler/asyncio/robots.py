"""Of the rules that match, the longest decides, and not the first."""

import asyncio
import re

ROBOTS = """\
User-agent: *
Disallow: /archive
Allow: /archive/2026
Disallow: /*.pdf$
Crawl-delay: 2

User-agent: greedy
Disallow: /
"""


# ANCHOR: robots
def parse(text: str) -> dict[str, list[tuple[str, str]]]:
    """The lines of each group, by the name of its crawler."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for line in filter(None, text.splitlines()):
        field, value = line.split(": ", 1)
        if field == "User-agent":
            group = groups.setdefault(value, [])
        else:
            group.append((field, value))
    return groups


def matches(pattern: str, path: str) -> bool:
    return re.match(re.escape(pattern).replace(r"\*", ".*").replace(r"\$", "$"), path) is not None


# `urllib.robotparser` does the same since 2026. Older versions use the first rule that matches.
def allows(group: list[tuple[str, str]], path: str) -> bool:
    rules = [(len(value), field == "Allow") for field, value in group
             if field != "Crawl-delay" and matches(value, path)]
    return max(rules, default=(0, True))[1]


async def main() -> None:
    groups = parse(ROBOTS)
    for agent in ["lamp", "greedy"]:
        group = groups.get(agent, groups["*"])
        for path in ["/", "/archive/1999", "/archive/2026", "/map.pdf", "/map.pdf.html"]:
            allowed = allows(group, path)
            print(f"{agent} {path}: {'allowed' if allowed else 'forbidden'}")
        delay = dict(group).get("Crawl-delay")
        print(f"{agent} waits {delay}s between two requests" if delay else f"{agent} does not wait")
# ANCHOR_END: robots


asyncio.run(main())
