"""A running task keeps its session open; `async with` ends the task and closes the session."""

# also compared with: sessions=2

import asyncio
import os

SESSIONS = int(os.environ.get("KNOB_SESSIONS", 5))


# ANCHOR: leak
class Session:
    def __init__(self, server: "Server") -> None:
        self.server = server
        server.open += 1
        # A cycle: the session holds the task, and the task holds the session as `self`.
        self.pinging = asyncio.create_task(self.keep_alive())

    async def keep_alive(self) -> None:
        while True:
            await asyncio.sleep(0.06)
            self.server.pings += 1

    async def __aenter__(self) -> "Session":
        return self

    async def __aexit__(self, *_) -> None:
        self.pinging.cancel()
        await asyncio.wait([self.pinging])
        self.server.open -= 1


async def wrong(server: "Server") -> None:
    session = Session(server)
    await use(session)


async def right(server: "Server") -> None:
    async with Session(server) as session:
        await use(session)
# ANCHOR_END: leak


class Server:
    def __init__(self) -> None:
        self.open = self.pings = 0


async def use(_session: Session) -> None:
    await asyncio.sleep(0.05)


async def main() -> None:
    versions = {"in a cycle": wrong, "closed after use": right}
    for name, use_once in versions.items():
        server = Server()
        for _ in range(SESSIONS):
            await use_once(server)
        still_open, before = server.open, server.pings
        await asyncio.sleep(0.12)
        pings = server.pings - before
        print(f"{name}: {still_open} of {SESSIONS} sessions still open, then {pings} more pings")


asyncio.run(main())
