"""Own prices, and the telling of changed ones, over HTTP."""
