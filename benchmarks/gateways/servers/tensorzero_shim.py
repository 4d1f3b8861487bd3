"""`PORT CONFIG`: TensorZero's embedded gateway behind the thinnest of HTTP: it is a library here, not a server."""

import json
import sys
from collections.abc import AsyncIterator

import uvicorn
from fastapi import FastAPI, Request
from starlette.responses import Response, StreamingResponse
from tensorzero import AsyncTensorZeroGateway

app = FastAPI()
made: list[AsyncTensorZeroGateway] = []


@app.post("/v1/chat/completions")
async def chat(request: Request) -> Response:
    """Answer one inference."""
    if not made:
        made.append(await AsyncTensorZeroGateway.build_embedded(config_file=sys.argv[2], clickhouse_url=None))
    body = await request.json()
    system = " ".join(each["content"] for each in body["messages"] if each["role"] == "system")
    messages = [each for each in body["messages"] if each["role"] != "system"]
    given = {"system": system, "messages": messages} if system else {"messages": messages}
    if not body.get("stream"):
        answer = await made[0].inference(model_name="chat", input=given)
        return Response(
            json.dumps({"choices": [{"message": {"content": answer.content[0].text}}]}), media_type="application/json"
        )

    async def pieces() -> AsyncIterator[str]:
        async for chunk in await made[0].inference(model_name="chat", input=given, stream=True):
            for content in chunk.content:
                yield f"data: {json.dumps({'choices': [{'delta': {'content': content.text}}]})}\n\n"
        yield "data: [DONE]\n\n"

    return StreamingResponse(pieces(), media_type="text/event-stream")


@app.get("/health")
async def health() -> dict[str, str]:
    """Answer that the server is ready."""
    return {"status": "ok"}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_level="warning")
