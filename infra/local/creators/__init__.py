"""One small creator per resource type, and the types that exist by name only."""

from collections.abc import Mapping

from infra.local.creators.alarms import create_alarm
from infra.local.creators.machines import create_serverless_state_machine, create_state_machine
from infra.local.creators.order import Creator
from infra.local.creators.queues import create_queue, create_queue_policy
from infra.local.creators.stores import create_bucket, create_parameter, create_secret
from infra.local.creators.tables import create_table
from infra.local.creators.topics import create_subscription, create_topic

FUNCTION = "AWS::Serverless::Function"

CREATORS: Mapping[str, Creator] = {
    "AWS::CloudWatch::Alarm": create_alarm,
    "AWS::DynamoDB::Table": create_table,
    "AWS::S3::Bucket": create_bucket,
    "AWS::SNS::Subscription": create_subscription,
    "AWS::SNS::Topic": create_topic,
    "AWS::SQS::Queue": create_queue,
    "AWS::SQS::QueuePolicy": create_queue_policy,
    "AWS::SSM::Parameter": create_parameter,
    "AWS::SecretsManager::Secret": create_secret,
    "AWS::Serverless::StateMachine": create_serverless_state_machine,
    "AWS::StepFunctions::StateMachine": create_state_machine,
}

# type -> (service in its ARN, prefix of its name there, property with its explicit name)
NAMED: Mapping[str, tuple[str, str, str]] = {
    FUNCTION: ("lambda", "function:", "FunctionName"),
    "AWS::IAM::Role": ("iam", "role/", "RoleName"),
    "AWS::KMS::Key": ("kms", "key/", ""),
    "AWS::Serverless::Api": ("apigateway", "/restapis/", "Name"),
    # Nothing of these is carried out locally; a name is all that others may want of them.
    "AWS::ApiGateway::Account": ("apigateway", "/account/", ""),
    "AWS::CloudFront::Distribution": ("cloudfront", "distribution/", ""),
    "AWS::CloudWatch::CompositeAlarm": ("cloudwatch", "alarm:", "AlarmName"),
    "AWS::CloudWatch::Dashboard": ("cloudwatch", "dashboard/", "DashboardName"),
    "AWS::IAM::ManagedPolicy": ("iam", "policy/", "ManagedPolicyName"),
    "AWS::IAM::Policy": ("iam", "policy/", "PolicyName"),
    "AWS::KMS::Alias": ("kms", "alias/", ""),
    "AWS::Lambda::Permission": ("lambda", "permission/", ""),
    "AWS::Logs::LogGroup": ("logs", "log-group:", "LogGroupName"),
    "AWS::Logs::MetricFilter": ("logs", "metric-filter:", "FilterName"),
    "AWS::Logs::QueryDefinition": ("logs", "query-definition:", ""),
    "AWS::S3::BucketPolicy": ("s3", "policy/", ""),
    "AWS::SNS::TopicPolicy": ("sns", "policy/", ""),
    "AWS::WAFv2::WebACL": ("wafv2", "webacl/", "Name"),
    "AWS::WAFv2::WebACLAssociation": ("wafv2", "association/", ""),
}
