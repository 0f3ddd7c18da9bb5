"""`asyncio.timeout` waits for the clean-up; to continue immediately, cancel a task instead."""

# also compared with: patience=10ms

import asyncio
import os

LIMIT = float(os.environ.get("KNOB_PATIENCE", 0.04))


# ANCHOR: settled
class Room:
    def __init__(self, guest: str) -> None:
        self.guest = guest
        self.state = "free"

    async def __aenter__(self) -> "Room":
        self.state = "taken"
        return self

    async def __aexit__(self, *error) -> None:
        await asyncio.sleep(0.03)
        self.state = "free"
        print(f"{self.guest}/release the room is clean")


async def stay(room: Room) -> None:
    async with room:
        await asyncio.sleep(0.2)


async def hasty() -> None:
    room = Room("hasty")
    task = asyncio.create_task(stay(room))
    await asyncio.wait([task], timeout=LIMIT)
    task.cancel()
    print(f"hasty continues, the room is {room.state}")
    await asyncio.wait([task])


async def settled() -> None:
    room = Room("settled")
    try:
        async with asyncio.timeout(LIMIT):
            await stay(room)
    except TimeoutError:
        print(f"settled continues, the room is {room.state}")


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(hasty())
        await asyncio.sleep(0.005)
        group.create_task(settled())
# ANCHOR_END: settled


asyncio.run(main())
