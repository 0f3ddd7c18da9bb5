"""A running task keeps its session open; `async with` ends the task, and closes the session."""

# also compared with: sessions=2

import asyncio
import os

SESSIONS = int(os.environ.get("KNOB_SESSIONS", 5))


# ANCHOR: leak
class Session:
    def __init__(self, line: "Line") -> None:
        self.line = line
        line.open += 1
        # The session holds the task, and the task, by `self`, the session.
        self.pinging = asyncio.create_task(self.keep_alive())

    async def keep_alive(self) -> None:
        while True:
            await asyncio.sleep(0.06)
            self.line.pings += 1

    async def __aenter__(self) -> "Session":
        return self

    async def __aexit__(self, *_) -> None:
        self.pinging.cancel()
        await asyncio.wait([self.pinging])
        self.line.open -= 1


async def wrong(line: "Line") -> None:
    session = Session(line)
    await use(session)


async def right(line: "Line") -> None:
    async with Session(line) as session:
        await use(session)
# ANCHOR_END: leak


class Line:
    def __init__(self) -> None:
        self.open = self.pings = 0


async def use(_session: Session) -> None:
    await asyncio.sleep(0.05)


async def main() -> None:
    ways = {"in a cycle": wrong, "closed when done": right}
    for name, way in ways.items():
        line = Line()
        for _ in range(SESSIONS):
            await way(line)
        still_open, before = line.open, line.pings
        await asyncio.sleep(0.12)
        pings = line.pings - before
        print(f"{name}: {still_open} of {SESSIONS} still open, {pings} pings since")


asyncio.run(main())
