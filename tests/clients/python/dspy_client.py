"""DSPy, unmodified: its language model and a typed signature."""

from typing import Any

import dspy
from report import BASE_URL, HELLO, MODEL, PERSON, SERVICE_KEY, report

lm = dspy.LM(f"openai/{MODEL}", api_base=BASE_URL, api_key=SERVICE_KEY)
dspy.configure(lm=lm)


class Describe(dspy.Signature):
    """Describe somebody."""

    question: str = dspy.InputField()
    name: str = dspy.OutputField()
    age: int = dspy.OutputField()


def chat() -> dict[str, Any]:
    (answer,) = lm(HELLO)
    return {"text": answer if isinstance(answer, str) else answer["text"]}


def structured() -> dict[str, Any]:
    said = dspy.Predict(Describe)(question=PERSON)
    return {"parsed": {"name": said.name, "age": said.age}}


report(chat=chat, structured=structured)
