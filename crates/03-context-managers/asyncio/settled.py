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
        print(f"{self.guest}/release has cleaned the room")


async def stay(room: Room) -> None:
    async with room:
        await asyncio.sleep(0.2)


async def plain_guest() -> None:
    room = Room("plain guest")
    task = asyncio.create_task(stay(room))
    await asyncio.wait([task], timeout=LIMIT)
    task.cancel()
    print(f"plain guest continues, the room is {room.state}")
    await asyncio.wait([task])


async def settled_guest() -> None:
    room = Room("settled guest")
    try:
        async with asyncio.timeout(LIMIT):
            await stay(room)
    except TimeoutError:
        print(f"settled guest continues, the room is {room.state}")


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(plain_guest())
        await asyncio.sleep(0.005)
        group.create_task(settled_guest())
# ANCHOR_END: settled


asyncio.run(main())
