"""The rows of the table, by subject: each module starts probes and says what their figures mean."""
