"""The wait for a place and the wait for a connection each have a limit of their own."""

# also compared with: slot=30ms
# also compared with: connect=5ms
# also compared with: slot=1s connect=300ms

import asyncio
import os
from collections.abc import Awaitable

SLOT = float(os.environ.get("KNOB_SLOT", 0.2))
CONNECT = float(os.environ.get("KNOB_CONNECT", 0.1))


class Failed(Exception):
    pass


async def connect() -> None:
    await asyncio.sleep(0.01)


async def answer() -> None:
    await asyncio.sleep(0.06)


def shown(limit: float) -> str:
    return f"{limit:g}s" if limit >= 1 else f"{limit * 1000:g}ms"


# ANCHOR: waiting
async def within(limit: float, failure: str, waited: Awaitable[object]) -> None:
    try:
        async with asyncio.timeout(limit):
            await waited
    except TimeoutError:
        raise Failed(f"{failure}: not ready within {shown(limit)}") from None


async def ask(place: asyncio.Semaphore) -> None:
    await within(SLOT, "no place", place.acquire())
    try:
        await within(CONNECT, "no connection", connect())
        await answer()
    finally:
        place.release()
# ANCHOR_END: waiting


async def acquire_and_connect(place: asyncio.Semaphore) -> None:
    await place.acquire()
    try:
        await connect()
    except BaseException:
        place.release()
        raise


async def ask_in_one(place: asyncio.Semaphore) -> None:
    await within(CONNECT, "no connection", acquire_and_connect(place))
    try:
        await answer()
    finally:
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
