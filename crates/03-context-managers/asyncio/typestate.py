"""Every method checks a flag, and raises if the database is not connected."""

import asyncio


# ANCHOR: typestate
class Database:
    def __init__(self, name: str, host: str = "localhost", port: int = 5432) -> None:
        self.name, self.host, self.port = name, host, port
        self.connected = False
        self.rows = []

    async def __aenter__(self) -> "Database":
        print(f"{self.name} connects to {self.host}:{self.port}/test")
        await asyncio.sleep(0.01)
        self.connected = True
        print(f"{self.name} is connected")
        return self

    async def __aexit__(self, *error) -> None:
        print(f"{self.name} closes the connection to {self.host}")
        await asyncio.sleep(0.005)
        self.connected = False
        print(f"{self.name} is disconnected")

    def check(self) -> None:
        if not self.connected:
            raise RuntimeError("not connected")

    async def execute(self, sql: str, row: str) -> None:
        self.check()
        print(f"{self.name} executes {sql}")
        await asyncio.sleep(0.005)
        self.rows.append(row)

    async def query(self, table: str) -> list[str]:
        self.check()
        print(f"{self.name} queries {table}")
        await asyncio.sleep(0.01)
        if table != "users":
            raise LookupError(f"there is no table {table}")
        return self.rows


async def sign_up(database: Database, table: str) -> list[str]:
    async with database:
        await database.execute("INSERT INTO users VALUES ($1)", "Zoë")
        rows = await database.query(table)
    try:
        await database.query(table)
    except RuntimeError as error:
        print(f"{database.name} queries after the end: {error}")
    return rows
# ANCHOR_END: typestate


async def main() -> None:
    ada = asyncio.create_task(sign_up(Database("ada"), "users"))
    bob = asyncio.create_task(sign_up(Database("bob", "10.0.0.7"), "friends"))
    rows = ", ".join(f'"{row}"' for row in await ada)
    print(f"ada's scope has ended, rows: [{rows}]")
    try:
        await bob
    except LookupError as error:
        print(f"bob's scope has ended, error: {error}")


asyncio.run(main())
