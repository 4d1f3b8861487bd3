"""Programs that work on a deployment with the credentials of its account."""
