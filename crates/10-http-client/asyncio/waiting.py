"""The wait for a slot and the wait for a connection each have their own timeout."""

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


async def read_answer() -> None:
    await asyncio.sleep(0.06)


def shown(limit: float) -> str:
    return f"{limit:g}s" if limit >= 1 else f"{limit * 1000:g}ms"


# ANCHOR: waiting
async def within(limit: float, failure: str, work: Awaitable[object]) -> None:
    try:
        async with asyncio.timeout(limit):
            await work
    except TimeoutError:
        raise Failed(f"{failure}: not ready within {shown(limit)}") from None


async def send(slots: asyncio.Semaphore) -> None:
    await within(SLOT, "no free slot", slots.acquire())
    try:
        await within(CONNECT, "no connection", connect())
        await read_answer()
    finally:
        slots.release()
# ANCHOR_END: waiting


async def acquire_and_connect(slots: asyncio.Semaphore) -> None:
    await slots.acquire()
    try:
        await connect()
    except BaseException:
        slots.release()
        raise


async def send_with_one_limit(slots: asyncio.Semaphore) -> None:
    await within(CONNECT, "no connection", acquire_and_connect(slots))
    try:
        await read_answer()
    finally:
        slots.release()


async def report(name: str, request) -> None:
    try:
        await request
        print(f"{name} answered")
    except Failed as failed:
        print(f"{name} {failed}")


async def all_four(version: str, send) -> None:
    slots = asyncio.Semaphore(1)
    async with asyncio.TaskGroup() as group:
        for n in range(1, 5):
            group.create_task(report(f"{version} {n}", send(slots)))


async def main() -> None:
    await all_four("one limit", send_with_one_limit)
    await all_four("two limits", send)


asyncio.run(main())
