"""The independent cases of expected cost, one test each, and the command that runs any file of them."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from local.cases import judge, main
from testing import real_data

SIMPLE: dict[str, Any] = {
    "id": "Z1",
    "provider": "openai",
    "usage": {"input_tokens": 1000, "output_tokens": 100},
    "rates": {"input_cost_per_token": "0.0000025", "output_cost_per_token": "0.00001"},
    "expected": {"input": "0.0025", "output": "0.001", "total": "0.0035"},
}


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in real_data.cost_cases()])
def test_a_case_comes_out_as_published(case: dict[str, Any]) -> None:
    assert judge(case).fault is None


def test_there_are_154_of_them_and_the_command_says_that_all_pass(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(real_data.path_of(real_data.COST_CASES))]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "154 passed, 0 failed"


def test_the_four_cases_that_must_be_refused_are() -> None:
    must = [case for case in real_data.json_of(real_data.COST_CASES)["cases"] if case.get("raises")]
    assert [judge(case).refused for case in must] == [True] * 4


def test_a_wrong_total_fails_and_names_expected_and_actual(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([_file(tmp_path, SIMPLE, {**SIMPLE, "id": "Z2", "expected": {"total": "0.0036"}})]) == 1
    assert capsys.readouterr().out.splitlines() == ["Z2: total: expected 0.0036, actual 0.0035", "1 passed, 1 failed"]


def test_a_case_that_must_be_refused_and_is_not_fails() -> None:
    assert judge({**SIMPLE, "raises": "ValueError"}).fault == "expected a refusal (ValueError), actual total 0.0035"


def test_a_case_that_is_refused_and_must_not_be_fails() -> None:
    fault = judge({**SIMPLE, "usage": {"input_tokens": -1}}).fault
    assert fault is not None
    assert fault.startswith("refused: input_tokens")


def test_the_tolerance_is_a_billionth_and_not_more() -> None:
    exact = Decimal("0.0035")
    for off, fails in ((Decimal("1e-9"), False), (Decimal("1.1e-9"), True)):
        case = {**SIMPLE, "expected": {"total": str(exact / (1 + off * Decimal("0.999999")))}}
        assert (judge(case).fault is not None) is fails


def test_a_case_may_state_a_tolerance_of_its_own() -> None:
    case = {**SIMPLE, "expected": {"total": "0.0036"}}
    assert judge({**case, "tolerance": "0.0001"}).fault is None
    assert judge({**case, "tolerance": {"total": "0.00009"}}).fault is not None


def test_a_usage_field_that_is_not_known_is_not_passed_over() -> None:
    assert judge({**SIMPLE, "usage": {"input_tokens": 1000, "output_tokens": 100, "smell_tokens": 5}}).fault is not None


@pytest.mark.parametrize("content", ["not json", "[]", "{}", '{"cases": 5}'])
def test_an_unreadable_file_is_said_to_be_one(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str) -> None:
    (tmp_path / "cases.json").write_text(content)
    assert main([str(tmp_path / "cases.json")]) == 2
    assert "is not a readable case file" in capsys.readouterr().err


def test_a_file_without_a_case_is_no_success(tmp_path: Path) -> None:
    assert main([_file(tmp_path)]) == 1


def _file(folder: Path, *cases: dict[str, Any]) -> str:
    path = folder / "cases.json"
    path.write_text(json.dumps({"cases": cases}))
    return str(path)
