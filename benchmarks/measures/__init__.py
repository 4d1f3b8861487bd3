"""The rows of the table, by subject: each module starts probes and words their figures."""
