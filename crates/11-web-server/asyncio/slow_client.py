"""A slow client occupies its own connection, and no slot."""

# also compared with: pause=120ms
# also compared with: pause=50ms limit=90ms

import asyncio
import itertools
import json
import os
from collections.abc import AsyncIterator

PAUSE = float(os.environ.get("KNOB_PAUSE", 0.08))
LIMIT = float(os.environ.get("KNOB_LIMIT", 0.3))


# ANCHOR: slow_client
class Server:
    def __init__(self, slots: int, limit: float) -> None:
        self.slots = asyncio.Semaphore(slots)
        self.limit = limit
        self.ids = itertools.count(1)

    async def respond(self, body: AsyncIterator[bytes]) -> str:
        try:
            async with asyncio.timeout(self.limit):
                whole = b"".join([chunk async for chunk in body])
        except TimeoutError:
            return "408 the body did not arrive in time"
        if self.slots.locked():
            return "503 the server is overloaded, retry after 1 s"
        async with self.slots:
            return await self.add_user(json.loads(whole))

    async def add_user(self, person: dict[str, str]) -> str:
        await asyncio.sleep(0.02)
        user = {"id": next(self.ids)} | person
        return f"201 {json.dumps(user, separators=(',', ':'))}"
# ANCHOR_END: slow_client


async def in_pieces(text: bytes, pieces: int) -> AsyncIterator[bytes]:
    size = -(-len(text) // pieces)
    for n in range(0, len(text), size):
        if n > 0:
            await asyncio.sleep(PAUSE)
        yield text[n : n + size]


async def client(server: Server, name: str, pieces: int, arrives: float) -> None:
    await asyncio.sleep(arrives)
    body = json.dumps({"name": name, "email": f"{name}@example.com"}, separators=(",", ":"))
    print(name, await server.respond(in_pieces(body.encode(), pieces)))


async def main() -> None:
    server = Server(1, LIMIT)
    async with asyncio.TaskGroup() as clients:
        for name, pieces, arrives in [("cid", 9, 0), ("bob", 3, 0.01), ("ann", 1, 0.05)]:
            clients.create_task(client(server, name, pieces, arrives))


asyncio.run(main())
