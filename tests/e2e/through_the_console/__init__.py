"""The console in a real Chromium, over the front door of the real stacks."""
