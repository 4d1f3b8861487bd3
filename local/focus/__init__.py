"""FOCUS's own validator, and a usage file as Parquet, in an environment of their own."""
