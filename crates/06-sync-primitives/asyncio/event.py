"""Once an event is set, every current and every later waiter proceeds."""

# also compared with: waiters=0
# also compared with: waiters=7

import asyncio
import os

WAITERS = int(os.environ.get("KNOB_WAITERS", 2))


# ANCHOR: event
async def wait(name: str, ready: asyncio.Event) -> None:
    print(f"{name} waits")
    await ready.wait()
    print(f"{name} proceeds")


async def set_later(ready: asyncio.Event) -> None:
    await asyncio.sleep(0.2)
    print("setter sets the event")
    ready.set()


async def early_and_late() -> None:
    ready = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for n in range(WAITERS):
            group.create_task(wait(f"waiter-{n}", ready))
        group.create_task(set_later(ready))
        await asyncio.sleep(0.3)
        group.create_task(wait("late waiter", ready))
# ANCHOR_END: event


async def one_early_one_late() -> None:
    ready = asyncio.Event()
    early = asyncio.create_task(wait("early watcher", ready))
    await asyncio.sleep(0.1)
    print("the flag is set")
    ready.set()
    await asyncio.create_task(wait("late watcher", ready))
    await early


async def main() -> None:
    await one_early_one_late()
    await early_and_late()


asyncio.run(main())
