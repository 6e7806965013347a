"""Metrics as log lines in CloudWatch's embedded format, written by Powertools."""

from aws_lambda_powertools.metrics import MetricUnit, single_metric

NAMESPACE = "Heed"


class EmfMeter:
    def count(self, name: str, amount: int = 1, **dimensions: str) -> None:
        with single_metric(name=name, unit=MetricUnit.Count, value=amount, namespace=NAMESPACE) as metric:
            for key, value in dimensions.items():
                metric.add_dimension(name=key, value=value)
