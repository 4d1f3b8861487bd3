"""`chat` on instances that Lambda manages, as the templates have it; what the nag finds fails the synthesis."""

import json
from typing import Any

from infra.environments import MANAGED_ADAPTER_LAYER_ARN, ManagedCapacity
from tests.infra.conftest import Stacks, Templates, of_type

WANTED = ManagedCapacity(write_units=(10, 20_000), read_units=(5, 5_000))


def test_chat_takes_many_calls_an_environment_and_is_called_by_its_published_version(templates: Templates) -> None:
    _, service = stacks = templates("prod", managed_capacity=WANTED)
    chat = _chat(stacks)
    taken = chat["CapacityProviderConfig"]["LambdaManagedInstancesCapacityProviderConfig"]
    assert (taken["PerExecutionEnvironmentMaxConcurrency"], taken["ExecutionEnvironmentMemoryGiBPerVCpu"]) == (64, 2)
    assert chat["MemorySize"] == 2048
    (version,) = of_type(service, "AWS::Lambda::Version").values()
    assert version["Properties"]["FunctionScalingConfig"] == {"MinExecutionEnvironments": 3}
    routed = [each["Properties"]["Integration"] for each in of_type(service, "AWS::ApiGateway::Method").values()]
    assert any("ChatLive" in json.dumps(each["Uri"]) for each in routed)


def test_it_has_neither_snapshots_nor_reserved_concurrency_and_the_adapter_that_knows_of_many_calls(
    templates: Templates,
) -> None:
    chat = _chat(templates("prod", managed_capacity=WANTED))
    assert not {"SnapStart", "ReservedConcurrentExecutions"} & chat.keys()
    assert MANAGED_ADAPTER_LAYER_ARN.rpartition(":")[2] == "27"
    assert ":27" in json.dumps(chat["Layers"])
    assert ":26" in json.dumps(_chat(templates("prod"))["Layers"])


def test_instances_reach_out_by_one_gateway_and_nothing_reaches_in(templates: Templates) -> None:
    _, service = templates("prod", managed_capacity=WANTED)
    assert len(of_type(service, "AWS::EC2::NatGateway")) == 1
    (group,) = of_type(service, "AWS::EC2::SecurityGroup").values()
    assert "SecurityGroupIngress" not in group["Properties"]
    assert of_type(service, "AWS::EC2::SecurityGroupIngress") == {}
    (provider,) = of_type(service, "AWS::Lambda::CapacityProvider").values()
    requirements = provider["Properties"]["InstanceRequirements"]
    assert requirements["AllowedInstanceTypes"] == ["c8g.large"]


def test_the_usage_table_alone_is_provisioned_and_scales_where_that_is_wanted(templates: Templates) -> None:
    data, _ = templates("prod", managed_capacity=WANTED)
    provisioned = {
        name.partition("Table")[0]: table["Properties"]["ProvisionedThroughput"]
        for name, table in of_type(data, "AWS::DynamoDB::Table").items()
        if "ProvisionedThroughput" in table["Properties"]
    }
    assert provisioned == {"Usage": {"WriteCapacityUnits": 10, "ReadCapacityUnits": 5}}
    targets = of_type(data, "AWS::ApplicationAutoScaling::ScalableTarget").values()
    assert {(each["Properties"]["MinCapacity"], each["Properties"]["MaxCapacity"]) for each in targets} == {
        WANTED.write_units,
        WANTED.read_units,
    }
    on_demand, _ = templates("prod", managed_capacity=ManagedCapacity())
    assert of_type(on_demand, "AWS::ApplicationAutoScaling::ScalableTarget") == {}


def test_nothing_of_it_is_there_unless_an_environment_wants_it(templates: Templates) -> None:
    _, service = templates("prod")
    kinds = {each["Type"] for each in service["Resources"].values()}
    assert not {kind for kind in kinds if kind.startswith("AWS::EC2::") or "CapacityProvider" in kind}


def _chat(stacks: Stacks) -> dict[str, Any]:
    functions = of_type(stacks[1], "AWS::Lambda::Function").values()
    return next(each["Properties"] for each in functions if each["Properties"]["Handler"] == "functions/chat/run.sh")
