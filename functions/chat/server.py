"""The `chat` function as a server, which the Lambda Web Adapter starts: answers stream."""

from typing import Final

from atom_llm.http.own_events import with_own_events
from functions.chat.main import app as routes

app: Final = with_own_events(routes)
