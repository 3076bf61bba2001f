"""Calls every tool of a plan with the protocol's own client library.

Usage: mcp_every.py URL PLAN

PLAN is a JSON file: a list of {"token", "tool", "arguments", "meta"}. Each answer must be no error,
be of the tool's output schema, and say the same as text and as structure. Exits 0 if all were.
"""

import asyncio
import json
import re
import sys

import httpx2
from jsonschema import Draft202012Validator
from mcp import Client
from mcp.client.streamable_http import streamable_http_client


async def main(url: str, plan: str) -> None:
    with open(plan, encoding="utf-8") as file:
        rows = json.load(file)
    for row in rows:
        headers = {"Authorization": f"Bearer {row['token']}"}
        async with httpx2.AsyncClient(headers=headers, trust_env=False, timeout=30) as http:
            async with Client(streamable_http_client(url, http_client=http)) as client:
                await call(client, row)
    print(f"{len(rows)} tools: ok")


async def call(client: Client, row: dict) -> None:
    name = row["tool"]
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    Draft202012Validator(tools[name].input_schema).validate(row["arguments"])
    answer = await client.call_tool(name, row["arguments"], meta=row["meta"])
    assert not answer.is_error, (name, answer)
    Draft202012Validator(tools[name].output_schema).validate(answer.structured_content)
    (content,) = answer.content
    assert json.loads(content.text) == answer.structured_content, name
    assert re.fullmatch(r"[0-9a-f]{32}", answer.structured_content["record"]), name


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
