"""Prometheus Alertmanager, webhook body version 4: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config."""
