"""Templates carried out on the emulator."""

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from infra.local.clients import ClientFactory
from infra.local.provision import provision
from infra.local.stack import EnvironmentConflictError, Stack
from infra.template.intrinsics import TemplateError
from tests.infra.conftest import Sample
from tests.infra.waiting import eventually

NUMBERS = count(1)
QUEUE = "AWS::SQS::Queue"
MACHINE_TYPE = "AWS::StepFunctions::StateMachine"
MACHINE = {"StartAt": "End", "States": {"End": {"Type": "Pass", "Result": "${Word}", "End": True}}}


def made(aws: ClientFactory, resources: dict[str, Any], **sections: Any) -> Stack:
    return provision({"Resources": resources, **sections}, aws, f"made{next(NUMBERS)}")


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def function(**properties: Any) -> dict[str, Any]:
    return resource("AWS::Serverless::Function", Handler="app.f", **properties)


def test_names_are_the_stacks_and_the_logical_ids(sample: Sample) -> None:
    stack = sample.stack
    assert stack.physical_id("Notes") == f"{stack.name}-Notes" == stack.outputs["TableName"]
    assert stack.attribute("Dead", "Arn") == f"arn:aws:sqs:us-east-1:123456789012:{stack.name}-Dead"
    assert (
        stack.function("api_handler").arn == f"arn:aws:lambda:us-east-1:123456789012:function:{stack.name}-APIHandler"
    )
    assert stack.function(f"{stack.name}-Store") is stack.function("store") is stack.functions["Store"]


def test_the_table_has_its_stream_indexes_and_time_to_live(sample: Sample) -> None:
    name = sample.stack.physical_id("Notes")
    table = sample.aws("dynamodb").describe_table(TableName=name)["Table"]
    assert table["LatestStreamArn"] == sample.stack.attribute("Notes", "StreamArn")
    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["by-pending"]
    ttl = sample.aws("dynamodb").describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert (ttl["TimeToLiveStatus"], ttl["AttributeName"]) == ("ENABLED", "expires")


def test_functions_carry_environment_timeout_and_events(sample: Sample) -> None:
    store = sample.stack.function("store")
    assert (store.handler, store.timeout) == ("app.store", 20)
    assert store.environment["INBOUND_URL"] == sample.stack.physical_id("Inbound")
    assert [(event.kind, event.properties["Queue"]) for event in store.events] == [
        ("SQS", sample.stack.attribute("Inbound", "Arn"))
    ]
    (stream,) = sample.stack.function("publish").events
    assert stream.properties["DestinationConfig"]["OnFailure"]["Destination"].endswith("-GivenUp")


def test_doing_it_again_adopts_what_is_there(sample: Sample, template: dict[str, Any]) -> None:
    assert provision(template, sample.aws, sample.stack.name) == sample.stack


def test_a_subscription_filters_and_delivers_raw(aws: ClientFactory) -> None:
    stack = made(
        aws,
        {
            "Topic": resource("AWS::SNS::Topic", KmsMasterKeyId="alias/aws/sns"),
            "Team": resource("AWS::SQS::Queue"),
            "Policy": resource("AWS::SQS::QueuePolicy", Queues=[{"Ref": "Team"}], PolicyDocument={"Statement": []}),
            "Wire": resource(
                "AWS::SNS::Subscription",
                TopicArn={"Ref": "Topic"},
                Protocol="sqs",
                Endpoint={"Fn::GetAtt": ["Team", "Arn"]},
                FilterPolicy={"queue": ["de"]},
                RawMessageDelivery=True,
                RedrivePolicy={"deadLetterTargetArn": {"Fn::GetAtt": ["Team", "Arn"]}},
            ),
        },
    )
    for team in ("en", "de"):
        attributes = {"queue": {"DataType": "String", "StringValue": team}}
        aws("sns").publish(TopicArn=stack.physical_id("Topic"), Message=f"for {team}", MessageAttributes=attributes)
    answer = aws("sqs").receive_message(QueueUrl=stack.physical_id("Team"), MaxNumberOfMessages=10, WaitTimeSeconds=1)
    assert [message["Body"] for message in answer["Messages"]] == ["for de"]


def test_a_fifo_queue_gets_its_suffix_attributes_and_redrive(aws: ClientFactory) -> None:
    redrive = {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 3}
    stack = made(
        aws,
        {
            "In": resource("AWS::SQS::Queue", FifoQueue=True, ContentBasedDeduplication=True, RedrivePolicy=redrive),
            "Dead": resource("AWS::SQS::Queue", FifoQueue=True, SqsManagedSseEnabled=True),
        },
    )
    url = stack.physical_id("In")
    found = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert url.endswith("-In.fifo")
    assert (found["FifoQueue"], found["ContentBasedDeduplication"]) == ("true", "true")
    assert json.loads(found["RedrivePolicy"])["deadLetterTargetArn"] == stack.attribute("Dead", "Arn")


@pytest.mark.parametrize("form", ["string", "mapping", "file"])
def test_a_machine_is_defined_by_text_mapping_or_file(aws: ClientFactory, tmp_path: Path, form: str) -> None:
    (tmp_path / "machine.asl.json").write_text(json.dumps(MACHINE))
    forms: dict[str, dict[str, Any]] = {
        "string": {"DefinitionString": json.dumps(MACHINE)},
        "mapping": {"Definition": MACHINE},
        "file": {"DefinitionUri": "machine.asl.json"},
    }
    machine = resource(
        "AWS::Serverless::StateMachine", **forms[form], DefinitionSubstitutions={"Word": {"Ref": "AWS::Region"}}
    )
    template = {"Resources": {"Machine": machine}}
    stack = provision(template, aws, f"made{next(NUMBERS)}", directory=tmp_path)

    states, arn = aws("stepfunctions"), stack.physical_id("Machine")
    execution = states.start_execution(stateMachineArn=arn, name="once")["executionArn"]
    eventually(lambda: states.describe_execution(executionArn=execution)["status"] == "SUCCEEDED")
    assert json.loads(states.describe_execution(executionArn=execution)["output"]) == "us-east-1"


def test_a_machine_that_exists_gets_its_new_definition(aws: ClientFactory) -> None:
    name = f"made{next(NUMBERS)}"
    for word in ("old", "new"):
        substitutions = {"Word": word}
        machine = resource(MACHINE_TYPE, Definition=MACHINE, DefinitionSubstitutions=substitutions)
        stack = provision({"Resources": {"Machine": machine}}, aws, name)
    described = aws("stepfunctions").describe_state_machine(stateMachineArn=stack.physical_id("Machine"))
    assert json.loads(described["definition"])["States"]["End"]["Result"] == "new"


def test_what_a_resource_depends_on_is_made_first(aws: ClientFactory) -> None:
    stack = made(aws, {"Late": {**resource(QUEUE), "DependsOn": "Early"}, "Early": resource(QUEUE)})
    assert set(stack.resources) == {"Late", "Early"}
    with pytest.raises(TemplateError, match="no resource or parameter named 'Nobody'"):
        made(aws, {"Late": {**resource(QUEUE), "DependsOn": ["Nobody"]}})


def test_stores_and_alarms_exist(aws: ClientFactory) -> None:
    metric = {"MetricName": "Depth", "Namespace": "AWS/SQS", "Statistic": "Maximum", "Period": 60, "Threshold": 0}
    more = {"EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold"}
    stack = made(
        aws,
        {
            "Archive": resource("AWS::S3::Bucket", BucketEncryption={}, VersioningConfiguration={"Status": "Enabled"}),
            "Tone": resource("AWS::SSM::Parameter", Name="/made/tone", Type="String", Value="warm"),
            "Token": resource("AWS::SecretsManager::Secret", GenerateSecretString={"PasswordLength": 20}),
            "Pair": resource(
                "AWS::SecretsManager::Secret",
                GenerateSecretString={"SecretStringTemplate": '{"user": "heed"}', "GenerateStringKey": "password"},
            ),
            "Late": resource("AWS::CloudWatch::Alarm", **metric, **more, AlarmActions=[{"Ref": "Key"}]),
            "Key": resource("AWS::KMS::Key", KeyPolicy={}),
        },
    )
    aws("s3").put_object(Bucket=stack.physical_id("Archive"), Key="a", Body=b"1")
    assert aws("ssm").get_parameter(Name="/made/tone")["Parameter"]["Value"] == "warm"
    secrets = [aws("secretsmanager").get_secret_value(SecretId=stack.physical_id(one)) for one in ("Token", "Pair")]
    assert len(secrets[0]["SecretString"]) == 20
    assert json.loads(secrets[1]["SecretString"]).keys() == {"user", "password"}
    alarms = aws("cloudwatch").describe_alarms(AlarmNames=[stack.physical_id("Late")])["MetricAlarms"]
    assert [alarm["MetricName"] for alarm in alarms] == ["Depth"]


def test_conditions_parameters_and_globals_are_honoured(aws: ClientFactory) -> None:
    stack = provision(
        {
            "Parameters": {"Stage": {"Type": "String", "Default": "dev"}, "Word": {"Type": "String"}},
            "Conditions": {"Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
            "Globals": {"Function": {"Timeout": 7, "Environment": {"Variables": {"WORD": {"Ref": "Word"}}}}},
            "Resources": {
                "Extra": {**resource("AWS::SQS::Queue"), "Condition": "Prod"},
                "Work": {**function(Environment={"Variables": {"OWN": "1"}}), "DependsOn": ["Extra"]},
            },
            "Outputs": {"Extra": {"Condition": "Prod", "Value": {"Ref": "Extra"}}},
        },
        aws,
        "parametrised",
        parameters={"Word": "hello"},
    )
    assert stack.outputs == {}
    assert set(stack.resources) == {"Work"}
    work = stack.function("work")
    assert (work.timeout, dict(work.environment)) == (7, {"WORD": "hello", "OWN": "1"})


def test_functions_and_what_they_use_may_refer_to_each_other(aws: ClientFactory) -> None:
    name = {"Variables": {"MACHINE": {"Ref": "Machine"}}}
    definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "${Fn}", "End": True}}}
    substitutions = {"Fn": {"Fn::GetAtt": ["Work", "Arn"]}}
    machine = resource("AWS::StepFunctions::StateMachine", Definition=definition, DefinitionSubstitutions=substitutions)
    stack = made(aws, {"Work": function(Environment=name), "Machine": machine})
    assert stack.environment() == {"MACHINE": stack.physical_id("Machine")}


QUEUE_EVENT = {"Type": "SQS", "Properties": {"Queue": "arn:aws:sqs:us-east-1:123456789012:q"}}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown type": (
        {"X": resource("AWS::EC2::Instance")},
        "X: no local creator for resources of type AWS::EC2::Instance",
    ),
    "unknown property": ({"X": resource(QUEUE, Color="red")}, r"X \(AWS::SQS::Queue\).*not known here: Color"),
    "unknown attribute of a resource": ({"X": {**resource(QUEUE), "CreationPolicy": {}}}, "X: not known here"),
    "unknown function property": ({"X": function(Color="red")}, "not known here: Color"),
    "unplayable event": ({"X": function(Events={"E": {"Type": "SNS"}})}, "no local player for events of type SNS"),
    "unknown event property": (
        {"X": function(Events={"E": {**QUEUE_EVENT, "Properties": {"Shape": 1}}})},
        r"X.E \(SQS\).*not known here: Shape",
    ),
    "missing resource": (
        {"X": function(Environment={"Variables": {"A": {"Ref": "Y"}}})},
        "no resource or parameter named 'Y'",
    ),
    "missing attribute": (
        {"X": resource(QUEUE), "Y": resource(QUEUE, QueueName={"Fn::GetAtt": ["X", "Colour"]})},
        "X has no attribute 'Colour' here; it has Arn, QueueName, QueueUrl",
    ),
    "circle": (
        {"X": resource(QUEUE, QueueName={"Ref": "Y"}), "Y": resource(QUEUE, QueueName={"Ref": "X"})},
        "circle: X -> Y -> X",
    ),
    "substitution": ({"X": resource(MACHINE_TYPE, Definition=MACHINE)}, "lacks Word"),
    "two definitions": ({"X": resource(MACHINE_TYPE, Definition=MACHINE, DefinitionString="{}")}, "give one of"),
}


@pytest.mark.parametrize("case", WRONG)
def test_nothing_unknown_is_skipped(aws: ClientFactory, case: str) -> None:
    resources, words = WRONG[case]
    with pytest.raises(TemplateError, match=words):
        made(aws, resources)


def test_a_reference_to_a_resource_that_is_switched_off_is_an_error(aws: ClientFactory) -> None:
    off = {**resource("AWS::SQS::Queue"), "Condition": "Never"}
    never = {"Never": {"Fn::Equals": ["a", "b"]}}
    with pytest.raises(TemplateError, match="Off is referred to, but its Condition does not hold"):
        made(aws, {"Off": off, "On": resource("AWS::SQS::Queue", QueueName={"Ref": "Off"})}, Conditions=never)


@pytest.mark.parametrize(
    ("given", "words"), [({}, "without a value: Stage"), ({"Stage": "a", "B": "c"}, "no parameters B")]
)
def test_parameters_are_checked(aws: ClientFactory, given: dict[str, str], words: str) -> None:
    template = {"Parameters": {"Stage": {"Type": "String"}}, "Resources": {}}
    with pytest.raises(TemplateError, match=words):
        provision(template, aws, "parameters", parameters=given)


def test_functions_that_disagree_about_a_variable_cannot_share_a_process(aws: ClientFactory) -> None:
    resources = {name: function(Environment={"Variables": {"MODE": name, "SAME": "1"}}) for name in ("A", "B")}
    with pytest.raises(EnvironmentConflictError, match=r"'MODE': {'A': \['A'\], 'B': \['B'\]}"):
        made(aws, resources)
