"""The console as it is built, and its types."""
