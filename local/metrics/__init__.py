"""The metrics of the log for Prometheus, and a dashboard of them for Grafana."""
