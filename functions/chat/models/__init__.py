"""The models that can be called, and the plan of a call."""
