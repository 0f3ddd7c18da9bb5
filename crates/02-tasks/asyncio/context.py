"""A new task gets a copy of every context variable."""

import asyncio
from contextvars import ContextVar

# ANCHOR: context
REQUEST: ContextVar[int] = ContextVar("request")


async def handle() -> None:
    REQUEST.set(7)
    print(f"in the handler: {request()}")
    await asyncio.gather(look("joined-1", 0.01), look("joined-2", 0.02))
    await asyncio.create_task(look("spawned task", 0.01))
    await asyncio.create_task(look("scoped task", 0.01))


async def main() -> None:
    await asyncio.create_task(handle())
    print(f"after the request: {request()}")


def request() -> int | str:
    return REQUEST.get("no request")
# ANCHOR_END: context


async def look(name: str, after: float) -> None:
    await asyncio.sleep(after)
    print(f"{name} sees {request()}")


asyncio.run(main())
