"""Each listener has its own queue; a full queue drops and counts its oldest item."""

# also compared with: capacity=1
# also compared with: capacity=8

import asyncio
import os

CAPACITY = int(os.environ.get("KNOB_CAPACITY", 2))
CAPACITY = 1 << (CAPACITY - 1).bit_length()  # a power of two, as in Rust
END = object()


# ANCHOR: broadcast
class Listener:
    def __init__(self) -> None:
        self.queue = asyncio.Queue()
        self.missed = 0

    def send(self, item: int) -> None:
        if self.queue.qsize() == CAPACITY:
            self.queue.get_nowait()
            self.missed += 1
        self.queue.put_nowait(item)

    def take_missed(self) -> int:
        missed, self.missed = self.missed, 0
        return missed


async def send_news(listeners: list[Listener]) -> None:
    for item in range(8):
        await asyncio.sleep(0.02)
        for listener in listeners:
            listener.send(item)
    for listener in listeners:
        listener.queue.put_nowait(END)


async def listen(name: str, listener: Listener, listening: float) -> None:
    while (item := await listener.queue.get()) is not END:
        if missed := listener.take_missed():
            print(f"{name} missed {missed} item(s)")
        print(f"{name} gets {item}")
        await asyncio.sleep(listening)


async def main() -> None:
    quick, slow = Listener(), Listener()
    async with asyncio.TaskGroup() as group:
        group.create_task(send_news([quick, slow]))
        group.create_task(listen("quick listener", quick, 0.005))
        group.create_task(listen("slow listener", slow, 0.065))
# ANCHOR_END: broadcast


asyncio.run(main())
