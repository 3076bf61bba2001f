"""A stranger's MCP client against a running gateway, in every protocol version it speaks.

Usage: mcp_client.py URL TOKEN CONVERSATION

The library validates each result against the tool's output schema; what it does not look at is
looked at here. Exits 0 if everything held.
"""

import asyncio
import json
import re
import sys

import httpx2
from jsonschema import Draft202012Validator
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

MODES = {"legacy": "2025-11-25", "auto": "2026-07-28", "2026-07-28": "2026-07-28"}


async def main(url: str, token: str, conversation: str) -> None:
    for mode, version in MODES.items():
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(headers=headers, trust_env=False, timeout=30) as http:
            async with Client(streamable_http_client(url, http_client=http), mode=mode) as client:
                assert client.session.protocol_version == version, client.session.protocol_version
                await converse(client, mode, {"tidewaiter/conversation": conversation})
        print(f"{mode}: ok")


async def converse(client: Client, mode: str, meta: dict) -> None:
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert len(tools) >= 10, sorted(tools)
    for name, tool in tools.items():
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name), name
        Draft202012Validator.check_schema(tool.input_schema)
        Draft202012Validator.check_schema(tool.output_schema)
        assert tool.description and tool.title, name
    assert "margin_add" not in tools, "money is out of reach of a language model"

    answered = 0
    for name, tool in tools.items():
        required = tool.input_schema.get("required", [])
        if set(required) <= {"currency"}:
            arguments = {"currency": "btc"} if required else {}
            answer = await client.call_tool(name, arguments, meta=meta)
            structured = checked(tool, answer)
            assert re.fullmatch(r"[0-9a-f]{32}", structured["record"]), structured
            answered += 1
    assert answered >= 8, answered

    await refusals(client, meta)
    await write(client, tools["support_open_case"], mode, meta)


def checked(tool, answer) -> dict:
    """The structured content: by the schema, and the same as the text."""
    assert not answer.is_error, (tool.name, answer)
    Draft202012Validator(tool.output_schema).validate(answer.structured_content)
    (content,) = answer.content
    assert json.loads(content.text) == answer.structured_content, tool.name
    return answer.structured_content


async def refusals(client: Client, meta: dict) -> None:
    for name, arguments, given, code in [
        ("withdrawals_status", {"tid": "TID0000000000"}, meta, "not_found"),
        ("balances_balance", {"currency": "btc", "uid": "ID1"}, meta, "invalid_arguments"),
        ("balances_balance", {}, meta, "invalid_arguments"),
        ("balances_balance", {"currency": "btc"}, {}, "conversation_required"),
        ("support_open_case", {"topic": "other", "summary": "x"}, meta, "idempotency_key_required"),
        ("margin_add", {"amount": "1", "currency": "usdt"}, meta, "denied"),
        ("none_such", {}, meta, "denied"),
    ]:
        answer = await client.call_tool(name, arguments, meta=given)
        assert answer.is_error and answer.structured_content is None, (name, answer)
        refusal = json.loads(answer.content[0].text)
        assert refusal["code"] == code, refusal
        assert refusal["say"] and len(refusal["record"]) == 32, refusal


async def write(client: Client, tool, mode: str, meta: dict) -> None:
    keyed = {**meta, "tidewaiter/idempotency-key": f"python-{mode}"}
    case = {"topic": "other", "summary": "A client that nobody here wrote asks for a person."}
    first = checked(tool, await client.call_tool(tool.name, case, meta=keyed))
    again = checked(tool, await client.call_tool(tool.name, case, meta=keyed))
    assert again["result"] == first["result"], (first, again)
    other = await client.call_tool(tool.name, {**case, "topic": "kyc"}, meta=keyed)
    assert json.loads(other.content[0].text)["code"] == "idempotency_key_reused", other


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
