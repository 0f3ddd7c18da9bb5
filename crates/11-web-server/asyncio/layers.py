"""A missing user is None in the repository, an error in the service, and a 404 in the handler."""

# also compared with: lookup=50ms

import asyncio
import json
import os
from dataclasses import asdict, dataclass
from typing import Protocol

LOOKUP = float(os.environ.get("KNOB_LOOKUP", 0.02))


@dataclass
class User:
    id: int
    name: str
    email: str


# ANCHOR: layers
class Repository(Protocol):
    async def find(self, user_id: int) -> User | None: ...


class Users:
    def __init__(self, repository: Repository) -> None:
        self.repository = repository

    async def find(self, user_id: int) -> User:
        user = await self.repository.find(user_id)
        if user is None:
            raise Unknown(user_id)
        return user


async def find_user(users: Users, segment: str) -> tuple[int, str]:
    try:
        return 200, json.dumps(asdict(await users.find(user_id(segment))), separators=(",", ":"))
    except Invalid:
        return 400, f'Invalid URL: a user id is a whole number from 1 to 4294967295, not "{segment}"'
    except Unknown as error:
        return 404, f"there is no user {error}"
    except Busy:
        return 503, "the store of users is busy, retry after 1 s"
# ANCHOR_END: layers


class Unknown(Exception):
    pass


class Invalid(Exception):
    pass


class Busy(Exception):
    pass


def user_id(segment: str) -> int:
    digits = segment.isascii() and segment.isdigit() and len(segment) <= 10
    if not digits or segment.startswith("0") or int(segment) > 4294967295:
        raise Invalid
    return int(segment)


class Memory:
    def __init__(self, count: int, latency: float) -> None:
        self.users = {n: User(n, f"User {n}", f"user{n}@example.com") for n in range(1, count + 1)}
        self.latency = latency

    async def find(self, user_id: int) -> User | None:
        await asyncio.sleep(self.latency)
        return self.users.get(user_id)


class BusyStore:
    async def find(self, user_id: int) -> User | None:
        raise Busy


async def send(name: str, users: Users, segment: str) -> None:
    status, text = await find_user(users, segment)
    print(f"{name} {status} {text}")


async def main() -> None:
    users = Users(Memory(42, LOOKUP))
    async with asyncio.TaskGroup() as clients:
        for name, segment in [("ann", "42"), ("bob", "43"), ("cid", "abc")]:
            clients.create_task(send(name, users, segment))
    await send("dan", Users(BusyStore()), "42")


asyncio.run(main())
