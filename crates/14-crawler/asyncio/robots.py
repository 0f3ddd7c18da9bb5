"""Of the rules that match, the longest should decide; the standard library uses the first."""

import asyncio
from urllib.robotparser import RobotFileParser

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
async def main() -> None:
    robots = RobotFileParser()
    robots.parse(ROBOTS.splitlines())
    # `can_fetch` forbids everything until a file was read at a time other than 0, and virtual
    # time begins at 0.
    robots.last_checked = 1
    for agent in ["lamp", "greedy"]:
        for path in ["/", "/archive/1999", "/archive/2026", "/map.pdf", "/map.pdf.html"]:
            allowed = robots.can_fetch(agent, f"http://h{path}")
            print(f"{agent} {path}: {'allowed' if allowed else 'forbidden'}")
        delay = robots.crawl_delay(agent)
        print(f"{agent} waits {delay}s between two requests" if delay else f"{agent} does not wait")
# ANCHOR_END: robots


asyncio.run(main())
