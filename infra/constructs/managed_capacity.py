"""Instances that Lambda manages for a function of many calls an environment, and the network that they need."""

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.constructs.log_group import log_group
from infra.environments import Environment, ManagedCapacity

ZONES = 3  # as many instances stand in different zones
GIB_A_VCPU = 2  # the least that Lambda gives
NAT_GATEWAYS = 1  # providers are outside; a zone that fails takes the way out with it, and calls wait for its return


class CapacityForChat(Construct):
    """A network with one way out, and a capacity provider in it. Nothing reaches in."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        wanted: ManagedCapacity,
        architecture: lambda_.Architecture,
        key: kms.IKey,
    ) -> None:
        super().__init__(scope, construct_id)
        self._wanted = wanted
        network = ec2.Vpc(
            self,
            "Network",
            max_azs=ZONES,
            nat_gateways=NAT_GATEWAYS,
            restrict_default_security_group=False,  # nothing is in it, and to empty it takes one more function
            gateway_endpoints={
                "DynamoDB": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.DYNAMODB)
            },
        )
        acknowledge(network, "VPC7", "What goes out goes to providers, and each call has its row in the ledger.")
        outwards = ec2.SecurityGroup(self, "Outwards", vpc=network, description="Out, and nothing in")
        self._provider = lambda_.CapacityProvider(
            self,
            "Instances",
            subnets=network.private_subnets,
            security_groups=[outwards],
            architectures=[architecture],
            instance_type_filter=lambda_.InstanceTypeFilter.allow([ec2.InstanceType(wanted.instance_type)]),
            max_v_cpu_count=wanted.most_vcpus,
            kms_key=key,
            log_group=log_group(self, "Logs", "instances", environment, key),
        )
        acknowledge(
            self,
            "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AWSLambdaManagedEC2ResourceOperator]",
            "The role by which Lambda runs instances has the policy that AWS keeps up for it.",
        )

    @property
    def version_options(self) -> lambda_.VersionOptions:
        """What a published version that runs here says of how many environments stand."""
        return lambda_.VersionOptions(min_execution_environments=self._wanted.least_environments)

    def take(self, function: lambda_.Function) -> None:
        """Have a function run here, so many calls at once in each environment."""
        self._provider.add_function(
            function,
            per_execution_environment_max_concurrency=self._wanted.calls_an_environment,
            execution_environment_memory_gib_per_v_cpu=GIB_A_VCPU,
            publish_to_latest_published=False,
        )
