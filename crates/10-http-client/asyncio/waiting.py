"""The wait for a place and the wait for a connection each have a limit of their own."""

# also compared with: slot=30ms
# also compared with: connect=5ms
# also compared with: slot=1s connect=300ms

import asyncio
import os

SLOT = float(os.environ.get("KNOB_SLOT", 0.2))
CONNECT = float(os.environ.get("KNOB_CONNECT", 0.1))


class Failed(Exception):
    pass


async def connect() -> None:
    await asyncio.sleep(0.01)


async def answer() -> None:
    await asyncio.sleep(0.06)


def late(what: str, limit: float) -> Failed:
    shown = f"{limit:g}s" if limit >= 1 else f"{limit * 1000:g}ms"
    return Failed(f"{what}: not ready within {shown}")


# ANCHOR: waiting
async def ask(place: asyncio.Semaphore) -> None:
    try:
        async with asyncio.timeout(SLOT):
            await place.acquire()
    except TimeoutError:
        raise late("no place", SLOT)
    try:
        async with asyncio.timeout(CONNECT):
            await connect()
        await answer()
    except TimeoutError:
        raise late("no connection", CONNECT)
    finally:
        place.release()
# ANCHOR_END: waiting


async def ask_in_one(place: asyncio.Semaphore) -> None:
    taken = False
    try:
        async with asyncio.timeout(CONNECT):
            taken = await place.acquire()
            await connect()
        await answer()
    except TimeoutError:
        raise late("no connection", CONNECT)
    finally:
        if taken:
            place.release()


async def tell(name: str, asked) -> None:
    try:
        await asked
        print(f"{name} answered")
    except Failed as failed:
        print(f"{name} {failed}")


async def all_four(way: str, ask) -> None:
    place = asyncio.Semaphore(1)
    async with asyncio.TaskGroup() as group:
        for n in range(1, 5):
            group.create_task(tell(f"{way} {n}", ask(place)))


async def main() -> None:
    await all_four("as one", ask_in_one)
    await all_four("apart", ask)


asyncio.run(main())
