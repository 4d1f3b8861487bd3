"""The console's files as its function answers them."""
